"""Everything from SQLite into an empty PostgreSQL, page by page; an interrupted move continues where it stopped.

The source is locked against writing from the first page to the end of the comparison, so that nothing can change
meanwhile. Both databases are marked in the courier's row, which alone is not copied: no bot starts on one that is
only half there, nor ever again on the one that was left.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import zip_longest

from sqlalchemy import Table, delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot import table_rows
from bot.database import Database, DatabaseUnusable, newest_schema
from bot.errors import ObminError
from models import desk, people, record, search  # noqa: F401 - the tables register themselves
from models.base import Base
from models.delivery import CourierLease

MARKED = Base.metadata.tables[CourierLease.__tablename__]
TABLES = [table for table in Base.metadata.sorted_tables if table is not MARKED]
"""In an order in which every row finds what it refers to."""
MADE_BY_MIGRATIONS = Base.metadata.tables[desk.Desk.__tablename__]
"""The other table that has a row from the beginning."""
LEFT = "moved to "
FILLING = "being filled from "


class MoveRefused(ObminError):
    """The databases are not what a move needs."""


@dataclass(frozen=True, slots=True)
class Moved:
    table: str
    rows: int
    digest: str
    """Of all rows; the same in both databases."""


async def refuse_if_moved(session: AsyncSession) -> None:
    """Raises `MoveRefused` where no bot may start."""
    mark = await session.scalar(select(MARKED.c.halted)) or ""
    if mark.startswith(LEFT):
        raise MoveRefused(f"This database was {mark}. Set DATABASE_URL to that one.")
    if mark.startswith(FILLING):
        raise MoveRefused("This database is being filled. Run `obmin database move` to its end first.")


def check(source: Database, target: Database) -> None:
    """Raises `MoveRefused` if nothing can be moved from one to the other."""
    if not source.is_sqlite or target.is_sqlite:
        raise MoveRefused(f"A move goes from SQLite to PostgreSQL, not from {source.name} to {target.name}.")
    if source.file is None or not source.file.exists():
        raise MoveRefused(f"There is no {source.name}. Set DATABASE_URL to the database to move.")


async def count(source: Database) -> int:
    """Rows to be moved."""
    if await source.schema() != newest_schema():
        raise MoveRefused(f"{source.name} is not up to date. Run `obmin migrate` first.")
    async with source.read() as session:
        return sum([await table_rows.count(session, table) for table in TABLES])


async def move(source: Database, target: Database, passed: Callable[[int], None]) -> list[Moved]:
    """Calls `passed` with numbers of rows: each is passed twice, to be copied and to be compared."""
    async with source.write() as here:
        lease = (await here.execute(select(MARKED))).one()
        if lease.holder and lease.until > datetime.now(UTC):
            raise MoveRefused("The bot is still running on this database. Stop it first; then wait ten seconds.")
        if lease.restored_to:
            raise MoveRefused(
                "This database was restored from a backup, and nobody has decided yet what to do with unsent "
                "posts. Run `obmin delivery resume` first."
            )
        left = (lease.halted or "").startswith(LEFT)
        if not await _is_begun(target, await _origin(here)):
            if left:
                raise MoveRefused(f"{source.name} was {lease.halted} already.")
            await _begin(target, await _origin(here))
        for table in TABLES:
            await _copy(here, target, table, passed)
        async with target.read() as there:
            moved = [await _compare(here, there, table, passed) for table in TABLES]
        await here.execute(update(MARKED).values(holder=None, until=None, halted=LEFT + target.name))
    async with target.write() as there:
        for table in TABLES:
            await table_rows.number_on(there, table)
        await there.execute(update(MARKED).values(halted=None if left else lease.halted))
    return moved


# The target


async def _origin(session: AsyncSession) -> str:
    """Tells this Obmin from any other: by its vault's keys, and the moment at which its record began."""
    marks = sorted(await session.scalars(select(people.VaultMark.mark)))
    began = await session.scalar(select(record.Term.since).order_by(record.Term.id).limit(1))
    return hashlib.sha256(repr((marks, began)).encode()).hexdigest()


async def _is_begun(target: Database, origin: str) -> bool:
    """Whether it has a part of this very source; an empty one is brought up to date."""
    try:
        theirs = await target.schema()
    except (DBAPIError, OSError) as error:
        raise DatabaseUnusable(target.explain(error)) from error
    if theirs not in (None, newest_schema()):
        raise MoveRefused(
            f"The schema of {target.name} is at {theirs}, ours at {newest_schema()}. Give an empty database."
        )
    await target.migrate()
    async with target.read() as there:
        mark = await there.scalar(select(MARKED.c.halted)) or ""
        if mark.startswith(FILLING):
            if mark != FILLING + origin:
                raise MoveRefused(f"{target.name} is being filled from another database. Give an empty one.")
            return True
        for table in TABLES:
            if table is not MADE_BY_MIGRATIONS and await table_rows.count(there, table):
                is_same = await _origin(there) == origin
                whose = "this Obmin's data already" if is_same else "another Obmin's data"
                raise MoveRefused(f"{target.name} has {whose}. Give an empty database.")
    return False


async def _begin(target: Database, origin: str) -> None:
    async with target.write() as there:
        await there.execute(delete(MADE_BY_MIGRATIONS))
        await there.execute(update(MARKED).values(halted=FILLING + origin))


# Rows


async def _copy(here: AsyncSession, target: Database, table: Table, passed: Callable[[int], None]) -> None:
    """What comes after the last row that is there: a page is there as a whole or not at all."""
    async with target.read() as there:
        last = await table_rows.last_key(there, table)
        passed(await table_rows.count(there, table))
    statement = table_rows.insert_into(table)
    while page := await table_rows.page_of(here, table, last):
        rows = [{f"new_{name}": value for name, value in row._mapping.items()} for row in page]
        async with target.write() as there:
            await there.execute(statement, rows)
        last = table_rows.key_of(table, page[-1])
        passed(len(page))


async def _compare(here: AsyncSession, there: AsyncSession, table: Table, passed: Callable[[int], None]) -> Moved:
    last: table_rows.Key | None = None
    whole, rows = hashlib.sha256(), 0
    while True:
        ours, theirs = await table_rows.page_of(here, table, last), await table_rows.page_of(there, table, last)
        digest = table_rows.digest_of(ours)
        if digest != table_rows.digest_of(theirs):
            pair = next(
                pair
                for pair in zip_longest(ours, theirs)
                if table_rows.digest_of(pair[:1]) != table_rows.digest_of(pair[1:])
            )
            key = ", ".join(str(part) for part in table_rows.key_of(table, pair[0] or pair[1]))
            raise MoveRefused(
                f"{table.name} {key} is not the same in both databases: something else wrote to the new one. "
                "Give an empty database, and begin again."
            )
        if not ours:
            return Moved(table.name, rows, whole.hexdigest())
        whole.update(digest)
        rows += len(ours)
        last = table_rows.key_of(table, ours[-1])
        passed(len(ours))
