"""A person writes to the bot and reads what comes back: the real application, real HTTP, a real database."""

import asyncio
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from telegram import Bot

from bot.answers.pages import visible
from bot.delivery.subscriptions import chosen_language
from bot.delivery.transport import Transport
from bot.i18n import LANGUAGE_NAMES, LANGUAGES, Language, translator
from bot.opening import ready_database
from bot.sandbox import Person, Sandbox
from handlers.commands import TOPIC_OF_COMMAND, descriptions
from handlers.context import Services
from handlers.profile import set_profile
from tests.conftest import talking

Message = dict[str, Any]

NOT_PUBLIC = {
    language: visible(
        translator(language).gettext("<b>The date of the next exchange has not been made public.</b>")
    )
    for language in LANGUAGES
}
QUESTIONS = {"uk": "коли наступний обмін?", "en": "when is the next exchange?", "ru": "когда следующий обмен?"}


def labels(message: Message) -> list[str]:
    return [button["text"] for row in message["reply_markup"]["inline_keyboard"] for button in row]


def keys(message: Message) -> list[str]:
    """The keys of the keyboard that stays."""
    return [key["text"] for row in message["reply_markup"]["keyboard"] for key in row]


def data(message: Message) -> list[str]:
    return [button["callback_data"] for row in message["reply_markup"]["inline_keyboard"] for button in row]


# First contact


async def test_a_newcomer_chooses_a_language_and_sees_what_the_bot_knows(olena: Person) -> None:
    asked = await olena.ask("/start")
    assert labels(asked) == ["Українська", "English", "Русский"]
    olena.press(asked, "Русский")
    assert (await olena.chat.next_edit())["text"] == "Язык: Русский"
    about = await olena.chat.next_message()
    assert "обмен" in about["text"]
    assert len(keys(about)) == 5
    again = await olena.ask("/start")
    assert again["text"] == about["text"]
    with pytest.raises(TimeoutError):
        await olena.chat.next_message(within=0.3)


async def test_the_choice_of_a_language_is_remembered(olena: Person, services: Services) -> None:
    olena.press(await olena.ask("/start"), "English")
    await olena.chat.next_message()
    async with services.database.read() as session:
        assert await chosen_language(session, services.vault, olena.id) == "en"
    assert (await olena.ask("/next"))["text"].startswith("The date of the next exchange")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_keys_that_stay_ask_in_their_own_language(olena: Person, language: Language) -> None:
    olena.press(await olena.ask("/start"), LANGUAGE_NAMES[language])
    about = await olena.chat.next_message()
    olena.press(await olena.ask("/language"), "English")
    await olena.chat.next_message()
    for key in keys(about):
        answer = await olena.ask(key)
        assert not answer.get("reply_markup") or "p:" in str(answer["reply_markup"])
        foreign = {"uk": "ыэъё", "en": "абвгдежзиї", "ru": "іїєґ"}[language]
        assert not set(answer["text"].partition("\n")[0]) & set(foreign)


async def test_a_question_comes_first_and_the_language_is_asked_after_it(olena: Person) -> None:
    answer = await olena.ask(QUESTIONS["uk"])
    assert answer["text"].startswith(NOT_PUBLIC["uk"])
    asked = await olena.chat.next_message()
    assert labels(asked) == ["Українська", "English", "Русский"]
    await olena.ask(QUESTIONS["uk"])
    with pytest.raises(TimeoutError):
        await olena.chat.next_message(within=0.3)


@pytest.mark.parametrize(
    ("code", "language"), [("uk", "uk"), ("ru", "ru"), ("en-US", "en"), ("de", "en"), (None, "uk")]
)
async def test_telegrams_language_is_the_first_guess(
    sandbox: Sandbox, services: Services, code: str | None, language: Language
) -> None:
    person = sandbox.add_person("Nina", code)
    answer = await person.ask("/next")
    assert answer["text"].startswith(NOT_PUBLIC[language])


async def test_forget_leaves_nothing(olena: Person, services: Services) -> None:
    olena.press(await olena.ask("/start"), "English")
    await olena.chat.next_message()
    await olena.ask("/forget")
    async with services.database.read() as session:
        assert await chosen_language(session, services.vault, olena.id) is None


# Questions


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_question_is_answered_in_the_language_it_is_asked_in(olena: Person, language: Language) -> None:
    answer = await olena.ask(QUESTIONS[language])
    assert answer["text"].startswith(NOT_PUBLIC[language])
    assert any(entity["type"] == "text_link" for entity in answer["entities"])


@pytest.mark.parametrize("command", TOPIC_OF_COMMAND)
async def test_every_command_is_answered(taras: Person, command: str) -> None:
    answer = await taras.ask(f"/{command}")
    assert "did not understand" not in answer["text"]


async def test_a_command_takes_a_period(taras: Person) -> None:
    answer = await taras.ask("/history 19 April 2025")
    assert answer["text"].startswith("19 April 2025: 1 exchange in our record.")


