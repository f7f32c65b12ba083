"""What SQLite and PostgreSQL do not write alike."""

import json
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Text, cast, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase


def on_sqlite(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def upsert(session: AsyncSession, model: type[DeclarativeBase]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say what to do where there is such a row already: two may make it at once."""
    return sqlite.insert(model) if on_sqlite(session) else postgresql.insert(model)


def json_columns(session: AsyncSession, rows: Sequence[Sequence[object]], width: int) -> list[ColumnElement[str]]:
    """Columns of text to select from or to join with, sent as one JSON text.

    There may be more rows than a statement takes parameters, and a driver that binds row by row fights the event
    loop for each.
    """
    if on_sqlite(session):
        elements = func.json_each(json.dumps(rows))
    else:
        elements = func.jsonb_array_elements(cast(rows, postgresql.JSONB))
    value = elements.table_valued("value").c.value
    return [value.op("->>", return_type=Text())(place) for place in range(width)]
