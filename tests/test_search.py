"""A newsroom on deadline: what is searched for is found, in any of three languages and in any spelling."""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from bot.answers.ask import Answers
from bot.answers.pages import visible
from bot.database import Database
from bot.desk import record
from bot.i18n import LANGUAGES, Language, today_in_kyiv, translator
from bot.opening import ready_database
from bot.sandbox import Person, Sandbox
from bot.search import Found, Search, index, read
from bot.search.lines import shortened
from bot.search.words import one_slip, stems, terms
from bot.understanding import Period
from handlers.context import Services
from models.search import SearchEntry
from tests.readers import release
from tests.test_conversation import data, labels

TODAY = date(2026, 11, 22)
Json = dict[str, Any]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def untouched_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The starting record in each of the two databases, for tests that leave it as it is."""
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("search") / "obmin.db"
        shutil.copy(request.getfixturevalue("filled"), file)
        return f"sqlite+aiosqlite:///{file}"
    new_database: Callable[[], str] = request.getfixturevalue("postgresql")
    url = new_database()

    async def fill() -> None:
        async with ready_database(url):
            pass

    asyncio.run(fill())
    return url


@pytest.fixture
async def search(untouched_url: str) -> AsyncIterator[Search]:
    database = Database(untouched_url)
    yield Search(database, Answers(database))
    await database.close()


@pytest.fixture
async def own(url: str) -> AsyncIterator[Search]:
    """Over a database that a test may change."""
    async with ready_database(url) as database:
        yield Search(database, Answers(database))


async def found(search: Search, text: str, limit: int = 50, offset: int = 0, today: date = TODAY) -> Found:
    return await search.find(read(text, today, "uk"), today, offset, limit)


async def titles(search: Search, text: str, today: date = TODAY) -> list[str]:
    shown = await search.shown(today)
    lines = [shown.line(hit, "en") for hit in (await found(search, text, today=today)).hits]
    return [line.title for line in lines if line]


# Words


@pytest.mark.parametrize(
    "spellings",
    [
        "Zelensky Zelenskyy Зеленський Зеленский Зеленського Зеленскому Зеленським Zelensky's",
        "Umerov Умєров Умеров Умєрова Умеровым",
        "Azovstal Азовсталь Азовсталі Азовстали",
        "Medinsky Medynskyi Мединський Мединский Медінський Мединским",
        "Doğan Dogan Доган",
        "1,000 1000 1\u00a0000",
    ],
)
def test_all_spellings_of_a_name_are_one_word(spellings: str) -> None:
    assert len({tuple(stems(word)) for word in spellings.split(" ")}) == 1


@pytest.mark.parametrize(
    ("text", "words", "period"),
    [
        ("травень 2025", (), Period(date(2025, 5, 1), date(2025, 5, 31))),
        ("Medinsky 2 June", ("medinsky",), Period(date(2026, 6, 2), date(2026, 6, 2))),
        ("from 1 May to 5 May 2025 Umerov", ("umerov",), Period(date(2025, 5, 1), date(2025, 5, 5))),
        (
            "обмін 303 особи 19 квітня 2025",
            ("обмін", "303", "особи"),
            Period(date(2025, 4, 19), date(2025, 4, 19)),
        ),
        ("хто сказав про Азовсталь у травні 2025?", ("азовсталь",), Period(date(2025, 5, 1), date(2025, 5, 31))),
        ("1000 на 1000", ("1000",), None),
        ("йод їжак", ("йод", "їжак"), None),
        ("停戦", ("停戦",), None),
        ("?!", (), None),
    ],
)
def test_a_query_is_words_and_a_time(text: str, words: tuple[str, ...], period: Period | None) -> None:
    sought = read(text, TODAY, "uk")
    assert (sought.words, sought.period) == (words, period)


@pytest.mark.parametrize(
    ("text", "otherwise", "language"),
    [
        ("травень 2025", "en", "uk"),
        ("май 2025", "uk", "ru"),
        ("Medinsky 2 June", "ru", "en"),
        # A name is written alike in two of them.
        ("Азовсталь", "uk", "uk"),
        ("Азовсталь", "ru", "ru"),
        ("02.06.2025", "en", "en"),
    ],
)
def test_the_language_is_that_of_the_query_if_it_has_one(
    text: str, otherwise: Language, language: Language
) -> None:
    sought = read(text, TODAY, otherwise)
    assert sought.language == language
    assert sought.own_language == (text not in ("Азовсталь", "02.06.2025"))


def test_one_slip_is_each_letter_left_out_doubled_swapped_or_mistyped() -> None:
    near = set(one_slip("умеров"))
    assert {"умров", "уумеров", "уемров", "умерув", "умеро"} <= near
    assert "умв" not in near


def test_a_genitive_and_a_name_that_looks_like_one_are_both_looked_for() -> None:
    assert {term.stem for term in terms("обмінів")} == {"обминив", "обмин"}
    assert "умеров" in {term.stem for term in terms("Умеров")}


def test_a_line_is_cut_between_words() -> None:
    assert shortened("word " * 40).endswith("word…")
    assert len(shortened("w" * 200)) < 100


# Finding


@pytest.mark.parametrize("text", ["Umerov", "Умєров", "Умеров", "Умєрова", "Умероов", "Умерв", "Umreov"])
async def test_a_person_is_found_in_any_spelling(search: Search, text: str) -> None:
    lines = await titles(search, text)
    assert lines[0] == "Statement, 2 June 2025, Rustem Umerov"
    assert lines == await titles(search, "Umerov")


@pytest.mark.parametrize("text", ["Azovstal", "Азовсталь", "азовсталі"])
async def test_exchanges_come_newest_first_and_sources_last(search: Search, text: str) -> None:
    lines = await titles(search, text)
    assert lines[:2] == ["Exchange, 5–6 March 2026", "Exchange, 2 October 2025"]
    assert lines[-1].startswith("Source: ")


async def test_words_and_a_time_go_together(search: Search) -> None:
    assert (await titles(search, "Medinsky 2 June 2025"))[0] == "Statement, 2 June 2025, Vladimir Medinsky"
    assert (await found(search, "303 19 квітня 2025")).period is None
    assert await titles(search, "обмін 23 травня 2025") == ["Exchange, 23–25 May 2025"]


async def test_a_day_of_which_no_year_is_said_may_be_of_an_earlier_one(search: Search) -> None:
    of_june = await found(search, "Medinsky 2 June")
    assert of_june.period == Period(date(2025, 6, 2), date(2025, 6, 2))
    other = await found(search, "Medinsky 2024")
    assert other.total
    assert other.period is None


async def test_what_has_not_all_words_is_found_by_the_rarest(search: Search) -> None:
    partly = await found(search, "обмін Umerov станція")
    assert partly.words == ("обмін", "umerov")
    assert partly.total


@pytest.mark.parametrize("text", ["asdfghjk", "停戦", "ஸ்ரீ", "🙂", ""])
async def test_nonsense_finds_nothing(search: Search, text: str) -> None:
    assert (await found(search, text)).total == 0


@pytest.mark.parametrize("text", ["' OR 1=1 --", 'NEAR("обмін" *)', "a:b & !c | (", "\\ \0 'обмін':*A"])
async def test_nothing_that_is_typed_is_taken_for_a_command(search: Search, text: str) -> None:
    assert (await found(search, text)).total < 100


async def test_a_time_with_nothing_in_it_has_neighbours(search: Search) -> None:
    nothing = await found(search, "вересень 2023")
    assert nothing.total == 0
    assert nothing.neighbours
    shown = await search.shown(TODAY)
    lines = [shown.line(hit, "en") for hit in nothing.neighbours if hit]
    assert [line.title for line in lines if line] == ["Exchange, 7 August 2023", "Exchange, 3 January 2024"]
    assert (await found(search, "травень 2025")).neighbours is None


async def test_pages_follow_each_other(search: Search) -> None:
    whole = await found(search, "обмін")
    assert whole.total > 50
    parts = [await found(search, "обмін", 20, offset) for offset in (0, 20, 40)]
    assert [hit for part in parts for hit in part.hits][:50] == list(whole.hits)


async def test_everything_of_the_record_can_be_found_and_shown(search: Search, untouched_url: str) -> None:
    shown = await search.shown(TODAY)
    async with ready_database(untouched_url) as database, database.read() as session:
        refs = list(await session.scalars(select(SearchEntry.ref)))
    assert len(refs) > 250
    for number, ref in enumerate(refs):
        hit = await search.one(ref, TODAY)
        assert hit
        language = LANGUAGES[number % 3]
        line, excerpt, pages = shown.line(hit, language), shown.excerpt(hit, language), shown.card(hit, language)
        assert line
        assert line.title
        assert excerpt
        assert len(visible(excerpt)) < 4096
        assert all(len(visible(page)) < 4096 for page in pages)
        source = translator(language).gettext("Source")
        assert re.search(f"{source[:-1]}", visible(excerpt))


# In step with the record


async def changed(database: Database, kind: str, key: str, **fields: object) -> None:
    async with database.write() as session:
        row = await record.row(session, kind, key) | fields
        await record.load(session, [("test", 1, json.dumps(row))])


async def test_what_is_found_follows_the_record_and_the_posts(own: Search) -> None:
    database = own.database
    assert not (await found(own, "Бородянка")).total
    place = {"original": "en", "uk": "Бородянка", "en": "Borodianka", "ru": "Бородянка"}
    await changed(database, "handover", "2023-05-06", place=place)
    for text in ("Бородянка", "borodianka", "Бородянки"):
        assert await titles(own, text) == ["Exchange, 6 May 2023"]
    another = Search(database, Answers(database))
    assert await found(another, "Borodianka") == await found(own, "Borodianka")
    await changed(database, "handover", "2023-05-06", place=None)
    assert not (await found(own, "Бородянка")).total

    post = await release(database, texts={"en": "The plane is in Boryspil.", "uk": "Літак у Борисполі."})
    today = today_in_kyiv()
    (title,) = await titles(own, "Бориспіль", today)
    assert title in [f"Post {post}, {translator('en').day(day)}" for day in (today, today_in_kyiv())]
    await release(database, post, texts={"en": "The plane is in Hostomel.", "uk": "Літак у Гостомелі."})
    assert not (await found(own, "Boryspil", today=today)).total
    assert (await found(own, "Гостомель", today=today)).total == 1
    await release(database, post, withdraws=True, texts={"en": "In Hostomel."}, why={"en": "Mistaken."})
    assert not (await found(own, "Hostomel", today=today)).total
    assert "withdrawn" in (await titles(own, "mistaken", today))[0]
    await release(database, texts={"en": "Zhmerynka"}, to_readers=False)
    assert not (await found(own, "Zhmerynka", today=today)).total


@pytest.mark.parametrize("where", ["count", "vocabulary"])
async def test_words_of_before_do_not_take_the_place_of_newer_ones(
    own: Search, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """A search that began before a release, and ends after it."""
    today, real = today_in_kyiv(), getattr(index, where)
    await own.shown(today)
    looked, may_go_on = asyncio.Event(), asyncio.Event()

    async def slowly(*arguments: Any) -> Any:  # noqa: ANN401 - of either function
        seen = await real(*arguments)
        looked.set()
        await may_go_on.wait()
        return seen

    monkeypatch.setattr(index, where, slowly)
    older = asyncio.create_task(found(own, "Zhmerynka", today=today))
    await looked.wait()
    monkeypatch.setattr(index, where, real)
    await release(own.database, texts={"en": "Zhmerynka is named."})
    await own.shown(today)
    may_go_on.set()
    await older
    assert await own.stems(["Zhmerynka"], today) != ()


# In a chat


def plain(text: str) -> str:
    """With simple spaces."""
    return text.replace("\u202f", " ").replace("\xa0", " ")


def numbers(message: Json) -> list[str]:
    return [label for label in labels(message) if label.isdecimal()]


async def test_a_list_is_turned_and_an_entry_shown_in_full(taras: Person) -> None:
    listed = await taras.ask("/search exchange")
    assert listed["text"].count("\n1. Exchange, ") == 1
    assert numbers(listed) == [str(number) for number in range(1, 11)]
    taras.press(listed, "Next ›")
    second = await taras.chat.next_edit()
    assert "\n11. " in second["text"]
    taras.press(second, "11")
    card = await taras.chat.next_message()
    day = re.search(r"\n11. .*?(\d+ \w+ \d{4})", second["text"])
    assert day
    assert day[1] in card["text"]
    assert "Source" in card["text"]
    assert all(len(carried.encode()) <= 64 for carried in data(second))
    assert "exchange" not in str(data(second))


async def test_a_long_card_has_pages(taras: Person) -> None:
    listed = await taras.ask("/search Kyiv Independent June 2025")
    taras.press(listed, numbers(listed)[-1])
    card = await taras.chat.next_message()
    taras.press(card, "Next ›")
    turned = await taras.chat.next_edit()
    assert turned["message_id"] == card["message_id"]
    assert "Page 2 of" in turned["text"]


@pytest.mark.parametrize("text", ["/search", "/search ?", "/start search"])
async def test_without_words_it_explains_itself_with_examples_that_find(taras: Person, text: str) -> None:
    explained = (await taras.ask(text))["text"]
    assert "@obmin_sandbox_bot" in explained
    examples = re.findall(r"^/search .+$", explained, re.MULTILINE)
    assert len(examples) == 3
    for example in examples:
        assert numbers(await taras.ask(example))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("/search Умєров", "Заява, 2 червня 2025 р., Рустем Умєров"),
        ("/search Умеров в июне 2025", "Заявление, 2 июня 2025 г., Рустем Умеров"),
        ("/search Umerov", "Statement, 2 June 2025, Rustem Umerov"),
    ],
)
async def test_the_answer_is_in_the_language_of_the_words(taras: Person, text: str, first: str) -> None:
    assert f"1. {first}" in plain((await taras.ask(text))["text"])


async def test_what_is_not_there_is_said_so(taras: Person) -> None:
    assert (await taras.ask("/search asdfghjk"))["text"].startswith("Nothing was found for this.")
    empty = await taras.ask("/search September 2023")
    assert empty["text"].startswith("September 2023: no exchange in our record.")
    assert numbers(empty) == ["1", "2"]
    of_time = await taras.ask("/search asdfghjk May 2025")
    assert "No entry has your words. These are of the time you named." in of_time["text"]
    some = await taras.ask("/search Umerov zebra")
    assert "No entry has all of your words. These have some of them." in some["text"]
    earlier = await taras.ask("/search Medinsky 2 June 2024")
    assert "Not found in this time: 2 June 2024; shown: other times." in earlier["text"]


async def test_the_name_of_a_captive_is_neither_repeated_nor_kept(taras: Person, services: Services) -> None:
    for text in ("/search Ярополк Вербодольський", "/search exchange Yaropolk Verbodolsky"):
        assert not re.search("яропол|вербод|yaropol|verbod", (await taras.ask(text))["text"].lower())
    kept = [services.searches.get(carried.split(":")[2]) for carried in data(await taras.ask(text))[-1:]]
    assert [sought.words for sought in kept if sought] == [("exchange",)]


async def test_a_search_that_is_gone_asks_for_another(taras: Person, sandbox: Sandbox) -> None:
    listed = await taras.ask("/search exchange")
    for carried in ("s:list:unknown:1:en", "s:show:000000000000:0:en", "s:list:x:1:de", "s:show:'--:0:en", "s:"):
        sandbox.pressed(taras, taras.chat, listed, carried)
        said = await taras.chat.next_callback_answer()
        assert said["show_alert"]
        assert "/search" in said["text"]
    sandbox.pressed(taras, taras.chat, listed, data(listed)[-2].replace(":1:", ":999:"))
    assert "Nothing was found" not in (await taras.chat.next_edit())["text"]


async def test_an_edited_search_gets_its_list_edited(taras: Person) -> None:
    listed = await taras.ask("/search Umerov")
    asked = max(key for key, message in taras.chat.messages.items() if not message["from"]["is_bot"])
    taras.edit(asked, "/search Azovstal")
    edited = await taras.chat.next_edit()
    assert edited["message_id"] == listed["message_id"]
    assert "Exchange, 5–6 March 2026" in edited["text"]


# In any chat


async def offered(person: Person, query: str, offset: str = "") -> Json:
    person.ask_inline(query, offset=offset)
    return await person.chat.next_inline_answer()


def named(answer: Json) -> list[str]:
    return [plain(result["title"]) for result in answer["results"]]


async def test_before_a_word_the_latest_the_next_and_the_totals(taras: Person) -> None:
    answer = await offered(taras, "")
    assert named(answer) == ["Latest exchange", "Next exchange", "How many came home"]
    assert answer["is_personal"]


@pytest.mark.parametrize(
    ("query", "ready", "entry"),
    [
        ("травень 2025", "Минулі обміни", "Обмін, 23–25 травня 2025 р."),
        ("Medinsky 2 June", None, "Statement, 2 June 2025, Vladimir Medinsky"),
        ("Medinsky 2 June 2025", "Who said what", "Statement, 2 June 2025, Vladimir Medinsky"),
        ("totals 2024", "How many came home", None),
        ("коли наступний обмін", "Наступний обмін", None),
        ("сентябрь 2023", "Прошлые обмены", None),
    ],
)
async def test_cards_are_offered_as_one_types(
    taras: Person, query: str, ready: str | None, entry: str | None
) -> None:
    taras.ask_inline(query)
    answer = await taras.chat.next_inline_answer()
    assert ready is None or named(answer)[0] == ready
    assert entry is None or entry in named(answer)
    assert not answer["is_personal"]
    for result in answer["results"]:
        sent = taras.choose(answer["inline_query_id"], result["id"])
        assert re.search(r"Джерел|Source|Источник", sent["text"])
        assert sent["link_preview_options"] == {"is_disabled": True}


async def test_a_long_list_is_offered_fifty_at_a_time(taras: Person) -> None:
    first = await offered(taras, "exchange")
    assert len(first["results"]) == 50
    second = await offered(taras, "exchange", first["next_offset"])
    last = await offered(taras, "exchange", second["next_offset"])
    assert last["next_offset"] == ""
    ids = [result["id"] for answer in (first, second, last) for result in answer["results"]]
    assert len(ids) == len(set(ids)) > 100


@pytest.mark.parametrize("query", ["asdfghjk", "停戦", "🙂🙂", "ст" * 128])
async def test_nonsense_is_offered_an_honest_nothing(taras: Person, query: str) -> None:
    answer = await offered(taras, query)
    (only,) = answer["results"]
    assert only["title"].startswith(("Nothing was found", "За цим запитом", "По этому запросу"))
    assert "@obmin_sandbox_bot" in only["content"]["text"]
    assert answer["button"]["start_parameter"] == "search"


async def test_a_wrong_offset_begins_anew(taras: Person) -> None:
    assert named(await offered(taras, "Umerov", "-5")) == named(await offered(taras, "Umerov"))
    assert (await offered(taras, "Umerov", "999"))["results"] == []


async def test_what_was_just_changed_is_kept_for_seconds_only(taras: Person, services: Services) -> None:
    await changed(services.database, "figure", "2024-01-03-returned_to_ukraine", value=999)
    answer = await offered(taras, "999")
    assert answer["cache_time"] <= 5
    assert named(answer) == ["Exchange, 3 January 2024"]


async def test_a_query_that_is_too_old_is_left_alone(taras: Person, sandbox: Sandbox) -> None:
    taras.ask_inline("Umerov")
    sandbox.expire_queries()
    assert named(await offered(taras, "Umerov"))
