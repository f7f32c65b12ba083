"""Which updates were taken: so that one of several bots behind a webhook acts on each, and none a second time."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from models.delivery import TakenUpdate

KEPT_FOR = timedelta(days=2)
"""Telegram gives up an update after one day: https://core.telegram.org/bots/api#getting-updates"""


async def take(session: AsyncSession, updates: Collection[int]) -> dict[int, bool]:
    """Those that nobody has taken before."""
    new = postgresql_insert(TakenUpdate) if _is_postgresql(session) else sqlite_insert(TakenUpdate)
    # In order, so that two bots taking the same updates queue up instead of deadlocking.
    rows = [{"id": update, "at": datetime.now(UTC)} for update in sorted(updates)]
    taken = await session.scalars(new.values(rows).on_conflict_do_nothing().returning(TakenUpdate.id))
    return dict.fromkeys(taken, True)


async def give_back(session: AsyncSession, update: int) -> None:
    """It was not taken after all, and will come again."""
    await session.execute(delete(TakenUpdate).where(TakenUpdate.id == update))


async def purge(session: AsyncSession) -> None:
    await session.execute(delete(TakenUpdate).where(TakenUpdate.at < datetime.now(UTC) - KEPT_FOR))


def _is_postgresql(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "postgresql"
