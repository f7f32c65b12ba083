"""A backup made while the bot sends, restored into either database: whole or not at all, and silent until told."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select, update

from bot.backup import BackupRefused, making, restoring, unsent
from bot.backup.sealed import CHUNK
from bot.backup.unsent import Decision, NotRestored, Undecided
from bot.database import Database
from bot.delivery import fanout, lease, standing, watches
from bot.desk import audit, review, staff
from bot.opening import ready_database
from bot.sandbox import Person, Sandbox
from bot.settings import Settings
from bot.understanding import Question, Topic
from bot.vault import Vault, recognise
from models.delivery import Delivery, Outcome
from models.desk import AuditEntry, PostRevision, State
from models.people import Reader, Watch
from models.record import RecordVersion
from tests import terminal
from tests.conftest import talking
from tests.readers import TEXTS, carried_out, copies, courier, crowd, follow, outcomes, release

KEY = bytes(range(32))
VAULT = Vault(KEY)
READERS = 200
IN_BASE64 = base64.b64encode(KEY).decode()


def nothing(_count: int) -> None:
    pass


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with ready_database(url) as database:
        async with database.write() as session:
            await recognise(session, VAULT)
        yield database


@pytest.fixture
def other_url(database: Database, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Of an empty database of the other kind."""
    if database.is_sqlite:
        new_database: Callable[[], str] = request.getfixturevalue("postgresql")
        return new_database()
    return f"sqlite+aiosqlite:///{tmp_path}/restored.db"


@pytest.fixture
async def other(other_url: str) -> AsyncIterator[Database]:
    database = Database(other_url)
    yield database
    await database.close()


async def moved(database: Database, other: Database, file: Path) -> restoring.Restored:
    await making.make(database, VAULT, file, nothing, nothing)
    return await restoring.restore(other, VAULT, file, nothing, nothing)


async def in_mid_broadcast(database: Database, sandbox: Sandbox, file: Path) -> tuple[list[Person], int]:
    """A backup made by another process while a courier sends; afterwards everybody has their copy."""
    people = crowd(sandbox, READERS)
    await follow(database, VAULT, people)
    sandbox.faults.configure({"latency": 0.05, "methods": ["sendMessage"]})
    async with courier(database, VAULT, sandbox, concurrency=10):
        post = await release(database)
        while sum(bool(copies(person)) for person in people) < READERS // 10:  # noqa: ASYNC110 - by the courier
            await asyncio.sleep(0.01)
        await making.make(database, VAULT, file, nothing, nothing)
        await carried_out(database)
    sandbox.faults.configure({})
    assert [len(copies(person)) for person in people] == [1] * READERS
    return people, post


async def resume(database: Database, decision: Decision | None = None) -> None:
    async with database.write() as session:
        await unsent.resume(session, decision)


async def test_p33_what_was_restored_sends_nothing_until_told_and_then_nothing_twice(
    database: Database, other: Database, sandbox: Sandbox, tmp_path: Path
) -> None:
    people, post = await in_mid_broadcast(database, sandbox, tmp_path / "backup")
    restored = await restoring.restore(other, VAULT, tmp_path / "backup", nothing, nothing)
    before = await outcomes(other, post)
    assert sum(before.values()) == restored.rows["reader"] == READERS
    assert before[Outcome.SENT]
    assert before[Outcome.PENDING]
    calls = len(sandbox.calls)
    async with courier(other, VAULT, sandbox):
        newer = await release(other)
        await asyncio.sleep(1.5)
        assert len(sandbox.calls) == calls
        with pytest.raises(Undecided, match=f"not sent then: {before[Outcome.PENDING]}, "):
            await resume(other)
        assert len(sandbox.calls) == calls
        await resume(other, Decision.DROP)
        await carried_out(other)
        await release(other, post, texts={**TEXTS, "en": "It was put off."})
        await carried_out(other)
    after = await outcomes(other, post)
    assert after == {Outcome.SENT: before[Outcome.SENT], Outcome.UNCERTAIN: before[Outcome.PENDING]}
    assert await outcomes(other, newer) == {Outcome.SENT: READERS}
    told = [[copy["text"] for copy in copies(person)] for person in people]
    assert all(sum("was corrected" not in text for text in texts) == 2 for texts in told)
    assert sum("It was put off." in texts[0] for texts in told) == before[Outcome.SENT]
    async with other.read() as session:
        assert (await audit.verify(session))[1] is None
        acts = [entry.act for entry in await audit.latest(session, 2)]
    assert acts == ["resume", "restore"]


async def test_what_was_unsent_goes_out_if_that_is_chosen(
    database: Database, other: Database, sandbox: Sandbox, tmp_path: Path
) -> None:
    people = crowd(sandbox, 20)
    await follow(database, VAULT, people)
    post = await release(database)
    async with database.write() as session:
        # Some copies are made, none sent, and the making is not finished.
        await fanout.fan_out(session, {})
    await moved(database, other, tmp_path / "backup")
    with pytest.raises(Undecided, match="not even all copies"):
        await resume(other)
    await resume(other, Decision.SEND)
    async with courier(other, VAULT, sandbox):
        await carried_out(other)
    assert await outcomes(other, post) == {Outcome.SENT: 20}
    with pytest.raises(NotRestored, match="was not restored"):
        await resume(other, Decision.SEND)


