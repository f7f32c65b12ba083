"""Rows only, no network: fan out a broadcast, claim what is due, settle what became of it.

`due_at` is the queue. A claim moves it ahead by a lease, so that whatever a dead courier held comes due again.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from bot.delivery.subscriptions import follows_post
from bot.i18n import KYIV, Language
from bot.vault import Vault
from models.delivery import Broadcast, Delivery, Outcome
from models.desk import Importance, PostRevision, State
from models.people import Pace, Reader

CHUNK = 20_000
"""Rows of a fan-out in one transaction: a tenth of a second, so that nobody waits for it."""
LEASE = timedelta(seconds=8)
"""After that a claimed copy whose courier is gone comes due again. A courier passes over what it has in hand."""


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


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a copy. `due_at` is when to try again; null: never."""

    id: int
    post_id: int
    outcome: Outcome
    due_at: datetime | None = None
    revision_sent: int | None = None
    message_id: int | None = None
    attempts: int = 0


# Fan-out


async def begin(session: AsyncSession, revision: PostRevision) -> None:
    """The decision to deliver, in the transaction of the release. The copies are made later, in chunks."""
    if revision.to_readers:
        session.add(Broadcast(post_id=revision.post_id, revision_id=revision.id, cursor=0, done=False))


async def to_do(session: AsyncSession) -> tuple[bool, bool]:
    """Whether a broadcast is still to be fanned out, and whether a copy is due."""
    begun = await session.scalar(select(Broadcast.id).where(Broadcast.done.is_(False)).limit(1))
    due = await session.scalar(select(Delivery.id).where(Delivery.due_at <= datetime.now(UTC)).limit(1))
    return begun is not None, due is not None


async def fan_out(session: AsyncSession, channels: Mapping[str, object]) -> bool:
    """One chunk of the oldest unfinished broadcast; False if there is none."""
    broadcast = await session.scalar(
        select(Broadcast).where(Broadcast.done.is_(False)).order_by(Broadcast.id).limit(1)
    )
    if broadcast is None:
        return False
    revision = await session.get_one(PostRevision, broadcast.revision_id)
    if revision.number == 1:
        await _copies_for_readers(session, broadcast, revision, channels)
    else:
        await _due_again(session, broadcast, revision)
    return True


async def _copies_for_readers(
    session: AsyncSession, broadcast: Broadcast, revision: PostRevision, channels: Mapping[str, object]
) -> None:
    now = datetime.now(UTC)
    if broadcast.cursor == 0 and channels:
        # Before everybody else: channels are public, and their subscribers many.
        rows = [
            {
                "post_id": broadcast.post_id,
                "channel": language,
                "language": language,
                "due_at": now - timedelta(hours=1),
                "outcome": Outcome.PENDING,
                "attempts": 0,
            }
            for language in channels
        ]
        await session.execute(insert(Delivery), rows)
    last = await _end_of_chunk(session, Reader.id, Reader.id > broadcast.cursor)
    if last is None:
        broadcast.done = True
        return
    wanted = select(
        literal(broadcast.post_id),
        Reader.id,
        Reader.language,
        _when(revision, now),
        literal(Outcome.PENDING.value),
        literal(0),
    ).where(
        Reader.id > broadcast.cursor,
        Reader.id <= last,
        Reader.blocked.is_(False),
        follows_post(revision.kind, revision.facts.get("exchange")),
    )
    columns = ["post_id", "reader_id", "language", "due_at", "outcome", "attempts"]
    await session.execute(insert(Delivery).from_select(columns, wanted))
    broadcast.cursor = last


def _when(revision: PostRevision, now: datetime) -> ColumnElement[datetime]:
    """At once, or at the hour of the reader's digest; what is urgent waits for no hour."""
    if revision.importance is Importance.URGENT:
        return literal(now, Delivery.due_at.type)
    hours = {
        (pace, hour): _next(now, hour, weekly=pace is Pace.WEEKLY)
        for pace in (Pace.DAILY, Pace.WEEKLY)
        for hour in range(24)
    }
    return case(
        *(
            (and_(Reader.pace == pace, Reader.digest_hour == hour), literal(at, Delivery.due_at.type))
            for (pace, hour), at in hours.items()
        ),
        else_=literal(now, Delivery.due_at.type),
    )


def _next(now: datetime, hour: int, *, weekly: bool) -> datetime:
    """The next such hour in Kyiv; of a week the one on Monday."""
    at = now.astimezone(KYIV).replace(hour=hour, minute=0, second=0, microsecond=0)
    if at <= now:
        at += timedelta(days=1)
    if weekly:
        at += timedelta(days=-at.weekday() % 7)
    return at


