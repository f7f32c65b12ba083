"""One version of the record, as it was at one moment."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.answers.facts import Record
from bot.answers.load import load
from bot.desk import record as record_file
from models.record import RecordVersion

LICENCE = "https://spdx.org/licenses/MIT"


@dataclass(frozen=True)
class Edition:
    record: Record
    rows: tuple[str, ...]
    """The same as lines of a record file, which another bot can import."""
    changed_at: datetime

    @property
    def number(self) -> int:
        return self.record.version

    @property
    def as_of(self) -> date:
        """The day of the newest entry."""
        return self.record.newest_entry or self.changed_at.date()


async def number(session: AsyncSession) -> int:
    return (await session.get_one(RecordVersion, 1)).number


async def read(session: AsyncSession) -> Edition:
    """All within one transaction of `Database.read`, which shows one moment whatever is released meanwhile."""
    version = await session.get_one(RecordVersion, 1)
    return Edition(
        await load(session), tuple([line async for line in record_file.export(session)]), version.changed_at
    )
