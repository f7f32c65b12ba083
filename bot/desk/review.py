"""Review and release: submitted, looked at, approved by another person with a code, released now or later.

Buttons carry the fingerprint of what they were made for, so nothing is released that nobody saw.
"""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.answers.load import load
from bot.database import Database
from bot.delivery import lease, outbox
from bot.desk import audit, facts, harm, record
from bot.desk.difference import differences
from bot.desk.facts import Facts
from bot.desk.posts import (
    fingerprint,
    history,
    in_state,
    missing_languages,
    note,
    released_before,
    subject,
    waiting,
)
from bot.desk.refusals import (
    Changed,
    FactsRefused,
    Frozen,
    Incomplete,
    InThePast,
    OwnPost,
    SecondLookerApproves,
)
from bot.desk.rows import Row
from bot.desk.staff import SCHEDULE, Act, allow, check_code, frozen_by, lock
from bot.vault import Vault
from models.desk import Importance, Kind, Post, PostRevision, StaffMember, State
from models.record import Coverage, Term, TermSort


def missing(of: PostRevision) -> tuple[str, ...]:
    """What a draft needs before it can be submitted."""
    given = Facts.model_validate(of.facts)
    lacks = []
    if of.to_readers and not of.texts:
        lacks.append("text")
    if of.number > 1 and not of.why:
        lacks.append("why")
    if not (given.sources or given.rows):
        lacks.append("source")
    if of.kind is Kind.COMPLETED and not of.withdraws and given.stage is None and not given.rows:
        lacks.append("stage")
    return tuple(lacks)


async def submit(session: AsyncSession, author: StaffMember, revision_id: int) -> PostRevision:
    """To review; or held, if it seems to hold something that may harm."""
    await allow(session, author, Act.WRITE)
    draft = await in_state(session, revision_id, State.DRAFT)
    if lacks := missing(draft):
        raise Incomplete(lacks)
    draft.changed = await _try_change(session, draft)
    harms = await harms_in(session, draft)
    draft.state = State.HELD if harms else State.SUBMITTED
    draft.looked_by = None
    await note(session, author, "submit", draft, harms=list(harms))
    return draft


async def harms_in(session: AsyncSession, of: PostRevision) -> tuple[harm.Harm, ...]:
    names = await session.scalars(select(Term.name).where(Term.sort != TermSort.CATEGORY, Term.until.is_(None)))
    known = [text for name in names for text in name.texts.values()]
    given = Facts.model_validate(of.facts)
    said = [*of.texts.values(), *of.why.values(), *facts.words_of(given)]
    return harm.find(said, of.photo is not None, known, facts.links_of(given))


async def clear(session: AsyncSession, reviewer: StaffMember, revision_id: int, seen: str) -> PostRevision:
    """A second person has looked at what may harm, and says that it may go on to review."""
    held = await _reviewed(session, reviewer, revision_id, seen, State.HELD)
    held.state, held.looked_by = State.SUBMITTED, reviewer.id
    await note(session, reviewer, "clear", held)
    return held


async def send_back(session: AsyncSession, reviewer: StaffMember, revision_id: int, remark: str) -> PostRevision:
    await allow(session, reviewer, Act.REVIEW)
    submitted = await in_state(session, revision_id, State.SUBMITTED, State.HELD)
    submitted.state, submitted.remark, submitted.looked_by = State.DRAFT, remark, None
    await note(session, reviewer, "send back", submitted)
    return submitted


async def take_over(session: AsyncSession, reviewer: StaffMember, revision_id: int) -> PostRevision:
    """The reviewer goes on writing it, and somebody else will have to approve it."""
    await allow(session, reviewer, Act.REVIEW)
    submitted = await in_state(session, revision_id, State.SUBMITTED, State.HELD)
    submitted.state, submitted.changed_by, submitted.looked_by = State.DRAFT, reviewer.id, None
    await note(session, reviewer, "take over", submitted)
    return submitted


async def approve(
    session: AsyncSession,
    vault: Vault,
    reviewer: StaffMember,
    revision_id: int,
    seen: str,
    code: str,
    *,
    at: datetime | None = None,
    incomplete: bool = False,
) -> PostRevision:
    """Releases what the reviewer saw, now or `at` a time to come.

    Raises `Refused` of many kinds; a wrong code is counted (see `staff.acting`).
    """
    submitted = await _reviewed(session, reviewer, revision_id, seen, State.SUBMITTED)
    if submitted.looked_by == reviewer.id:
        raise SecondLookerApproves
    if await frozen_by(session):
        raise Frozen
    if at is not None and at <= datetime.now(UTC):
        raise InThePast
    lacking = missing_languages(submitted)
    if lacking and not (incomplete and submitted.importance is Importance.URGENT):
        raise Incomplete(tuple(f"text in {language}" for language in lacking))
    await check_code(session, vault, reviewer, code)
    submitted.approved_by, submitted.incomplete_allowed = reviewer.id, bool(lacking)
    submitted.release_at = at
    await note(session, reviewer, "approve", submitted, at=at.isoformat() if at else None)
    if at is None:
        await _release(session, reviewer.alias, submitted)
    else:
        submitted.state = State.SCHEDULED
    return submitted


async def unschedule(session: AsyncSession, who: StaffMember, revision_id: int) -> PostRevision:
    """Back to review: the approval was for that time."""
    await allow(session, who, Act.WRITE)
    scheduled = await in_state(session, revision_id, State.SCHEDULED)
    scheduled.state, scheduled.release_at, scheduled.approved_by = State.SUBMITTED, None, None
    await note(session, who, "unschedule", scheduled)
    return scheduled


