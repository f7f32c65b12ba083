"""A table's rows as JSON, the same from either database.

The tables are read from the database, not from the models: so an older version's backup is restored as it was,
and brought up to date afterwards.
"""

from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    Table,
    delete,
    event,
    insert,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

PAGE = 1000
"""Rows in a line, and in memory."""
MADE_ANEW = "search_"
"""Tables whose names begin like this are made from the others, by `bot.search.index`."""


def tables(connection: Connection) -> list[Table]:
    """In an order in which rows can be added."""
    metadata = MetaData()
    event.listen(metadata, "column_reflect", _null_is_null)
    metadata.reflect(connection, only=lambda name, _: name != "alembic_version" and not name.startswith(MADE_ANEW))
    return metadata.sorted_tables


def _null_is_null(_inspector: object, _table: object, column: dict[str, Any]) -> None:
    if isinstance(column["type"], JSON):
        column["type"] = JSON(none_as_null=True)


async def pages(session: AsyncSession, table: Table) -> AsyncIterator[list[list[Any]]]:
    query = select(table).order_by(*table.primary_key).execution_options(yield_per=PAGE)
    async for page in (await session.stream(query)).partitions():
        yield [[_as_json(value) for value in row] for row in page]


async def add(session: AsyncSession, table: Table, columns: list[str], rows: list[list[Any]]) -> None:
    readers = [(name, _reader(table.c[name].type)) for name in columns]
    values = [
        {name: None if value is None else read(value) for (name, read), value in zip(readers, row, strict=True)}
        for row in rows
    ]
    await session.execute(insert(table), values)


async def clear(session: AsyncSession, table: Table) -> None:
    """Removes the rows that migrations add to every new database."""
    await session.execute(delete(table))


def _as_json(value: object) -> object:
    match value:
        case bytes():
            return b64encode(value).decode()
        case datetime():
            # SQLite keeps no time zone; every moment in it is in UTC.
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
    return value


def _reader(kind: object) -> Callable[[Any], Any]:
    match kind:
        case LargeBinary():
            return b64decode
        case DateTime():
            return datetime.fromisoformat
        case Date():
            return date.fromisoformat
    return _as_it_is


def _as_it_is(value: object) -> object:
    return value