@pytest.mark.parametrize("text", ["/next?", "/next, please", "/next@obmin_sandbox_bot now", "/next\n2024"])
async def test_a_command_is_known_by_what_telegram_marks(taras: Person, text: str) -> None:
    assert (await taras.ask(text))["text"].startswith("The date of the next exchange")


async def test_help_is_short_and_leads_on(taras: Person) -> None:
    answer = await taras.ask("/help")
    assert len(answer["text"]) < 500
    assert len(labels(answer)) == 10


async def test_the_menu_asks_by_button(taras: Person) -> None:
    menu = await taras.ask("/help")
    for button in data(menu):
        taras.press(menu, button)
        answer = await taras.chat.next_message()
        assert "did not understand" not in answer["text"]


async def test_pages_are_turned_in_place(taras: Person) -> None:
    first = await taras.ask("/history")
    taras.press(first, labels(first)[0])
    second = await taras.chat.next_edit()
    assert second["message_id"] == first["message_id"]
    assert second["text"] != first["text"]
    taras.press(second, "‹ Back")
    assert (await taras.chat.next_edit())["text"] == first["text"]


async def test_a_button_pressed_twice_breaks_nothing(taras: Person) -> None:
    first = await taras.ask("/history")
    for _ in range(2):
        taras.press(first["message_id"], labels(first)[0])
    await taras.chat.next_edit()
    assert (await taras.ask("/next"))["text"].startswith("The date")


async def test_an_old_button_says_what_to_do(sandbox: Sandbox, taras: Person) -> None:
    message = await taras.ask("/history")
    for carried in ("", "buy:1", "p:x:exchange_history:::en", "p:1:exchange_history:20259999-1::en", "t:money:en"):
        sandbox.pressed(taras, taras.chat, message, carried)
        said = await taras.chat.next_callback_answer()
        assert said["show_alert"]
        assert "send /help" in said["text"]


async def test_a_page_that_is_gone_shows_the_last_one(sandbox: Sandbox, taras: Person) -> None:
    message = await taras.ask("/history")
    sandbox.pressed(taras, taras.chat, message, "p:99:exchange_history:::en")
    assert "1 March 2022" in (await taras.chat.next_edit())["text"]


async def test_what_is_in_doubt_is_asked_back_and_a_press_answers_it(olena: Person) -> None:
    asked_back = await olena.ask("що відомо")
    assert len(labels(asked_back)) == 3
    olena.press(asked_back, labels(asked_back)[0])
    answer = await olena.chat.next_edit()
    assert answer["message_id"] == asked_back["message_id"]
    assert answer["text"] != asked_back["text"]


async def test_a_short_question_leans_on_the_one_before(olena: Person) -> None:
    await olena.ask("скільки людей повернули за весь час?")
    await olena.chat.next_message()
    answer = await olena.ask("а в травні 2025?")
    assert answer["text"].startswith("Травень 2025")
    assert "1\u00a0205" in answer["text"]


# What people also send


async def test_an_edited_question_gets_its_answer_edited(taras: Person) -> None:
    asked = taras.say("when is the next exchange?")
    answer = await taras.chat.next_message()
    taras.edit(asked["message_id"], "when was the last exchange?")
    edited = await taras.chat.next_edit()
    assert edited["message_id"] == answer["message_id"]
    assert edited["text"].startswith("The latest exchange in our record")


async def test_an_edit_that_changes_nothing_in_the_answer_is_not_answered_twice(taras: Person) -> None:
    await taras.ask("/start")
    asked = taras.say("when is the next exchange")
    await taras.chat.next_message()
    taras.edit(asked["message_id"], "when is the next exchange?")
    with pytest.raises(TimeoutError):
        await taras.chat.next_message(within=0.5)


async def test_an_album_is_answered_once(sandbox: Sandbox, taras: Person) -> None:
    await taras.ask("/start")
    picture = taras.attach("photo")
    await taras.chat.next_message()
    for number in range(3):
        sandbox.mailbox.put_raw({"message": {**picture, "message_id": 900 + number, "media_group_id": "album"}})
    await taras.chat.next_message()
    with pytest.raises(TimeoutError):
        await taras.chat.next_message(within=0.5)


@pytest.mark.parametrize("kind", ["photo", "voice", "document", "sticker", "contact", "location"])
async def test_what_is_not_text_is_answered_and_never_fetched(sandbox: Sandbox, taras: Person, kind: Any) -> None:  # noqa: ANN401
    await taras.ask("/start")
    taras.chat.forget()
    taras.attach(kind)
    answer = await taras.chat.next_message(lambda message: "only read text" in message["text"])
    assert labels(answer)
    assert sandbox.call_counts["getFile"] == 0


async def test_an_unknown_command_is_told_what_there_is(taras: Person) -> None:
    answer = await taras.ask("/frobnicate")
    assert answer["text"].startswith("I do not know this command.")
    assert labels(answer)


