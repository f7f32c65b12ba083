"""The bot in groups and channels, where its operator does not want it."""

from collections.abc import AsyncIterator
from inspect import signature
from typing import Any

import pytest
from sqlalchemy import update
from telegram import ChatMemberAdministrator, ChatMemberLeft, User

from bot.database import Database
from bot.delivery import subscriptions
from bot.i18n import LANGUAGES, Language, translator
from bot.sandbox import Person, Sandbox
from bot.settings import Settings
from handlers.context import Services
from models.people import Reader
from tests.conftest import talking
from tests.readers import follow, release

OURS, OTHERS = -1_000_000_000_501, -1_000_000_000_502


@pytest.fixture
async def unsociable(database: Database, sandbox: Sandbox) -> AsyncIterator[None]:
    settings = Settings(groups="leave", channel_uk="@Obmin_News", channel_en=str(OURS))
    async with talking(database, sandbox, settings):
        yield


def left(sandbox: Sandbox) -> list[int]:
    return [int(call["arguments"]["chat_id"]) for call in sandbox.calls if call["method"] == "leaveChat"]


def made_admin(sandbox: Sandbox, chat_id: int, name: str | None = None, kind: str = "channel") -> None:
    """Of a channel, which the sandbox does not have, or of a group."""
    us = User.de_json(sandbox.bot, None)
    rights: dict[str, Any] = {
        name: True for name in signature(ChatMemberAdministrator).parameters if name.startswith("can_")
    }
    admin = ChatMemberAdministrator(us, is_anonymous=False, **rights)
    changed = {
        "chat": {"id": chat_id, "type": kind, "title": "News", **({"username": name} if name else {})},
        "from": sandbox.person("Taras").json,
        "date": sandbox.now(),
        "old_chat_member": ChatMemberLeft(us).to_dict(),
        "new_chat_member": admin.to_dict(),
    }
    sandbox.mailbox.put_raw({"my_chat_member": changed})


@pytest.mark.usefixtures("unsociable")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_says_why_and_leaves(sandbox: Sandbox, language: Language) -> None:
    group = sandbox.add_group("Families", sandbox.add_person("Nina", language))
    said = await group.next_message()
    assert said["text"] == translator(language).gettext(
        "I talk with people one to one, so I do not stay in groups. Write to me: %(name)s",
        name="@obmin_sandbox_bot",
    )
    await sandbox.person("Taras").ask("/next")
    assert left(sandbox) == [group.id]
    assert group.blocked


@pytest.mark.usefixtures("unsociable")
async def test_it_leaves_a_group_that_it_was_in_before_when_it_is_spoken_to(sandbox: Sandbox) -> None:
    taras = sandbox.person("Taras")
    group = sandbox.add_group("Newsroom")
    taras.say("/next@obmin_sandbox_bot", chat=group)
    assert "one to one" in (await group.next_message())["text"]
    await taras.ask("/next")
    assert left(sandbox) == [group.id]
    with pytest.raises(TimeoutError):
        await group.next_message(within=0.3)


@pytest.mark.usefixtures("unsociable")
async def test_it_leaves_the_channels_of_others_without_a_word_and_stays_in_its_own(sandbox: Sandbox) -> None:
    made_admin(sandbox, OURS)
    made_admin(sandbox, OTHERS - 1, "obmin_news")
    made_admin(sandbox, OTHERS)
    await sandbox.person("Taras").ask("/next")
    assert left(sandbox) == [OTHERS]
    assert [call["method"] for call in sandbox.calls if call["arguments"].get("chat_id") == OTHERS] == [
        "leaveChat"
    ]


@pytest.mark.usefixtures("services")
async def test_otherwise_it_stays_and_says_nothing_until_it_is_addressed(sandbox: Sandbox) -> None:
    taras = sandbox.person("Taras")
    group = sandbox.add_group("Newsroom", taras)
    made_admin(sandbox, OTHERS)
    with pytest.raises(TimeoutError):
        await group.next_message(within=0.5)
    taras.say("/next", chat=group)
    assert await group.next_message()
    assert left(sandbox) == []


async def test_a_group_that_takes_it_in_again_gets_updates_again(
    sandbox: Sandbox, taras: Person, services: Services
) -> None:
    group = sandbox.add_group("Newsroom", taras)
    taras.say("/updates@obmin_sandbox_bot", chat=group)
    taras.press(await group.next_message(), "All updates", chat=group)
    await group.next_edit()
    await gone(services)
    made_admin(sandbox, group.id, kind="group")
    assert "Welcome back" in (await group.next_message())["text"]
    await release(services.database, texts={"en": "The exchange took place."})
    assert "The exchange took place." in (await group.next_message())["text"]


@pytest.mark.parametrize("way", ["/updates", "/press", "Daily", "English", "Tell me if this changes"])
async def test_who_was_thought_to_be_gone_gets_updates_again_when_they_are_there(
    taras: Person, services: Services, way: str
) -> None:
    """Telegram need not have told that the bot was unblocked: it may not have listened."""
    await follow(services.database, services.vault, [taras])
    screens = {"Daily": "/updates", "English": "/language", "Tell me if this changes": "/next"}
    if way in screens:
        screen = await taras.ask(screens[way])
        await gone(services)
        taras.press(screen, way)
        await taras.chat.next_edit()
    else:
        await gone(services)
        await taras.ask(way)
    async with services.database.read() as session:
        reader = await subscriptions.reader(session, services.vault, taras.id)
    assert reader
    assert not reader.blocked


async def gone(services: Services) -> None:
    """What was known of all readers."""
    async with services.database.write() as session:
        await session.execute(update(Reader).values(blocked=True))
