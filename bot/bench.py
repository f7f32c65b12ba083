"""How fast a broadcast goes, beside the obvious ways of sending one, in one run on this machine.

Each way runs in a process of its own against one lean Bot API in another, with the same latency.
"""

import asyncio
import json
import resource
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import aiohttp
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert, select
from telegram import Bot
from telegram.request import HTTPXRequest

from bot import app as program
from bot.database import Database
from bot.delivery import outbox
from bot.delivery.courier import CONCURRENCY, Courier
from bot.delivery.limiter import Budget
from bot.sandbox import SANDBOX_TOKEN
from bot.terminal import perform
from bot.vault import Vault
from models.delivery import Delivery, Outcome
from models.desk import Kind, Post, PostRevision, Role, StaffMember, State
from models.people import Reader

cli = typer.Typer(help="How fast it is, beside the obvious ways.", no_args_is_help=True)

TEXT = "The exchange took place. 303 people returned to Ukraine."
FEWER = {"loop": 100, "gather": 20}
"""Slow ways are measured on so many times fewer readers."""


async def courier(url: str, readers: int, rate: float | None) -> dict[str, float]:
    async with _filled(readers) as (database, vault):
        start = time.perf_counter()
        while await _fan_out(database):
            pass
        fanned_out = time.perf_counter() - start
        carrying = Courier(database, vault, f"{url}/bot{SANDBOX_TOKEN}", Budget(rate))
        cpu, start = time.process_time(), time.perf_counter()
        work = asyncio.create_task(carrying.run())
        while True:
            await asyncio.sleep(0.1)
            async with database.read() as session:
                if not await session.scalar(select(Delivery.id).where(Delivery.due_at.is_not(None)).limit(1)):
                    break
        told = _measured(readers, start, cpu) | {"fan_out": fanned_out}
        work.cancel()
        await asyncio.wait({work})
        return told


async def loop(url: str, readers: int, rate: float | None) -> dict[str, float]:
    """python-telegram-bot as it comes: send, mark the row, next."""
    async with _filled(readers) as (database, vault), _bot(url, 1) as bot:
        while await _fan_out(database):
            pass
        cpu, start = time.process_time(), time.perf_counter()
        async with database.read() as session:
            ids = list(await session.scalars(select(Delivery.id)))
        for copy in ids:
            await _send_and_mark(database, vault, bot, copy)
        return _measured(readers, start, cpu)


async def gather(url: str, readers: int, rate: float | None) -> dict[str, float]:
    """The same, all at once."""
    async with _filled(readers) as (database, vault), _bot(url, 50) as bot:
        while await _fan_out(database):
            pass
        cpu, start = time.process_time(), time.perf_counter()
        async with database.read() as session:
            ids = list(await session.scalars(select(Delivery.id)))
        await asyncio.gather(*(_send_and_mark(database, vault, bot, copy) for copy in ids))
        return _measured(readers, start, cpu)


async def raw(url: str, readers: int, rate: float | None) -> dict[str, float]:
    """aiohttp and nothing else: no database, no seal, no outcome."""
    places = asyncio.Semaphore(CONCURRENCY)
    address = f"{url}/bot{SANDBOX_TOKEN}/sendMessage"
    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONCURRENCY)) as http:

        async def send(chat: int) -> None:
            body = json.dumps({"chat_id": chat, "text": TEXT}).encode()
            async with http.post(address, data=body, headers=headers) as response:
                await response.read()
            places.release()

        cpu, start = time.process_time(), time.perf_counter()
        under_way = set()
        for chat in range(readers):
            await places.acquire()
            task = asyncio.create_task(send(chat))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        await asyncio.wait(under_way)
        return _measured(readers, start, cpu)


WAYS: dict[str, Callable[[str, int, float | None], Awaitable[dict[str, float]]]] = {
    "courier": courier,
    "raw": raw,
    "gather": gather,
    "loop": loop,
}
SHOWN = {
    "courier": "our courier, with outbox and vault",
    "raw": "aiohttp alone, nothing kept",
    "gather": "python-telegram-bot, gathered, rows marked",
    "loop": "python-telegram-bot, one after another, rows marked",
}


