"""Which process sends: one row, held for seconds and renewed, so that a standby takes over from a dead one."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Function, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.dialect import on_sqlite
from models.delivery import CourierLease

LASTS = timedelta(seconds=6)
REFUSED = "Telegram refused the token"
"""Where it did not say so in words of its own, but a proxy answered, or whoever BOT_API_URL leads to."""


async def take(database: Database, holder: str) -> bool:
    """Takes or renews it; False while another one holds it."""
    async with database.write() as session:
        now = _now(session)
        free = or_(CourierLease.holder.is_(None), CourierLease.holder == holder, CourierLease.until < now)
        taken = await session.execute(
            update(CourierLease)
            .where(CourierLease.id == 1, free)
            .values(holder=holder, until=now + LASTS)
            .returning(CourierLease.id)
        )
        return taken.first() is not None


async def give_back(database: Database, holder: str) -> None:
    async with database.write() as session:
        await session.execute(
            update(CourierLease).where(CourierLease.holder == holder).values(holder=None, until=None)
        )


async def is_held(session: AsyncSession) -> bool:
    """Whether a process sends now."""
    held = select(CourierLease.id).where(CourierLease.holder.is_not(None), CourierLease.until >= _now(session))
    return await session.scalar(held) is not None


def _now(session: AsyncSession) -> datetime | Function[datetime]:
    """One of two machines' clocks may be slow, so the database's counts; for a file, that is this machine's."""
    return datetime.now(UTC) if on_sqlite(session) else func.now()


async def halt(session: AsyncSession, why: str) -> None:
    """Nothing is sent any more until somebody has looked: `resume`."""
    await session.execute(update(CourierLease).values(halted=why[:200] or REFUSED))


async def hold(session: AsyncSession, made_at: datetime) -> None:
    """Halts what was just restored from a backup of that moment, whoever was sending then."""
    await session.execute(
        update(CourierLease).values(holder=None, until=None, halted="restored from a backup", restored_to=made_at)
    )


async def resume(session: AsyncSession) -> None:
    await session.execute(update(CourierLease).values(halted=None, restored_to=None))


async def halted(session: AsyncSession) -> str | None:
    return await session.scalar(select(CourierLease.halted))


async def restored_to(session: AsyncSession) -> datetime | None:
    """The moment of the backup that this database is held back after."""
    return await session.scalar(select(CourierLease.restored_to))
