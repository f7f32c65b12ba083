"""What a post says: stopped if it may harm, refused if it cannot be true, revised and taken back in the record."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from bot.answers.post import too_long
from bot.database import Database
from bot.desk import harm, review
from bot.desk.facts import Facts, GivenFigure, GivenSource
from bot.desk.harm import Harm
from bot.desk.posts import LONGEST_CAPTION, fingerprint
from bot.desk.refusals import Changed, FactsRefused, NotNow, OwnPost, SecondLookerApproves, TooLong
from bot.i18n import translator
from bot.opening import ready_database
from handlers.desk.refusals import refusal
from models.desk import State
from models.record import Qualifier, Side, StageName, What
from tests.newsroom import AGREED, SOURCE, TEXTS, Cast, hire_all, newsroom

HOME = What.RETURNED_TO_UKRAINE
COMPLETED = Facts(
    exchange="new",
    stage=StageName.COMPLETED,
    day=date(2026, 5, 1),
    side=Side.UKRAINE,
    figures=(GivenFigure(what=HOME, value=12), GivenFigure(what=What.RETURNED_TO_RUSSIA, value=12)),
    sources=(SOURCE, GivenSource(url="https://example.org/more")),
)


LINK = {
    "kind": "source",
    "key": "x",
    "url": "https://example.org",
    "title": "mod.gov.ua",
    "author": None,
    "publisher": None,
    "published": None,
    "note": None,
}
CATEGORY = {"kind": "term", "key": "x", "sort": "category", "name": {"original": "en", "en": "Olena Kovalenko"}}


@pytest.fixture
async def cast(database: Database) -> AsyncIterator[Cast]:
    async with newsroom(database) as room:
        yield await hire_all(room)


@pytest.fixture
async def anywhere(url: str) -> AsyncIterator[Cast]:
    """The cast, on each of the two databases."""
    async with ready_database(url) as database, newsroom(database) as room:
        yield await hire_all(room)


# What may harm


HARMFUL = {
    Harm.CARD: [
        "Card 4111111111111111",
        "Картка 4111 1111 1111 1111",
        "4111\u00a01111\u00a01111\u00a01111",
        "4111 1111 1111 1111 12/29",
        "4111\u200b1111\u20601111\u202e1111",
        "5555-5555-5555-4444",
        "UA21 3223 1300 0002 6007 2335 6600 1",
    ],
    Harm.HIDDEN: [
        *(f"обмін{chr(code)}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x61C)),
        *(f"об{character}мін" for character in "\u200b\u200c\u200d\u2060\ufeff\u00ad\u3164\u0000\U000e0041"),
    ],
    Harm.MARKUP: [
        '<a href="https://example.org">https://mod.gov.ua</a>',
        "обмін</b>",
        "<IMG src=x>",
        "<tg-spoiler>",
    ],
    Harm.DISGUISE: [
        "https://mod.gov.ua@example.org/news",
        "https://mod.gov.ua\\@example.org",
        "https://m\u043ed.gov.ua",
        "https://mod\u200b.gov.ua@example.org",
    ],
    Harm.PAYMENT: [
        "https://send.monobank.ua/jar/abc",
        "PayPal: help",
        f"0x{'1a' * 20}",
        "Гроші надсилайте в USDT",
    ],
    Harm.UNIT_WITH_DATE: [
        "36-та окрема бригада морської піхоти, 12 травня",
        "3-й батальон, 24.05.2025",
        "The 2nd battalion, on 24 May",
    ],
    Harm.NAME: [
        "Олену Коваленко звільнено",
        "ОЛЕНА КОВАЛЕНКО",
        "Коваленко О. І.",
        "Оле\u200bна Ковале\u00adнко",
        "Оле\u0301на Ковале\u0301нко",
        "\u202eОлена Коваленко",
        "Владислав Гнатів",
        "Ostap Petrenko is home",
        "Vladyslav Hnativ came home",
        "Ирина Смирнова дома",
    ],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in HARMFUL.items() for text in texts])
def test_p32_what_may_harm_is_found(kind: Harm, text: str) -> None:
    assert kind in harm.find([TEXTS["uk"], text], False, [])


@pytest.mark.parametrize(
    "text",
    [
        *TEXTS.values(),
        "24.05.2025 додому повернулися 303 людини, з них 120 важкопоранених.",
        "Бійці 36-ї бригади повернулися додому.",
        "Order 4111 1111 1111 1112",
        "Міжнародний Комітет Червоного Хреста",
        "Дев\u2019яносто, до\u0301ма, и\u0306",
        "\u2764\ufe0f \U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1fa\U0001f1e6",
        "303 < 390, 5 > 3",
        "https://обмін.укр/новини https://mod.gov.ua/news?a=b@c",
    ],
)
def test_what_harms_nobody_is_let_through(text: str) -> None:
    assert harm.find([text], False, []) == ()


@pytest.mark.parametrize(
    ("title", "held"),
    [
        ("https://mod.gov.ua", True),
        ("mod.gov.ua", True),
        ("Міноборони, mod\u200b.gov.ua", True),
        ("example.org.ua", True),
        ("Example.org", False),
        ("news.example.org, 22.11.2026", False),
        ("Суспільне", False),
        ("Укр.правда", False),
    ],
)
async def test_p32_a_link_that_shows_another_one_is_stopped(cast: Cast, title: str, held: bool) -> None:
    source = GivenSource(url="https://www.example.org:443/news", title=title)
    draft = await cast.marko.submits(facts=AGREED.model_copy(update={"sources": (source,)}))
    assert (draft.state is State.HELD) == held


async def test_people_in_office_may_be_named(cast: Cast) -> None:
    said = {"uk": "Рустем Умєров повідомив", "en": "Rustem Umerov said", "ru": "Рустем Умеров сообщил"}
    assert (await cast.marko.submits(texts=said)).state is State.SUBMITTED


@pytest.mark.parametrize(
    "parts",
    [
        {"texts": {**TEXTS, "en": "Card 4111111111111111"}},
        {"why": {"uk": "Олену Коваленко звільнено"}},
        {"facts": AGREED.model_copy(update={"sources": (GivenSource(url="https://send.monobank.ua/jar/abc"),)})},
        {"facts": AGREED.model_copy(update={"sources": (GivenSource(url=SOURCE.url, title="Olena Kovalenko"),)})},
        {"facts": AGREED.model_copy(update={"rows": (CATEGORY,)})},
        {"facts": AGREED.model_copy(update={"rows": (LINK,)})},
        {"texts": {**TEXTS, "ru": "Стороны \u202eдоговорились"}},
        {"photo": "file"},
    ],
)
async def test_p32_every_part_of_a_post_is_looked_through(cast: Cast, parts: dict[str, Any]) -> None:
    assert (await cast.marko.submits(**parts)).state is State.HELD


async def test_p32_what_may_harm_needs_a_second_look_and_a_third_person(anywhere: Cast) -> None:
    iryna, petro, oksana = anywhere.iryna, anywhere.petro, anywhere.oksana
    held = await iryna.submits(photo="file")
    assert held.state is State.HELD
    with pytest.raises(NotNow):
        await petro.approves(held)
    with pytest.raises(OwnPost):
        await iryna.does(review.clear, held.id, fingerprint(held))
    with pytest.raises(Changed):
        await petro.does(review.clear, held.id, "0" * 16)
    await petro.does(review.clear, held.id, fingerprint(held))
    with pytest.raises(SecondLookerApproves):
        await petro.approves(held)
    with pytest.raises(OwnPost):
        await iryna.approves(held)
    assert (await oksana.approves(held)).state is State.RELEASED


async def test_p32_what_was_looked_at_and_sent_back_is_looked_at_again(cast: Cast) -> None:
    held = await cast.marko.submits(photo="file")
    await cast.iryna.does(review.clear, held.id, fingerprint(held))
    await cast.petro.does(review.send_back, held.id, "Another photo")
    again = await cast.marko.does(review.submit, held.id)
    assert (again.state, again.looked_by) == (State.HELD, None)


# What cannot be true


TOMORROW = date.today() + timedelta(days=30)  # noqa: DTZ011


@pytest.mark.parametrize(
    ("reason", "given"),
    [
        ("completed without a day", Facts(stage=StageName.COMPLETED, exchange="new")),
        ("completed in the future", COMPLETED.model_copy(update={"day": TOMORROW})),
        ("completed without an exchange", COMPLETED.model_copy(update={"exchange": None})),
        ("said in the future", Facts(said_on=TOMORROW)),
        ("published in the future", Facts(sources=(GivenSource(url=SOURCE.url, published=TOMORROW),))),
        (
            "two numbers",
            Facts(figures=(GivenFigure(what=HOME, value=12), GivenFigure(what=HOME, value=13))),
        ),
        (
            "another number",
            Facts(
                exchange="2024-12-30",
                day=date(2024, 12, 30),
                side=Side.UKRAINE,
                figures=(GivenFigure(what=HOME, value=150),),
            ),
        ),
    ],
)
async def test_what_cannot_be_true_is_refused(cast: Cast, reason: str, given: Facts) -> None:
    draft = await cast.marko.writes()
    with pytest.raises(FactsRefused) as refused:
        await cast.marko.changes(draft, facts=given)
    assert refused.value.reason == reason
    assert (await cast.room.now(draft)).facts == AGREED.as_json()


@pytest.mark.parametrize(
    ("side", "figure"),
    [
        (Side.UKRAINE, GivenFigure(what=HOME, value=189)),
        (Side.RUSSIA, GivenFigure(what=HOME, value=150)),
        (Side.UKRAINE, GivenFigure(what=HOME, value=150, qualifier=Qualifier.AT_LEAST)),
        (Side.UKRAINE, GivenFigure(what=HOME, qualifier=Qualifier.WITHHELD, withheld_by=Side.UKRAINE)),
    ],
)
async def test_what_agrees_or_is_another_sides_word_is_taken(cast: Cast, side: Side, figure: GivenFigure) -> None:
    given = Facts(
        exchange="2024-12-30",
        stage=StageName.COMPLETED,
        day=date(2024, 12, 30),
        side=side,
        figures=(figure,),
        sources=(SOURCE,),
    )
    assert (await cast.marko.submits(facts=given)).state is State.SUBMITTED


async def test_a_post_that_no_message_can_hold_is_told_by_how_much(cast: Cast) -> None:
    sources = tuple(GivenSource(url=f"https://example.org/{number}", title="A title " * 10) for number in range(5))
    facts = AGREED.model_copy(update={"sources": sources})
    texts = dict.fromkeys(TEXTS, "x" * LONGEST_CAPTION)
    draft = await cast.marko.writes(texts=texts, facts=facts, photo="a file")
    excess = too_long(draft, "obmin_bot")
    assert set(excess) == {"uk", "en", "ru"}
    assert "Signs too many" in refusal(translator("en"), TooLong(excess))
    shorter = await cast.marko.changes(draft, photo=None)
    assert too_long(shorter, "obmin_bot") == {}
    assert set(too_long(shorter, "obmin_bot", caption=True)) == {"uk", "en", "ru"}