def _measured(readers: int, start: float, cpu: float) -> dict[str, float]:
    wall = time.perf_counter() - start
    return {
        "a_second": readers / wall,
        "cpu": 1000 * (time.process_time() - cpu) / readers,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


async def _fan_out(database: Database) -> bool:
    async with database.write() as session:
        return await outbox.fan_out(session, {})


async def _send_and_mark(database: Database, vault: Vault, bot: Bot, copy: int) -> None:
    async with database.read() as session:
        query = (
            select(Reader.chat_sealed).join(Delivery, Delivery.reader_id == Reader.id).where(Delivery.id == copy)
        )
        sealed = await session.scalar(query)
    message = await bot.send_message(vault.open(sealed or b""), TEXT)
    async with database.write() as session:
        row = await session.get_one(Delivery, copy)
        row.outcome, row.due_at, row.message_id = Outcome.SENT, None, message.message_id


@asynccontextmanager
async def _bot(url: str, connections: int) -> AsyncIterator[Bot]:
    request = HTTPXRequest(connection_pool_size=connections, pool_timeout=600, connect_timeout=60, read_timeout=60)
    async with Bot(SANDBOX_TOKEN, base_url=f"{url}/bot", request=request) as bot:
        yield bot


@asynccontextmanager
async def _filled(readers: int) -> AsyncIterator[tuple[Database, Vault]]:
    """A database with so many readers, and one post released to them."""
    vault = Vault(secrets.token_bytes(32))
    with TemporaryDirectory() as folder:
        async with program.ready_database(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}") as database:
            for first in range(0, readers, 10_000):
                rows = [
                    {
                        "chat_index": vault.index(chat),
                        "chat_sealed": vault.seal(chat),
                        "language": "en",
                        "follows": "all",
                    }
                    for chat in range(first + 1, min(first + 10_000, readers) + 1)
                ]
                async with database.write() as session:
                    await session.execute(insert(Reader), rows)
            await _release(database)
            yield database, vault


async def _release(database: Database) -> None:
    async with database.write() as session:
        hands = [
            StaffMember(
                alias=alias,
                role=Role.REVIEWER,
                chat_index=alias.encode().ljust(32),
                chat_sealed=b"",
                language="en",
                secret_sealed=b"",
                joined_on=date(2026, 1, 1),
            )
            for alias in ("writer", "reviewer")
        ]
        post = Post()
        session.add_all([*hands, post])
        await session.flush()
        revision = PostRevision(
            post_id=post.id,
            number=1,
            state=State.RELEASED,
            kind=Kind.COMPLETED,
            texts={"en": TEXT},
            written_by=hands[0].id,
            changed_by=hands[0].id,
            approved_by=hands[1].id,
            released_at=datetime.now(UTC),
        )
        session.add(revision)
        await session.flush()
        await outbox.begin(session, revision)


@cli.command(hidden=True)
def one(way: str, url: str, readers: int, rate: float = 0) -> None:
    """Measure one way, in this process."""
    print(json.dumps(perform(WAYS[way](url, readers, rate or None))))  # type: ignore[arg-type]


@cli.command()
def delivery(
    readers: Annotated[int, typer.Option(help="Readers of the courier; slow ways get fewer.")] = 20_000,
    latency: Annotated[float, typer.Option(help="Seconds that the server takes to answer.")] = 0.04,
    rate: Annotated[float, typer.Option(help="Messages a second that are permitted; 0: no limit.")] = 0,
) -> None:
    """Send a broadcast by the courier, and by the obvious ways."""
    server = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", "bot.sandbox.lean", str(latency)], stdout=subprocess.PIPE, text=True
    )
    try:
        url = server.stdout.readline().strip() if server.stdout else ""
        table = Table("way", "messages a second", "CPU s per 1,000", "memory, MB", "courier is faster")
        ours = 0.0
        for way in WAYS:
            count = max(100, readers // FEWER.get(way, 1))
            command = [sys.executable, "-m", "bot", "bench", "one", way, url, str(count), "--rate", str(rate)]
            ran = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
            told = json.loads(ran.stdout.splitlines()[-1])
            ours = ours or told["a_second"]
            ratio = f"{ours / told['a_second']:.2f} times"
            figures = f"{told['a_second']:,.0f}", f"{told['cpu']:.2f}", f"{told['memory']:.0f}"
            table.add_row(SHOWN[way], *figures, "" if way == "courier" else ratio)
            if way == "courier":
                print(f"fan-out of {count:,} readers: {told['fan_out']:.2f} s")
        Console(width=120).print(table)
    finally:
        server.terminate()
        server.wait()
