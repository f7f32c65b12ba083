"""A database that goes away in mid-broadcast, and comes back; a courier that is cut off from it."""

import asyncio
import signal
import subprocess
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from time import monotonic
from urllib.parse import urlsplit

import pytest

from bot.delivery import courier as couriers
from bot.delivery import lease, outbox
from bot.delivery.courier import CONCURRENCY
from bot.opening import ready_database
from bot.sandbox import Sandbox
from models.delivery import Outcome
from tests.conftest import PostgreSQL
from tests.readers import carried_out, courier, crowd, follow, outcomes, release
from tests.roads import Island, Road, island
from tests.test_delivery_kills import LATENCY, LONG, VAULT, begun, received, settings, some
from tests.test_program import running

READERS = 1000


async def test_p01_a_database_that_breaks_down_loses_nothing(sandbox: Sandbox, postgresql: PostgreSQL) -> None:
    url = postgresql()
    people, post = await begun(sandbox, url, READERS)
    taras = sandbox.person("Taras")
    async with running("run", until="connected", **settings(sandbox, url)) as (bot, _):
        await some(people, READERS // 3)
        await asyncio.to_thread(postgresql.break_down)
        try:
            asked = await taras.ask("/next")
        finally:
            await asyncio.to_thread(postgresql.start)
        assert "once more in a minute" in asked["text"]
        async with ready_database(url) as database:
            await carried_out(database, within=60)
            assert await outcomes(database, post) == {Outcome.SENT: READERS}
        assert (await taras.ask("/next"))["text"].startswith("The date of the next exchange")
        assert bot.returncode is None
    told = received(people)
    repeats = sum((count - 1) * people for count, people in told.items())
    print(f"{repeats} repeats")
    assert told[0] == 0
    assert repeats <= CONCURRENCY


def port_of(address: str) -> int:
    return urlsplit(address).port or 0


def through(road: Road, address: str) -> str:
    """The same address by that road."""
    return address.replace(f"127.0.0.1:{port_of(address)}", f"{road.host}:{road.port}")


async def test_a_courier_that_is_cut_off_stops_before_another_one_sends(
    sandbox: Sandbox, postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LASTS", timedelta(seconds=4))
    monkeypatch.setattr(couriers, "RENEWED_EVERY", 0.5)
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=5))
    url = postgresql()
    people = crowd(sandbox, 400)
    sandbox.faults.configure({"latency": 0.1, "methods": ["sendMessage"]})
    async with AsyncExitStack() as stack:
        to_database, by_first, by_second = await built(stack, url, sandbox)
        database = await stack.enter_async_context(ready_database(url))
        far = await stack.enter_async_context(ready_database(through(to_database, url)))
        await follow(database, VAULT, people)
        post = await release(database)
        for reached, road in ((far, by_first), (database, by_second)):
            sending = courier(reached, VAULT, sandbox, through(road, sandbox.url), concurrency=20)
            await stack.enter_async_context(sending)
            await some(people, 50)
        await told_from(by_second, to_database.cut)
        to_database.mend()
        await carried_out(database, within=60)
        assert await outcomes(database, post) == {Outcome.SENT: 400}
    assert by_first.calls[-1] < by_second.calls[0]
    told = received(people)
    assert told[0] == 0
    assert sum((count - 1) * people for count, people in told.items()) <= 20


async def built(stack: AsyncExitStack, url: str, sandbox: Sandbox, on: Island | None = None) -> list[Road]:
    """To the database for the courier that will be cut off, and to Telegram for either."""
    to_database, by_first, by_second = Road(port_of(url)), Road(port_of(sandbox.url)), Road(port_of(sandbox.url))
    if on:
        to_database.host, by_first.host = on.database, on.telegram
    roads = (to_database, by_first, by_second)
    return [await stack.enter_async_context(road.built()) for road in roads]


async def told_from(second: Road, cut: Callable[[], None]) -> float:
    """When the first was cut off; by then the second has begun to send."""
    assert not second.calls
    at = monotonic()
    cut()
    async with asyncio.timeout(20):
        while not second.calls:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.01)
    return at


@pytest.mark.skipif(not LONG, reason="OBMIN_LONG is not set")
@pytest.mark.parametrize("by", ["proxy", "network", "stop"])
async def test_p03_a_process_that_is_cut_off_stops_before_another_one_sends(
    sandbox: Sandbox, postgresql: PostgreSQL, by: str
) -> None:
    url = postgresql()
    async with AsyncExitStack() as stack:
        try:
            on = stack.enter_context(island()) if by == "network" else None
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("this machine permits no network namespaces")
        to_database, by_first, by_second = await built(stack, url, sandbox, on)
        sandbox.faults.configure({"latency": LATENCY, "methods": ["sendMessage"]})
        first = {
            **settings(sandbox, through(to_database, url)),
            "BOT_API_URL": through(by_first, sandbox.url),
            "SEND_RATE": "60",
        }
        second = {**first, "DATABASE_URL": url, "BOT_API_URL": through(by_second, sandbox.url)}
        database = await stack.enter_async_context(ready_database(url))
        far, _ = await stack.enter_async_context(
            running("run", until="connected", by=on.command if on else (), **first)
        )
        await stack.enter_async_context(running("run", until="connected", **second))
        people = crowd(sandbox, READERS)
        await follow(database, VAULT, people)
        post = await release(database)
        await some(people, 100)
        cuts = {
            "proxy": (to_database.cut, to_database.mend),
            "stop": (lambda: far.send_signal(signal.SIGSTOP), lambda: far.send_signal(signal.SIGCONT)),
        }
        cut, mend = (on.cut, on.mend) if on else cuts[by]
        at = await told_from(by_second, cut)
        await asyncio.sleep(2)
        mend()
        await carried_out(database, within=60)
        assert await outcomes(database, post) == {Outcome.SENT: READERS}
        assert far.returncode is None
    gap = by_second.calls[0] - by_first.calls[-1]
    print(f"cut by {by}: the last call of the first after {by_first.calls[-1] - at:.2f} s, {gap:.2f} s of silence")
    assert by_first.calls[-1] < by_second.calls[0] < at + 10
    assert received(people)[0] == 0
    assert sum((count - 1) * people for count, people in received(people).items()) <= CONCURRENCY