async def test_what_was_first_told_by_a_later_revision_waits_for_a_decision_too(
    database: Database, other: Database, sandbox: Sandbox, tmp_path: Path
) -> None:
    people = crowd(sandbox, 5)
    await follow(database, VAULT, people)
    post = await release(database, to_readers=False)
    await release(database, post)
    async with database.write() as session:
        await fanout.fan_out(session, {})
    await moved(database, other, tmp_path / "backup")
    with pytest.raises(Undecided, match=r"not sent then: 5, (.|\n)*not even all copies had been made: 1"):
        await resume(other)
    await resume(other, Decision.DROP)
    async with courier(other, VAULT, sandbox):
        await carried_out(other)
    assert await outcomes(other, post) == {Outcome.UNCERTAIN: 5}
    assert not any(copies(person) for person in people)


async def test_a_restored_bot_answers_but_tells_and_releases_nothing(
    database: Database, other: Database, sandbox: Sandbox, tmp_path: Path
) -> None:
    (olena,) = crowd(sandbox, 1, "uk")
    await follow(database, VAULT, [olena], follows=None)
    async with database.write() as session:
        await watches.watch(
            session, VAULT, olena.id, Question(Topic.LATEST_EXCHANGE, "uk", None, 1.0), wanted=True
        )
        await session.execute(update(Watch).values(known_at=datetime(2025, 1, 1, tzinfo=UTC)))
    await release(database)
    async with database.write() as session:
        of = await session.get_one(PostRevision, 1)
        soon = PostRevision(
            post_id=of.post_id,
            number=2,
            state=State.SCHEDULED,
            kind=of.kind,
            written_by=of.written_by,
            approved_by=of.approved_by,
            release_at=datetime.now(UTC) - timedelta(seconds=1),
        )
        session.add(soon)
        await session.flush()
        scheduled = soon.id
    await moved(database, other, tmp_path / "backup")
    await review.release_due(other)
    async with talking(other, sandbox, Settings(send_rate=0, vault_key=SecretStr(IN_BASE64))):
        taras = sandbox.person("Taras")
        assert "has not been made public" in (await taras.ask("/next"))["text"]
        await asyncio.sleep(2.5)
        assert not copies(olena)
    with pytest.raises(Undecided, match="Posts that were scheduled: 1"):
        await resume(other)
    await resume(other, Decision.DROP)
    await review.release_due(other)
    async with other.read() as session:
        assert (await session.get_one(PostRevision, scheduled)).state is State.SUBMITTED
        watch = (await session.scalars(select(Watch))).one()
        assert watch.known_at == (await session.get_one(RecordVersion, 1)).changed_at


async def test_everything_is_as_it_was(
    database: Database, other: Database, sandbox: Sandbox, tmp_path: Path
) -> None:
    """There and back again: the same rows, and new ones get numbers of their own."""
    await follow(database, VAULT, crowd(sandbox, 30), quiet_from=22, quiet_to=7)
    await release(database, texts={"uk": "Перше 🕊", "en": "Second"}, why={})
    async with database.write() as session:
        await fanout.fan_out(session, {"uk": "@obmin"})
    await moved(database, other, tmp_path / "there")
    async with other.write() as session:
        await lease.resume(session)
        await staff.freeze(session, staff.SERVER)
    await follow(other, VAULT, crowd(sandbox, 1, "ru"))
    back = Database(f"sqlite+aiosqlite:///{tmp_path}/back.db")
    again = await moved(other, back, tmp_path / "back")
    for column in (Reader.chat_index, Reader.quiet_to, Delivery.due_at, Delivery.channel, PostRevision.texts):
        async with database.read() as first, back.read() as second:
            query = select(column).order_by(column.class_.id)
            was, now = list(await first.scalars(query)), list(await second.scalars(query))
        assert now[: len(was)] == was
    assert again.rows["reader"] == 31
    async with back.read() as session:
        assert (await session.get_one(PostRevision, 1)).texts == {"uk": "Перше 🕊", "en": "Second"}
        assert list(await session.scalars(select(func.count()).select_from(AuditEntry))) == [3]
        assert await staff.frozen_by(session) == staff.SERVER
        assert (await audit.verify(session))[1] is None
        assert sum((await standing.counts(session, 1)).values()) == 31
    await back.close()


async def test_what_an_older_version_backed_up_is_brought_up_to_date(sqlite_url: str, tmp_path: Path) -> None:
    database, other = Database(sqlite_url), Database(f"sqlite+aiosqlite:///{tmp_path}/restored.db")
    async with database.write() as session:
        await recognise(session, VAULT)
        connection = await session.connection()
        await connection.exec_driver_sql("ALTER TABLE courier_lease DROP COLUMN restored_to")
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0011'")
    restored = await moved(database, other, tmp_path / "backup")
    async with other.read() as session:
        assert await lease.restored_to(session) == restored.made_at
    await database.close()
    await other.close()


