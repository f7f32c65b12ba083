"""A journalist at work: answers as of a day, what was corrected, and what can be cited."""

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot.answers.facts import Cited, Record
from bot.answers.load import load
from bot.answers.pages import visible
from bot.database import Database
from bot.desk import record as desk_record
from bot.i18n import LANGUAGES, Language
from bot.opening import ready_database
from bot.press import cards, changed, changes, citation
from bot.press.as_of import appeared, published_by
from bot.press.citation import Citation, NoCitation
from bot.press.corrections import Corrections
from bot.press.refs import Kind, Ref
from bot.sandbox import Person, Sandbox
from handlers import press_asof
from handlers.context import Services
from tests.newsroom import AGREED, TEXTS, WHY, Cast, hire_all, newsroom
from tests.test_conversation import data, labels

JUNE_2 = date(2025, 6, 2)


async def change(database: Database, kind: str, key: str, **values: Any) -> None:  # noqa: ANN401
    async with database.write() as session:
        row = await desk_record.row(session, kind, key)
        line = ("file", 1, json.dumps(row | values))
        assert await desk_record.load(session, [line]) == 1


async def messages(person: Person, count: int) -> list[str]:
    return [(await person.chat.next_message())["text"] for _ in range(count)]


# As of a day


def page(published: str | None) -> Cited:
    return Cited("key", None, None, None, None, published, None)


@pytest.mark.parametrize(
    ("published", "told_of", "expected"),
    [
        ("2025-06-03", JUNE_2, date(2025, 6, 3)),
        ("2025-06", JUNE_2, JUNE_2),
        ("2025-06", date(2025, 5, 25), date(2025, 6, 30)),
        ("2025", None, date(2025, 12, 31)),
        (None, JUNE_2, None),
    ],
)
def test_a_page_counts_from_the_day_it_can_have_appeared(
    published: str | None, told_of: date | None, expected: date | None
) -> None:
    assert appeared(page(published), told_of) == expected


def test_what_happened_before_but_was_published_after_was_not_known(record: Record) -> None:
    """The exchange of 1 March 2022 was reported on 14 April."""
    keys = [
        [exchange.key for exchange in published_by(record, day).exchanges]
        for day in (date(2022, 4, 13), date(2022, 4, 14))
    ]
    assert "2022-03-01" not in keys[0]
    assert "2022-03-01" in keys[1]


@pytest.mark.parametrize("day", [date(2022, 4, 1), date(2024, 1, 31), JUNE_2, date(2026, 11, 22)])
def test_no_later_page_is_cited(record: Record, day: date) -> None:
    past = published_by(record, day)
    for claim in past.claims:
        assert claim.sources
        assert all(not source.published or source.published <= day.isoformat() for source in claim.sources)
        assert claim.said_on is None or claim.said_on <= day
    for exchange in past.exchanges:
        assert all(handover.day <= day and handover.claims for handover in exchange.handovers)


def test_at_the_end_everything_had_been_published(record: Record) -> None:
    assert published_by(record, date(2027, 1, 1)).claims == record.claims


@pytest.mark.parametrize(
    ("text", "first_line"),
    [
        ("/asof 2025-06-02", "As of 2 June 2025."),
        ("/asof 2 June 2025", "As of 2 June 2025."),
        ("/asof 2 червня 2025", "Станом на 2 червня 2025\u202fр."),
        ("/asof 2 июня 2025 г.", "По состоянию на 2 июня 2025\u202fг."),
        ("/asof May 2025", "As of 31 May 2025."),
    ],
)
async def test_a_day_is_chosen_as_people_write_it(taras: Person, text: str, first_line: str) -> None:
    said = (await taras.ask(text))["text"].replace("\u00a0", "\u202f")
    assert said.startswith(first_line)


async def test_questions_are_answered_as_of_the_day_until_it_ends(taras: Person) -> None:
    taras.press(await taras.ask("/start"), "English")
    await taras.chat.next_message()
    chosen = await taras.ask("/asof 2025-06-02")
    answer = await taras.ask("when was the last exchange?")
    first, *rest = answer["text"].split("\n")
    assert first.startswith("As of 2 June 2025: what had been published by then")
    assert "23–25 May 2025" in answer["text"]
    assert "June 2025" not in "".join(rest).replace("2 June 2025", "")
    taras.press(chosen, "As of today again")
    assert (await taras.chat.next_edit())["text"] == "I answer as of today."
    assert (await taras.ask("/latest"))["text"].startswith("The latest exchange in our record")


async def test_this_month_is_the_month_of_the_day(taras: Person) -> None:
    await taras.ask("/asof 2025-05-25")
    answer = await taras.ask("how many came home this month?")
    assert "May 2025" in answer["text"].split("\n")[2]


