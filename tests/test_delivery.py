"""From a released post to each reader: once, in their language, corrected, taken back; whatever Telegram says."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from structlog.testing import capture_logs

from bot import metrics
from bot.bench import stage
from bot.database import Database
from bot.delivery import bodies, lease, outbox, standing, subscriptions
from bot.delivery.carrier import settled
from bot.delivery.decisions import Decision, Verdict
from bot.delivery.outbox import Copy
from bot.desk import staff
from bot.i18n import KYIV
from bot.opening import ready_database
from bot.sandbox import Person, Sandbox
from bot.vault import Vault
from models.delivery import Delivery, Outcome
from models.desk import Importance, Kind, Post, PostRevision
from models.people import Reader
from tests.conftest import PostgreSQL
from tests.readers import TEXTS, WHY, carried_out, copies, courier, crowd, follow, in_hand, outcomes, release

VAULT = Vault(bytes(range(32)))


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with ready_database(url) as database:
        yield database


async def test_each_reader_gets_a_post_once_in_their_language(database: Database, sandbox: Sandbox) -> None:
    people = [person for language in TEXTS for person in crowd(sandbox, 20, language)]
    await follow(database, VAULT, people)
    post = await release(database)
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
    assert await outcomes(database, post) == {Outcome.SENT: 60}
    for person in people:
        (copy,) = copies(person)
        assert TEXTS[person.language_code or ""] in copy["text"]


async def test_readers_get_what_they_follow(database: Database, sandbox: Sandbox) -> None:
    everything, talks, one, nothing = crowd(sandbox, 4)
    await follow(database, VAULT, [everything])
    await follow(database, VAULT, [talks], follows="talks")
    await follow(database, VAULT, [one], follows="exchange:2025-05-23")
    await follow(database, VAULT, [nothing], follows=None)
    await release(database, facts={"exchange": "2025-05-23"})
    await release(database, kind=Kind.TALKS)
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
    assert [len(copies(person)) for person in (everything, talks, one, nothing)] == [2, 1, 1, 0]


def later_today() -> int:
    """An hour in Kyiv that does not strike during a test."""
    return (datetime.now(KYIV).hour + 3) % 24


async def test_a_digest_waits_for_its_hour_and_what_is_urgent_does_not(
    database: Database, sandbox: Sandbox
) -> None:
    (olena,) = crowd(sandbox, 1)
    hour = later_today()
    await follow(database, VAULT, [olena], pace="daily", digest_hour=hour)
    ordinary = await release(database)
    urgent = await release(database, importance=Importance.URGENT)
    async with courier(database, VAULT, sandbox), database.read() as session:
        while (await standing.counts(session, urgent))[Outcome.SENT] == 0:
            await session.rollback()
            await asyncio.sleep(0.02)
    assert await outcomes(database, ordinary) == {Outcome.PENDING: 1}
    async with database.read() as session:
        due = await session.scalar(select(Delivery.due_at).where(Delivery.post_id == ordinary))
    assert due
    assert (due.astimezone(KYIV).hour, due > datetime.now(UTC)) == (hour, True)


async def test_at_night_no_sound(database: Database, sandbox: Sandbox) -> None:
    quiet, loud = crowd(sandbox, 2)
    hour = datetime.now(KYIV).hour
    await follow(database, VAULT, [quiet], quiet_from=hour, quiet_to=(hour + 2) % 24)
    await follow(database, VAULT, [loud])
    await release(database)
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
    silent = {
        call["arguments"]["chat_id"]: call["arguments"].get("disable_notification") for call in sandbox.calls
    }
    assert silent == {quiet.id: True, loud.id: None}


async def test_p12_a_correction_edits_every_copy_and_tells_of_it(database: Database, sandbox: Sandbox) -> None:
    people = crowd(sandbox, 30)
    await follow(database, VAULT, people)
    post = await release(database)
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
        await release(database, post, texts={**TEXTS, "en": "It was put off."})
        await carried_out(database)
    for person in people:
        corrected, notice = copies(person)
        assert "It was put off." in corrected["text"]
        assert WHY["en"] in corrected["text"]
        assert "was corrected" in notice["text"]
        assert notice["reply_to_message"]["message_id"] == corrected["message_id"]
    assert await outcomes(database, post) == {Outcome.SENT: 30}


async def test_p12_a_copy_that_cannot_be_edited_is_told_by_a_new_message(
    database: Database, sandbox: Sandbox
) -> None:
    (olena,) = crowd(sandbox, 1)
    await follow(database, VAULT, [olena])
    post = await release(database)
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
        (copy,) = copies(olena)
        del olena.chat.messages[copy["message_id"]]
        await release(database, post, texts={**TEXTS, "en": "It was put off."})
        await carried_out(database)
    assert "It was put off." in copies(olena)[-1]["text"]


async def test_a_correction_comes_in_the_language_of_the_copy(database: Database, sandbox: Sandbox) -> None:
    (olena,) = crowd(sandbox, 1, "uk")
    await follow(database, VAULT, [olena])
    post = await release(database)
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
        async with database.write() as session:
            await subscriptions.choose_language(session, VAULT, olena.id, "en")
        await release(database, post, material=False, texts={**TEXTS, "uk": "Обмін відкладено."})
        await carried_out(database)
    (copy,) = copies(olena)
    assert "Обмін відкладено." in copy["text"]


async def test_p13_a_withdrawal_stops_what_is_unsent(database: Database, sandbox: Sandbox) -> None:
    people = crowd(sandbox, 5)
    await follow(database, VAULT, people)
    await follow(database, VAULT, late := crowd(sandbox, 5), pace="daily", digest_hour=later_today())
    post = await release(database)
    async with courier(database, VAULT, sandbox):
        async with database.read() as session:
            while (await standing.counts(session, post))[Outcome.SENT] < 5:
                await session.rollback()
                await asyncio.sleep(0.02)
        await release(database, post, withdraws=True)
        await carried_out(database)
    assert all("Withdrawn" in copies(person)[0]["text"] for person in people)
    assert not any(copies(person) for person in late)


async def test_p13_what_is_on_its_way_when_a_post_is_withdrawn_is_corrected(
    database: Database, sandbox: Sandbox
) -> None:
    people = crowd(sandbox, 3)
    await follow(database, VAULT, people)
    sandbox.faults.configure({"latency": 3.0, "methods": ["sendMessage"]})
    post = await release(database)
    async with courier(database, VAULT, sandbox) as carrying:
        await in_hand(carrying, 3)
        await release(database, post, withdraws=True)
        await stage.fan_out(database)
        await carried_out(database)
    assert all("Withdrawn" in copies(person)[0]["text"] for person in people)
    assert await outcomes(database, post) == {Outcome.SENT: 3}


async def test_p13_a_copy_taken_back_before_it_was_sent_is_no_failure(
    database: Database, sandbox: Sandbox
) -> None:
    (olena,) = crowd(sandbox, 1)
    await follow(database, VAULT, [olena])
    sandbox.faults.configure({"too_many_requests": {"times": 1, "retry_after": 2}, "methods": ["sendMessage"]})
    failures = ("obmin_deliveries_total", {"outcome": "failed"})
    before = metrics.registry.get_sample_value(*failures)
    post = await release(database)
    async with courier(database, VAULT, sandbox):
        async with asyncio.timeout(30):
            while not sandbox.calls:
                await outcomes(database, post)
        await release(database, post, withdraws=True)
        await carried_out(database)
    assert await outcomes(database, post) == {}
    assert metrics.registry.get_sample_value(*failures) == before
    assert not copies(olena)


def test_a_copy_taken_back_that_may_have_arrived_is_uncertain() -> None:
    copy = Copy(1, 1, "en", None, None, None, None, None, 0, None, None, None)
    taken_back = Verdict(Decision.TAKEN_BACK)
    assert settled(copy, PostRevision(), taken_back).outcome is None
    assert settled(replace(copy, attempts=1), PostRevision(), taken_back).outcome is Outcome.UNCERTAIN


# With a photograph


def seen(person: Person) -> list[tuple[str, str | None]]:
    """Of each copy: the text or the caption, and the picture's id."""
    return [
        (copy.get("text") or copy["caption"], copy["photo"][-1]["file_id"] if "photo" in copy else None)
        for copy in copies(person)
    ]


