"""What is kept about a person is told in words, deleted when asked, and gone when it is of no use."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from bot import understanding
from bot.database import Database
from bot.delivery import standing
from bot.desk import staff
from bot.i18n import LANGUAGE_NAMES, LANGUAGES, Language, today_in_kyiv, translator
from bot.opening import ready_database
from bot.sandbox import SANDBOX_TOKEN, Person, Sandbox
from bot.understanding import Topic
from bot.vault import Vault, VaultLocked
from bot.zones import city
from handlers.context import Services
from handlers.keyboards import titles
from models.base import Base
from models.delivery import Broadcast, Delivery, Outcome
from models.desk import Role
from tests.conftest import talking
from tests.readers import carried_out, courier, crowd, follow, release
from tests.test_desk_talk import hired
from tests.test_program import running

VAULT = Vault(bytes(range(32)))
NOTHING = {
    "uk": "Про цей чат я не зберігаю нічого.",
    "en": "I keep nothing about this chat.",
    "ru": "Об этом чате я не храню ничего.",
}
PERIOD = {"uk": "травень 2025", "en": "May 2025", "ru": "май 2025"}
KEPT_COPY = {"uk": "Про 1 новину", "en": "Of 1 update", "ru": "О 1 новости"}


async def rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that is in the database."""
    async with database.read() as session:
        return {
            table.name: [tuple(row) for row in await session.execute(select(table))]
            for table in Base.metadata.sorted_tables
        }


def names(vault: Vault, chat_id: int, value: object) -> bool:
    """Whether a value leads to a chat, with the key or without."""
    if isinstance(value, bytes):
        try:
            return value == vault.index(chat_id) or vault.open(value, vault.index(chat_id)) == chat_id
        except (VaultLocked, ValueError):
            # Sealed for another, or nothing that is sealed.
            return False
    return str(chat_id) in str(value)


def traces(vault: Vault, chat_id: int, kept: dict[str, list[tuple[Any, ...]]]) -> set[str]:
    """The tables in which a chat can be found."""
    return {
        table
        for table, found in kept.items()
        if any(names(vault, chat_id, value) for row in found for value in row)
    }


async def chosen(nina: Person, services: Services, language: Language) -> None:
    """Language, updates, a watch on an answer, and a copy of a post: all that a reader can leave."""
    tr = translator(language)
    nina.press(await nina.ask("/start"), LANGUAGE_NAMES[language])
    await nina.chat.next_message()
    screen = await nina.ask("/updates")
    for label in ("Exchanges only", "Daily", "19:00", "Quiet at night"):
        nina.press(screen, tr.gettext(label))
        screen = await nina.chat.next_edit()
    nina.press(await nina.ask("/press"), tr.gettext("What Russia says"))
    await nina.chat.next_edit()
    await nina.ask("/zone Berlin")
    answer = await nina.ask(f"/totals {PERIOD[language]}")
    nina.press(answer, tr.gettext("Tell me if this changes"))
    await nina.chat.next_edit()
    nina.chat.forget()
    await release(services.database, importance="urgent")
    await nina.chat.next_message()
    await carried_out(services.database)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_p24_mydata_tells_all_and_forget_leaves_nothing(
    sandbox: Sandbox, services: Services, language: Language
) -> None:
    nina, tr = sandbox.add_person("Nina", language), translator(language)
    database, vault = services.database, services.vault
    assert (await nina.ask("/mydata"))["text"] == NOTHING[language]
    before = await rows(database)
    await chosen(nina, services, language)
    assert traces(vault, nina.id, await rows(database)) == {"reader"}
    told = (await nina.ask("/mydata"))["text"]
    for said in (
        LANGUAGE_NAMES[language],
        tr.gettext("exchanges only"),
        tr.gettext("once a day"),
        "19:00",
        "22:00",
        "7:00",
        tr.gettext("• I take it that you have not blocked me"),
        titles(tr)[Topic.EXCHANGE_TOTALS],
        PERIOD[language],
        tr.gettext("What Russia says"),
        city("Europe/Berlin", tr),
        KEPT_COPY[language],
        "90",
        "/forget",
    ):
        assert said in told
    await nina.ask("/forget")
    after = await rows(database)
    # What the newsroom made stays, and what a search looks through.
    released = {
        "staff_member",
        "post",
        "post_revision",
        "broadcast",
        "courier_lease",
        "search_entry",
        "search_state",
    }
    assert {table for table in after if after[table] != before[table]} <= released
    for table in ("reader", "watch", "subscription", "delivery"):
        assert after[table] == []
    assert traces(vault, nina.id, after) == set()
    assert (await nina.ask("/mydata"))["text"] == NOTHING[language]


