"""Rows only, no network: begin a broadcast, claim what is due, settle what became of it.

`due_at` is the queue. A claim moves it ahead by a lease, so that whatever a dead courier held comes due again.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, cast, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.delivery import subscriptions
from bot.dialect import json_columns
from bot.i18n import Language
from bot.vault import Vault
from models.delivery import LEASE, Broadcast, Delivery, Outcome
from models.desk import PostRevision, State
from models.people import Reader


@dataclass(frozen=True, slots=True)
class Copy:
    """One claimed delivery with what is needed to send it."""

    id: int
    post_id: int
    language: Language
    chat_sealed: bytes | None
    chat_index: bytes | None
    """Both null for a channel, and for a reader who has just left."""
    channel: str | None
    message_id: int | None
    revision_sent: int | None
    attempts: int
    quiet_from: int | None
    quiet_to: int | None
    zone: str | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a copy. `due_at` is when to try again; null: never."""

    id: int
    post_id: int
    outcome: Outcome | None
    """Null: the post was taken back before this copy was sent, so its row goes."""
    due_at: datetime | None = None
    revision_sent: int | None = None
    message_id: int | None = None
    attempts: int = 0
    tried: int | None = None
    """The revision that it was to get, whether it has it now or not."""


# Begin


async def begin(session: AsyncSession, revision: PostRevision) -> None:
    """The decision to deliver, in the transaction of the release. The copies are made later, in chunks."""
    if revision.withdraws:
        await session.execute(update(Broadcast).where(Broadcast.post_id == revision.post_id).values(done=True))
    if revision.to_readers:
        session.add(Broadcast(post_id=revision.post_id, revision_id=revision.id, cursor=0, done=False))


async def to_do(session: AsyncSession) -> tuple[bool, bool]:
    """Whether a broadcast is still to be fanned out, and whether a copy is due."""
    begun = await session.scalar(select(Broadcast.id).where(Broadcast.done.is_(False)).limit(1))
    due = await session.scalar(select(Delivery.id).where(Delivery.due_at <= datetime.now(UTC)).limit(1))
    return begun is not None, due is not None


# Claim


async def claim(session: AsyncSession, count: int, in_hand: Collection[int] = frozenset()) -> list[Copy]:
    """Up to that many due copies, held by a lease; a reader's older post goes before the newer.

    First copies for readers who want no updates any more are deleted instead. `in_hand`: copies on their way now;
    their leases are renewed, and they are passed over.
    """
    now = datetime.now(UTC)
    older = aliased(Delivery)
    waits = exists().where(
        older.reader_id == Delivery.reader_id,
        older.post_id < Delivery.post_id,
        older.outcome == Outcome.PENDING,
        older.due_at <= now + LEASE,
    )
    wanted = or_(Delivery.channel.is_not(None), Delivery.message_id.is_not(None), subscriptions.gets_updates())
    due = (
        select(
            Delivery.id,
            Delivery.post_id,
            Delivery.language,
            Reader.chat_sealed,
            Reader.chat_index,
            Delivery.channel,
            Delivery.message_id,
            Delivery.revision_sent,
            Delivery.attempts,
            Reader.quiet_from,
            Reader.quiet_to,
            Reader.zone,
            wanted.label("wanted"),
        )
        .outerjoin(Reader, Reader.id == Delivery.reader_id)
        .where(Delivery.due_at <= now, or_(Delivery.reader_id.is_(None), ~waits))
        .order_by(Delivery.due_at, Delivery.id)
        .limit(count)
        .with_for_update(skip_locked=True, of=Delivery)
    )
    copies, unwanted = [], []
    for row in (await session.execute(due)).mappings():
        found = dict(row)
        if found.pop("wanted") or found["id"] in in_hand:
            copies.append(Copy(**found))
        else:
            unwanted.append(found["id"])
    if unwanted:
        await session.execute(delete(Delivery).where(Delivery.id.in_(unwanted)))
    if copies:
        held = Delivery.id.in_([copy.id for copy in copies])
        await session.execute(update(Delivery).where(held).values(due_at=now + LEASE))
    return [copy for copy in copies if copy.id not in in_hand]