def saying(words: str) -> Callable[[dict[str, Any]], bool]:
    return lambda message: words in message.get("text", message.get("caption", ""))


def photos(sandbox: Sandbox) -> list[str]:
    """Two that staff have sent to the bot."""
    marko = sandbox.person("Marko")
    sent = [marko.attach("photo", name=name)["photo"][-1]["file_id"] for name in ("one.png", "two.png")]
    return [str(file_id) for file_id in sent]


async def test_a_photograph_goes_where_a_post_is_withdrawn(database: Database, sandbox: Sandbox) -> None:
    people = crowd(sandbox, 5)
    await follow(database, VAULT, people)
    photo, _ = photos(sandbox)
    post = await release(database, photo=photo)
    async with courier(database, VAULT, sandbox, concurrency=2):
        await carried_out(database)
        assert all(seen(person)[0][1] == photo for person in people)
        # Its draft may be from a time when it took the photograph over.
        await release(database, post, withdraws=True, photo=photo)
        await carried_out(database)
    for person in people:
        (text, shown), (notice, nothing) = seen(person)
        assert "Withdrawn" in text
        assert "was withdrawn" in notice
        assert nothing is None
        assert shown
        stored = sandbox.files.get(shown)
        assert stored
        assert stored.content == bodies.BAR
    assert await outcomes(database, post) == {Outcome.SENT: 5}
    # Whether copies have a photograph is asked but once for each of those under way, and so is the bar uploaded.
    uploads = [call for call in sandbox.calls if "attach://" in str(call["arguments"].get("media"))]
    refused = [call for call in sandbox.calls if call["status"] == 400]
    assert 1 <= len(uploads) <= 2
    assert 1 <= len(refused) <= 2


