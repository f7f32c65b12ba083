"""Somebody sends far too much, or the same twice: others do not notice."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise, repeat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app import build
from bot.i18n import LANGUAGES, Language, translator
from bot.receiving import taker
from bot.sandbox import SANDBOX_TOKEN, Chat, Person, Sandbox
from handlers.context import Services
from handlers.patience import MANY, MINUTE, SOME, SOME_IN, Patience, Verdict
from tests.test_conversation import NOT_PUBLIC, labels

Message = dict[str, Any]

WAIT = {
    language: translator(language).gettext(
        "I cannot keep up with so many messages at once. Please wait a moment and ask once more: I will answer."
    )
    for language in LANGUAGES
}
DESPAIR = "я більше не можу, не хочу жити"


def notices(chat: Chat) -> list[Message]:
    return [message for message in chat.messages.values() if message.get("text") in WAIT.values()]


def answers(chat: Chat) -> int:
    return len([message for message in chat.messages.values() if message["from"]["is_bot"]]) - len(notices(chat))


async def quiet(sandbox: Sandbox) -> None:
    """Until the bot has done with all that was sent."""
    calls = -1
    while len(sandbox.mailbox) or calls != sandbox.call_counts.total() - sandbox.call_counts["getUpdates"]:
        calls = sandbox.call_counts.total() - sandbox.call_counts["getUpdates"]
        await asyncio.sleep(1)


async def too_much(person: Person, text: str = "/next", chat: Chat | None = None) -> None:
    """More than is answered, and less than is ignored."""
    for _ in range(SOME + 30):
        person.say(text, chat=chat)
    await quiet(person.world)  # type: ignore[arg-type]


async def test_p26_who_sends_a_hundred_messages_a_second_keeps_nobody_waiting(
    sandbox: Sandbox, services: Services
) -> None:
    flooder = sandbox.add_person("Nina", "uk")
    readers = [sandbox.add_person(f"Reader {number}", "en") for number in range(20)]

    async def flood() -> None:
        for number in range(300):
            flooder.say(f"коли наступний обмін? {number}")
            await asyncio.sleep(0.01)

    flooding = asyncio.create_task(flood())
    for reader in readers:
        assert (await reader.ask("/next"))["text"].startswith(NOT_PUBLIC["en"])
        await asyncio.sleep(0.05)
    await flooding
    await quiet(sandbox)
    assert len(notices(flooder.chat)) <= 1
    # How many are answered depends on how soon each answer is there.
    assert answers(flooder.chat) >= SOME
    assert not any(notices(reader.chat) for reader in readers)


async def test_who_waits_for_each_answer_may_ask_as_much_as_they_like(sandbox: Sandbox, taras: Person) -> None:
    taras.press(await taras.ask("/language"), "English")
    await taras.chat.next_message()
    for _ in range(2 * MANY):
        assert (await taras.ask("/next"))["text"].startswith(NOT_PUBLIC["en"])
    assert notices(taras.chat) == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_notice_is_in_the_persons_language(
    sandbox: Sandbox, services: Services, language: Language
) -> None:
    person = sandbox.add_person("Nina", language)
    await too_much(person)
    assert [message["text"] for message in notices(person.chat)] == [WAIT[language]]


async def test_an_edited_message_counts_like_a_new_one(sandbox: Sandbox, taras: Person) -> None:
    asked = taras.say("when is the next exchange?")
    for number in range(SOME + 30):
        taras.edit(asked["message_id"], f"when is the next exchange? {number}")
    await quiet(sandbox)
    assert len(notices(taras.chat)) == 1


async def test_a_press_too_many_stops_the_clock_and_does_nothing(sandbox: Sandbox, taras: Person) -> None:
    first = await taras.ask("/history")
    for _ in range(SOME + 30):
        taras.press(first, labels(first)[0])
    await quiet(sandbox)
    assert sandbox.call_counts["answerCallbackQuery"] == SOME + 30
    toasts = [await taras.chat.next_callback_answer() for _ in range(SOME + 30)]
    assert [toast["text"] for toast in toasts if toast.get("text")] == [WAIT["en"]]
    assert notices(taras.chat) == []
    assert sandbox.call_counts["editMessageText"] < SOME + 10


async def test_who_goes_on_is_not_answered_at_all(sandbox: Sandbox, taras: Person) -> None:
    first = await taras.ask("/history")
    for _ in range(2 * MANY):
        taras.say("/next")
    await quiet(sandbox)
    taras.chat.forget()
    calls = sandbox.call_counts["answerCallbackQuery"]
    taras.press(first, labels(first)[0])
    taras.say(DESPAIR)
    with pytest.raises(TimeoutError):
        await taras.chat.next_message(within=0.5)
    assert sandbox.call_counts["answerCallbackQuery"] == calls
    assert len(notices(taras.chat)) == 1


async def test_despair_is_met_though_there_was_too_much_before(sandbox: Sandbox, olena: Person) -> None:
    await too_much(olena)
    for _ in range(10):
        olena.say(DESPAIR)
    await quiet(sandbox)
    helped = sum("7333" in message["text"] for message in olena.chat.messages.values())
    # Once, and for each place that has become free meanwhile.
    assert 1 <= helped < 10


async def test_in_a_group_each_person_has_a_measure_and_only_what_is_meant_for_the_bot_counts(
    sandbox: Sandbox, taras: Person, olena: Person
) -> None:
    group = sandbox.add_group("Newsroom", taras, olena)
    sandbox.privacy = False
    await too_much(taras, "a word to my colleagues", group)
    assert notices(group) == []
    await too_much(taras, "/next", group)
    assert len(notices(group)) == 1
    group.forget()
    olena.say("/next", chat=group)
    assert (await group.next_message())["text"] not in WAIT.values()


async def test_an_anonymous_admin_is_not_everybody_elses_anonymous_admin(
    sandbox: Sandbox, taras: Person, olena: Person
) -> None:
    """Telegram names the same user for all of them, and the chat in whose name they speak."""
    nobody = {"id": 1_087_968_824, "is_bot": True, "first_name": "Group"}
    groups = [sandbox.add_group(name, taras) for name in ("Newsroom", "Families")]
    for number, group in enumerate([*repeat(groups[0], SOME + 30), groups[1]]):
        asked = {
            "message_id": 500 + number,
            "from": nobody,
            "sender_chat": group.json,
            "chat": group.json,
            "date": sandbox.now(),
            "text": "/next",
            "entities": [{"type": "bot_command", "offset": 0, "length": 5}],
        }
        sandbox.mailbox.put_raw({"message": asked})
    await quiet(sandbox)
    assert (len(notices(groups[0])), len(notices(groups[1]))) == (1, 0)


# How much, exactly


def judged(times: Iterator[float] | list[float]) -> list[Verdict]:
    patience = Patience()
    return [patience.with_one_more(now) for now in times]


def test_who_types_fast_never_notices() -> None:
    every_two_seconds = [2.0 * number for number in range(1000)]
    in_a_hurry = [minute * MINUTE + 0.2 * number for minute in range(20) for number in range(SOME)]
    assert set(judged(every_two_seconds)) == set(judged(in_a_hurry)) == {Verdict.ANSWER}


def test_who_was_ignored_is_answered_after_a_quiet_minute() -> None:
    patience = Patience()
    flood = [patience.with_one_more(0.01 * number) for number in range(500)]
    assert flood[:MANY].count(Verdict.ANSWER) == SOME
    assert set(flood[MANY + 5 :]) == {Verdict.IGNORE}
    assert patience.with_one_more(5 + MINUTE - 1) is Verdict.IGNORE
    assert patience.with_one_more(5 + 2 * MINUTE) is Verdict.ANSWER


@given(st.lists(st.floats(0, 20), max_size=300))
def test_no_more_is_answered_than_may_be(pauses: list[float]) -> None:
    patience, now, answered, told = Patience(), 0.0, [], []
    for pause in pauses:
        now += pause
        verdict = patience.with_one_more(now)
        if verdict is Verdict.ANSWER:
            answered.append(now)
        elif verdict is Verdict.LEAVE_OUT and patience.once_a_minute("notice", now):
            told.append(now)
    for first in answered:
        assert sum(first <= each <= first + SOME_IN for each in answered) <= 2 * SOME + 1
    assert all(later - earlier >= MINUTE for earlier, later in pairwise(told))


# The same once more


async def test_p27_an_update_that_comes_twice_has_one_effect(sandbox: Sandbox, taras: Person) -> None:
    await taras.ask("/start")
    taras.chat.forget()
    asked = taras.say("when is the next exchange?")
    assert (await taras.chat.next_message())["text"].startswith(NOT_PUBLIC["en"])
    await quiet(sandbox)
    number = sandbox.mailbox.put_raw({"message": {**asked, "text": "/latest"}})
    await quiet(sandbox)
    taras.chat.forget()
    sandbox.mailbox.put_raw({"update_id": number, "message": asked})
    sandbox.mailbox.put_raw({"update_id": number - 1, "message": asked})
    with pytest.raises(TimeoutError):
        await taras.chat.next_message(within=1)


async def test_an_update_that_found_no_room_is_taken_when_it_comes_again(
    sandbox: Sandbox, services: Services
) -> None:
    application = build(SANDBOX_TOKEN, sandbox.url, services)
    queue, take = application.update_queue, taker(application)
    for number in range(queue.maxsize):
        await take({"update_id": number})
    for number in (0, queue.maxsize):
        with suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await take({"update_id": number})
    assert queue.qsize() == queue.maxsize
    await queue.get()
    for _ in range(2):
        await take({"update_id": queue.maxsize})
    assert queue.qsize() == queue.maxsize