# What is refused


async def test_one_changed_or_missing_byte_is_found(sqlite_url: str, sandbox: Sandbox, tmp_path: Path) -> None:
    async with ready_database(sqlite_url) as database:
        async with database.write() as session:
            await recognise(session, VAULT)
        # More than one chunk, so that whole ones can be left out.
        await follow(database, VAULT, crowd(sandbox, 1000))
        await making.make(database, VAULT, tmp_path / "whole", nothing, nothing)
    whole = (tmp_path / "whole").read_bytes()
    header = len(whole) % (CHUNK + 16) if len(whole) < CHUNK else 51
    assert len(whole) > CHUNK
    damaged = {
        "changed": whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:],
        "header": whole[:20] + bytes([whole[20] ^ 1]) + whole[21:],
        "half": whole[: len(whole) // 2],
        "chunk": whole[: header + CHUNK + 16],
        "longer": whole + b"\0",
        "short": whole[:40],
        "empty": b"",
        "other": b"PK\x03\x04" + whole,
    }
    other = Database(f"sqlite+aiosqlite:///{tmp_path}/restored.db")
    for name, content in damaged.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BackupRefused, match="cannot be restored"):
            await restoring.restore(other, VAULT, tmp_path / name, nothing, nothing)
    # Nothing of all this was left behind.
    await restoring.restore(other, VAULT, tmp_path / "whole", nothing, nothing)
    with pytest.raises(BackupRefused, match="is not empty"):
        await restoring.restore(other, VAULT, tmp_path / "whole", nothing, nothing)
    await other.close()


Command = Callable[..., Awaitable[str]]


@pytest.fixture
def command() -> Command:
    """Runs one as on the terminal, with the key, and returns what it prints."""

    async def run(*arguments: str, **settings: str) -> str:
        ended = await terminal.command(*arguments, **{"VAULT_KEY": IN_BASE64, **settings})
        return ended.out + ended.err

    return run


async def test_a_backup_tells_nothing_and_opens_with_its_key_only(
    sqlite_url: str, sandbox: Sandbox, command: Command
) -> None:
    async with ready_database(sqlite_url) as database:
        async with database.write() as session:
            await recognise(session, VAULT)
        await follow(database, VAULT, crowd(sandbox, 3))
        await release(database)
        async with courier(database, VAULT, sandbox):
            await carried_out(database)
    made = await command("backup", "--to", "backup", DATABASE_URL=sqlite_url)
    assert "rows (" in made
    assert "Wrote backup" in made
    assert Path("backup").stat().st_mode & 0o777 == 0o600
    assert not list(Path().glob(".backup*"))
    content = Path("backup").read_bytes()
    assert all(word not in content for word in (b"reader", b"exchange", b"0012", b"server"))
    new = {"DATABASE_URL": "sqlite:///new.db"}
    other_key = base64.b64encode(KEY[::-1]).decode()
    refused = await command("restore", "backup", **new, VAULT_KEY=other_key)
    assert "another key" in refused
    restored = await command("restore", "backup", **new)
    assert "rows were restored" in restored
    assert "To go on: obmin delivery resume" in restored
    status = await command("delivery", "status", **new)
    assert "3 sent" in status
    assert "To go on: obmin delivery resume" in status
    assert await command("delivery", "resume", **new) == "Sending goes on.\n"
    assert await command("delivery", "resume", **new) == "Nothing was halted.\n"


async def test_whoever_resumes_what_staff_have_frozen_hears_that_nothing_is_sent(
    sqlite_url: str, command: Command
) -> None:
    async with ready_database(sqlite_url) as database, database.write() as session:
        await lease.halt(session, "Unauthorized")
        await staff.freeze(session, "marko")
    for before in ("No longer halted", "Nothing was halted"):
        told = await command("delivery", "resume", DATABASE_URL=sqlite_url)
        assert told.startswith(f"{before}, but frozen by marko: nothing is sent until two")


async def test_there_must_be_something_to_back_up_and_somewhere_to_write(sqlite_url: str, tmp_path: Path) -> None:
    nowhere = Database(f"sqlite+aiosqlite:///{tmp_path}/nowhere.db")
    with pytest.raises(BackupRefused, match="no database"):
        await making.make(nowhere, VAULT, tmp_path / "backup", nothing, nothing)
    assert not (tmp_path / "nowhere.db").exists()
    database = Database(sqlite_url)
    with pytest.raises(BackupRefused, match="exists already"):
        await making.make(database, VAULT, Path(str(database.file)), nothing, nothing)
    with pytest.raises(BackupRefused, match="cannot be written"):
        await making.make(database, VAULT, tmp_path / "no" / "folder", nothing, nothing)
    await database.close()