async def test_a_withdrawal_is_never_told_with_the_photograph(database: Database, sandbox: Sandbox) -> None:
    (olena,) = crowd(sandbox, 1)
    await follow(database, VAULT, [olena])
    photo, _ = photos(sandbox)
    post = await release(database, photo=photo)
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
        olena.chat.messages.clear()
        await release(database, post, withdraws=True, photo=photo)
        await carried_out(database)
    ((text, shown),) = seen(olena)
    assert ("Withdrawn" in text, shown) == (True, None)


async def test_a_correction_changes_adds_and_takes_out_a_photograph(database: Database, sandbox: Sandbox) -> None:
    early, late = crowd(sandbox, 2)
    await follow(database, VAULT, [early])
    await follow(database, VAULT, [late], pace="daily")
    one, two = photos(sandbox)
    post = await release(database)
    async with courier(database, VAULT, sandbox):
        async with database.read() as session:
            while (await standing.counts(session, post))[Outcome.SENT] == 0:
                await session.rollback()
        for number, photo in enumerate((one, two, two, None, None)):
            texts = {**TEXTS, "en": f"Text {number}."}
            await release(database, post, texts=texts, photo=photo, material=False)
            await stage.fan_out(database)
            if number == 3:
                # Who gets only now what has no photograph any more gets a text, and it stays one.
                async with database.write() as session:
                    await session.execute(update(Delivery).values(due_at=datetime.now(UTC)))
            await early.chat.wait_for(saying(f"Text {number}."), within=30)
            ((_, shown),) = seen(early)
            assert shown == photo or photo is None
        await carried_out(database)
    stored = sandbox.files.get(shown or "")
    assert stored
    assert stored.content == bodies.BAR
    ((text, nothing),) = seen(late)
    assert ("Text 4." in text, nothing) == (True, None)
    assert await outcomes(database, post) == {Outcome.SENT: 2}


