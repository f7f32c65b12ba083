"""What is sent or edited again, and what is not: corrections after trouble, freezes and departures in between."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.bench import stage
from bot.database import Database
from bot.delivery import lease, outbox, subscriptions
from bot.desk import staff
from bot.opening import ready_database
from bot.sandbox import Person, Sandbox
from bot.vault import Vault
from models.delivery import Outcome
from models.people import Reader
from tests.readers import TEXTS, carried_out, copies, courier, crowd, follow, in_hand, outcomes, release

VAULT = Vault(bytes(range(32)))
PUT_OFF = {**TEXTS, "en": "It was put off."}
CALLED_OFF = {**TEXTS, "en": "It was called off."}


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with ready_database(url) as database:
        yield database


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivery.carrier.PAUSE_AFTER_UNCLEAR", timedelta(seconds=0.05))


async def called(sandbox: Sandbox, method: str, times: int = 1) -> None:
    """Waits until the bot has called so often."""
    async with asyncio.timeout(20):
        while sum(call["method"] == method for call in sandbox.calls) < times:  # noqa: ASYNC110 - by the courier
            await asyncio.sleep(0.02)


def first_texts(*people: Person) -> list[str]:
    return [copies(person)[0]["text"] for person in people]


# Corrections


async def test_p12_an_edit_is_repeated_until_it_is_clear(database: Database, sandbox: Sandbox) -> None:
    (olena,) = crowd(sandbox, 1)
    await follow(database, VAULT, [olena])
    post = await release(database)
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
        sandbox.faults.configure({"server_error": {"times": 4}, "methods": ["editMessageText"]})
        await release(database, post, texts=PUT_OFF)
        await carried_out(database)
    assert "It was put off." in copies(olena)[0]["text"]
    assert await outcomes(database, post) == {Outcome.SENT: 1}
    assert len(copies(olena)) == 2


async def test_p07_p12_a_notice_of_a_correction_is_repeated_once_and_the_next_correction_comes(
    database: Database, sandbox: Sandbox
) -> None:
    (olena,) = crowd(sandbox, 1)
    await follow(database, VAULT, [olena])
    post = await release(database)
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
        sandbox.faults.configure({"drop": {"times": 2, "after": True}, "methods": ["sendMessage"]})
        await release(database, post, texts=PUT_OFF)
        await carried_out(database)
        assert await outcomes(database, post) == {Outcome.UNCERTAIN: 1}
        assert len(copies(olena)) == 3
        await release(database, post, texts=CALLED_OFF)
        await carried_out(database)
    assert "It was called off." in copies(olena)[0]["text"]
    assert await outcomes(database, post) == {Outcome.SENT: 1}


@pytest.mark.parametrize("content", [{"texts": CALLED_OFF}, {"withdraws": True}])
async def test_p12_a_refused_correction_does_not_end_it(
    database: Database, sandbox: Sandbox, content: dict[str, Any]
) -> None:
    people = crowd(sandbox, 3)
    await follow(database, VAULT, people)
    post = await release(database)
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
        sandbox.faults.configure({"server_error": {"times": 1, "status": 400}, "methods": ["editMessageText"]})
        await release(database, post, texts=PUT_OFF)
        await carried_out(database)
        assert await outcomes(database, post) == {Outcome.SENT: 2, Outcome.FAILED: 1}
        await release(database, post, **content)
        await carried_out(database)
    told = "Withdrawn" if "withdraws" in content else "It was called off."
    assert all(told in text for text in first_texts(*people))
    assert await outcomes(database, post) == {Outcome.SENT: 3}


async def test_p12_who_comes_back_after_a_correction_was_refused_gets_the_next(
    database: Database, sandbox: Sandbox
) -> None:
    gone, back = crowd(sandbox, 2)
    await follow(database, VAULT, [gone, back])
    post = await release(database)
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
        sandbox.faults.configure({"server_error": {"times": 2, "status": 403}, "methods": ["editMessageText"]})
        await release(database, post, texts=PUT_OFF)
        await carried_out(database)
        assert await outcomes(database, post) == {Outcome.BLOCKED: 2}
        async with database.write() as session:
            await subscriptions.come_back(session, VAULT, back.id)
        await release(database, post, texts=CALLED_OFF)
        await carried_out(database)
    assert "It was called off." in copies(back)[0]["text"]
    assert await outcomes(database, post) == {Outcome.SENT: 1, Outcome.BLOCKED: 1}


async def test_p08_a_correction_is_sent_anew_to_the_refused(database: Database, sandbox: Sandbox) -> None:
    people = crowd(sandbox, 3)
    await follow(database, VAULT, people)
    sandbox.faults.configure({"server_error": {"times": 2, "status": 400}, "methods": ["sendMessage"]})
    post = await release(database)
    async with courier(database, VAULT, sandbox, concurrency=1):
        await carried_out(database)
        assert await outcomes(database, post) == {Outcome.SENT: 1, Outcome.FAILED: 2}
        stays, leaves = (person for person in people if not copies(person))
        async with database.write() as session:
            await subscriptions.stop(session, VAULT, leaves.id)
        await release(database, post, texts=PUT_OFF)
        await carried_out(database)
    assert "It was put off." in copies(stays)[0]["text"]
    assert not copies(leaves)
    assert await outcomes(database, post) == {Outcome.SENT: 2}


async def test_p13_what_was_refused_is_not_sent_when_it_is_withdrawn(database: Database, sandbox: Sandbox) -> None:
    (olena,) = crowd(sandbox, 1)
    await follow(database, VAULT, [olena])
    sandbox.faults.configure({"server_error": {"times": 1, "status": 400}, "methods": ["sendMessage"]})
    post = await release(database)
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
        await release(database, post, withdraws=True)
        await carried_out(database)
    assert not copies(olena)


async def test_p12_what_is_refused_while_it_is_being_corrected_is_sent_anew(
    database: Database, sandbox: Sandbox
) -> None:
    (olena,) = crowd(sandbox, 1)
    await follow(database, VAULT, [olena])
    faults = {"latency": 2.0, "server_error": {"times": 1, "status": 400}, "methods": ["sendMessage"]}
    sandbox.faults.configure(faults)
    post = await release(database)
    async with courier(database, VAULT, sandbox) as carrying:
        await in_hand(carrying, 1)
        await release(database, post, texts=PUT_OFF)
        await stage.fan_out(database)
        await carried_out(database)
    assert "It was put off." in copies(olena)[0]["text"]


async def test_what_was_for_the_record_only_can_be_told_to_readers_later(
    database: Database, sandbox: Sandbox
) -> None:
    people = crowd(sandbox, 3)
    await follow(database, VAULT, people)
    post = await release(database, to_readers=False)
    never = await release(database, to_readers=False)
    async with courier(database, VAULT, sandbox):
        await release(database, post, texts=PUT_OFF)
        await release(database, never, withdraws=True)
        await carried_out(database)
        assert all("It was put off." in text for text in first_texts(*people))
        await release(database, post, texts=CALLED_OFF)
        await carried_out(database)
    assert all("It was called off." in text for text in first_texts(*people))
    assert await outcomes(database, post) == {Outcome.SENT: 3}
    assert not await outcomes(database, never)


async def test_p08_a_correction_for_a_group_that_moved_to_where_a_reader_is_ends(
    database: Database, sandbox: Sandbox
) -> None:
    (olena,) = crowd(sandbox, 1)
    group = sandbox.add_group("Families", olena)
    await follow(database, VAULT, [replace(olena, id=group.id)])
    post = await release(database)
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
        successor = sandbox.migrate(group, olena)
        await follow(database, VAULT, [replace(olena, id=successor.id)])
        await release(database, post, texts=PUT_OFF)
        await carried_out(database, within=10)
    assert await outcomes(database, post) == {Outcome.BLOCKED: 1}


# Freezes, withdrawals, departures


async def in_a_pause(database: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> list[Person]:
    """Readers; of the first copy Telegram will say that all must wait, while the others are claimed."""
    monkeypatch.setattr("bot.delivery.courier.HOLDS_FOR", 0.2)
    people = crowd(sandbox, 6)
    await follow(database, VAULT, people)
    sandbox.faults.configure({"too_many_requests": {"times": 1, "retry_after": 2}, "methods": ["sendMessage"]})
    return people


async def test_p18_a_freeze_is_not_overtaken_by_a_pause(
    database: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await in_a_pause(database, sandbox, monkeypatch)
    post = await release(database)
    async with courier(database, VAULT, sandbox, concurrency=1):
        await called(sandbox, "sendMessage")
        async with database.write() as session:
            await staff.freeze(session, "marko")
        await asyncio.sleep(4)
        assert not any(copies(person) for person in people)
        for by in ("marko", "iryna"):
            async with database.write() as session:
                await staff.thaw(session, by)
        await carried_out(database)
    assert [len(copies(person)) for person in people] == [1] * 6
    assert await outcomes(database, post) == {Outcome.SENT: 6}


async def test_p13_a_withdrawal_is_not_overtaken_by_a_pause(
    database: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await in_a_pause(database, sandbox, monkeypatch)
    post = await release(database)
    async with courier(database, VAULT, sandbox, concurrency=1):
        await called(sandbox, "sendMessage")
        await release(database, post, withdraws=True)
        await carried_out(database)
    assert not any(copies(person) for person in people)


async def test_p13_a_withdrawal_reaches_what_is_on_its_way_for_longer_than_a_lease(
    database: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=0.05))
    people = crowd(sandbox, 2)
    await follow(database, VAULT, people)
    sandbox.faults.configure({"latency": 3.0, "methods": ["sendMessage"]})
    post = await release(database)
    async with courier(database, VAULT, sandbox) as carrying:
        await in_hand(carrying, 2)
        await release(database, post, withdraws=True)
        await carried_out(database)
    assert all("Withdrawn" in text for text in first_texts(*people))
    assert await outcomes(database, post) == {Outcome.SENT: 2}


async def test_what_is_on_its_way_to_one_who_leaves_can_still_be_corrected(
    database: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=0.05))
    (olena,) = crowd(sandbox, 1)
    await follow(database, VAULT, [olena])
    sandbox.faults.configure({"latency": 2.0, "methods": ["sendMessage"]})
    post = await release(database)
    async with courier(database, VAULT, sandbox) as carrying:
        await in_hand(carrying, 1)
        async with database.write() as session:
            await subscriptions.stop(session, VAULT, olena.id)
        await carried_out(database)
        await release(database, post, texts=PUT_OFF)
        await carried_out(database)
    assert "It was put off." in copies(olena)[0]["text"]


async def test_a_copy_made_while_its_reader_left_is_not_sent(database: Database, sandbox: Sandbox) -> None:
    gone, here = crowd(sandbox, 2)
    await follow(database, VAULT, [gone, here])
    post = await release(database)
    await stage.fan_out(database)
    async with database.write() as session:
        # As when /stop is committed before the copies are, whose making did not see it.
        await session.execute(update(Reader).where(Reader.chat_index == VAULT.index(gone.id)).values(follows=None))
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
    assert not copies(gone)
    assert await outcomes(database, post) == {Outcome.SENT: 1}


# The lease


async def test_p08_a_refusal_without_words_halts_too(database: Database, sandbox: Sandbox) -> None:
    await follow(database, VAULT, crowd(sandbox, 1))
    post = await release(database)
    async with courier(database, VAULT, sandbox, by=f"{sandbox.url}/elsewhere"), asyncio.timeout(20):
        while True:
            async with database.read() as session:
                if await lease.halted(session):
                    break
            await asyncio.sleep(0.05)
    assert await outcomes(database, post) == {Outcome.PENDING: 1}


async def test_whether_anyone_sends_is_told_by_the_clock_that_leases_are_made_by(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ahead(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]  # noqa: ANN401
            return datetime.now(tz) + timedelta(hours=1)

    monkeypatch.setattr(lease, "datetime", Ahead)
    assert await lease.take(database, "one")
    async with database.read() as session:
        assert await lease.is_held(session)
