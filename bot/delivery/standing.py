"""How broadcasts stand: what became of the copies, what is left, and when their numbers are forgotten."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from models.delivery import Broadcast, Delivery, Outcome
from models.desk import PostRevision

CORRECTED_FOR = timedelta(days=90)
"""How long after the last release of a post its copies' numbers are kept."""
MOST_COUNTED = 10_000
PURGED_AT_ONCE = 20_000
"""Copies in one transaction, which keeps others waiting for a fraction of a second."""
STALLED_AFTER = timedelta(minutes=2)
"""No copy waits this long while a courier works."""


async def counts(session: AsyncSession, post_id: int) -> dict[Outcome, int]:
    """Of a post's copies, by outcome; together they are its recipients."""
    query = select(Delivery.outcome, func.count()).where(Delivery.post_id == post_id).group_by(Delivery.outcome)
    found: dict[Outcome, int] = dict((await session.execute(query)).all())
    return {outcome: found.get(outcome, 0) for outcome in Outcome}


async def is_being_made(session: AsyncSession, post_id: int) -> bool:
    """Whether copies of the post are still being made, so that their number grows."""
    query = select(Broadcast.id).where(Broadcast.post_id == post_id, Broadcast.done.is_(False)).limit(1)
    return await session.scalar(query) is not None


async def left(session: AsyncSession, post_id: int) -> int:
    """Copies that are still to be sent, or to be corrected."""
    query = select(func.count()).where(Delivery.post_id == post_id, Delivery.due_at.is_not(None))
    return await session.scalar(query) or 0


async def latest_posts(session: AsyncSession, count: int) -> list[int]:
    query = select(Broadcast.post_id).group_by(Broadcast.post_id).order_by(func.max(Broadcast.id).desc())
    return list(await session.scalars(query.limit(count)))


async def oldest_due(session: AsyncSession) -> datetime | None:
    """Since when the copy that has waited longest has been due."""
    # Without the condition SQLite would not use the index, and look at every copy.
    return await session.scalar(select(func.min(Delivery.due_at)).where(Delivery.due_at.is_not(None)))


async def due_now(session: AsyncSession) -> int:
    """Copies that should go out now, counted up to `MOST_COUNTED`."""
    some = select(Delivery.id).where(Delivery.due_at <= datetime.now(UTC)).limit(MOST_COUNTED).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0


async def unfinished(session: AsyncSession) -> int:
    """Broadcasts whose copies are still being made."""
    return await session.scalar(select(func.count()).where(Broadcast.done.is_(False))) or 0


async def purge(database: Database) -> None:
    """Deletes the copies of posts that are too old to be corrected."""
    old = select(PostRevision.post_id).group_by(PostRevision.post_id)
    old = old.having(func.max(PostRevision.released_at) < datetime.now(UTC) - CORRECTED_FOR)
    some = select(Delivery.id).where(Delivery.post_id.in_(old), Delivery.due_at.is_(None)).limit(PURGED_AT_ONCE)
    while True:
        async with database.write() as session:
            purged = await session.execute(
                delete(Delivery).where(Delivery.id.in_(some)), execution_options={"synchronize_session": False}
            )
        if cast(CursorResult[Any], purged).rowcount < PURGED_AT_ONCE:
            return