async def test_a_photograph_that_telegram_does_not_know_is_refused(database: Database, sandbox: Sandbox) -> None:
    (olena,) = crowd(sandbox, 1)
    await follow(database, VAULT, [olena])
    photo, _ = photos(sandbox)
    post = await release(database, photo=photo)
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
        await release(database, post, photo="nobody has sent it")
        await carried_out(database)
    assert [shown for _, shown in seen(olena)] == [photo]
    assert await outcomes(database, post) == {Outcome.FAILED: 1}


# Whatever Telegram says


async def test_p08_who_blocked_the_bot_is_left_alone(database: Database, sandbox: Sandbox) -> None:
    gone, here = crowd(sandbox, 2)
    await follow(database, VAULT, [gone, here])
    gone.block()
    first = await release(database)
    second = await release(database)
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
    assert await outcomes(database, first) == {Outcome.BLOCKED: 1, Outcome.SENT: 1}
    assert len(copies(here)) == 2
    async with database.read() as session:
        assert await session.scalar(select(func.count()).where(Reader.blocked.is_(True))) == 1
    assert (await outcomes(database, second)).get(Outcome.SENT) == 1


async def test_p09_one_who_always_fails_delays_no_one(database: Database, sandbox: Sandbox) -> None:
    people = crowd(sandbox, 40)
    await follow(database, VAULT, people)
    stuck = people[0]
    sandbox.faults.configure(
        {"too_many_requests": {"chat": stuck.id, "retry_after": 1}, "methods": ["sendMessage"]}
    )
    post = await release(database)
    async with courier(database, VAULT, sandbox), asyncio.timeout(20):
        while (await outcomes(database, post)).get(Outcome.SENT, 0) < 39:  # noqa: ASYNC110 - a row
            await asyncio.sleep(0.05)
    assert not copies(stuck)


async def test_p10_the_sum_holds_at_every_moment(database: Database, sandbox: Sandbox) -> None:
    people = crowd(sandbox, 80)
    await follow(database, VAULT, people)
    for person in people[::8]:
        person.block()
    sandbox.faults.configure({"latency": 0.2, "server_error": {"share": 0.1}, "methods": ["sendMessage"]})
    post = await release(database)
    seen = set()
    async with courier(database, VAULT, sandbox, concurrency=10):
        while True:
            async with database.read() as session:
                counts, left = await standing.counts(session, post), await standing.left(session, post)
            if sum(counts.values()):
                assert sum(counts.values()) == 80
                seen.add(counts[Outcome.PENDING])
                if not left:
                    break
            await asyncio.sleep(0.02)
    assert len(seen) > 5


@pytest.mark.parametrize(
    ("paid", "importance", "is_paid"),
    [
        ("never", Importance.URGENT, False),
        ("urgent", Importance.ORDINARY, False),
        ("urgent", Importance.URGENT, True),
        ("always", Importance.ORDINARY, True),
    ],
)
async def test_only_what_the_operator_chose_is_paid_for(
    database: Database, sandbox: Sandbox, paid: str, importance: Importance, *, is_paid: bool
) -> None:
    people = crowd(sandbox, 3)
    await follow(database, VAULT, people)
    await release(database, importance=importance)
    async with courier(database, VAULT, sandbox, paid=paid):
        await carried_out(database)
    assert {call["arguments"].get("allow_paid_broadcast", False) for call in sandbox.calls} == {is_paid}


async def test_p06_no_call_is_made_before_telegram_permits_it(database: Database, sandbox: Sandbox) -> None:
    await follow(database, VAULT, crowd(sandbox, 30))
    sandbox.faults.configure({"too_many_requests": {"share": 0.1, "retry_after": 1}, "methods": ["sendMessage"]})
    await release(database)
    async with courier(database, VAULT, sandbox, concurrency=1):
        await carried_out(database, within=60)
    calls = list(sandbox.calls)
    refused = [number for number, call in enumerate(calls) if call["status"] == 429]
    assert refused
    assert all(calls[number + 1]["at"] - calls[number]["at"] >= 1 for number in refused)


