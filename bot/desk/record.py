"""Changes of the record: by revisions only, all of a file or nothing of it."""

import json
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.rows import REFERENCES, TABLES, AnyRow, Row, as_json, as_values
from bot.errors import ObminError
from models.record import RECORD, Card, Coverage, RecordVersion, Revision

STARTER = Path(__file__).parent.parent.parent / "models" / "starter"
_any_row: TypeAdapter[Any] = TypeAdapter(AnyRow)


class RecordRefused(ObminError):
    """A record file with a wrong row; nothing of it was loaded."""


async def fill_if_empty(session: AsyncSession) -> int:
    """Gives a new database the starting record; leaves any other alone. Returns the rows added."""
    if await session.get(RecordVersion, 1) is not None:
        return 0
    lines = [line for file in sorted(STARTER.glob("*.jsonl")) for line in read_lines(file)]
    return await load(session, lines)


Line = tuple[str, int, str]
"""Where a row stands, for the person who has to mend it: the file's name, the line's number, its text."""


def read_lines(file: Path) -> Iterator[Line]:
    """Of a file of rows, or of the rows in a JSON document that was exported."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise RecordRefused(f"{file} cannot be read: {error}.") from error
    return lines_of(file.name, _rows_in(file, content) if file.suffix == ".json" else content)


def lines_of(name: str, content: bytes) -> Iterator[Line]:
    """Not what `splitlines` gives: it cuts at characters that may stand in a text."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise RecordRefused(f"{name} cannot be read: {error}.") from error
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield name, number, line