async def give_back(session: AsyncSession, copies: Sequence[int]) -> None:
    """Of a claim, what was not tried: due at once, unless it was taken back meanwhile."""
    now = datetime.now(UTC)
    held = Delivery.id.in_(copies), Delivery.due_at > now
    await session.execute(update(Delivery).where(*held).values(due_at=now))


# Settle


async def settle(session: AsyncSession, settled: Sequence[Settled]) -> None:
    """Writes what became of copies. One that was corrected while it was under way comes due at once."""
    now = datetime.now(UTC)
    if taken_back := [each.id for each in settled if each.outcome is None]:
        await session.execute(delete(Delivery).where(Delivery.id.in_(taken_back)))
    newest = await newest_revisions(session, [each.post_id for each in settled])
    alike: defaultdict[tuple[Any, ...], list[tuple[int, int | None]]] = defaultdict(list)
    for each in settled:
        if each.outcome is None:
            continue
        if each.due_at is None and each.tried != newest[each.post_id].id:
            each = _corrected_meanwhile(each, newest[each.post_id], now)  # noqa: PLW2901
        alike[each.outcome, each.due_at, each.revision_sent, each.attempts].append((each.id, each.message_id))
    for (outcome, due_at, revision_sent, attempts), copies in alike.items():
        copy, message = (cast(column, BigInteger) for column in json_columns(session, copies, 2))
        await session.execute(
            update(Delivery)
            .where(Delivery.id == copy)
            .values(
                outcome=outcome,
                due_at=due_at,
                revision_sent=revision_sent,
                attempts=attempts,
                message_id=message,
            ),
            execution_options={"synchronize_session": False},
        )


def _corrected_meanwhile(each: Settled, newest: PostRevision, now: datetime) -> Settled:
    """Due at once where the newest revision can still reach the copy."""
    if each.outcome is Outcome.SENT or (each.message_id is not None and each.outcome is not Outcome.BLOCKED):
        return replace(each, due_at=now, attempts=0)
    if each.outcome is Outcome.FAILED and newest.to_readers and not newest.withdraws:
        return replace(each, outcome=Outcome.PENDING, due_at=now, attempts=0)
    return each


async def readers_are_gone(session: AsyncSession, copies: Sequence[int]) -> None:
    """The readers of these copies blocked the bot: nothing waits for them any more, corrections included."""
    readers = select(Delivery.reader_id).where(Delivery.id.in_(copies))
    await session.execute(update(Reader).where(Reader.id.in_(readers)).values(blocked=True))
    await session.execute(
        update(Delivery)
        .where(Delivery.reader_id.in_(readers), Delivery.due_at.is_not(None))
        .values(outcome=Outcome.BLOCKED, due_at=None)
    )


async def reader_has_moved(session: AsyncSession, vault: Vault, copy: int, chat_id: int) -> None:
    """The copy's chat goes on under another id; if that one is a reader already, only it is kept."""
    reader = select(Delivery.reader_id).where(Delivery.id == copy).scalar_subquery()
    there = Reader.chat_index.in_(vault.indexes(chat_id)), Reader.id != reader
    if await session.scalar(select(Reader.id).where(*there)):
        await readers_are_gone(session, [copy])
        return
    await session.execute(
        update(Reader)
        .where(Reader.id == reader)
        .values(chat_index=vault.index(chat_id), chat_sealed=vault.seal(chat_id))
    )


async def newest_revisions(session: AsyncSession, posts: Sequence[int]) -> dict[int, PostRevision]:
    """The released revision that each post has now."""
    query = (
        select(PostRevision)
        .where(PostRevision.post_id.in_(set(posts)), PostRevision.state == State.RELEASED)
        .order_by(PostRevision.number)
    )
    return {revision.post_id: revision for revision in await session.scalars(query)}
