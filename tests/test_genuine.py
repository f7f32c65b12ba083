"""Whether a post is ours: under each copy stands a code, and whoever asks sees the post as it stands now."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bot.answers.ask import Answers
from bot.database import Database
from bot.i18n import LANGUAGES, Language, today_in_kyiv, translator
from bot.opening import ready_database
from bot.sandbox import Person, Sandbox
from bot.sandbox.entities import covered
from bot.verify_page import VerifyPage
from bot.web import WebServer
from handlers.context import Services
from models.desk import Kind, Post, PostRevision, State
from tests.readers import TEXTS, WHY, carried_out, copies, follow, release

NEWS = {"uk": "Обмін відкладено.", "en": "It was put off.", "ru": "Обмен отложен."}
GENUINE = {"uk": "публікація справжня", "en": "post is genuine", "ru": "публикация настоящая"}
NOT_OURS = {"uk": "Жодна наша публікація", "en": "No post of ours", "ru": "Ни у одной нашей публикации"}
OUT_OF_DATE = {"uk": "застаріли", "en": "out of date", "ru": "устарели"}


async def code_of(database: Database, post: int) -> str:
    async with database.read() as session:
        return (await session.get_one(Post, post)).code


async def draft(database: Database, **content: Any) -> str:  # noqa: ANN401
    """The code of a post that was not released."""
    async with database.write() as session:
        post = Post()
        session.add(post)
        await session.flush()
        session.add(PostRevision(post_id=post.id, number=1, kind=Kind.TALKS, texts=TEXTS, **content))
        return post.code


def tapped(message: dict[str, Any]) -> str:
    """What Telegram sends for the one command in a message."""
    (command,) = (entity for entity in message["entities"] if entity["type"] == "bot_command")
    return covered(message["text"], command)


async def reader(sandbox: Sandbox, services: Services, language: Language) -> Person:
    nina = sandbox.add_person("Nina", language, started=True)
    await follow(services.database, services.vault, [nina])
    return nina


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_tap_under_a_copy_shows_that_it_is_ours_and_how_it_stands(
    sandbox: Sandbox, services: Services, language: Language
) -> None:
    nina = await reader(sandbox, services, language)
    post = await release(services.database)
    copy = await nina.chat.next_message()
    command = f"/verify_{await code_of(services.database, post)}"
    assert tapped(copy) == command
    assert copy["text"].endswith(command)
    asked_on = today_in_kyiv()
    answer = (await nina.ask(command))["text"]
    assert GENUINE[language] in answer.partition("\n")[0]
    assert any(translator(language).day(day) in answer for day in (asked_on, today_in_kyiv()))
    assert copy["text"] in answer
    assert OUT_OF_DATE[language] not in answer


@pytest.mark.parametrize("language", LANGUAGES)
async def test_of_a_corrected_post_an_earlier_screenshot_is_out_of_date(
    sandbox: Sandbox, services: Services, language: Language
) -> None:
    nina = await reader(sandbox, services, language)
    post = await release(services.database)
    await carried_out(services.database)
    await release(services.database, post, texts=NEWS)
    await carried_out(services.database)
    corrected, notice = copies(nina)
    assert tapped(corrected) == tapped(notice)
    answer = (await nina.ask(tapped(notice)))["text"]
    assert GENUINE[language] in answer
    assert OUT_OF_DATE[language] in answer
    assert corrected["text"] in answer
    assert TEXTS[language] not in answer


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_post_taken_back_is_not_shown_as_if_it_held(
    sandbox: Sandbox, services: Services, language: Language
) -> None:
    nina = await reader(sandbox, services, language)
    post = await release(services.database)
    await carried_out(services.database)
    await release(services.database, post, withdraws=True)
    await carried_out(services.database)
    answer = (await nina.ask(tapped(copies(nina)[-1])))["text"]
    assert GENUINE[language] not in answer
    assert OUT_OF_DATE[language] in answer
    assert WHY[language] in answer
    assert TEXTS[language] not in answer


async def test_a_code_is_read_as_people_copy_it(taras: Person, services: Services) -> None:
    post = await release(services.database)
    async with services.database.write() as session:
        (await session.get_one(Post, post)).code = "70AB1CKX"
    for asked in (
        "/verify 70AB1CKX",
        "/verify_70AB1CKX",
        "/VERIFY_70ab1ckx",
        "/verify 70ab-1ckx, please",
        "/verify_7OAB lCKX",
        "/verify 7o a b I c k x",
        "/verify 7ОАВІСКХ",
        "/start verify_70AB1CKX",
    ):
        assert GENUINE["en"] in (await taras.ask(asked))["text"], asked


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "asked", ["/verify 00000000", "/verify_X", "/start verify_00000000", f"/verify {'9' * 4000}"]
)
async def test_an_unknown_code_is_not_ours_and_what_to_do_is_told(
    sandbox: Sandbox, services: Services, language: Language, asked: str
) -> None:
    await release(services.database)
    answer = (await sandbox.add_person("Nina", language).ask(asked))["text"]
    assert answer.startswith(NOT_OURS[language])
    assert "/scam" in answer
    assert "/contacts" in answer


async def test_only_what_was_released_to_readers_is_shown(taras: Person, services: Services) -> None:
    database = services.database
    unreleased = [await draft(database), await draft(database, state=State.SUBMITTED)]
    of_record = await code_of(database, await release(database, to_readers=False))
    for code in (*unreleased, of_record):
        assert NOT_OURS["en"] in (await taras.ask(f"/verify {code}"))["text"]
    post = await release(database)
    async with database.write() as session:
        session.add(PostRevision(post_id=post, number=2, kind=Kind.TALKS, texts=NEWS, why=WHY))
    answer = (await taras.ask(f"/verify {await code_of(database, post)}"))["text"]
    assert TEXTS["en"] in answer
    assert NEWS["en"] not in answer


@pytest.mark.parametrize("language", LANGUAGES)
async def test_without_a_code_it_says_where_to_find_one(
    sandbox: Sandbox, services: Services, language: Language
) -> None:
    answer = await sandbox.add_person("Nina", language).ask("/verify")
    assert "/verify 7K3MX2QD" in answer["text"]
    assert GENUINE[language] not in answer["text"]


async def test_the_photograph_of_a_post_is_shown_too(taras: Person, services: Services) -> None:
    photo = taras.attach("photo")["photo"][-1]["file_id"]
    await taras.chat.next_message()
    post = await release(services.database, photo=photo)
    code = await code_of(services.database, post)
    taras.chat.forget()
    await taras.ask(f"/verify {code}")
    assert (await taras.chat.next_message(lambda message: "photo" in message))["photo"]


async def test_in_a_group_it_answers_to_its_own_name(sandbox: Sandbox, taras: Person, services: Services) -> None:
    group = sandbox.add_group("Families", taras)
    code = await code_of(services.database, await release(services.database))
    taras.say(f"/verify_{code}@another_bot", chat=group)
    taras.say(f"/verify_{code}@{sandbox.bot['username']}", chat=group)
    assert GENUINE["en"] in (await group.next_message())["text"]
    with pytest.raises(TimeoutError):
        await group.next_message(within=0.5)


# For a browser


@asynccontextmanager
async def browsing(database: Database) -> AsyncIterator[aiohttp.ClientSession]:
    server = WebServer("secret", None, VerifyPage(database, Answers(database), "obmin_bot").routes)
    port = await server.start("127.0.0.1", 0)
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
            yield http
    finally:
        await server.stop()


@pytest.fixture
async def anywhere(url: str) -> AsyncIterator[Database]:
    async with ready_database(url) as database:
        yield database


async def test_the_page_of_a_post(anywhere: Database, capfd: pytest.CaptureFixture[str]) -> None:
    post = await release(anywhere, texts={**TEXTS, "en": "<script>alert(1)</script>"})
    code = await code_of(anywhere, post)
    async with browsing(anywhere) as http:
        for asked in (code, code.lower(), f"{code[:4]}-{code[4:]}"):
            async with http.get(f"/verify/{asked}?lang=en") as page:
                text = await page.text()
                assert page.status == 200
                assert GENUINE["en"] in text
                assert f"https://t.me/obmin_bot?start=verify_{code}" in text
                assert "&lt;script&gt;" in text
                assert "<script" not in text
                assert "default-src 'none'" in page.headers["Content-Security-Policy"]
                assert "unsafe" not in page.headers["Content-Security-Policy"]
                assert not page.cookies
        await release(anywhere, post, withdraws=True)
        async with http.get(f"/verify/{code}?lang=ru") as page:
            text = await page.text()
            assert '<html lang="ru">' in text
            assert OUT_OF_DATE["ru"] in text
    assert code not in "".join(capfd.readouterr())


async def test_the_page_of_a_code_that_is_not_ours(anywhere: Database) -> None:
    async with browsing(anywhere) as http:
        for asked in ("00000000", "%00", "x" * 3000, await draft(anywhere)):
            async with http.get(f"/verify/{asked}", headers={"Accept-Language": "en"}) as page:
                assert page.status == 404
                text = await page.text()
                assert NOT_OURS["en"] in text
                # What to do about it, as the bot would say.
                assert "0800300529" in text


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", None, "uk"),
        ("", "de", "en"),
        ("", "de, uk-UA; q=0.8, en;q=0.5", "uk"),
        ("", "en;q=0.3, ru;q=0.9", "ru"),
        ("", "*;q=x,,;", "en"),
        ("", "uk;q=0, ru;q=0.100", "ru"),
        ("", "en;q=0.5, uk ; q=0.9, ru; q=0.6", "uk"),
        ("?lang=en", "uk", "en"),
        ("?lang=tlh", "uk", "uk"),
    ],
)
async def test_the_page_is_in_the_language_that_is_liked(
    database: Database, query: str, accepted: str | None, language: Language
) -> None:
    headers = {"Accept-Language": accepted} if accepted else {}
    async with browsing(database) as http, http.get(f"/verify/0{query}", headers=headers) as page:
        text = await page.text()
    assert f'<html lang="{language}">' in text
    assert NOT_OURS[language] in text