@pytest.mark.parametrize("text", ["x" * 4096, "🙂", "\u202eabc", "\u200b\u200b?", "<b>&", "/", "%(n)s %s {0}"])
async def test_rubbish_is_answered(taras: Person, text: str) -> None:
    assert (await taras.ask(text))["text"]


async def test_despair_is_met_with_a_number_to_call_and_nothing_else(olena: Person) -> None:
    answer = await olena.ask("я більше не можу, не хочу жити")
    assert "7333" in answer["text"].splitlines()[0]
    assert "reply_markup" not in answer
    with pytest.raises(TimeoutError):
        await olena.chat.next_message(within=0.3)


async def test_in_a_group_the_bot_speaks_when_spoken_to(sandbox: Sandbox, taras: Person, olena: Person) -> None:
    group = sandbox.add_group("Newsroom", taras, olena)
    taras.say("when is the next exchange?", chat=group)
    taras.say("@obmin_sandbox_bot when is the next exchange?", chat=group)
    answer = await group.next_message()
    assert answer["text"].startswith("The date of the next exchange")
    taras.say("/latest@obmin_sandbox_bot", chat=group)
    assert (await group.next_message())["text"].startswith("The latest exchange")
    taras.say("and how many are still held?", chat=group, reply_to=answer["message_id"])
    assert "8,000" in (await group.next_message(lambda message: "8,000" in message["text"]))["text"]


async def test_a_blocked_bot_goes_on_for_others(olena: Person, taras: Person) -> None:
    await olena.ask("/start")
    olena.say("/next")
    olena.block()
    assert (await taras.ask("/next"))["text"]


async def test_an_update_of_an_unknown_form_keeps_nobody_waiting(sandbox: Sandbox, taras: Person) -> None:
    malformed_updates: list[dict[str, Any]] = [
        {"message": {"message_id": "x"}},
        {"message": 5},
        {"callback_query": {}},
        {"novelty": {}},
    ]
    for malformed in malformed_updates:
        sandbox.mailbox.put_raw(malformed)
    assert (await taras.ask("/next"))["text"].startswith("The date")


async def test_updates_are_fetched_again_after_faults(sandbox: Sandbox, taras: Person) -> None:
    await taras.ask("/start")
    for fault in ({"server_error": {"times": 2}}, {"drop": {"times": 2}}, {"too_many_requests": {"times": 1}}):
        sandbox.faults.configure({**fault, "methods": ["getUpdates"]})
        assert (await taras.ask("/latest"))["text"].startswith("The latest")


async def test_a_locked_database_asks_to_try_again(sandbox: Sandbox, sqlite_url: str) -> None:
    async with ready_database(f"{sqlite_url}?timeout=1") as database, talking(database, sandbox):
        taras = sandbox.person("Taras")
        asked = await taras.ask("/start")
        file = sqlite_url.partition("///")[2]
        with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
            # In a thread: the bot may be writing just now, and must be able to end it.
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
            taras.press(asked, "English")
            assert "once more in a minute" in (await taras.chat.next_message())["text"]
        taras.press(asked, "English")
        assert (await taras.chat.next_message())["text"].startswith("I can tell you")


# Faults on the way to Telegram


@pytest.mark.parametrize(
    "fault",
    [
        {"too_many_requests": {"times": 2, "retry_after": 1}},
        {"server_error": {"times": 1, "status": 502}},
        {"drop": {"times": 1, "after": False}},
    ],
)
async def test_a_reply_survives_a_fault(sandbox: Sandbox, taras: Person, fault: dict[str, Any]) -> None:
    sandbox.faults.configure({**fault, "methods": ["sendMessage"]})
    assert (await taras.ask("/next"))["text"].startswith("The date")


async def test_everybody_is_answered_at_once(sandbox: Sandbox, services: Services) -> None:
    people = [sandbox.add_person(f"Reader {number}", "en") for number in range(50)]
    answers = await asyncio.gather(*(person.ask("/latest") for person in people))
    assert {answer["text"] for answer in answers} == {answers[0]["text"]}


# What Telegram shows of the bot


async def test_commands_and_descriptions_are_set_in_each_language_once(sandbox: Sandbox) -> None:
    bot = Bot(sandbox.token, base_url=f"{sandbox.url}/bot", request=Transport(connections=4))
    async with bot:
        await set_profile(bot)
        for code in (None, *LANGUAGES):
            tr = translator(code or "en")
            commands = {
                command.command: command.description for command in await bot.get_my_commands(language_code=code)
            }
            assert commands == descriptions(tr)
            assert (await bot.get_my_description(language_code=code)).description
            assert len((await bot.get_my_short_description(language_code=code)).short_description) <= 120
        calls = sandbox.call_counts["setMyCommands"]
        await set_profile(bot)
    assert sandbox.call_counts["setMyCommands"] == calls == 4