async def release_due(database: Database) -> None:
    """Releases what is scheduled for a time that has come; nothing while frozen or halted."""
    async with database.read() as session:
        if not any(map(_is_due, await waiting(session, State.SCHEDULED))):
            return
    async with database.write() as session:
        await lock(session)
        if await frozen_by(session) or await lease.halted(session):
            return
        for scheduled in reversed(await waiting(session, State.SCHEDULED)):
            if _is_due(scheduled):
                await _release_scheduled(session, scheduled)


async def _release_scheduled(session: AsyncSession, scheduled: PostRevision) -> None:
    """What the record has come to refuse goes back to review, and holds up no other."""
    attempt = await session.begin_nested()
    try:
        await _release(session, SCHEDULE, scheduled)
    except FactsRefused as refused:
        await attempt.rollback()
        await session.refresh(scheduled)
        scheduled.state, scheduled.approved_by, scheduled.release_at = State.SUBMITTED, None, None
        await session.flush()
        await audit.note(session, SCHEDULE, "could not release", subject(scheduled), why=refused.reason)
    else:
        await attempt.commit()


def _is_due(scheduled: PostRevision) -> bool:
    return scheduled.release_at is not None and scheduled.release_at <= datetime.now(UTC)


# Inside the transaction


async def _reviewed(
    session: AsyncSession, reviewer: StaffMember, revision_id: int, seen: str, state: State
) -> PostRevision:
    await allow(session, reviewer, Act.REVIEW)
    found = await in_state(session, revision_id, state)
    if reviewer.id in (found.written_by, found.changed_by):
        raise OwnPost
    if fingerprint(found) != seen:
        raise Changed
    return found


async def _release(session: AsyncSession, actor: str, approved: PostRevision) -> None:
    now = datetime.now(UTC)
    # The record may have moved since the approval: nothing is said that was not approved, or is no longer so.
    still = await _change(session, approved, now)
    approved.changed = [each for each in approved.changed if each in still]
    post = await session.get_one(Post, approved.post_id)
    if approved.withdraws:
        post.withdrawn_at = now
    await audit.note(session, actor, "release", subject(approved), fingerprint=fingerprint(approved))
    before = await released_before(session, approved)
    approved.material = before is not None and (approved.withdraws or approved.facts != before.facts)
    approved.state, approved.released_at = State.RELEASED, now
    await outbox.begin(session, approved)
    await session.flush()


async def _change(session: AsyncSession, of: PostRevision, now: datetime) -> list[dict[str, Any]]:
    """Applies it, and returns what that changes. Of what is taken back only the reason: it may have done harm.

    For a record that is still empty there is nothing to tell either.
    """
    if of.withdraws or await session.scalar(select(Coverage.id).limit(1)) is None:
        await _apply(session, of, now)
        return []
    before = await load(session)
    await _apply(session, of, now)
    return [each.as_json() for each in differences(before, await load(session))]


async def _apply(session: AsyncSession, of: PostRevision, now: datetime) -> None:
    """The record as it is after this release: what an earlier revision alone said of it is taken back.

    Raises `FactsRefused` for what the record does not take, or contradicts.
    """
    past = [each for each in await history(session, of.post_id) if each.state is State.RELEASED]
    given = Facts() if of.withdraws else Facts.model_validate(of.facts)
    await facts.check(session, of.post_id, given, now.date())
    rows = [] if of.withdraws else facts.rows_of(of.post_id, given, of.texts)
    said = {
        (row["kind"], row["key"])
        for each in past
        for row in facts.rows_of(each.post_id, Facts.model_validate(each.facts), each.texts)
    }
    said -= {(row["kind"], row["key"]) for row in rows}
    lines = [(f"post {of.post_id}", number, json.dumps(row)) for number, row in enumerate(rows, 1)]
    try:
        if said:
            others, told = await _said_by_others(session, of.post_id)
            await record.take_back(session, said, others, told, now)
        await record.load(session, lines, now)
        await record.check_references(session)
    except record.RecordRefused as refused:
        raise FactsRefused("the record refuses", why=str(refused)) from refused


async def _said_by_others(
    session: AsyncSession, post_id: int
) -> tuple[dict[tuple[str, str], tuple[datetime, Row]], set[datetime]]:
    """What the other posts, as they hold now, say for the record; and the moments of all releases."""
    released = list(
        await session.scalars(
            select(PostRevision).where(PostRevision.state == State.RELEASED).order_by(PostRevision.released_at)
        )
    )
    holds = {each.post_id: each for each in released if each.post_id != post_id}
    said: dict[tuple[str, str], tuple[datetime, Row]] = {}
    for each in holds.values():
        if each.withdraws or each.released_at is None:
            continue
        for row in facts.rows_of(each.post_id, Facts.model_validate(each.facts), each.texts):
            kind, key = row["kind"], row["key"]
            if (kind, key) not in said or said[kind, key][0] < each.released_at:
                said[kind, key] = each.released_at, record.parsed(row)
    return said, {each.released_at for each in released if each.released_at}


async def _try_change(session: AsyncSession, draft: PostRevision) -> list[dict[str, Any]]:
    """Whether the record would take it, and what that would change; nothing of it stays."""
    attempt = await session.begin_nested()
    try:
        return await _change(session, draft, datetime.now(UTC))
    finally:
        await attempt.rollback()
