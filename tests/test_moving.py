"""From SQLite to PostgreSQL: all of it, in spite of kills, never to a wrong place; and sending resumes there."""

import asyncio
import base64
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text, update

from bot import moving
from bot.bench import stage
from bot.database import Database
from bot.delivery import lease, outbox
from bot.desk import audit
from bot.errors import ObminError
from bot.opening import ready_database
from bot.sandbox import Sandbox
from bot.vault import Vault, recognise
from models.delivery import CourierLease, Delivery, Outcome
from models.desk import Role, Unanswered
from models.people import Reader, Watch
from tests.newsroom import newsroom
from tests.readers import carried_out, copies, courier, crowd, follow, outcomes, release
from tests.terminal import command
from tests.test_migrations import upgrade
from tests.test_program import OBMIN, environment

KEY = bytes(range(32))
VAULT = Vault(KEY)
KILLS, MANY = (20, 60_000) if "OBMIN_LONG" in os.environ else (1, 4_000)
TOPICS = ("about", "Zebra", "єдність", "ёлка", "zone")
"""Sorted in another way by every language."""


def nothing(rows: int) -> None:
    """No progress bar."""


@pytest.fixture
def target_url(postgresql: Callable[[], str]) -> str:
    return postgresql()


@pytest.fixture
async def target(target_url: str) -> AsyncIterator[Database]:
    target = Database(target_url)
    yield target
    await target.close()


async def told_and_sealed(database: Database) -> None:
    """Staff and a trail, a watch, counts under keys of three columns, and the mark of the vault."""
    async with newsroom(database) as room:
        marko = await room.hires("marko")
        await room.hires("iryna", Role.REVIEWER)
        await marko.submits()
    async with database.write() as session:
        await recognise(session, VAULT)
        reader = await session.scalar(select(func.min(Reader.id)))
        session.add(Watch(reader_id=reader, question="next", known_at=datetime(2025, 6, 1, 12, tzinfo=UTC)))
        for topic in TOPICS:
            session.add(Unanswered(day=date(2025, 6, 1), topic=topic, language="uk", count=3))


async def test_a_broadcast_goes_on_from_where_it_was(
    database: Database, target: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What was claimed and not sent is sent again when that is over.
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=2))
    people = crowd(sandbox, 200)
    await follow(database, VAULT, people)
    await told_and_sealed(database)
    post = await release(database)
    sandbox.faults.configure({"latency": 0.05, "methods": ["sendMessage"]})
    async with courier(database, VAULT, sandbox, concurrency=10), asyncio.timeout(20):
        while (await outcomes(database, post)).get(Outcome.SENT, 0) < 50:  # noqa: ASYNC110 - a row
            await asyncio.sleep(0.02)
    before = await outcomes(database, post)
    moved = {each.table: each.rows for each in await moving.move(database, target, nothing)}
    assert (moved["reader"], moved["delivery"]) == (200, 200)
    assert await outcomes(target, post) == before
    assert before[Outcome.PENDING] > 50
    async with target.read() as session:
        count, broken = await audit.verify(session)
        assert (count > 2, broken) == (True, None)
        assert set(await session.scalars(select(Unanswered.topic))) == set(TOPICS)
    async with courier(target, VAULT, sandbox):
        await carried_out(target)
        # New rows are numbered after those that came along.
        await follow(target, VAULT, late := crowd(sandbox, 1))
        await release(target)
        await carried_out(target)
    assert Counter(len(copies(person)) for person in people) == {2: 200}
    assert len(copies(late[0])) == 1
    with pytest.raises(moving.MoveRefused, match="was moved to postgresql://"):
        async with ready_database(str(database.url)):
            pass


async def test_a_move_that_is_killed_goes_on(database: Database, target_url: str, target: Database) -> None:
    rows = [
        {"chat_index": VAULT.index(chat), "chat_sealed": VAULT.seal(chat), "language": "en", "follows": "all"}
        for chat in range(1, MANY)
    ]
    async with database.write() as session:
        await session.execute(insert(Reader), rows)
    await stage.release(database)
    await stage.fan_out(database)
    settings = {"DATABASE_URL": str(database.url), "MOVE_TO": target_url}
    dice = random.Random()  # noqa: S311 - a moment, not a secret
    for moment in sorted(dice.sample(range(1, MANY), KILLS)):
        process = await asyncio.create_subprocess_exec(OBMIN, "database", "move", env=environment(**settings))
        async with asyncio.timeout(60):
            while await there(target) < moment and process.returncode is None:  # noqa: ASYNC110 - a table
                await asyncio.sleep(0.01)
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()
    with pytest.raises(moving.MoveRefused, match="is being filled"):
        async with ready_database(target_url):
            pass
    ended = await command("database", "move", **settings)
    assert ended.code == 0, ended.err
    assert re.search(f"reader +│ +{MANY - 1:,} ", ended.out)
    assert await there(target) == 2 * MANY - 2


