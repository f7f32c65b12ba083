"""Updates as a reader meets them: chosen in two presses, stopped at once, and the present state on coming back."""

import asyncio
from typing import Any

import pytest

from bot.delivery import subscriptions
from bot.sandbox import Person
from handlers.context import Services
from models.delivery import Outcome
from tests.readers import carried_out, outcomes, release

Message = dict[str, Any]


def labels(message: Message) -> list[str]:
    return [button["text"] for row in message["reply_markup"]["inline_keyboard"] for button in row]


async def pressed(person: Person, message: Message, label: str) -> Message:
    person.press(message, label)
    return await person.chat.next_edit()


async def test_two_presses_subscribe(taras: Person, services: Services) -> None:
    screen = await taras.ask("/updates")
    assert "no updates" in screen["text"]
    screen = await pressed(taras, screen, "Exchanges only")
    assert "You get: exchanges only." in screen["text"]
    screen = await pressed(taras, screen, "Daily")
    assert "Once a day, at 9:00" in screen["text"]
    screen = await pressed(taras, screen, "19:00")
    screen = await pressed(taras, screen, "Quiet at night")
    assert "no sound" in screen["text"]
    async with services.database.read() as session:
        reader = await subscriptions.reader(session, services.vault, taras.id)
    assert reader
    assert (reader.follows, reader.pace, reader.digest_hour, reader.quiet_from) == ("exchanges", "daily", 19, 22)


@pytest.mark.parametrize(
    "words", ["subscribe me to the news", "I want to get updates", "підпишіть мене на новини"]
)
async def test_asking_for_updates_shows_the_choice(taras: Person, words: str) -> None:
    assert len(labels(await taras.ask(words))) == 4


async def test_stop_stops(taras: Person, services: Services) -> None:
    await pressed(taras, await taras.ask("/updates"), "All updates")
    assert "Stopped" in (await taras.ask("/stop"))["text"]
    post = await release(services.database)
    await asyncio.sleep(1)
    assert await outcomes(services.database, post) == {}


async def test_p14_who_comes_back_gets_the_present_state_once_and_no_backlog(
    taras: Person, services: Services
) -> None:
    await pressed(taras, await taras.ask("/updates"), "All updates")
    taras.block()
    posts = [await release(services.database) for _ in range(2)]
    await carried_out(services.database)
    assert await outcomes(services.database, posts[0]) == {Outcome.BLOCKED: 1}
    taras.chat.forget()
    taras.unblock()
    back = await taras.chat.next_message()
    assert "Welcome back" in back["text"]
    assert "The date of the next exchange" in back["text"]
    with pytest.raises(TimeoutError):
        await taras.chat.next_message(within=1)


async def test_forget_takes_the_copies_along(taras: Person, services: Services) -> None:
    await pressed(taras, await taras.ask("/updates"), "All updates")
    post = await release(services.database)
    await taras.chat.next_message()
    await taras.ask("/forget")
    assert await outcomes(services.database, post) == {}
