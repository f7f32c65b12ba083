"""Changing the vault's key while the bot runs: first two keys are known, then each row is sealed with the newer.

It can be killed and begun again at any moment: what is sealed already is passed over.
"""

from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.vault import Vault
from models.desk import StaffMember
from models.people import Reader, VaultMark

Sealed = TypeVar("Sealed", bound=Reader | StaffMember)
SEALED: tuple[type[Reader | StaffMember], ...] = (Reader, StaffMember)
"""The tables with sealed values."""
CHUNK = 500
"""Rows of one transaction."""
LOOKED_FOR_EVERY = 1.0
"""Seconds between a running bot's checks for another key."""
KNOWN_AFTER = 4.0
"""Seconds after which every running bot knows a new key."""


async def begin(session: AsyncSession, vault: Vault) -> None:
    """From now on the newer key is one of this database's."""
    newest = vault.marks[0]
    if await session.scalar(select(VaultMark.id).where(VaultMark.mark == newest)) is None:
        session.add(VaultMark(mark=newest))


async def count(session: AsyncSession) -> int:
    """Rows with sealed values."""
    return sum([await session.scalar(select(func.count()).select_from(table)) or 0 for table in SEALED])


async def reseal(database: Database, vault: Vault) -> AsyncIterator[int]:
    """Seals everything with the newest key; tells after each transaction how many rows it has looked at."""
    for table in SEALED:
        last = 0
        while rows := await _reseal_some(database, vault, table, last):
            last = rows[-1].id
            yield len(rows)


async def _reseal_some(database: Database, vault: Vault, table: type[Sealed], last: int) -> Sequence[Sealed]:
    """The rows after the one with the id `last`."""
    async with database.write() as session:
        chunk = select(table).where(table.id > last).order_by(table.id).limit(CHUNK).with_for_update()
        rows = (await session.scalars(chunk)).all()
        for row in rows:
            if not vault.is_newest(row.chat_sealed):
                _reseal(row, vault)
    return rows


def _reseal(row: Reader | StaffMember, vault: Vault) -> None:
    chat_id = vault.open(row.chat_sealed, row.chat_index)
    index = vault.index(chat_id)
    if isinstance(row, StaffMember):
        row.secret_sealed = vault.seal_secret(vault.open_secret(row.secret_sealed, row.chat_index), index)
    row.chat_index, row.chat_sealed = index, vault.seal(chat_id)


async def end(session: AsyncSession, vault: Vault) -> None:
    """Nothing is sealed with an older key any more."""
    await session.execute(delete(VaultMark).where(VaultMark.mark != vault.marks[0]))