async def there(target: Database) -> int:
    """Readers and copies of posts that have arrived."""
    if await target.schema() is None:
        return 0
    async with target.read() as session:
        readers, deliveries = (select(func.count()).select_from(table) for table in (Reader, Delivery))
        return await session.scalar(select(readers.scalar_subquery() + deliveries.scalar_subquery())) or 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE reader SET pace = 'weekly' WHERE id = 7", "reader 7"),
        ("DELETE FROM reader WHERE id = 7", "reader 7"),
        ("UPDATE staff_member SET asked = 'null' WHERE id = 1", "staff_member 1"),
        ("UPDATE delivery SET due_at = due_at + interval '1 microsecond' WHERE id = 9", "delivery 9"),
        ("UPDATE unanswered SET topic = 'zones' WHERE topic = 'zone'", "unanswered 2025-06-01, zone, uk"),
        ("INSERT INTO vault_mark (id, mark) VALUES (9, 'x')", "vault_mark 9"),
    ],
)
async def test_a_difference_is_found(
    database: Database, target: Database, sandbox: Sandbox, change: str, told: str
) -> None:
    await follow(database, VAULT, crowd(sandbox, 10))
    await told_and_sealed(database)
    await release(database)
    await stage.fan_out(database)
    passed, total = 0, await moving.count(database)

    def plant(rows: int) -> None:
        nonlocal passed
        passed += rows
        if passed == total:
            # All is copied, and nothing compared.
            raise InterruptedError

    with pytest.raises(InterruptedError):
        await moving.move(database, target, plant)
    async with target.write() as session:
        await session.execute(text(change))
    with pytest.raises(moving.MoveRefused, match=f"{told} is not the same"):
        await moving.move(database, target, nothing)
    # Neither has been given up for the other.
    async with database.write() as session, session.begin_nested():
        await moving.refuse_if_moved(session)
    async with target.read() as session:
        with pytest.raises(moving.MoveRefused, match="is being filled"):
            await moving.refuse_if_moved(session)


async def as_commanded(source: Database, target: Database) -> None:
    moving.check(source, target)
    await moving.count(source)
    await moving.move(source, target, nothing)


async def test_it_goes_to_no_wrong_place(
    database: Database, target: Database, target_url: str, tmp_path: Path
) -> None:
    async def refused(source: Database, target: Database, why: str) -> None:
        with pytest.raises(ObminError, match=why):
            await as_commanded(source, target)

    def sqlite(name: str) -> Database:
        return Database(f"sqlite+aiosqlite:///{tmp_path}/{name}.db")

    await refused(database, sqlite("other"), "from SQLite to PostgreSQL")
    await refused(sqlite("nowhere"), target, "There is no sqlite:///.*nowhere.db")
    assert not (tmp_path / "nowhere.db").exists()
    (tmp_path / "old.db").touch()
    await refused(old := sqlite("old"), target, "obmin migrate")
    await old.close()
    await refused(database, Database("postgresql+asyncpg://obmin@127.0.0.1:9/obmin"), "cannot be used")
    assert await lease.take(database, "a bot")
    await refused(database, target, "still running")
    async with database.write() as session:
        await lease.hold(session, datetime.now(UTC))
    await refused(database, target, "obmin delivery resume")
    async with database.write() as session:
        await lease.resume(session)
    async with target.write() as session:
        await (await session.connection()).run_sync(upgrade, "0007")
    await refused(database, target, "schema of .* is at 0007")
    async with ready_database(target_url):
        pass
    await refused(database, target, "has another Obmin's data")
    ended = await command("database", "move", "--to", "mysql://host/name")
    assert (ended.code, "it begins with" in ended.err) == (2, True)


def test_no_table_is_left_out(filled: Path) -> None:
    """Also where nothing else has made the tables known."""
    known = "from bot.moving import MARKED, TABLES; print(*(table.name for table in (MARKED, *TABLES)))"
    told = subprocess.run([sys.executable, "-c", known], check=True, capture_output=True, text=True)
    with closing(sqlite3.connect(filled)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    of_others = {name for name in tables if name.startswith(("search_words", "sqlite_"))} | {"alembic_version"}
    assert set(told.stdout.split()) == tables - of_others


async def test_two_sources_do_not_mix(database: Database, filled: Path, target: Database, tmp_path: Path) -> None:
    def at_once(rows: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        await moving.move(database, target, at_once)
    shutil.copy(filled, tmp_path / "another.db")
    another = Database(f"sqlite+aiosqlite:///{tmp_path}/another.db")
    async with another.write() as session:
        await recognise(session, Vault(base64.b64decode("AAAA" * 10 + "AAA=")))
    with pytest.raises(moving.MoveRefused, match="being filled from another database"):
        await moving.move(another, target, nothing)
    await another.close()
    await moving.move(database, target, nothing)
    with pytest.raises(moving.MoveRefused, match="this Obmin's data already"):
        await moving.move(database, target, nothing)


async def test_what_was_moved_but_not_finished_is_finished(database: Database, target: Database) -> None:
    """Killed between the mark on the old database and the last words to the new one."""
    await moving.move(database, target, nothing)
    async with database.write() as session:
        origin = await moving._origin(session)
    async with target.write() as session:
        await session.execute(update(CourierLease).values(halted=moving.FILLING + origin))
    await moving.move(database, target, nothing)
    async with target.read() as session:
        await moving.refuse_if_moved(session)
        assert await lease.halted(session) is None
