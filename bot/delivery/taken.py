"""Which updates were taken: so that one of several bots behind a webhook acts on each, and none a second time."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bot.dialect import upsert
from models.delivery import TakenUpdate

KEPT_FOR = timedelta(days=2)
"""Telegram gives up an update after one day: https://core.telegram.org/bots/api#getting-updates"""


async def take(session: AsyncSession, updates: Collection[int]) -> dict[int, bool]:
    """Those that nobody has taken before."""
    # In order, so that two bots taking the same updates queue up instead of deadlocking.
    rows = [{"id": update, "at": datetime.now(UTC)} for update in sorted(updates)]
    new = upsert(session, TakenUpdate).values(rows).on_conflict_do_nothing()
    taken = await session.scalars(new.returning(TakenUpdate.id))
    return dict.fromkeys(taken, True)


async def give_back(session: AsyncSession, update: int) -> None:
    """It was not taken after all, and will come again."""
    await session.execute(delete(TakenUpdate).where(TakenUpdate.id == update))


async def purge(session: AsyncSession) -> None:
    await session.execute(delete(TakenUpdate).where(TakenUpdate.at < datetime.now(UTC) - KEPT_FOR))