def _rows_in(file: Path, document: bytes) -> bytes:
    try:
        return b"\n".join(json.dumps(row).encode() for row in json.loads(document)["record"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise RecordRefused(
            f"{file} is not an exported record: a JSON object with the rows in “record” is needed. For rows one a "
            "line, name the file .jsonl. Nothing was loaded."
        ) from error


async def load(session: AsyncSession, lines: Iterable[Line], now: datetime | None = None) -> int:
    """Adds what is new and revises what has changed, at the moment `now`; returns how many rows did.

    Raises `RecordRefused`, which names the line and the field, before anything is changed.
    """
    ours = await current(session)
    rows = [_checked(line) for line in lines]
    _check_references(rows, {kind: set(of_kind) for kind, of_kind in ours.items()})
    now = now or datetime.now(UTC)
    changed = [row for _, row in rows if await revise(session, row, ours, now)]
    if changed:
        await _move_version(session, now)
    return len(changed)


async def mark_checked(session: AsyncSession, day: date) -> None:
    """Somebody looked through the sources on `day`, and the record has all of their news."""
    coverage = as_json((await current(session))["coverage"]["record"])
    await load(session, [("coverage", 1, _line(coverage | {"checked_on": day}))])


async def age(session: AsyncSession) -> tuple[datetime, date]:
    """When it last changed, and the day up to which somebody has looked through the sources."""
    version = await session.get_one(RecordVersion, 1, populate_existing=True)
    coverage = (await session.scalars(select(Coverage).where(Coverage.until.is_(None)))).one()
    return version.changed_at, coverage.checked_on or coverage.complete_to


async def current(session: AsyncSession) -> dict[str, dict[str, Revision]]:
    """The rows that are ours now, by kind and key, in the order in which they came."""
    return {
        table.__tablename__: {
            row.key: row
            for row in await session.scalars(select(table).where(table.until.is_(None)).order_by(table.id))
        }
        for table in RECORD
    }


async def revise(session: AsyncSession, row: Row, ours: dict[str, dict[str, Revision]], now: datetime) -> bool:
    """Closes the revision that is ours and adds `row` as the next; does nothing if they say the same."""
    values = row.values()
    old = ours[row.kind].get(row.key)
    if old is not None:
        if all(getattr(old, name) == value for name, value in values.items()):
            return False
        old.until = now
        await session.flush()
    ours[row.kind][row.key] = new = TABLES[row.kind](since=now, until=None, **values)
    session.add(new)
    return True


async def take_back(
    session: AsyncSession,
    keys: Iterable[tuple[str, str]],
    others: Mapping[tuple[str, str], tuple[datetime, Row]],
    told: Collection[datetime],
    now: datetime,
) -> None:
    """Makes rows, by kind and key, what they are without the post that they came from.

    That is what `others`, the posts that still hold, say, or what was there before any post, whichever came later.
    `told` are the moments of all releases. What is left with nothing is closed.
    """
    ours = await current(session)
    for kind, key in keys:
        table = TABLES[kind]
        before = await session.scalar(
            select(table).where(table.key == key, table.since.not_in(told)).order_by(table.id.desc()).limit(1)
        )
        values = as_values(before) if before is not None else None
        if said := others.get((kind, key)):
            moment, row = said
            if before is None or before.since < moment:
                values = row.values()
        now_is = ours[kind].get(key)
        if now_is is not None and as_values(now_is) != values:
            now_is.until = now
            await session.flush()
            now_is = None
        if now_is is None and values is not None:
            session.add(table(since=now, until=None, **values))
    await session.flush()
    await _move_version(session, now)


def parsed(row: dict[str, Any]) -> Row:
    """A row as a file has it. Raises `RecordRefused`."""
    _, checked = _checked(("a post", 1, json.dumps(row)))
    return checked


async def check_references(session: AsyncSession) -> None:
    """Raises `RecordRefused` if a row refers to one that is gone."""
    ours = await current(session)
    for (kind, field), target in REFERENCES.items():
        for row in ours[kind].values():
            for wanted in _keys_in(getattr(row, field)):
                if wanted not in ours[target]:
                    raise RecordRefused(f"The {kind} {row.key} still refers to the {target} {wanted}.")


async def cards(session: AsyncSession) -> list[Card]:
    return list(await session.scalars(select(Card).where(Card.until.is_(None)).order_by(Card.key)))


async def row(session: AsyncSession, kind: str, key: str) -> dict[str, Any]:
    """A row as it is now, as its line in a file. Raises `RecordRefused` if there is none."""
    table = TABLES.get(kind)
    found = await session.scalar(select(table).where(table.key == key, table.until.is_(None))) if table else None
    if found is None:
        raise RecordRefused(f"There is no {kind} with the key {key}.")
    told: dict[str, Any] = json.loads(_line(as_json(found)))
    return told


def check(lines: Iterable[Line]) -> None:
    """Raises `RecordRefused` for a line that is not a row."""
    for line in lines:
        _checked(line)


async def export(session: AsyncSession) -> AsyncIterator[str]:
    for of_kind in (await current(session)).values():
        for row in of_kind.values():
            yield _line(as_json(row))


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, default=date.isoformat)


async def _move_version(session: AsyncSession, now: datetime) -> None:
    version = await session.get(RecordVersion, 1)
    if version is None:
        session.add(RecordVersion(id=1, number=1, changed_at=now))
    else:
        version.number += 1
        version.changed_at = now


def _checked(line: Line) -> tuple[Line, Row]:
    file, number, text = line
    try:
        return line, _any_row.validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        # The discriminator stands first in the path of a field, and means nothing to the person.
        field = ".".join(str(part) for part in first["loc"][1:]) or "the row"
        raise RecordRefused(
            f"{file}, line {number}, {field}: {first['msg'].removeprefix('Value error, ')}. Nothing was loaded."
        ) from None


def _keys_in(value: list[str] | str | None) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def _check_references(rows: Iterable[tuple[Line, Row]], known: dict[str, set[str]]) -> None:
    rows = list(rows)
    seen: set[tuple[str, str]] = set()
    for (file, number, _), row in rows:
        if (row.kind, row.key) in seen:
            raise RecordRefused(f"{file}, line {number}, key: {row.key} stands twice. Nothing was loaded.")
        seen.add((row.kind, row.key))
        known[row.kind].add(row.key)
    for (file, number, _), row in rows:
        for (kind, field), target in REFERENCES.items():
            if kind != row.kind:
                continue
            for key in _keys_in(getattr(row, field)):
                if key not in known[target]:
                    raise RecordRefused(
                        f"{file}, line {number}, {field}: there is no {target} with the key {key}. "
                        "Nothing was loaded."
                    )
