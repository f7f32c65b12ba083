"""A record file is loaded or refused; what was loaded can be answered from, written out, and read again.

The bytes edit a small record: in each line the first names a row, the second a field, and the rest is its value.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from bot.answers import find, texts
from bot.answers.load import load
from bot.database import Database
from bot.desk import record
from bot.desk.record import RecordRefused
from bot.i18n import LANGUAGES
from bot.understanding import Question, Topic

WHOLE = Path(__file__).parent / "record.jsonl"
ROWS = [
    {name: json.dumps(value).encode() for name, value in json.loads(line).items()}
    for line in WHOLE.read_text().splitlines()
]
NOW = datetime(2025, 6, 8, tzinfo=UTC)


class Undone(Exception):
    """Each file finds the record as it was before the others."""


@contextmanager
def target() -> Iterator[Callable[[bytes], None]]:
    database = Database("sqlite+aiosqlite:///:memory:")
    with asyncio.Runner() as runner:
        runner.run(filled(database))
        yield lambda data: runner.run(imported(database, edited(data)))
        runner.run(database.close())


async def filled(database: Database) -> None:
    await database.migrate()
    async with database.write() as session:
        await record.load(session, record.read_lines(WHOLE), NOW)


def edited(data: bytes) -> bytes:
    rows = [dict(row) for row in ROWS]
    for edit in data.split(b"\n"):
        if len(edit) > 2:
            row = rows[edit[0] % len(rows)]
            row[list(row)[edit[1] % len(row)]] = edit[2:]
    return b"\n".join(b"{%s}" % b",".join(b'"%s":%s' % (name.encode(), row[name]) for name in row) for row in rows)


async def imported(database: Database, content: bytes) -> None:
    with suppress(RecordRefused, Undone):
        async with database.write() as session:
            await record.load(session, record.lines_of("a file", content), NOW)
            await session.flush()
            known = await load(session)
            for topic in Topic:
                for language in LANGUAGES:
                    answer = find.answer(known, Question(topic, language, None, 1.0), NOW.date())
                    assert texts.reply(answer, language).pages
            written = "\n".join([line async for line in record.export(session)])
            assert await record.load(session, record.lines_of("a file", written.encode()), NOW) == 0
            raise Undone