async def test_buttons_keep_the_day(taras: Person) -> None:
    await taras.ask("/start")
    await taras.ask("/asof 2024-06-02")
    first = await taras.ask("/history")
    assert "Tell me if this changes" not in labels(first)
    assert all(len(each.encode()) <= 64 for each in data(first))
    await taras.ask("/asof off")
    taras.press(first, labels(first)[0])
    second = await taras.chat.next_edit()
    assert second["text"].startswith("As of 2 June 2024")
    taras.press(second, "Chart")
    assert "As of 2 June 2024" in (await taras.chat.next_message(within=30))["caption"]


async def test_help_and_despair_are_of_no_day(olena: Person) -> None:
    await olena.ask("/asof 2025-06-02")
    assert "7333" in (await olena.ask("я більше не можу, не хочу жити"))["text"].splitlines()[0]
    assert not (await olena.ask("/contacts"))["text"].startswith("Станом на 2 червня")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("/asof 2041-01-01", "1 January 2041 is still to come"),
        ("/asof 2021", "Our record begins on 1 March 2022"),
        ("/asof purple elephants", "I could not read a day"),
        ("/asof 31 June 2025", "I could not read a day"),
        ("/asof 二〇二五年六月二日", "I could not read a day"),
        ("/asof today", "I answer as of today."),
        ("/asof off", "I answer as of today."),
        ("/asof", "I answer as of today. To be answered"),
    ],
)
async def test_what_is_no_day_to_answer_as_of(taras: Person, text: str, says: str) -> None:
    assert (await taras.ask(text))["text"].startswith(says)
    assert (await taras.ask("/next"))["text"].startswith("The date of the next exchange")


async def test_an_hour_later_it_is_over_and_said_once(taras: Person, services: Services) -> None:
    await taras.ask("/asof 2025-06-02")
    chat = services.vault.index(taras.id)
    chosen = services.as_of.get(chat)
    assert chosen is not None
    services.as_of.put(chat, (chosen[0] - press_asof.LASTS, chosen[1]))
    assert (await taras.ask("/latest"))["text"].startswith(
        "An hour is over, so I no longer answer as of 2 June 2025"
    )
    assert (await taras.chat.next_message())["text"].startswith("The latest exchange")
    await taras.chat.next_message()
    assert (await taras.ask("/next"))["text"].startswith("The date")


async def test_forgetting_ends_it_too(taras: Person) -> None:
    await taras.ask("/asof 2025-06-02")
    await taras.ask("/forget")
    assert (await taras.ask("/latest"))["text"].startswith("The latest exchange")


async def test_one_chat_does_not_turn_back_another(taras: Person, olena: Person) -> None:
    await taras.ask("/asof 2025-06-02")
    assert not (await olena.ask("/latest"))["text"].startswith("Станом на 2 червня 2025")


# Corrections


async def test_when_nothing_was_corrected_it_is_said(taras: Person) -> None:
    assert (await taras.ask("/changes"))["text"].startswith("Nothing in our record has been corrected")


async def test_a_correction_is_told_in_words(taras: Person, services: Services) -> None:
    await change(services.database, "figure", "2025-05-24-returned_to_ukraine", value=308)
    await change(services.database, "coverage", "record", checked_on="2026-11-20")
    told = (await taras.ask("/changes"))["text"]
    assert told.startswith("1 correction, newest first.")
    assert "A figure, 24 May 2025, 2025-05-24-returned_to_ukraine" in told
    assert "It said: Returned to Ukraine: 307 people.\nIt says now: Returned to Ukraine: 308 people." in told
    assert "The reason was not written down." in told


async def test_what_was_replaced_at_once_never_held(taras: Person, services: Services) -> None:
    """A release may take a row back and write it anew."""
    async with services.database.write() as session:
        row = await desk_record.row(session, "figure", "2025-05-24-returned_to_ukraine")
        now = datetime.now(UTC)
        for value in (400, 308):
            await desk_record.load(session, [("file", 1, json.dumps(row | {"value": value}))], now)
    told = (await taras.ask("/changes"))["text"]
    assert "It said: Returned to Ukraine: 307 people.\nIt says now: Returned to Ukraine: 308 people." in told
    assert "400" not in told


@pytest.fixture
async def cast(url: str) -> AsyncIterator[Cast]:
    """SQLite and PostgreSQL."""
    async with ready_database(url) as database, newsroom(database) as room:
        yield await hire_all(room)


async def told_of(cast: Cast, language: Language = "en") -> str:
    async with cast.room.database.read() as session:
        known = await changes.latest(session)
    return "\n".join(visible(each) for each in changed.pages(known, language))


