"""A released post becomes a copy for each reader who wants it: set by set, in chunks, never reader by reader."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.delivery import matching
from bot.delivery.subscriptions import follows_post
from bot.dialect import json_columns
from bot.zones import clock
from models.delivery import LEASE, Broadcast, Delivery, Outcome
from models.desk import Importance, PostRevision
from models.people import Pace, Reader, Subscription

CHUNK = 20_000
"""Rows of a fan-out in one transaction: a tenth of a second, so that nobody waits for it."""


async def fan_out(
    session: AsyncSession, channels: Mapping[str, object], in_hand: Collection[int] = frozenset()
) -> bool:
    """One chunk of the oldest unfinished broadcast; False if there is none. `in_hand`: copies on their way now."""
    broadcast = await session.scalar(
        select(Broadcast).where(Broadcast.done.is_(False)).order_by(Broadcast.id).limit(1)
    )
    if broadcast is None:
        return False
    revision = await session.get_one(PostRevision, broadcast.revision_id)
    earlier = select(Broadcast.id).where(Broadcast.post_id == broadcast.post_id, Broadcast.id < broadcast.id)
    if revision.withdraws or await session.scalar(earlier.limit(1)):
        await _due_again(session, broadcast, revision, in_hand)
    else:
        # Not always the first revision: that may have been for the record only.
        await _copies_for_readers(session, broadcast, revision, channels)
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
    if broadcast.matching is None:
        broadcast.matching = await matching.keys(session, revision)
    last = await _end_of_chunk(session, Reader.id, Reader.id > broadcast.cursor)
    if last is None:
        broadcast.done = True
        return
    in_chunk = Reader.id > broadcast.cursor, Reader.id <= last, Reader.blocked.is_(False)
    # Of this chunk alone, once for all its readers: most of them have no subscription.
    subscribed = select(Subscription.reader_id).where(
        Subscription.reader_id > broadcast.cursor,
        Subscription.reader_id <= last,
        Subscription.what.in_(select(*json_columns(session, [[key] for key in broadcast.matching], 1))),
    )
    wanted = select(
        literal(broadcast.post_id),
        Reader.id,
        Reader.language,
        await _when(session, revision, now, *in_chunk),
        literal(Outcome.PENDING.value),
        literal(0),
    ).where(
        *in_chunk,
        or_(follows_post(revision.kind, revision.facts.get("exchange")), Reader.id.in_(subscribed)),
    )
    columns = ["post_id", "reader_id", "language", "due_at", "outcome", "attempts"]
    await session.execute(insert(Delivery).from_select(columns, wanted))
    broadcast.cursor = last


async def _when(
    session: AsyncSession, revision: PostRevision, now: datetime, *of: ColumnElement[bool]
) -> ColumnElement[datetime]:
    """At once, or at the hour of the reader's digest; what is urgent waits for no hour."""
    at_once = literal(now, Delivery.due_at.type)
    if revision.importance is Importance.URGENT:
        return at_once
    chosen = select(Reader.pace, Reader.digest_hour, Reader.zone).where(*of, Reader.pace != Pace.AT_ONCE)
    zones: defaultdict[tuple[str, int, datetime], list[str]] = defaultdict(list)
    for pace, hour, zone in (await session.execute(chosen.distinct())).all():
        zones[pace, hour, next_hour(now, hour, zone, weekly=pace == Pace.WEEKLY)].append(zone)
    if not zones:
        return at_once
    return case(
        *(
            (
                and_(Reader.pace == pace, Reader.digest_hour == hour, Reader.zone.in_(alike)),
                literal(at, Delivery.due_at.type),
            )
            for (pace, hour, at), alike in zones.items()
        ),
        else_=at_once,
    )


def next_hour(now: datetime, hour: int, zone: str, *, weekly: bool) -> datetime:
    """The next such hour by the clocks of a zone; for a weekly digest, the one on Monday."""
    at = now.astimezone(clock(zone)).replace(hour=hour, minute=0, second=0, microsecond=0)
    if at.astimezone(UTC) <= now:
        at += timedelta(days=1)
    if weekly:
        at += timedelta(days=-at.weekday() % 7)
    return at.astimezone(UTC)


async def _due_again(
    session: AsyncSession, broadcast: Broadcast, revision: PostRevision, in_hand: Collection[int]
) -> None:
    """Copies of an earlier revision come due for the new one; those that Telegram refused are sent anew.

    Unsent ones of a withdrawn post are deleted.
    """
    now = datetime.now(UTC)
    if revision.withdraws and broadcast.cursor == 0:
        unsent = Delivery.outcome == Outcome.PENDING, Delivery.message_id.is_(None)
        # Those that may be on their way now are corrected when they have arrived.
        waiting = or_(Delivery.due_at <= now, Delivery.due_at > now + LEASE), Delivery.id.not_in(in_hand)
        await session.execute(
            delete(Delivery).where(Delivery.post_id == broadcast.post_id, *unsent, *waiting),
            execution_options={"synchronize_session": False},
        )
    of_post = Delivery.post_id == broadcast.post_id
    last = await _end_of_chunk(session, Delivery.id, of_post, Delivery.id > broadcast.cursor)
    if last is None:
        broadcast.done = True
        return
    in_chunk = of_post, Delivery.id > broadcast.cursor, Delivery.id <= last
    arrived = Delivery.message_id.is_not(None)
    # Those who blocked the bot are left alone until they come back; a channel is always tried.
    here = or_(Delivery.channel.is_not(None), Delivery.reader_id.in_(select(Reader.id).where(~Reader.blocked)))
    await session.execute(
        update(Delivery)
        .where(
            *in_chunk,
            arrived,
            Delivery.revision_sent != revision.id,
            or_(Delivery.outcome != Outcome.BLOCKED, here),
        )
        .values(due_at=now, attempts=0),
        execution_options={"synchronize_session": False},
    )
    if not revision.withdraws:
        await session.execute(
            update(Delivery)
            .where(*in_chunk, ~arrived, Delivery.outcome == Outcome.FAILED, here)
            .values(outcome=Outcome.PENDING, due_at=now, attempts=0),
            execution_options={"synchronize_session": False},
        )
    broadcast.cursor = last


async def _end_of_chunk(
    session: AsyncSession, column: InstrumentedAttribute[int], *where: ColumnElement[bool]
) -> int | None:
    """The last of the next rows, as many as one transaction takes; None if there is none left."""
    chunk = select(column.label("id")).where(*where).order_by(column).limit(CHUNK).subquery()
    last: int | None = await session.scalar(select(func.max(chunk.c.id)))
    return last
