"""Several bots behind one webhook and one PostgreSQL: any of them may get any update, and each has one effect."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot import app as program
from bot.app import build, serve, services_of
from bot.database import Database
from bot.delivery import taken
from bot.opening import open_vault, ready_database
from bot.receiving import taker
from bot.sandbox import SANDBOX_TOKEN, Person, Sandbox
from bot.settings import Settings
from bot.web import SECRET_HEADER, WEBHOOK_PATH
from tests.ports import free_port
from tests.readers import crowd
from tests.updates import said

SECRET = "of-these-tests"


@pytest.fixture
async def shared(postgresql: Callable[[], str]) -> AsyncIterator[Database]:
    async with ready_database(postgresql()) as database:
        yield database


@asynccontextmanager
async def replica(database: Database, sandbox: Sandbox) -> AsyncIterator[str]:
    """A bot that takes updates at the address given."""
    address = f"127.0.0.1:{free_port()}"
    webhook = f"http://{address}{WEBHOOK_PATH}"
    settings = Settings(
        bot_token=SANDBOX_TOKEN,
        send_rate=0,
        webhook_url=f"http://{address}",
        webhook_secret=SECRET,
        listen=address,
    )
    vault = await open_vault(settings, database)
    application = build(SANDBOX_TOKEN, sandbox.url, services_of(settings, database, vault))
    work = asyncio.create_task(serve(application, settings, vault))
    try:
        while not any(call["arguments"].get("url") == webhook for call in sandbox.calls):
            assert not work.done()
            await asyncio.sleep(0.02)
        yield webhook
    finally:
        work.cancel()
        await asyncio.wait({work})


async def call(webhook: str, update: object) -> int:
    async with (
        aiohttp.ClientSession() as http,
        http.post(webhook, json=update, headers={SECRET_HEADER: SECRET}) as response,
    ):
        return response.status


def answers(person: Person) -> list[str]:
    written = [message for message in person.chat.messages.values() if message["from"]["is_bot"]]
    return [message["text"] for message in written if "next exchange" in message["text"]]


async def test_an_update_given_to_two_bots_has_one_effect(shared: Database, sandbox: Sandbox) -> None:
    people = crowd(sandbox, 30)
    async with replica(shared, sandbox) as one, replica(shared, sandbox) as other:
        calls = [
            call(webhook, {**said(person.id, "when is the next exchange?"), "update_id": 5000 + number})
            for number, person in enumerate(people)
            for webhook in (one, other, one)
        ]
        assert set(await asyncio.gather(*calls)) == {200}
    assert [len(answers(person)) for person in people] == [1] * len(people)


async def test_what_was_taken_is_answered_before_the_end(shared: Database, sandbox: Sandbox) -> None:
    people = crowd(sandbox, 30)
    async with replica(shared, sandbox) as webhook:
        asked = [
            call(webhook, {**said(person.id, "when is the next exchange?"), "update_id": 6000 + number})
            for number, person in enumerate(people)
        ]
        assert set(await asyncio.gather(*asked)) == {200}
    assert [len(answers(person)) for person in people] == [1] * len(people)


async def test_what_there_was_no_room_for_is_another_ones(
    shared: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "WAITING_UPDATES", 1)
    settings = Settings()
    services = services_of(settings, shared, await open_vault(settings, shared))
    full, other = (build(SANDBOX_TOKEN, sandbox.url, services) for _ in range(2))
    await taker(full, shared)(said(1, "first") | {"update_id": 1})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await taker(full, shared)(said(1, "second") | {"update_id": 2})
    await taker(other, shared)(said(1, "second") | {"update_id": 2})
    assert other.update_queue.qsize() == 1


async def test_what_is_remembered_of_updates_is_purged(shared: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with shared.write() as session:
        assert await taken.take(session, [1, 2]) == {1: True, 2: True}
        assert await taken.take(session, [2, 3]) == {3: True}
    monkeypatch.setattr(taken, "KEPT_FOR", -taken.KEPT_FOR)
    async with shared.write() as session:
        await taken.purge(session)
        assert await taken.take(session, [2]) == {2: True}
