"""Our way of sending a broadcast, and the obvious ones, each to be measured in a process of its own."""

import asyncio
import gc
import json
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import aiohttp
from sqlalchemy import Connection, event, select
from sqlalchemy.ext.asyncio import AsyncSession
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.app import tune_garbage_collection
from bot.bench import stage
from bot.bench.stage import TEXT
from bot.database import Database
from bot.delivery.courier import CONCURRENCY, Courier
from bot.delivery.limiter import Budget
from bot.sandbox import SANDBOX_TOKEN
from bot.vault import Vault
from models.delivery import Broadcast, Delivery, Outcome
from models.people import Reader

Told = dict[str, float]
AIOGRAM_CHUNK = 100


async def first_sends(url: str, readers: int, rate: float) -> Told:
    async with stage.filled(readers) as (database, vault):
        await stage.release(database)
        start = time.perf_counter()
        await stage.fan_out(database)
        fanned_out = time.perf_counter() - start
        return await _carried(database, vault, url, readers, rate) | {"fan_out": fanned_out}


async def corrections(url: str, readers: int, rate: float) -> Told:
    """Every copy edited, after all were sent."""
    async with stage.filled(readers) as (database, vault):
        post = await stage.release(database)
        await stage.fan_out(database)
        await _carried(database, vault, url, readers, rate)
        await stage.release(database, post, texts={"en": TEXT.replace("303", "307")})
        await stage.fan_out(database)
        return await _carried(database, vault, url, readers, rate)


async def _carried(database: Database, vault: Vault, url: str, readers: int, rate: float) -> Told:
    courier = Courier(database, vault, f"{url}/bot{SANDBOX_TOKEN}", Budget(rate or None))
    with_database = _timed(database)
    cpu, start = time.process_time(), time.perf_counter()
    work = asyncio.create_task(courier.run())
    while await _is_busy(database):  # noqa: ASYNC110 - the courier tells nobody
        await asyncio.sleep(0.05)
    told = _measured(readers, start, cpu) | {"database": 1000 * sum(with_database) / readers}
    work.cancel()
    await asyncio.wait({work})
    return told


def _timed(database: Database) -> list[float]:
    """Seconds of each statement from now on."""
    spent: list[float] = []
    engine = database.engine.sync_engine

    def begin(connection: Connection, *_: object) -> None:
        connection.info["began"] = time.perf_counter()

    def end(connection: Connection, *_: object) -> None:
        spent.append(time.perf_counter() - connection.info["began"])

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    return spent


async def _is_busy(database: Database) -> bool:
    async with database.read() as session:
        unfinished = await session.scalar(select(Broadcast.id).where(Broadcast.done.is_(False)).limit(1))
        due = await session.scalar(select(Delivery.id).where(Delivery.due_at.is_not(None)).limit(1))
        return unfinished is not None or due is not None


async def loop(url: str, readers: int, rate: float) -> Told:
    """Send, mark the row, next."""
    async with _ready(readers) as (database, vault, copies), _bot(url, 1) as bot:
        cpu, start = time.process_time(), time.perf_counter()
        for copy in copies:
            await _send_and_mark(database, vault, bot, copy)
        return _measured(readers, start, cpu)


async def gather(url: str, readers: int, rate: float) -> Told:
    async with _ready(readers) as (database, vault, copies), _bot(url, 50) as bot:
        cpu, start = time.process_time(), time.perf_counter()
        await asyncio.gather(*(_send_and_mark(database, vault, bot, copy) for copy in copies))
        return _measured(readers, start, cpu)


async def aiogram(url: str, readers: int, rate: float) -> Told:
    """A chunk at once, its rows marked together, next."""
    from aiogram import Bot as AiogramBot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer

    session = AiohttpSession(api=TelegramAPIServer.from_base(url), limit=AIOGRAM_CHUNK)
    async with _ready(readers) as (database, vault, copies), AiogramBot(SANDBOX_TOKEN, session=session) as bot:
        cpu, start = time.process_time(), time.perf_counter()
        for first in range(0, len(copies), AIOGRAM_CHUNK):
            chunk = copies[first : first + AIOGRAM_CHUNK]
            async with database.read() as reading:
                chats = [await _chat(reading, vault, copy) for copy in chunk]
            sent = await asyncio.gather(*(bot.send_message(chat, TEXT) for chat in chats))
            async with database.write() as writing:
                for copy, message in zip(chunk, sent, strict=True):
                    _mark(await writing.get_one(Delivery, copy), message.message_id)
        return _measured(readers, start, cpu)


async def raw(url: str, readers: int, rate: float) -> Told:
    """No database, no seal, no outcome."""
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


async def raw_as_it_comes(url: str, readers: int, rate: float) -> Told:
    """The same without our settings of Python's garbage collector."""
    gc.unfreeze()
    gc.set_threshold(700, 10, 10)
    return await raw(url, readers, rate)


WAYS: dict[str, Callable[[str, int, float], Awaitable[Told]]] = {
    "our courier, with outbox and vault": first_sends,
    "our courier, correcting what it sent": corrections,
    "aiohttp alone, nothing kept": raw_as_it_comes,
    "aiohttp alone, garbage collected as by us": raw,
    "aiogram in chunks, rows marked": aiogram,
    "python-telegram-bot, gathered, rows marked": gather,
    "python-telegram-bot, one after another, rows marked": loop,
}


async def measured(way: str, url: str, readers: int, rate: float) -> Told:
    tune_garbage_collection()
    return await WAYS[way](url, readers, rate)


def _measured(readers: int, start: float, cpu: float) -> Told:
    wall = time.perf_counter() - start
    return {
        "a_second": readers / wall,
        "cpu": 1000 * (time.process_time() - cpu) / readers,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


@asynccontextmanager
async def _ready(readers: int) -> AsyncIterator[tuple[Database, Vault, Sequence[int]]]:
    """With a row for each message to send."""
    async with stage.filled(readers) as (database, vault):
        await stage.release(database)
        await stage.fan_out(database)
        async with database.read() as session:
            copies = (await session.scalars(select(Delivery.id))).all()
        yield database, vault, copies


@asynccontextmanager
async def _bot(url: str, connections: int) -> AsyncIterator[Bot]:
    request = HTTPXRequest(connection_pool_size=connections, pool_timeout=600, connect_timeout=60, read_timeout=60)
    async with Bot(SANDBOX_TOKEN, base_url=f"{url}/bot", request=request) as bot:
        yield bot


async def _send_and_mark(database: Database, vault: Vault, bot: Bot, copy: int) -> None:
    async with database.read() as session:
        chat = await _chat(session, vault, copy)
    message = await bot.send_message(chat, TEXT)
    async with database.write() as session:
        _mark(await session.get_one(Delivery, copy), message.message_id)


async def _chat(session: AsyncSession, vault: Vault, copy: int) -> int:
    query = select(Reader).join(Delivery, Delivery.reader_id == Reader.id).where(Delivery.id == copy)
    reader = (await session.scalars(query)).one()
    return vault.open(reader.chat_sealed, reader.chat_index)


def _mark(row: Delivery, message_id: int) -> None:
    row.outcome, row.due_at, row.message_id = Outcome.SENT, None, message_id
