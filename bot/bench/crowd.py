"""Many people who ask at once, over the whole way of an update: the webhook or polling, the bot, the Bot API.

They and the Bot API are one process, the bot another one, each on a processor of its own where there are two. What
is counted is an answer that has come to the Bot API; its time runs from the call of the webhook, or from when the
update could be fetched.
"""

import asyncio
import base64
import json
import os
import random
import re
import secrets
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

from bot.bench import stage
from bot.opening import ready_database
from bot.sandbox import SANDBOX_TOKEN
from bot.sandbox.lean import LeanApi, Rate
from bot.understanding.examples import examples
from bot.vault import Vault
from bot.web import SECRET_HEADER, WEBHOOK_PATH

SECRET = "of-the-benchmark"  # noqa: S105 - opens nothing
PEOPLE = range(700_000_001, 700_004_001)
"""Their chats: so many that nobody asks more often than a person can."""
WAITING = 64
"""People who wait for an answer at any moment, while the bot is driven to its limit."""
FETCHED_AT_ONCE = 100
PATIENCE = 10.0
"""Seconds after which nobody waits any longer."""
COMMANDS = ("/next", "/latest", "/totals", "/totals 2024", "/history May 2025", "/help")
BUTTONS = ("p:0:exchange_history:20240101-20241231::en", "t:talks:uk", "t:next_exchange:ru")
CHAT_ID = re.compile(rb"chat_id.{0,120}?([0-9]{9,})", re.DOTALL)


@dataclass
class Crowd:
    """Asks, and hears every answer."""

    webhook: str
    polled: bool
    free_text: bool
    http: aiohttp.ClientSession
    latencies: list[float] = field(default_factory=list)
    unanswered: int = 0

    def __post_init__(self) -> None:
        self._dice = random.Random(1)  # noqa: S311 - questions, not secrets
        self._texts = self._dice.sample([text for _, _, text in examples()], 2000)
        self._updates = iter(range(1, 10**9))
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._people = list(PEOPLE)
        self._mailbox: list[dict[str, Any]] = []

    def heard(self, body: bytes) -> None:
        found = CHAT_ID.search(body)
        waiting = self._waiting.pop(int(found[1]), None) if found else None
        if waiting and not waiting.done():
            waiting.set_result(None)

    def updates(self) -> bytes:
        fetched, self._mailbox = self._mailbox[:FETCHED_AT_ONCE], self._mailbox[FETCHED_AT_ONCE:]
        return json.dumps(fetched).encode()

    async def ask(self) -> None:
        """One question by somebody who is not waiting for an answer."""
        chat = self._people.pop(0)
        answered = self._waiting[chat] = asyncio.get_running_loop().create_future()
        start = time.perf_counter()
        if self.polled:
            self._mailbox.append(self._update(chat))
        else:
            headers = {SECRET_HEADER: SECRET}
            async with self.http.post(self.webhook, json=self._update(chat), headers=headers) as response:
                response.raise_for_status()
        try:
            await asyncio.wait_for(answered, PATIENCE)
            self.latencies.append(time.perf_counter() - start)
        except TimeoutError:
            self.unanswered += 1
        self._waiting.pop(chat, None)
        self._people.append(chat)

    def _update(self, chat: int) -> dict[str, Any]:
        who = {"id": chat, "is_bot": False, "first_name": "Reader", "language_code": "en"}
        message = {"message_id": 1, "date": 1, "chat": {"id": chat, "type": "private"}, "from": who}
        number = next(self._updates)
        choice = self._dice.random()
        if self.free_text and choice < 1 / 3:
            return {"update_id": number, "message": message | {"text": self._dice.choice(self._texts)}}
        if choice < 2 / 3:
            press = {"id": str(number), "from": who, "chat_instance": "1", "data": self._dice.choice(BUTTONS)}
            return {"update_id": number, "callback_query": press | {"message": message | {"text": "menu"}}}
        command = self._dice.choice(COMMANDS)
        entity = {"type": "bot_command", "offset": 0, "length": len(command.split()[0])}
        return {"update_id": number, "message": message | {"text": command, "entities": [entity]}}

    async def at_most(self, questions: int) -> float:
        """As fast as the bot can; returns answers a second."""
        left = iter(range(questions))

        async def one() -> None:
            for _ in left:
                await self.ask()

        start = time.perf_counter()
        await asyncio.gather(*(one() for _ in range(WAITING)))
        return len(self.latencies) / (time.perf_counter() - start)

    async def at_rate(self, questions: int, rate: float) -> None:
        """Evenly, whether answers come or not."""
        start, asking = time.perf_counter(), []
        for number in range(questions):
            await asyncio.sleep(start + number / rate - time.perf_counter())
            asking.append(asyncio.create_task(self.ask()))
        await asyncio.gather(*asking)


