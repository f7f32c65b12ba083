"""Updates as a reader meets them: chosen in two presses, stopped at once, and the present state on coming back."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import select

from bot.delivery import subscriptions, watches
from bot.desk import record
from bot.sandbox import Person
from handlers.context import Services
from models.delivery import Outcome
from models.people import Watch
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
    assert len(labels(await taras.ask(words))) == len(labels(await taras.ask("/updates")))


async def test_stop_stops(taras: Person, services: Services) -> None:
    await pressed(taras, await taras.ask("/updates"), "All updates")
    assert "Stopped" in (await taras.ask("/stop"))["text"]
    post = await release(services.database)
    await carried_out(services.database)
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


async def changed(services: Services, kind: str, key: str, **fields: object) -> None:
    """The record, in one row."""
    async with services.database.write() as session:
        row = await record.row(session, kind, key) | fields
        await record.load(session, [("test", 1, json.dumps(row))])


async def test_who_asked_to_be_told_is_told_once_that_an_answer_has_changed(
    taras: Person, services: Services
) -> None:
    watched = await pressed(taras, await taras.ask("/totals 2024"), "Tell me if this changes")
    assert "✓ I will tell you of a change" in labels(watched)
    await changed(services, "term", "a-news", name={"original": "en", "en": "Z.", "uk": "З.", "ru": "З."})
    async with asyncio.timeout(30), services.database.read() as session:
        while await watches.any_older(session):
            await session.rollback()
            await asyncio.sleep(0.02)
    await changed(services, "figure", "2024-01-03-returned_to_ukraine", value=999)
    news = await taras.chat.next_message(lambda message: "It has changed:" in message["text"])
    assert "2024" in news["text"]
    async with asyncio.timeout(30), services.database.read() as session:
        while await session.scalar(select(Watch.id)):
            await session.rollback()
            await asyncio.sleep(0.02)


async def test_a_watch_is_taken_back_by_the_same_button_and_by_stop(taras: Person, services: Services) -> None:
    question = await pressed(taras, await taras.ask("/next"), "Tell me if this changes")
    back = await pressed(taras, question, "✓ I will tell you of a change")
    assert "Tell me if this changes" in labels(back)
    await pressed(taras, back, "Tell me if this changes")
    await taras.ask("/stop")
    async with services.database.read() as session:
        assert await session.scalar(select(Watch.id)) is None


async def test_one_exchange_can_be_followed(taras: Person, services: Services) -> None:
    screen = await taras.ask("/updates")
    (only,) = (label for label in labels(screen) if label.startswith("Only the exchange of"))
    screen = await pressed(taras, screen, only)
    assert "You get: one exchange." in screen["text"]
    assert f"✓ {only}" in labels(screen)


async def test_forget_takes_the_copies_along(taras: Person, services: Services) -> None:
    await pressed(taras, await taras.ask("/updates"), "All updates")
    post = await release(services.database)
    await taras.chat.next_message()
    await taras.ask("/forget")
    assert await outcomes(services.database, post) == {}
