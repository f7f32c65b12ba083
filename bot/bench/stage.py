"""What a benchmark of deliveries stands on: readers, a released post, and a Bot API that only takes messages."""

import json
import secrets
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.backup import making
from bot.database import Database
from bot.delivery import fanout, outbox
from bot.opening import ready_database
from bot.vault import Vault, recognise
from models.desk import Kind, Post, PostRevision, Role, StaffMember, State
from models.people import Reader

TEXT = "The exchange took place. 303 people returned to Ukraine."
CHUNK = 10_000


@asynccontextmanager
async def filled(readers: int, url: str | None = None) -> AsyncIterator[tuple[Database, Vault]]:
    """A database with that many readers: `url`, which must be empty, or a SQLite file, deleted afterwards."""
    vault = Vault(secrets.token_bytes(32))
    with TemporaryDirectory() as folder:
        async with ready_database(url or f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}") as database:
            await add_readers(database, vault, range(1, readers + 1))
            yield database, vault


async def add_readers(database: Database, vault: Vault, chats: range) -> None:
    for first in range(0, len(chats), CHUNK):
        rows = [
            {
                "chat_index": vault.index(chat),
                "chat_sealed": vault.seal(chat),
                "language": "en",
                "follows": "all",
            }
            for chat in chats[first : first + CHUNK]
        ]
        async with database.write() as session:
            await session.execute(insert(Reader), rows)


async def release(database: Database, of: int | None = None, **content: Any) -> int:  # noqa: ANN401
    """A released post, or the next revision of one, with the decision to deliver it; returns the post's number."""
    async with database.write() as session:
        hands = list(await session.scalars(select(StaffMember.id).order_by(StaffMember.id)))
        if not hands:
            hands = [await _member(session, alias) for alias in ("marko", "iryna")]
        post = await session.get_one(Post, of) if of else Post()
        session.add(post)
        await session.flush()
        earlier = list(await session.scalars(select(PostRevision.number).where(PostRevision.post_id == post.id)))
        revision = PostRevision(
            **{
                "post_id": post.id,
                "number": len(earlier) + 1,
                "state": State.RELEASED,
                "kind": Kind.COMPLETED,
                "texts": {"en": TEXT},
                "why": {"en": "The number was wrong."} if earlier else {},
                "written_by": hands[0],
                "changed_by": hands[0],
                "approved_by": hands[1],
                "released_at": datetime.now(UTC),
                **content,
            }
        )
        session.add(revision)
        await session.flush()
        await outbox.begin(session, revision)
        return post.id


async def _member(session: AsyncSession, alias: str) -> int:
    new = StaffMember(
        alias=alias,
        role=Role.REVIEWER,
        chat_index=alias.encode().ljust(32),
        chat_sealed=b"",
        language="en",
        secret_sealed=b"",
        joined_on=date(2026, 1, 1),
    )
    session.add(new)
    await session.flush()
    return new.id


async def fan_out(database: Database) -> None:
    while True:
        async with database.write() as session:
            if not await fanout.fan_out(session, {}):
                return


async def size(database: Database) -> int:
    """Bytes on the disk."""
    if database.file:
        return sum(file.stat().st_size for file in database.file.parent.glob(f"{database.file.name}*"))
    async with database.read() as session:
        return int(await session.scalar(select(func.pg_database_size(func.current_database()))) or 0)


async def backup(database: Database, vault: Vault) -> int:
    """Makes one; returns its size in bytes."""
    async with database.write() as session:
        await recognise(session, vault)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "backup"
        await making.make(database, vault, file, lambda _: None, lambda _: None)
        return file.stat().st_size


@contextmanager
def lean_api(latency: float, rate: float = 0) -> Iterator[str]:
    """The address of a lean Bot API in another process; above `rate` messages a second it answers 429."""
    server = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", "bot.sandbox.lean", str(latency), str(rate)], stdout=subprocess.PIPE, text=True
    )
    try:
        yield server.stdout.readline().strip() if server.stdout else ""
    finally:
        server.terminate()
        server.wait()


def counts(url: str) -> dict[str, float]:
    """How many calls the lean Bot API at `url` has refused, and how many messages a second it has taken."""
    with urllib.request.urlopen(f"{url}/counts") as answer:  # noqa: S310 - our own, on this machine
        told: dict[str, float] = json.load(answer)["result"]
        return told