@dataclass(frozen=True)
class Told:
    a_second: float
    median: float
    p95: float
    p95_at_half: float
    unanswered: int
    cpu: float
    """Seconds for 1,000 answers."""
    memory: tuple[float, float]
    """MB before and after."""
    first_answer: float
    """Seconds from the start of the program."""


async def measured(bot: str, questions: int, *, polled: bool, free_text: bool) -> Told:
    """`bot` is "obmin", or one of `bot.bench.echo`, which do not poll."""
    async with _crowd(polled, free_text) as crowd, _bot_api(crowd) as api:
        began = time.perf_counter()
        async with _running(bot, crowd, api) as pid:
            await crowd.ask()
            first_answer = time.perf_counter() - began
            await crowd.at_most(questions // 10)
            crowd.latencies.clear()
            cpu, memory = _cpu(pid), _memory(pid)
            a_second = await crowd.at_most(questions)
            cpu = _cpu(pid) - cpu
            median, p95 = _shares(crowd.latencies)
            crowd.latencies.clear()
            await crowd.at_rate(questions // 2, a_second / 2)
            _, p95_at_half = _shares(crowd.latencies)
            after = _memory(pid)
    return Told(
        a_second, median, p95, p95_at_half, crowd.unanswered, 1000 * cpu / questions, (memory, after), first_answer
    )


def _shares(latencies: list[float]) -> tuple[float, float]:
    """The median, and what 95 of 100 do not exceed."""
    cut = quantiles(latencies, n=20)
    return cut[9], cut[18]


@asynccontextmanager
async def _bot_api(crowd: Crowd) -> AsyncIterator[str]:
    """A Bot API in this process."""
    server = await asyncio.get_running_loop().create_server(
        lambda: LeanApi(0.0, Rate(0), crowd.heard, crowd.updates), "127.0.0.1", 0, backlog=1000
    )
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@asynccontextmanager
async def _crowd(polled: bool, free_text: bool) -> AsyncIterator[Crowd]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=WAITING)) as http:
        yield Crowd(f"http://127.0.0.1:{port}{WEBHOOK_PATH}", polled, free_text, http)


@asynccontextmanager
async def _running(bot: str, crowd: Crowd, api: str) -> AsyncIterator[int]:
    """The bot in another process, connected; yields its number."""
    root, port = crowd.webhook.removesuffix(WEBHOOK_PATH), crowd.webhook.split(":")[2].split("/")[0]
    with TemporaryDirectory() as folder:
        key = secrets.token_bytes(32)
        url = f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}"
        command = [sys.executable, "-m", "bot.bench.echo", bot, port, api]
        if bot == "obmin":
            command = [sys.executable, "-m", "bot", "run"]
            async with ready_database(url) as database:
                await stage.add_readers(database, Vault(key), PEOPLE)
        settings = {
            "BOT_TOKEN": SANDBOX_TOKEN,
            "BOT_API_URL": api,
            "DATABASE_URL": url,
            "VAULT_KEY": base64.b64encode(key).decode(),
            "WEBHOOK_URL": "" if crowd.polled else root,
            "WEBHOOK_SECRET": SECRET,
            "LISTEN": f"127.0.0.1:{port}",
            "SEND_RATE": "0",
            "LOG_LEVEL": "ERROR",
        }
        process = await asyncio.create_subprocess_exec(*command, env=os.environ | settings)
        _spread(process.pid)
        try:
            await _until_it_listens(int(port))
            yield process.pid
        finally:
            process.terminate()
            await process.wait()


def _spread(pid: int) -> None:
    """The bot on one processor, we on another."""
    here = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(pid, here[:1])
    os.sched_setaffinity(0, here[1:] or here)


async def _until_it_listens(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


def _cpu(pid: int) -> float:
    """Seconds of processor time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    """MB resident."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass(frozen=True)
class Run:
    shown: str
    bot: str
    polled: bool = False
    free_text: bool = False


RUNS = (
    Run("Obmin by webhook: commands and buttons", "obmin"),
    Run("Obmin by webhook: a third of it free text", "obmin", free_text=True),
    Run("Obmin by polling: commands and buttons", "obmin", polled=True),
    Run("Obmin by polling: a third of it free text", "obmin", polled=True, free_text=True),
    Run("python-telegram-bot on aiohttp by webhook, an echo", "ptb"),
    Run("aiogram by webhook, an echo", "aiogram"),
)
