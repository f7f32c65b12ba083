"""What one chat sends is handled in the order in which it was sent, however long the first of it takes."""

import asyncio
from typing import Any

import pytest

from bot.database import Database
from bot.delivery import subscriptions
from bot.desk import staff
from bot.sandbox import Person, Sandbox
from handlers import turns
from handlers.context import Services
from models.desk import Role
from models.people import Reader
from tests.conftest import talking
from tests.test_conversation import NOT_PUBLIC
from tests.test_desk_talk import hired


async def reader(services: Services, person: Person) -> Reader | None:
    async with services.database.read() as session:
        return await subscriptions.reader(session, services.vault, person.id)


async def pressed_and_then_said(person: Person, below: dict[str, Any], button: str, text: str) -> str:
    """Both at once, though to answer a press takes long; gives what is answered to the text."""
    person.chat.forget()
    person.world.faults.configure({"latency": 1, "methods": ["answerCallbackQuery"]})
    person.press(below, button)
    person.say(text)
    await person.chat.next_edit(within=20)
    return str((await person.chat.next_message(within=20))["text"])


async def test_what_was_pressed_before_stop_is_not_written_after_it(taras: Person, services: Services) -> None:
    screen = await taras.ask("/updates")
    assert "Stopped" in await pressed_and_then_said(taras, screen, "All updates", "/stop")
    now = await reader(services, taras)
    assert now
    assert now.follows is None


async def test_p24_what_was_pressed_before_forget_is_not_written_after_it(
    taras: Person, services: Services
) -> None:
    answer = await taras.ask("/totals 2024")
    await taras.chat.next_message()
    await pressed_and_then_said(taras, answer, "Tell me if this changes", "/forget")
    assert await reader(services, taras) is None


async def test_a_day_that_was_chosen_and_given_up_in_one_breath_is_given_up(taras: Person) -> None:
    taras.say("/asof 2025-06-02")
    taras.say("/asof off")
    told = [(await taras.chat.next_message())["text"] for _ in range(2)]
    assert told[0].startswith("As of 2 June 2025.")
    assert told[1] == "I answer as of today."
    assert (await taras.ask("/asof"))["text"].startswith("I answer as of today.")


@pytest.mark.parametrize(("first", "then"), [("/latest", "/next"), ("/search Medinsky", "/search Azovstal")])
async def test_a_question_that_is_edited_before_its_answer_is_there_has_one_answer(
    sandbox: Sandbox, taras: Person, first: str, then: str
) -> None:
    taras.press(await taras.ask("/language"), "English")
    await taras.chat.next_message()
    taras.chat.forget()
    sandbox.faults.configure({"latency": 0.5, "methods": ["sendMessage"]})
    asked = taras.say(first)
    taras.edit(asked["message_id"], then)
    answer = await taras.chat.next_message()
    edited = await taras.chat.next_edit()
    assert edited["message_id"] == answer["message_id"]
    assert edited["text"] != answer["text"]


async def test_a_chat_that_waits_for_telegram_takes_no_place_from_others(
    database: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "UPDATES_AT_ONCE", 2)
    waiting, taras = sandbox.add_person("Nina", "en"), sandbox.person("Taras")
    async with talking(database, sandbox):
        refused = {"times": 1, "retry_after": 4, "chat": waiting.id, "methods": ["sendMessage"]}
        sandbox.faults.configure({"too_many_requests": refused})
        for _ in range(5):
            waiting.say("/next")
        assert (await taras.ask("/next"))["text"].startswith(NOT_PUBLIC["en"])
        assert not any(map(is_answer, waiting.chat.messages.values()))
        for _ in range(5):
            await waiting.chat.next_message(is_answer, within=20)


def is_answer(message: dict[str, Any]) -> bool:
    return str(message["text"]).startswith(NOT_PUBLIC["en"])


async def test_after_an_update_whose_handling_fails_the_next_has_its_turn(
    taras: Person, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise ValueError

    with monkeypatch.context() as broken:
        broken.setattr(services.answers, "reply", fails)
        await taras.ask("/next")
    assert (await taras.ask("/next"))["text"].startswith(NOT_PUBLIC["en"])


async def test_p18_a_freeze_waits_for_nothing(sandbox: Sandbox, services: Services) -> None:
    marko = await hired(services, sandbox.add_person("Marko", "en"), Role.WRITER)
    refused = {"times": 1, "retry_after": 6, "chat": marko.person.id, "methods": ["sendMessage"]}
    sandbox.faults.configure({"too_many_requests": refused})
    marko.person.say("/desk")
    await asyncio.sleep(0.2)
    answer = await marko.person.ask("/freeze", within=20)
    assert "frozen" in answer["text"]
    async with services.database.read() as session:
        assert await staff.frozen_by(session) == "marko"