async def test_a_corrected_and_a_withdrawn_post_are_told_with_their_reasons(cast: Cast) -> None:
    released = await cast.iryna.approves(await cast.marko.submits())
    texts = TEXTS | {"en": "The sides have agreed on a large exchange."}
    corrected = await cast.iryna.approves(await cast.marko.corrects(released, texts=texts, facts=AGREED))
    assert f"post {released.post_id} was corrected, revision 2.\nWhy: The number was made more exact." in (
        await told_of(cast)
    )
    await cast.iryna.approves(await cast.marko.corrects(corrected, withdraws=True))
    told = await told_of(cast)
    assert told.index("was withdrawn") < told.index("was corrected")
    assert "Now: taken back, our record no longer says this." in told
    for language in LANGUAGES:
        assert WHY[language] in await told_of(cast, language)


async def test_what_may_harm_is_not_shown_again(cast: Cast) -> None:
    database = cast.room.database
    harmful = {"original": "en", "uk": "x", "en": "Oleksandr Kovalenko of the 93rd brigade, 24 May.", "ru": "x"}
    clean = {"original": "en", "uk": "x", "en": "A person came home.", "ru": "x"}
    await change(database, "statement", "report-2022-03-01", gist=harmful)
    cast.room.clock.shift(timedelta(hours=1))
    await change(database, "statement", "report-2022-03-01", gist=clean)
    told = await told_of(cast)
    newest = told.split("(Kyiv time)")[1]
    assert "Kovalenko" not in newest
    assert "not shown again, because it may harm somebody" in newest


