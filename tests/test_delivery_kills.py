"""A broadcast whose courier is killed, stopped or replaced: real processes, real signals."""

import asyncio
import base64
import os
import random
import signal
from collections import Counter

import pytest

from bot.delivery.courier import CONCURRENCY
from bot.opening import ready_database
from bot.sandbox import SANDBOX_TOKEN, Person, Sandbox
from bot.vault import Vault, recognise
from models.delivery import Outcome
from tests.readers import carried_out, copies, crowd, follow, outcomes, release
from tests.test_program import ended_when_told, running

KEY = bytes(range(32))
VAULT = Vault(KEY)
LONG = "OBMIN_LONG" in os.environ
"""Whether there is time for what `make audit` does."""
READERS, KILLS = (10_000, 20) if LONG else (600, 1)
LATENCY = 0.04


def settings(sandbox: Sandbox, url: str) -> dict[str, str]:
    return {
        "BOT_TOKEN": SANDBOX_TOKEN,
        "BOT_API_URL": sandbox.url,
        "DATABASE_URL": url,
        "VAULT_KEY": base64.b64encode(KEY).decode(),
        "SEND_RATE": str(READERS),
    }


BOTH = ("sqlite", "postgresql")


@pytest.fixture
async def url(url: str) -> str:
    async with ready_database(url) as database, database.write() as session:
        await recognise(session, VAULT)
    return url


async def begun(sandbox: Sandbox, url: str, readers: int = READERS) -> tuple[list[Person], int]:
    people = crowd(sandbox, readers)
    sandbox.faults.configure({"latency": LATENCY, "methods": ["sendMessage"]})
    async with ready_database(url) as database:
        await follow(database, VAULT, people)
        return people, await release(database)


def received(people: list[Person]) -> Counter[int]:
    """How many people got how many copies."""
    return Counter(len(copies(person)) for person in people)


async def some(people: list[Person], count: int) -> None:
    async with asyncio.timeout(40):
        while sum(bool(copies(person)) for person in people) < count:  # noqa: ASYNC110 - in another process
            await asyncio.sleep(0.01)


async def test_p01_p03_kills_lose_nothing_and_repeat_no_more_than_was_under_way(
    sandbox: Sandbox, url: str
) -> None:
    people, post = await begun(sandbox, url)
    dice = random.Random()  # noqa: S311 - a moment, not a secret
    for moment in sorted(dice.sample(range(1, READERS * 9 // 10), KILLS)):
        async with running("run", until="connected", **settings(sandbox, url)) as (bot, _):
            await some(people, moment)
            bot.send_signal(signal.SIGKILL)
            await bot.wait()
    async with running("run", until="connected", **settings(sandbox, url)), ready_database(url) as database:
        await carried_out(database, within=90)
        assert await outcomes(database, post) == {Outcome.SENT: READERS}
    told = received(people)
    repeats = sum((count - 1) * people for count, people in told.items())
    print(f"{KILLS} kills, {repeats} repeats")
    assert told[0] == 0
    assert repeats <= KILLS * CONCURRENCY


@pytest.mark.parametrize("url", BOTH if LONG else BOTH[1:], indirect=True)
async def test_p02_sigterm_loses_and_repeats_nothing(sandbox: Sandbox, url: str) -> None:
    people, post = await begun(sandbox, url)
    async with running("run", until="connected", **settings(sandbox, url)) as (bot, _):
        await some(people, READERS // 3)
        assert await ended_when_told(bot)
    async with running("run", until="connected", **settings(sandbox, url)), ready_database(url) as database:
        await carried_out(database, within=90)
        assert await outcomes(database, post) == {Outcome.SENT: READERS}
    assert received(people) == {1: READERS}


@pytest.mark.parametrize("url", BOTH if LONG else BOTH[:1], indirect=True)
async def test_p03_a_standby_takes_over_from_a_killed_courier(sandbox: Sandbox, url: str) -> None:
    people, _ = await begun(sandbox, url)
    first = settings(sandbox, url)
    async with running("run", until="connected", **first) as (bot, _), running("run", until="connected", **first):
        await some(people, 300)
        bot.send_signal(signal.SIGKILL)
        async with ready_database(url) as database:
            await carried_out(database, within=60)
    assert received(people)[0] == 0


@pytest.mark.parametrize("url", BOTH if LONG else BOTH[:1], indirect=True)
async def test_p11_answers_come_during_a_broadcast(sandbox: Sandbox, url: str) -> None:
    await begun(sandbox, url)
    taras = sandbox.person("Taras")
    async with running("run", until="connected", **settings(sandbox, url)):
        for _ in range(5):
            taras.say("/next")
            await taras.chat.next_message(lambda message: message["text"].startswith("The date"))
