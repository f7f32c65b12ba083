"""Posts as staff write them: drafted, changed, discarded; corrected and withdrawn by another revision.

Every act takes the desk's lock, checks that its actor may, and leaves an entry in the trail, all in the caller's
transaction.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk import audit, facts, record
from bot.desk.facts import Facts
from bot.desk.refusals import NotNow, NotThere
from bot.desk.staff import SERVER, Act, allow, lock
from bot.i18n import LANGUAGES
from models.desk import Kind, Post, PostRevision, StaffMember, State

LONGEST_TEXT = 1500
"""Characters in one language: with its sources a post then fits one message."""
LONGEST_CAPTION = 700
"""Beside a photograph, where Telegram takes 1,024 with everything."""
LONGEST_REMARK = 1000
WAITING = (State.DRAFT, State.HELD, State.SUBMITTED, State.SCHEDULED)


# What there is


async def revision(session: AsyncSession, revision_id: int) -> PostRevision:
    found = await session.get(PostRevision, revision_id)
    if found is None:
        raise NotThere
    return found


async def waiting(session: AsyncSession, *states: State) -> list[PostRevision]:
    query = select(PostRevision).where(PostRevision.state.in_(states or WAITING)).order_by(PostRevision.id.desc())
    return list(await session.scalars(query))


async def latest_released(session: AsyncSession, count: int) -> list[PostRevision]:
    """One for each post, its newest."""
    query = select(PostRevision).where(PostRevision.state == State.RELEASED).order_by(PostRevision.id.desc())
    newest: dict[int, PostRevision] = {}
    for released in await session.scalars(query.limit(10 * count)):
        newest.setdefault(released.post_id, released)
    return list(newest.values())[:count]


async def history(session: AsyncSession, post_id: int) -> list[PostRevision]:
    """Oldest first."""
    query = select(PostRevision).where(PostRevision.post_id == post_id).order_by(PostRevision.number)
    return list(await session.scalars(query))


async def released_before(session: AsyncSession, of: PostRevision) -> PostRevision | None:
    """The revision that this one would replace."""
    past = [
        each for each in await history(session, of.post_id) if each.state is State.RELEASED and each.id < of.id
    ]
    return past[-1] if past else None


async def had_photo(session: AsyncSession, of: PostRevision) -> bool:
    """Whether an earlier release had one: in its copies all that follows is a caption."""
    return any(
        each.photo
        for each in await history(session, of.post_id)
        if each.state is State.RELEASED and each.number < of.number
    )


def fingerprint(of: PostRevision) -> str:
    """Of everything that would be released; 16 characters of it are enough for a button."""
    told = {
        "revision": of.id,
        "kind": of.kind,
        "importance": of.importance,
        "withdraws": of.withdraws,
        "to_readers": of.to_readers,
        "texts": of.texts,
        "why": of.why,
        "facts": of.facts,
        "photo": of.photo,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def missing_languages(of: PostRevision) -> tuple[str, ...]:
    return tuple(language for language in LANGUAGES if of.to_readers and language not in of.texts)


# Writing


async def draft(
    session: AsyncSession, author: StaffMember, kind: Kind, *, to_readers: bool = True
) -> PostRevision:
    await allow(session, author, Act.WRITE)
    post = Post()
    session.add(post)
    await session.flush()
    return await _begin(session, author, post.id, kind=kind, to_readers=to_readers)


async def from_file(session: AsyncSession, lines: Sequence[record.Line]) -> PostRevision:
    """A draft of a change of the record by a command on the server; staff submit and release it.

    Raises `RecordRefused`, which names the line, for what the record would not take.
    """
    await lock(session)
    attempt = await session.begin_nested()
    await record.load(session, lines)
    await attempt.rollback()
    post = Post()
    session.add(post)
    await session.flush()
    given = Facts(rows=tuple(json.loads(text) for _, _, text in lines)).as_json()
    return await _begin(session, None, post.id, kind=Kind.ADVISORY, to_readers=False, facts=given)


async def _begin(session: AsyncSession, author: StaffMember | None, post_id: int, **values: Any) -> PostRevision:  # noqa: ANN401
    new = PostRevision(
        post_id=post_id,
        number=len(await history(session, post_id)) + 1,
        written_by=author and author.id,
        changed_by=author and author.id,
        **values,
    )
    session.add(new)
    await session.flush()
    await note(session, author, "draft", new)
    return new


async def change(session: AsyncSession, author: StaffMember, revision_id: int, **values: Any) -> PostRevision:  # noqa: ANN401
    """Sets parts of a draft. Raises `FactsRefused` for facts that contradict the record."""
    await allow(session, author, Act.WRITE)
    draft = await in_state(session, revision_id, State.DRAFT)
    if "facts" in values:
        await facts.check(session, draft.post_id, values["facts"], datetime.now(UTC).date())
        values["facts"] = values["facts"].as_json()
    for name, value in values.items():
        setattr(draft, name, value)
    draft.changed_by, draft.remark = author.id, None
    await note(session, author, "change", draft, parts=sorted(values))
    return draft


async def discard(session: AsyncSession, author: StaffMember, revision_id: int) -> PostRevision:
    await allow(session, author, Act.WRITE)
    draft = await in_state(session, revision_id, State.DRAFT)
    draft.state = State.DISCARDED
    await note(session, author, "discard", draft)
    return draft


async def correct(
    session: AsyncSession, author: StaffMember, post_id: int, *, withdraws: bool = False
) -> PostRevision:
    """A new draft of what is released, to be changed and reviewed like the first."""
    await allow(session, author, Act.WRITE)
    past = await history(session, post_id)
    if not past:
        raise NotThere
    released = [each for each in past if each.state is State.RELEASED]
    if past[-1].state in WAITING or not released or released[-1].withdraws:
        raise NotNow
    last = released[-1]
    return await _begin(
        session,
        author,
        post_id,
        kind=last.kind,
        importance=last.importance,
        withdraws=withdraws,
        to_readers=last.to_readers,
        texts=dict(last.texts),
        facts=dict(last.facts),
        photo=None if withdraws else last.photo,
    )


# For every act


async def in_state(session: AsyncSession, revision_id: int, *states: State) -> PostRevision:
    found = await revision(session, revision_id)
    if found.state not in states:
        raise NotNow
    return found


async def note(session: AsyncSession, who: StaffMember | None, act: str, of: PostRevision, **details: Any) -> None:  # noqa: ANN401
    await session.flush()
    await audit.note(
        session, who.alias if who else SERVER, act, subject(of), fingerprint=fingerprint(of), **details
    )


def subject(of: PostRevision) -> str:
    return f"post {of.post_id}, revision {of.number}"