TITLES = {
    "uk": "Найновіші 3 із 21 виправлення.",
    "en": "The newest 3 of 21 corrections.",
    "ru": "Последние 3 из 21 исправления.",
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_more_than_are_listed_are_counted(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, language: Language
) -> None:
    """And looked up in as many queries as one of them."""
    database, asked = cast.room.database, list[str]()

    def counted(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    monkeypatch.setattr(changes, "MOST", 3)
    for value in range(400, 421):
        cast.room.clock.shift(timedelta(hours=1))
        await change(database, "figure", "2025-05-24-returned_to_ukraine", value=value)
    corrections = Corrections(database)
    event.listen(database.engine.sync_engine, "before_cursor_execute", counted)
    first, *_ = await corrections.pages(language)
    assert visible(first).startswith(TITLES[language])
    assert len([statement for statement in asked if statement.startswith("SELECT")]) < 20
    asked.clear()
    assert (await corrections.pages(language))[0] == first
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 1
    await change(database, "figure", "2025-05-24-returned_to_ukraine", value=399)
    assert (await corrections.pages(language))[0] != first


async def test_many_corrections_are_turned_over(taras: Person, services: Services) -> None:
    for value in range(400, 420):
        await change(services.database, "figure", "2025-05-24-returned_to_ukraine", value=value)
    first = await taras.ask("/changes")
    taras.press(first, "Next ›")
    assert (await taras.chat.next_edit())["text"] != first["text"]


# Citing


def link_of(text: str) -> str:
    found = re.search(r"https://t\.me/obmin_sandbox_bot\?start=([\w-]+)", text)
    assert found is not None
    assert len(found[1]) <= 64
    return found[1]


async def cited(taras: Person, asked: str, what: str) -> str:
    answer = await taras.ask(asked)
    taras.press(answer, "Cite")
    choice = await taras.chat.next_message(lambda message: message["text"] == "What do you want to cite?")
    taras.press(choice, next(label for label in labels(choice) if what in label))
    return str((await taras.chat.next_message())["text"])


async def test_a_statement_is_cited_with_its_chain_and_its_language(taras: Person) -> None:
    await taras.ask("/start")
    card = await cited(taras, "what did Umerov say?", "2 June 2025")
    assert card.startswith("Statement\nRustem Umerov")
    assert "Wording: as it was first written down in our record." in card
    assert "Chain: Rustem Umerov → Suspilne → The Kyiv Independent" in card
    assert "Identifier: statement/istanbul-2-umerov@1" in card
    assert re.search(r"To copy:\nRustem Umerov.*as of \d+ \w+ \d+: https://t\.me/", card)
    again = await taras.ask(f"/start {link_of(card)}")
    assert again["text"] == card


async def test_a_translation_says_that_it_is_one(olena: Person) -> None:
    await olena.ask("/start")
    day = datetime.now(UTC).date()
    payload = Citation(Ref(Kind.STATEMENT, "june-2025-postponed-claim"), 1, day).payload()
    card = (await olena.ask(f"/start c_{payload}"))["text"]
    assert "Текст: уперше записано англійською; це наш переклад." in card
    assert "Шлях: Володимир Мединський → «Українська правда»" in card or "Шлях: Володимир Мединський →" in card


async def test_a_figure_revised_since_shows_both(taras: Person, services: Services) -> None:
    await taras.ask("/start")
    card = await cited(taras, "/history 24 May 2025", "307")
    assert "Returned to Ukraine: 307 people." in card
    await change(services.database, "figure", "2025-05-24-returned_to_ukraine", value=308)
    again = (await taras.ask(f"/start {link_of(card)}"))["text"]
    assert again.startswith("Revised since it was cited. You have revision 1; now it is revision 2")
    assert "As cited, revision 1:" in again
    assert "307 people" in again.split("As it stands now, revision 2:")[0]
    assert "308 people" in again.split("As it stands now, revision 2:")[1]
    assert "figure/2025-05-24-returned_to_ukraine@2" in again


async def test_an_exchange_is_revised_with_what_is_said_in_it(taras: Person, services: Services) -> None:
    await taras.ask("/start")
    card = await cited(taras, "/history 24 May 2025", "Exchange: 23–25 May 2025")
    assert "Returned to Ukraine: 1,000 people. The sum is ours." in card
    await change(services.database, "figure", "2025-05-24-returned_to_ukraine", value=308)
    again = (await taras.ask(f"/start {link_of(card)}"))["text"]
    assert "1,000 people" in again
    assert "1,001 people" in again


async def test_a_link_keeps_its_day(taras: Person) -> None:
    await taras.ask("/start")
    await taras.ask("/asof 2025-05-24")
    card = await cited(taras, "/history May 2025", "Exchange: 23–24 May 2025")
    assert "Cited as of 24 May 2025" in card
    assert link_of(card).startswith("c_20250524_e")
    await taras.ask("/asof off")
    assert "25 May 2025" not in (await taras.ask(f"/start {link_of(card)}"))["text"]


async def test_what_was_taken_back_is_not_to_be_cited(cast: Cast) -> None:
    released = await cast.iryna.approves(await cast.marko.submits())
    ref = Ref(Kind.STATEMENT, f"post-{released.post_id}")
    today = datetime.now(UTC).date()
    async with cast.room.database.read() as session:
        known = await load(session)
        first = await citation.open_card(session, known, Citation(ref, 0, today), today)
    assert first.cited.revision == first.newest == 1
    await cast.iryna.approves(await cast.marko.corrects(released, withdraws=True))
    async with cast.room.database.read() as session:
        known = await load(session)
        gone = await citation.open_card(session, known, first.cited, today)
    (told,) = map(visible, cards.pages(gone, "obmin", "en"))
    assert told.startswith("Taken back: our record no longer says this. Do not cite it.")
    assert "Why: The number was made more exact." in told
    assert "The sides have agreed on an exchange." in told


async def test_a_long_key_fits_a_link_and_is_found_again(database: Database) -> None:
    key = "2022-06-29-returned_to_russia-donetsk-authority"
    today = datetime.now(UTC).date()
    payload = Citation(Ref(Kind.FIGURE, key), 1, today).payload()
    assert len(f"c:uk:{payload}".encode()) <= 64
    async with database.read() as session:
        known = await load(session)
        card = await citation.open_card(session, known, citation.read(payload, today), today)
    assert card.cited.ref.key == key


@pytest.mark.parametrize(
    "payload",
    [
        "c_",
        "c_20250602_s1_nothing",
        "c_20259999_s1_x",
        "c_20410101_e1_2025-05-23",
        "c_20250602_e9_2025-05-23",
        "c_x",
    ],
)
async def test_a_broken_link_says_what_to_do(taras: Person, payload: str) -> None:
    assert (await taras.ask(f"/start {payload}"))["text"].startswith("This link leads to nothing in our record")


def test_a_day_to_come_is_no_citation() -> None:
    with pytest.raises(NoCitation):
        citation.read("20250603_s1_x", JUNE_2)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everything_can_be_cited_in_every_language(
    database: Database, record: Record, language: Language
) -> None:
    today = date(2026, 11, 22)
    refs = [Ref(Kind.EXCHANGE, exchange.key) for exchange in record.exchanges]
    refs += [Ref(Kind.STATEMENT, claim.key) for claim in record.claims if claim.speaker]
    refs += [Ref(Kind.FIGURE, count.key) for claim in record.claims for count in claim.counts]
    async with database.read() as session:
        for ref in refs[::3]:
            card = await citation.open_card(session, record, Citation(ref, 0, today), today)
            for text in cards.pages(card, "obmin_sandbox_bot", language):
                assert len(visible(text)) < 4000


async def test_a_forged_button_says_what_to_do(sandbox: Sandbox, taras: Person) -> None:
    message = await taras.ask("/history")
    for forged in (
        "c:en:x",
        "c:xx:20250602_s1_x",
        "k:0:cake:::en",
        "k:x:talks:::en",
        "v:1:xx",
        "a:on:en",
        "@zzzk:0:",
    ):
        sandbox.pressed(taras, taras.chat, message, forged)
        assert "send /help" in (await taras.chat.next_callback_answer())["text"]