async def test_after_forget_no_question_leans_on_one_before(sandbox: Sandbox, olena: Person) -> None:
    olena.press(await olena.ask("/start"), "Українська")
    await olena.chat.next_message()
    await olena.ask("коли почнуться переговори?")
    await olena.ask("/forget")
    stranger = sandbox.add_person("Nina", "uk")
    short = "а в травні 2025?"
    assert (await olena.ask(short))["text"] == (await stranger.ask(short))["text"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_p24_privacy_always_answers(sandbox: Sandbox, services: Services, language: Language) -> None:
    answer = (await sandbox.add_person("Nina", language).ask("/privacy"))["text"]
    for said in ("/mydata", "/forget", "Telegram", "90"):
        assert said in answer
    assert len(answer) < 1000


@pytest.mark.parametrize("language", LANGUAGES)
async def test_p24_of_staff_the_role_is_told_and_only_an_administrator_ends_it(
    sandbox: Sandbox, services: Services, language: Language
) -> None:
    tr, asked_on = translator(language), datetime.now(UTC).date()
    marko = await hired(services, sandbox.add_person("Marko", language), Role.WRITER)
    told = (await marko.ask("/mydata"))["text"]
    for said in ("marko", tr.gettext("writer"), "/forget"):
        assert said in told
    assert any(tr.day(day) in told for day in (asked_on, datetime.now(UTC).date()))
    await marko.ask("/language")
    done = (await marko.ask("/forget"))["text"]
    assert "marko" in done
    async with services.database.write() as session:
        assert await staff.of_chat(session, services.vault, marko.person.id)
        await staff.revoke(session, staff.SERVER, "marko")
    past = (await marko.ask("/mydata"))["text"]
    assert "marko" in past
    assert past != told


async def test_mydata_names_the_exchange_and_the_speaker(taras: Person, services: Services) -> None:
    await follow(services.database, services.vault, [taras], follows="exchange:2025-05-23", blocked=True)
    assert "you have blocked me" in (await taras.ask("/mydata"))["text"]
    taras.press(await taras.ask("/statements Medinsky"), "Tell me if this changes")
    await taras.chat.next_edit()
    told = (await taras.ask("/mydata"))["text"]
    assert "one exchange (25 May 2025)" in told
    assert "Who said what (English; Vladimir Medinsky)" in told
    assert "you have not blocked me" in told
    assert "Hours without sound: none" in told


# Message numbers


@pytest.fixture
async def anywhere(url: str) -> AsyncIterator[Database]:
    async with ready_database(url) as database:
        yield database


def ago(**time: float) -> datetime:
    return datetime.now(UTC) - timedelta(**time)


async def test_p25_message_numbers_go_when_a_post_can_no_longer_be_corrected(
    anywhere: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "PURGED_AT_ONCE", 2)
    await follow(anywhere, VAULT, crowd(sandbox, 3))
    await follow(anywhere, VAULT, crowd(sandbox, 1), pace="weekly")
    over = await release(anywhere, released_at=ago(days=90, minutes=1))
    nearly_over = await release(anywhere, released_at=ago(days=89, hours=23))
    corrected = await release(anywhere, released_at=ago(days=200))
    async with courier(anywhere, VAULT, sandbox):
        await sent(anywhere, over, nearly_over, corrected)
        await release(anywhere, corrected, released_at=ago(days=10))
        async with asyncio.timeout(20), anywhere.read() as session:
            while await session.scalar(select(Broadcast.id).where(Broadcast.done.is_(False))):
                await session.rollback()
                await asyncio.sleep(0.02)
    with deleting(anywhere) as at_once:
        await standing.purge(anywhere)
    assert at_once == [2, 1]
    async with anywhere.read() as session:
        left = {post: await standing.counts(session, post) for post in (over, nearly_over, corrected)}
    assert left[over] == {**dict.fromkeys(Outcome, 0), Outcome.PENDING: 1}
    for post in (nearly_over, corrected):
        assert left[post] == {**dict.fromkeys(Outcome, 0), Outcome.PENDING: 1, Outcome.SENT: 3}


@contextmanager
def deleting(database: Database) -> Iterator[list[int]]:
    """How many rows each DELETE of the block took away."""
    counts: list[int] = []

    def look(_connection: object, cursor: Any, statement: str, *_: object) -> None:  # noqa: ANN401 - a driver's
        if statement.startswith("DELETE"):
            counts.append(cursor.rowcount)

    event.listen(database.engine.sync_engine, "after_cursor_execute", look)
    yield counts
    event.remove(database.engine.sync_engine, "after_cursor_execute", look)


async def sent(database: Database, *posts: int) -> None:
    async with asyncio.timeout(20), database.read() as session:
        for post in posts:
            while (await standing.counts(session, post))[Outcome.SENT] < 3:
                await session.rollback()
                await asyncio.sleep(0.02)


async def test_p25_the_program_purges_by_itself(database: Database, sandbox: Sandbox) -> None:
    await follow(database, VAULT, crowd(sandbox, 3))
    post = await release(database, released_at=ago(days=91))
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
    async with talking(database, sandbox), asyncio.timeout(30), database.read() as session:
        while await session.scalar(select(Delivery.id).where(Delivery.post_id == post).limit(1)):
            await session.rollback()
            await asyncio.sleep(0.02)


# Names of captives

NAMED: dict[Language, list[str]] = {
    "uk": ["Де мій син Ярополк Вербодольський?", "мій брат Ярополк Вербодольський у полоні, чи є він у списках"],
    "en": ["where is my son Yaropolk Verbodolsky", "my son Yaropolk Verbodolsky is missing, is he on any list"],
    "ru": ["Где мой сын Ярополк Вербодольский?", "муж Ярополк Вербодольский в плену, внесён ли он в списки"],
}
PLANTED = ("яропол", "вербод", "yaropol", "verbod")
UNKEPT = {"uk": "не збережено", "en": "not kept", "ru": "не сохранено"}


def holds_name(text: str) -> bool:
    return any(part in text.lower() for part in PLANTED)


def caches() -> dict[str, int]:
    """How much each cache of the program holds."""
    return {
        f"{name}.{function.__name__}": function.cache_info().currsize
        for name, module in sorted(sys.modules.items())
        if name.startswith(("bot.", "handlers."))
        for function in vars(module).values()
        if isinstance(function, type(translator))
    }


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_name_of_a_captive_is_not_repeated_and_nowhere_kept(
    sandbox: Sandbox, services: Services, language: Language
) -> None:
    nina = sandbox.add_person("Nina", language)
    # What is read once is there after a question and another one.
    unnamed = {"uk": "Де мій син?", "en": "where is my son", "ru": "Где мой сын?"}[language]
    await nina.ask(unnamed)
    await nina.chat.next_message()
    await nina.ask(unnamed)
    understanding.warm_up()
    warm = caches()
    for question in NAMED[language]:
        answer = await nina.ask(question)
        assert UNKEPT[language] in answer["text"]
        assert not holds_name(str(answer))
    assert caches() == warm
    assert not holds_name(
        repr([getattr(getattr(services, each.name), "__dict__", None) for each in fields(services)])
    )
    await services.unanswered.write(services.database, today_in_kyiv())
    assert not holds_name(str(await rows(services.database)))


async def test_the_name_of_a_captive_is_in_no_log_and_in_no_byte_of_the_database(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    settings = {"BOT_TOKEN": SANDBOX_TOKEN, "BOT_API_URL": sandbox.url, "LOG_LEVEL": "DEBUG"}
    async with running("run", until="connected", **settings) as (program, _):
        for language, questions in NAMED.items():
            nina = sandbox.add_person("Nina", language)
            nina.press(await nina.ask("/start"), LANGUAGE_NAMES[language])
            await nina.chat.next_message()
            for question in questions:
                assert not holds_name(str(await nina.ask(question)))
        written = b"".join(file.read_bytes() for file in tmp_path.glob("data/obmin.db*"))
        program.send_signal(signal.SIGTERM)
        logged, _ = await program.communicate()
    written += (tmp_path / "data" / "obmin.db").read_bytes()
    assert b"stopping" in logged
    for kept in (logged, written):
        assert not holds_name(kept.decode(errors="ignore"))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_asks_about_a_scam_is_told_the_official_channels(
    sandbox: Sandbox, services: Services, language: Language
) -> None:
    answer = (await sandbox.add_person("Nina", language).ask("/scam"))["text"]
    for channel in ("0800300529", "t.me/Koord_shtab", "1648"):
        assert channel in answer
