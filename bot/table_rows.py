"""The rows of any table in pages, alike from either database."""

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Insert,
    Row,
    String,
    Table,
    Text,
    TypeDecorator,
    bindparam,
    cast,
    func,
    insert,
    literal,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.dialect import on_sqlite

PAGE = 2000
"""Rows in memory, and in one transaction that writes them."""

Key = tuple[Any, ...]


async def last_key(session: AsyncSession, table: Table) -> Key | None:
    row = (await session.execute(_ordered(session, table, _key(table), last_first=True).limit(1))).one_or_none()
    return None if row is None else tuple(row)


def digest_of(rows: Sequence[Row[Any] | None]) -> bytes:
    """Our types make the same of a value from either database: a moment in UTC, bytes, True; JSON is its text."""
    return hashlib.sha256(repr([tuple(row) if row is not None else None for row in rows]).encode()).digest()


async def count(session: AsyncSession, table: Table) -> int:
    return await session.scalar(select(func.count()).select_from(table)) or 0


async def number_on(session: AsyncSession, table: Table) -> None:
    """New rows are numbered after those that came with their numbers. SQLite sees to that itself."""
    column = table.autoincrement_column
    if column is not None and not on_sqlite(session):
        following = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        await session.execute(select(func.setval(sequence, following, False)))


async def page_of(session: AsyncSession, table: Table, after: Sequence[Any] | None) -> Sequence[Row[Any]]:
    query = _ordered(session, table, [_as_text(column) for column in table.columns]).limit(PAGE)
    if after is not None:
        key = _key(table)
        reached = tuple_(*(literal(value, column.type) for value, column in zip(after, key, strict=True)))
        query = query.where(tuple_(*_sorted_alike(session, key)) > reached)
    return (await session.execute(query)).all()


def _ordered(
    session: AsyncSession, table: Table, columns: Sequence[ColumnElement[Any]], *, last_first: bool = False
) -> Any:  # noqa: ANN401 - a Select of whatever the columns are
    order = _sorted_alike(session, _key(table))
    return select(*columns).order_by(*(column.desc() if last_first else column for column in order))


def _key(table: Table) -> list[Column[Any]]:
    return list(table.primary_key.columns)


def key_of(table: Table, row: Row[Any]) -> Key:
    return tuple(row._mapping[column.name] for column in _key(table))


def _sorted_alike(session: AsyncSession, key: Sequence[Column[Any]]) -> list[ColumnElement[Any]]:
    """SQLite sorts texts by their bytes; PostgreSQL by the rules of some language, unless told not to."""
    if on_sqlite(session):
        return list(key)
    return [column.collate("C") if isinstance(column.type, String) else column for column in key]


def _is_json(column: Column[Any]) -> bool:
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return isinstance(kind, JSON)


def _as_text(column: Column[Any]) -> ColumnElement[Any]:
    """JSON as it is written, which keeps null and nothing apart."""
    return cast(column, Text).label(column.name) if _is_json(column) else column


def insert_into(table: Table) -> Insert:
    def new(column: Column[Any]) -> ColumnElement[Any]:
        name = f"new_{column.name}"
        return (
            cast(bindparam(name, type_=Text()), JSON) if _is_json(column) else bindparam(name, type_=column.type)
        )

    return insert(table).values({column.name: new(column) for column in table.columns})