async def test_p08_a_group_that_moved_is_followed(database: Database, sandbox: Sandbox) -> None:
    (olena,) = crowd(sandbox, 1)
    group = sandbox.add_group("Families", olena)
    await follow(database, VAULT, [replace(olena, id=group.id)])
    successor = sandbox.migrate(group, olena)
    post = await release(database)
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
    assert await outcomes(database, post) == {Outcome.SENT: 1}
    assert any(message["from"]["is_bot"] for message in successor.messages.values())


async def test_p08_a_group_that_moved_to_where_a_reader_is_already_holds_nobody_up(
    database: Database, sandbox: Sandbox
) -> None:
    (olena,) = crowd(sandbox, 1)
    group = sandbox.add_group("Families", olena)
    await follow(database, VAULT, [replace(olena, id=group.id)])
    successor = sandbox.migrate(group, olena)
    await follow(database, VAULT, [replace(olena, id=successor.id), olena])
    post = await release(database)
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
    assert await outcomes(database, post) == {Outcome.SENT: 2, Outcome.BLOCKED: 1}
    assert len([message for message in successor.messages.values() if message["from"]["is_bot"]]) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"too_many_requests": {"share": 0.1, "retry_after": 1}},
        {"server_error": {"share": 0.1, "status": 502}},
        {"drop": {"share": 0.1, "after": False}},
    ],
)
async def test_p06_p07_nothing_is_lost_to_faults(
    database: Database, sandbox: Sandbox, fault: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.carrier.PAUSE_AFTER_UNCLEAR", timedelta(seconds=0.2))
    people = crowd(sandbox, 60)
    await follow(database, VAULT, people)
    sandbox.faults.configure({**fault, "methods": ["sendMessage"]})
    post = await release(database)
    async with courier(database, VAULT, sandbox):
        await carried_out(database, within=60)
    told = await outcomes(database, post)
    assert sum(told.values()) == 60
    assert told.get(Outcome.SENT, 0) + told.get(Outcome.UNCERTAIN, 0) == 60
    assert all(len(copies(person)) <= 2 for person in people)
    if "too_many_requests" in fault:
        assert all(len(copies(person)) == 1 for person in people)


async def test_p08_what_telegram_refuses_is_not_tried_again(database: Database, sandbox: Sandbox) -> None:
    people = crowd(sandbox, 3)
    await follow(database, VAULT, people)
    sandbox.faults.configure({"server_error": {"times": 1, "status": 400}, "methods": ["sendMessage"]})
    post = await release(database)
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
    assert await outcomes(database, post) == {Outcome.SENT: 2, Outcome.FAILED: 1}
    assert len(sandbox.calls) == 3


async def test_p08_a_refused_token_halts_everything(database: Database, sandbox: Sandbox) -> None:
    people = crowd(sandbox, 3)
    await follow(database, VAULT, people)
    post = await release(database)
    sandbox.token = "1000000001:another"
    async with courier(database, VAULT, sandbox), database.read() as session:
        while not await lease.halted(session):
            await session.rollback()
            await asyncio.sleep(0.02)
    assert await outcomes(database, post) == {Outcome.PENDING: 3}


async def test_p18_nothing_goes_while_frozen(database: Database, sandbox: Sandbox) -> None:
    (olena,) = crowd(sandbox, 1)
    await follow(database, VAULT, [olena])
    async with database.write() as session:
        await staff.freeze(session, "marko")
    await release(database)
    async with courier(database, VAULT, sandbox):
        with pytest.raises(TimeoutError):
            await olena.chat.next_message(within=1)
        async with database.write() as session:
            await staff.thaw(session, "marko")
        async with database.write() as session:
            await staff.thaw(session, "iryna")
        await olena.chat.next_message()


async def test_p05_two_couriers_send_nothing_twice(database: Database, sandbox: Sandbox) -> None:
    people = crowd(sandbox, 300)
    await follow(database, VAULT, people)
    await release(database)
    async with courier(database, VAULT, sandbox), courier(database, VAULT, sandbox):
        await carried_out(database)
    assert all(len(copies(person)) == 1 for person in people)


async def test_p01_one_whose_answer_is_late_is_not_sent_twice(
    database: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes due again while its answer is awaited, and is claimed behind others who wait for its place."""
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=0.4))
    first, later = crowd(sandbox, 4), crowd(sandbox, 4)
    await follow(database, VAULT, first, follows="exchanges")
    await follow(database, VAULT, later, follows="talks")
    sandbox.faults.configure({"latency": 0.7, "methods": ["sendMessage"]})
    await release(database)
    async with courier(database, VAULT, sandbox, concurrency=2) as carrying:
        await in_hand(carrying, 2)
        await release(database, kind=Kind.TALKS)
        await stage.fan_out(database)
        await carried_out(database)
    assert [len(copies(person)) for person in (*first, *later)] == [1] * 8


async def test_a_channel_gets_a_post_before_everybody(database: Database, sandbox: Sandbox) -> None:
    channel, olena = crowd(sandbox, 2)
    await follow(database, VAULT, [olena])
    post = await release(database)
    settings: dict[str, Any] = {"channels": {"en": channel.id}, "concurrency": 1, "bot": "obmin_sandbox_bot"}
    async with courier(database, VAULT, sandbox, **settings):
        await carried_out(database)
        await release(database, post, texts={**TEXTS, "en": "Corrected text."})
        await carried_out(database)
    first = next(call for call in sandbox.calls if call["method"] == "sendMessage")
    assert first["arguments"]["chat_id"] == channel.id
    assert "Corrected text." in copies(channel)[0]["text"]
    async with database.read() as session:
        code = (await session.get_one(Post, post)).code
    # A command leads nowhere in a channel.
    for in_channel, to_reader in zip(copies(channel), copies(olena), strict=True):
        assert in_channel["text"].endswith(f": https://t.me/obmin_sandbox_bot?start=verify_{code}")
        assert to_reader["text"].endswith(f": /verify_{code}")


@pytest.mark.parametrize("mistake", ["without its @", "not ours", "no longer set"])
async def test_a_channel_that_cannot_be_written_to_is_an_error_and_told(
    database: Database, sandbox: Sandbox, mistake: str
) -> None:
    sandbox.add_channel("News", "obmin_news")
    sandbox.add_channel("Not ours", "not_ours", member=False)
    channel = {"without its @": "obmin_news", "not ours": "@not_ours", "no longer set": "@obmin_news"}[mistake]
    post = await release(database)
    if mistake == "no longer set":
        async with courier(database, VAULT, sandbox, channels={"en": channel}):
            await carried_out(database)
        assert await outcomes(database, post) == {Outcome.SENT: 1}
        await release(database, post)
    with capture_logs() as lines:
        settings: dict[str, Any] = {} if mistake == "no longer set" else {"channels": {"en": channel}}
        async with courier(database, VAULT, sandbox, **settings):
            await carried_out(database)
    assert await outcomes(database, post) == {Outcome.FAILED: 1}
    (line,) = [line for line in lines if line["log_level"] == "error"]
    assert (
        line["why"]
        == {
            "without its @": "CHANNEL_EN: Bad Request: chat not found",
            "not ours": "CHANNEL_EN: Forbidden: bot is not a member of the channel chat",
            "no longer set": "CHANNEL_EN is not set",
        }[mistake]
    )


async def test_copies_are_numbered_beyond_32_bits(postgresql: PostgreSQL, sandbox: Sandbox) -> None:
    people = crowd(sandbox, 5)
    async with ready_database(postgresql()) as database:
        await follow(database, VAULT, people)
        async with database.write() as session:
            await session.execute(select(func.setval("delivery_id_seq", 2**31 - 3)))
        post = await release(database)
        async with courier(database, VAULT, sandbox):
            await carried_out(database)
            await release(database, post)
            await carried_out(database)
        assert await outcomes(database, post) == {Outcome.SENT: 5}
    assert [len(copies(person)) for person in people] == [2] * 5
