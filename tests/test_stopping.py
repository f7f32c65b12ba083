"""Told to stop, the bot ends what is under way: nothing is lost, told twice, or waited for in vain."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import select

from bot import app, background
from bot.answers import unanswered
from bot.database import Database
from bot.delivery.poller import poll
from bot.periodically import begun, periodically
from bot.sandbox import SANDBOX_TOKEN, Sandbox
from bot.settings import Settings
from models.people import Watch
from tests.conftest import talking
from tests.readers import copies, crowd
from tests.watched import watched
from tests.watchers import another_total, watch_totals


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while True:
            if holds():
                return
            await asyncio.sleep(0.02)


async def test_no_watcher_is_told_of_a_change_twice_and_no_telling_keeps_the_bot_from_stopping(
    database: Database, sandbox: Sandbox
) -> None:
    people = crowd(sandbox, 150)
    async with talking(database, sandbox, Settings(send_rate=30)) as services:
        await watch_totals(services, [person.id for person in people])
        await another_total(services)
        await until(lambda: sum(bool(copies(person)) for person in people) >= 5)
    told = sum(bool(copies(person)) for person in people)
    assert told < len(people)
    async with database.read() as session:
        left = list(await session.scalars(select(Watch.id)))
    assert len(left) == len(people) - told


async def test_a_bot_api_server_that_hangs_keeps_nobody_from_stopping(
    database: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "TELEGRAM_ASKED_EVERY", 0.1)
    async with asyncio.timeout(20), watched(database, sandbox, webhook=True):
        sandbox.faults.configure({"latency": 60, "methods": ["getMe"]})
        # Until it is asked.
        await asyncio.sleep(1)


async def test_all_are_told_to_stop_before_any_is_waited_for() -> None:
    told = asyncio.Event()

    async def first() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await told.wait()

    async def second() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            told.set()

    tasks = [begun(first()), begun(second())]
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await app.ended(*tasks)


async def test_a_transaction_is_ended_and_a_call_is_not() -> None:
    ended = []

    async def work() -> None:
        await asyncio.sleep(0.1)
        ended.append(True)

    for may_be_cut_off in (True, False):
        task = begun(periodically(60, work, may_be_cut_off=may_be_cut_off))
        await asyncio.sleep(0.01)
        await app.ended(task)
        assert bool(ended) is not may_be_cut_off


async def test_questions_without_an_answer_are_counted_to_the_last(database: Database, sandbox: Sandbox) -> None:
    async with talking(database, sandbox):
        await sandbox.person("Taras").ask("purple elephants")
    async with database.read() as session:
        (counted,) = await unanswered.latest(session, 1)
    assert counted.count == 1


async def test_an_update_that_found_no_room_is_left_with_telegram(sandbox: Sandbox) -> None:
    room: asyncio.Queue[object] = asyncio.Queue(1)
    for number in range(3):
        sandbox.mailbox.put_raw({"message": {"text": str(number)}})
    polling = asyncio.create_task(poll(f"{sandbox.url}/bot{SANDBOX_TOKEN}", ["message"], room.put))
    await until(room.full)
    await app.ended(polling)
    assert len(sandbox.mailbox) == 2