async def _due_again(session: AsyncSession, broadcast: Broadcast, revision: PostRevision) -> None:
    """Copies of an earlier revision come due for the new one. Of a post taken back, unsent ones are no more."""
    now = datetime.now(UTC)
    if revision.withdraws and broadcast.cursor == 0:
        unsent = Delivery.outcome == Outcome.PENDING, Delivery.message_id.is_(None)
        await session.execute(delete(Delivery).where(Delivery.post_id == broadcast.post_id, *unsent))
    of_post = Delivery.post_id == broadcast.post_id
    last = await _end_of_chunk(session, Delivery.id, of_post, Delivery.id > broadcast.cursor)
    if last is None:
        broadcast.done = True
        return
    await session.execute(
        update(Delivery)
        .where(
            of_post,
            Delivery.id > broadcast.cursor,
            Delivery.id <= last,
            Delivery.message_id.is_not(None),
            Delivery.outcome == Outcome.SENT,
            Delivery.revision_sent != revision.id,
        )
        .values(due_at=now, attempts=0)
    )
    broadcast.cursor = last


async def _end_of_chunk(
    session: AsyncSession, column: InstrumentedAttribute[int], *where: ColumnElement[bool]
) -> int | None:
    """The last of the next rows, so many as one transaction takes; None if there is none left."""
    chunk = select(column.label("id")).where(*where).order_by(column).limit(CHUNK).subquery()
    last: int | None = await session.scalar(select(func.max(chunk.c.id)))
    return last


# Claim


async def claim(session: AsyncSession, count: int) -> list[Copy]:
    """So many due copies, held by a lease; a reader's older post goes before the newer."""
    now = datetime.now(UTC)
    older = aliased(Delivery)
    waits = exists().where(
        older.reader_id == Delivery.reader_id,
        older.post_id < Delivery.post_id,
        older.outcome == Outcome.PENDING,
        older.due_at <= now + LEASE,
    )
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
        )
        .outerjoin(Reader, Reader.id == Delivery.reader_id)
        .where(Delivery.due_at <= now, or_(Delivery.reader_id.is_(None), ~waits))
        .order_by(Delivery.due_at, Delivery.id)
        .limit(count)
        .with_for_update(skip_locked=True, of=Delivery)
    )
    copies = [Copy(**row._mapping) for row in await session.execute(due)]
    if copies:
        held = Delivery.id.in_([copy.id for copy in copies])
        await session.execute(update(Delivery).where(held).values(due_at=now + LEASE))
    return copies


# Settle


async def settle(session: AsyncSession, settled: Sequence[Settled]) -> None:
    """Writes what became of copies. One of what has been corrected while it was under way comes due at once."""
    now = datetime.now(UTC)
    newest = await newest_revisions(session, [each.post_id for each in settled])
    alike: defaultdict[tuple[Any, ...], list[tuple[int, int | None]]] = defaultdict(list)
    for each in settled:
        outdated = each.outcome is Outcome.SENT and each.revision_sent != newest[each.post_id].id
        due_at = now if outdated else each.due_at
        alike[each.outcome, due_at, each.revision_sent, each.attempts].append((each.id, each.message_id))
    for (outcome, due_at, revision_sent, attempts), copies in alike.items():
        copy, message = _each(session, copies)
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


def _each(session: AsyncSession, pairs: list[tuple[int, int | None]]) -> Sequence[ColumnElement[int]]:
    """Two columns to join with. As JSON, since a driver that binds row by row fights the event loop for each."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    rows = func.json_each(json.dumps(pairs)) if on_sqlite else func.jsonb_array_elements(cast(pairs, JSONB))
    value = rows.table_valued("value").c.value
    return [cast(value.op("->>")(place), BigInteger) for place in (0, 1)]


async def readers_are_gone(session: AsyncSession, copies: Sequence[int]) -> None:
    """The readers of these copies blocked the bot: nothing waits for them any more until they come back."""
    readers = select(Delivery.reader_id).where(Delivery.id.in_(copies))
    await session.execute(update(Reader).where(Reader.id.in_(readers)).values(blocked=True))
    await session.execute(
        update(Delivery)
        .where(Delivery.reader_id.in_(readers), Delivery.outcome == Outcome.PENDING)
        .values(outcome=Outcome.BLOCKED, due_at=None)
    )


async def reader_has_moved(session: AsyncSession, vault: Vault, copy: int, chat_id: int) -> None:
    """The copy's chat goes on under another id."""
    reader = select(Delivery.reader_id).where(Delivery.id == copy).scalar_subquery()
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
