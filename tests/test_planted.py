"""What is kept of people, byte by byte: after a day of planted data nothing of it is anywhere."""

import asyncio
import base64
from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.opening import ready_database
from bot.sandbox import SANDBOX_TOKEN, Person, Sandbox
from models import delivery, desk, people, record, search  # noqa: F401 - the tables register themselves
from models.base import Base
from models.people import Reader
from tests.readers import carried_out, copies, release
from tests.test_program import OBMIN, environment

KEPT = {
    "reader": "id chat_index chat_sealed language follows pace digest_hour quiet_from quiet_to zone blocked",
    "subscription": "id reader_id what",
    "watch": "id reader_id question known_at",
    "delivery": "id post_id reader_id channel language due_at outcome revision_sent message_id attempts",
    "broadcast": "id post_id revision_id cursor done matching",
    "courier_lease": "id holder until halted restored_to",
    "vault_mark": "id mark",
    "taken_update": "id at",
    "unanswered": "day language topic count",
    "staff_member": "id alias role chat_index chat_sealed language secret_sealed "
    "last_step wrong_codes locked_until enrolled joined_on revoked_on asked",
}
"""Every column in which something of a person could come to lie. A new one is a decision: write it here, in the
privacy text and in SECURITY.md."""
OF_NOBODY = {"post", "post_revision", "invitation", "desk", "audit_entry", "record_version"} | {
    "search_entry",
    "search_state",
}
"""What staff write, under aliases, and what is published."""


def test_p22_no_column_can_hold_who_a_reader_is() -> None:
    tables = {
        name: {column.name for column in table.columns}
        for name, table in Base.metadata.tables.items()
        if name not in OF_NOBODY | {table.__tablename__ for table in record.RECORD}
    }
    assert tables == {name: set(columns.split()) for name, columns in KEPT.items()}


NAMES = ["Zvirogradska", "Перевертайло", "Кривоносенко"]
PHONES = ["+380671234567", "0671234567"]
SAID = [
    f"Where is my brother {NAMES[0]}? He is missing since May, call me {PHONES[0]}",
    f"Шукаю чоловіка {NAMES[1]} Степана, телефон {PHONES[1]}",
    f"мой сын {NAMES[2]} в списках есть?",
    "коли обмін",
    "I cannot go on like this any more",
]


ID = 7_394_000_000


def planted(someone: list[Person]) -> list[bytes]:
    """What must be found nowhere, in each form in which it could be written."""
    words = [*NAMES, *PHONES, *SAID, *(str(person.username) for person in someone)]
    forms = [form for word in words for form in (word.encode(), ascii_json(word))]
    for person in someone:
        forms += [str(person.id).encode(), person.id.to_bytes(5, "big"), person.id.to_bytes(5, "little")]
        forms += [person.id.to_bytes(5, "big").hex().encode(), person.first_name.encode()]
    return forms


def ascii_json(word: str) -> bytes:
    return word.encode("ascii", "backslashreplace")


async def a_day(someone: list[Person], sandbox: Sandbox, url: str, log: Path) -> None:
    """Everybody asks, chooses, follows and gets a post, which is corrected; the bot logs all it can."""
    settings = {"BOT_TOKEN": SANDBOX_TOKEN, "BOT_API_URL": sandbox.url, "DATABASE_URL": url, "LOG_LEVEL": "DEBUG"}
    settings["LOG_FORMAT"] = "json" if url.startswith("postgresql") else "console"
    key = base64.b64encode(bytes(range(32))).decode()
    with log.open("wb") as written:
        bot = await asyncio.create_subprocess_exec(
            OBMIN, "run", env=environment(VAULT_KEY=key, **settings), stdout=written, stderr=written
        )
    async with ready_database(url) as database:
        await asyncio.gather(*(an_evening(person) for person in someone))
        post = await release(database)
        await carried_out(database)
        assert all(copies(person) for person in someone)
        sandbox.faults.configure({"server_error": {"times": 3}, "methods": ["editMessageText"]})
        await release(database, post)
        await carried_out(database)
    bot.terminate()
    assert await bot.wait() == 0


async def an_evening(person: Person) -> None:
    screen = await person.ask("/updates", within=60)
    person.press(screen, screen["reply_markup"]["inline_keyboard"][0][0]["text"])
    await person.chat.next_edit()
    for said in SAID:
        await person.ask(said, within=30)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_p21_p23_neither_database_nor_log_holds_anything_of_a_person(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, sandbox: Sandbox
) -> None:
    file, log = tmp_path / "obmin.db", tmp_path / "log"
    url = request.getfixturevalue("postgresql")() if kind == "postgresql" else f"sqlite+aiosqlite:///{file}"
    someone = [
        sandbox.add_person(
            f"Vorname{number}", "en", person_id=ID + number, started=True, username=f"planted_{number}"
        )
        for number in range(12)
    ]
    await a_day(someone, sandbox, url, log)
    logged = log.read_bytes()
    assert b"connected" in logged
    assert not found(planted(someone), logged)
    assert not found(planted(someone), await kept(url, file))
    # The scanner itself finds what lies there plainly.
    async with ready_database(url) as database, database.write() as session:
        session.add(Reader(chat_index=str(someone[0].id).encode().ljust(32), chat_sealed=b"", language="uk"))
    assert found(planted(someone), await kept(url, file))


def found(needles: Iterable[bytes], haystack: bytes) -> list[bytes]:
    return [needle for needle in needles if needle in haystack]


async def kept(url: str, file: Path) -> bytes:
    """Of SQLite every byte of the file and what belongs to it. Of PostgreSQL every row of every table as it writes
    them, bytes both as hexadecimal digits and as they are."""
    if url.startswith("sqlite"):
        return b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))
    rows: list[str] = []
    async with ready_database(url) as database, database.read() as session:
        for table in Base.metadata.tables:
            rows += await session.scalars(text(f"SELECT CAST(t AS text) FROM {table} t"))  # noqa: S608 - our own
    whole = "\n".join(rows)
    raw = b"".join(bytes.fromhex(part.split('"')[0]) for part in whole.split("\\\\x")[1:])
    return whole.encode() + raw
