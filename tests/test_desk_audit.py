"""The trail of the desk: every act is in it, and whoever changes it afterwards is found out."""

import asyncio
import hashlib
import json
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Executable, column, select, table, text
from sqlalchemy.exc import DBAPIError

from bot.database import Database
from bot.desk import audit, posts, review
from bot.opening import ready_database
from models.desk import Role
from tests.newsroom import Newsroom, newsroom

STORY = """\
server invite marko
marko accept invitation marko
marko enrol marko
server invite iryna
iryna accept invitation iryna
iryna enrol iryna
marko draft post 1, revision 1
marko change post 1, revision 1
marko submit post 1, revision 1
iryna send back post 1, revision 1
marko submit post 1, revision 1
iryna approve post 1, revision 1
iryna unschedule post 1, revision 1
iryna approve post 1, revision 1
iryna release post 1, revision 1
marko draft post 1, revision 2
marko discard post 1, revision 2
iryna freeze desk
marko ask to thaw desk
iryna thaw desk
server revoke marko"""
COUNT = len(STORY.splitlines())
TRAIL = table("audit_entry", *map(column, ("id", "told", "hash")))
"""As it is stored, without our types."""


async def tell(room: Newsroom) -> None:
    marko, iryna = await room.hires("marko"), await room.hires("iryna", Role.REVIEWER)
    post = await marko.submits()
    await iryna.does(review.send_back, post.id, "Once more")
    await marko.does(review.submit, post.id)
    await iryna.approves(post, at=datetime.now(UTC) + timedelta(hours=1))
    await iryna.does(review.unschedule, post.id)
    await iryna.approves(post)
    correction = await marko.does(posts.correct, post.post_id)
    await marko.does(posts.discard, correction.id)
    await room.freezes("iryna")
    await room.thaws("marko")
    await room.thaws("iryna")
    await room.revokes("marko")


@pytest.fixture(scope="module")
def told_in(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the story, told once and copied for each test."""
    file = tmp_path_factory.mktemp("told") / "obmin.db"
    shutil.copy(filled, file)

    async def tell_it() -> None:
        database = Database(f"sqlite+aiosqlite:///{file}")
        async with newsroom(database) as room:
            await tell(room)
        await database.close()

    asyncio.run(tell_it())
    return file


@pytest.fixture
async def told(told_in: Path, tmp_path: Path) -> AsyncIterator[Database]:
    shutil.copy(told_in, tmp_path / "told.db")
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/told.db")
    yield database
    await database.close()


async def verified(database: Database, change: Executable) -> tuple[int, int | None]:
    """What is found after this change, which is then undone, as are the triggers that forbid it."""
    async with database.read() as session:
        for event in ("update", "delete"):
            await session.execute(text(f"DROP TRIGGER audit_entry_keeps_on_{event}"))
        await session.execute(change)
        return await audit.verify(session)


async def test_p19_every_act_is_in_the_trail(url: str) -> None:
    async with ready_database(url) as database, newsroom(database) as room:
        await tell(room)
        trail = await room.trail()
        async with database.read() as session:
            newest = await audit.latest(session, 2)
    assert "\n".join(f"{entry.actor} {entry.act} {entry.subject}" for entry in trail) == STORY
    assert [entry.number for entry in newest] == [COUNT, COUNT - 1]


async def test_p19_the_database_itself_keeps_the_trail(url: str) -> None:
    async with ready_database(url) as database, newsroom(database) as room:
        await room.invites("marko")
        for change in ("UPDATE audit_entry SET told = '{}'", "DELETE FROM audit_entry"):
            with pytest.raises(DBAPIError, match="what was done stays in the trail"):
                await room.by_hand(change)


async def test_p19_a_changed_column_is_found(told: Database) -> None:
    others: dict[str, object] = {"id": 1000, "told": "{}", "hash": "0" * 64}
    for number in (1, 12, COUNT):
        for changed, other in others.items():
            change = TRAIL.update().where(TRAIL.c.id == number).values({changed: other})
            assert await verified(told, change) == (number - 1, number)
    async with told.read() as session:
        assert await audit.verify(session) == (COUNT, None)


@pytest.mark.parametrize("changed", ["told", "hash"])
async def test_p19_one_changed_byte_anywhere_is_found(told: Database, changed: str) -> None:
    entry = TRAIL.c.id == 12
    async with told.read() as session:
        value = str(await session.scalar(select(TRAIL.c[changed]).where(entry)))
    for place, letter in enumerate(value):
        for other_letter in {"0", "x", "\t", chr(ord(letter) ^ 1)} - {letter}:
            other = value[:place] + other_letter + value[place + 1 :]
            assert await verified(told, TRAIL.update().where(entry).values({changed: other})) == (11, 12), other


async def test_p19_a_missing_entry_is_found(told: Database) -> None:
    for number in (1, 12, COUNT - 1):
        assert await verified(told, TRAIL.delete().where(TRAIL.c.id == number)) == (number - 1, number)


async def test_p19_an_export_can_be_checked_without_us(told: Database) -> None:
    async with told.read() as session:
        lines = [json.loads(line) async for line in audit.export(session)]
    assert [json.loads(line["told"])["number"] for line in lines] == [*range(1, COUNT + 1)]
    before = "0" * 64
    for line in lines:
        assert line["hash"] == hashlib.sha256(f"{before}\n{line['told']}".encode()).hexdigest()
        before = line["hash"]
