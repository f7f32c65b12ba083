"""Updates as a reader meets them: chosen in two presses, stopped at once, and the present state on coming back."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.delivery import subscriptions, watches
from bot.delivery.courier import Courier
from bot.i18n import LANGUAGES, translator
from bot.opening import ready_database
from bot.sandbox import Person, Sandbox
from bot.settings import Settings
from bot.understanding import Question, Topic
from bot.vault import Vault
from handlers.context import Services
from models.delivery import Outcome
from models.people import Reader, Watch
from tests.conftest import talking
from tests.readers import carried_out, copies, crowd, follow, outcomes, release
from tests.watchers import another_total, changed, watch_totals

Message = dict[str, Any]

CHANGED = tuple(
    translator(language).gettext("You asked me to tell you when this answer changes. It has changed:")
    for language in LANGUAGES
)


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
    await another_total(services)
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


async def test_a_second_tap_waits_for_the_first(url: str, taras: Person, services: Services) -> None:
    latest = Question(Topic.LATEST_EXCHANGE, "en", None, 1.0)
    async with ready_database(url) as database:
        await follow(database, services.vault, [taras])

        async def tap(session: AsyncSession) -> None:
            await watches.watch(session, services.vault, taras.id, latest, wanted=True)
            await session.flush()

        async def second_tap() -> None:
            async with database.write() as session:
                await tap(session)

        async with database.write() as session:
            await tap(session)
            second = asyncio.create_task(second_tap())
            await asyncio.wait({second}, timeout=0.5)
        await second
        async with database.read() as session:
            assert len((await session.scalars(select(Watch.id))).all()) == 1


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


async def test_a_watching_group_that_moved_and_a_seal_that_does_not_open_keep_nobody_from_being_told(
    sandbox: Sandbox, services: Services
) -> None:
    lost, nina, ihor = crowd(sandbox, 3)
    group = sandbox.add_group("Families", nina)
    await watch_totals(services, [group.id, lost.id, nina.id])
    await watch_totals(services, [ihor.id], "uk")
    async with services.database.write() as session:
        await session.execute(
            update(Reader)
            .where(Reader.chat_index == services.vault.index(lost.id))
            .values(chat_sealed=Vault(bytes(32)).seal(lost.id))
        )
    successor = sandbox.migrate(group, nina)
    await another_total(services)
    for chat in (nina.chat, successor, ihor.chat):
        await chat.next_message(lambda message: message.get("text", "").startswith(CHANGED), within=20)
    # Only the one that cannot be told is still waiting for it.
    async with asyncio.timeout(20), services.database.read() as session:
        while len(list(await session.scalars(select(Watch.id)))) > 1:
            await session.rollback()
            await asyncio.sleep(0.05)


async def test_who_sends_no_more_tells_nobody_of_a_change_any_more(
    database: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = crowd(sandbox, 40)

    def told() -> list[int]:
        return [len(copies(person)) for person in people]

    lost = asyncio.Event()
    was_ours = Courier.is_ours
    monkeypatch.setattr(Courier, "is_ours", lambda self: was_ours(self) and not lost.is_set())
    async with talking(database, sandbox, Settings(send_rate=30)) as services, asyncio.timeout(30):
        await watch_totals(services, [person.id for person in people])
        await another_total(services)
        while True:
            if sum(told()) >= 5:
                break
            await asyncio.sleep(0.01)
        lost.set()
        await asyncio.sleep(1.5)
        assert sum(told()) < 15
        lost.clear()
        while True:
            if sum(told()) >= len(people):
                break
            await asyncio.sleep(0.05)
    assert told() == [1] * len(people)
