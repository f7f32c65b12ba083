"""Newsrooms over HTTP: data, feeds, calendar and pages, read by other people's libraries and a browser."""

import gzip
import json
import re
from collections.abc import AsyncIterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any

import aiohttp
import feedparser
import pytest
from icalendar import Calendar
from playwright.async_api import async_playwright

from bot.answers.facts import Record
from bot.database import Database
from bot.desk import record as record_file
from bot.i18n import LANGUAGES
from bot.sandbox import Sandbox
from models.desk import Kind
from tests.newsstand import BOT, Newsstand, newsstand
from tests.readers import release
from tests.test_sandbox_page import ARGUMENTS, CHROMIUM
from tests.watched import watched

DATA = (
    "/exchanges.json",
    "/exchanges.csv",
    "/official_totals.csv?lang=uk",
    "/dictionary.csv?lang=ru",
    "/exchanges.xlsx",
    "/schema.json",
    "/openapi.json",
    "/calendar.ics",
    "/feeds/uk/all.atom",
    "/feeds/uk/all.json",
)
PAGES = ("/", "/exchanges/2025-05-23?lang=ru")


@pytest.fixture
async def stand(database: Database) -> AsyncIterator[Newsstand]:
    async with newsstand(database) as stand:
        yield stand


# What every answer keeps to


@pytest.mark.parametrize("path", [*DATA, *PAGES])
async def test_what_has_not_changed_is_not_sent_again(stand: Newsstand, path: str) -> None:
    whole = await stand.get(path)
    assert (whole.status, bool(whole.body)) == (200, True)
    tag, changed = whole.headers["ETag"], whole.headers["Last-Modified"]
    assert "max-age" in whole.headers["Cache-Control"]
    for condition in ({"If_None_Match": tag}, {"If_None_Match": f'"x", {tag}'}, {"If_Modified_Since": changed}):
        unchanged = await stand.get(path, **condition)
        assert (unchanged.status, unchanged.body, unchanged.headers["ETag"]) == (304, b"", tag)
    assert (await stand.get(path, If_None_Match='"x"', If_Modified_Since=changed)).status == 200
    assert (await stand.get(path, If_Modified_Since="Tue, 01 Jan 2019 00:00:00 GMT")).status == 200
    head = await stand.get(path, "HEAD", Accept_Encoding="identity")
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", tag)
    assert int(head.headers["Content-Length"]) == len(whole.body)


async def test_a_change_of_the_record_changes_the_tag(stand: Newsstand, database: Database) -> None:
    tag = (await stand.get("/exchanges.json")).headers["ETag"]
    await announce(database, "agreed")
    changed = await stand.get("/exchanges.json", If_None_Match=tag)
    assert changed.status == 200
    assert json.loads(changed.body)["version"] == 2


async def test_it_is_packed_for_those_who_can_unpack(stand: Newsstand) -> None:
    async with aiohttp.ClientSession(auto_decompress=False) as http:
        for offered, packed in {
            "gzip, br": True,
            "gzip;q=0": False,
            "identity": False,
            "gzip;q=0.5": True,
        }.items():
            async with http.get(f"{stand.root}/exchanges.json", headers={"Accept-Encoding": offered}) as answer:
                body = await answer.read()
                assert (answer.headers.get("Content-Encoding") == "gzip") is packed
                assert json.loads(gzip.decompress(body) if packed else body)["version"] == 1


@pytest.mark.parametrize("path", DATA)
async def test_any_page_on_the_web_may_read_the_data(stand: Newsstand, path: str) -> None:
    assert (await stand.get(path, Origin="https://news.example")).headers["Access-Control-Allow-Origin"] == "*"
    asked = await stand.get(path, "OPTIONS", Origin="https://news.example", Access_Control_Request_Method="GET")
    assert asked.status == 204
    assert "If-None-Match" in asked.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    ("path", "there_is"),
    [
        ("/feeds/xx/all.atom", {"languages": ["uk", "en", "ru"]}),
        ("/feeds/uk/weather.atom", {"kinds": ["all", "exchanges", "talks", "advisories"]}),
        ("/feeds/uk/all.rss", {"formats": ["atom", "json"]}),
        ("/feeds/uk%0A/all.atom", {"languages": ["uk", "en", "ru"]}),
        ("/feeds/", {"languages": ["uk", "en", "ru"]}),
        ("/exchanges.csv?lang=xx", {"languages": ["uk", "en", "ru"]}),
        ("/calendar.ics?lang=", {"languages": ["uk", "en", "ru"]}),
        ("/?lang=de", {"languages": ["uk", "en", "ru"]}),
    ],
)
async def test_what_is_not_there_is_told_with_what_there_is(
    stand: Newsstand, path: str, there_is: dict[str, list[str]]
) -> None:
    answer = await stand.get(path)
    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert json.loads(answer.body).items() >= there_is.items()


async def test_an_unknown_address_is_told_all_addresses(stand: Newsstand) -> None:
    answer = await stand.get("/nonsense")
    addresses = json.loads(answer.body)["addresses"]
    assert answer.status == 404
    described = json.loads((await stand.get("/openapi.json")).body)
    assert set(described["paths"]) <= set(addresses)
    assert (await stand.get("/exchanges.json", "POST")).status == 405


async def test_the_description_is_valid(stand: Newsstand) -> None:
    from openapi_spec_validator import validate  # Importing it takes seconds, which every worker would pay.

    described = json.loads((await stand.get("/openapi.json")).body)
    assert described["openapi"].startswith("3.1")
    assert described["servers"] == [{"url": stand.root}]
    validate(described)


# Feeds


async def entries(stand: Newsstand, feed: str) -> dict[str, Any]:
    """By their kinds of text: Atom and JSON Feed tell the same."""
    atom = feedparser.parse(
        (await stand.get(f"/feeds/{feed}.atom")).body, sanitize_html=False, resolve_relative_uris=False
    )
    assert not atom.bozo
    told = json.loads((await stand.get(f"/feeds/{feed}.json")).body)
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert told["feed_url"] == f"{stand.root}/feeds/{feed}.json"
    for entry, item in zip(atom.entries, told["items"], strict=True):
        assert (entry.id, entry.title, entry.link) == (item["id"], item["title"], item["url"])
        assert datetime.fromisoformat(entry.published) == datetime.fromisoformat(item["date_published"])
        assert datetime.fromisoformat(entry.updated) == datetime.fromisoformat(item["date_modified"])
        assert entry.content[0].value == item["content_html"]
        assert f"https://t.me/{BOT}?start=verify_" in item["content_html"]
    return {item["id"]: item for item in told["items"]}


async def test_a_correction_is_the_same_entry_updated(stand: Newsstand, database: Database) -> None:
    assert await entries(stand, "uk/all") == {}
    sources = [{"url": "https://example.org/news", "title": "News & <more>"}]
    facts = {"exchange": "2025-05-23", "sources": sources}
    post = await release(database, facts=facts)
    tag = (await stand.get("/feeds/uk/all.atom")).headers["ETag"]
    ((key, first),) = (await entries(stand, "uk/all")).items()
    assert "Обмін відбувся." in first["content_text"]
    assert 'href="https://example.org/news"' in first["content_html"]
    assert "News &amp; &lt;more&gt;" in first["content_html"]
    assert first["_obmin"]["exchange"] == f"{stand.root}/exchanges/2025-05-23?lang=uk"

    await release(database, post, facts=facts)
    ((same, corrected),) = (await entries(stand, "uk/all")).items()
    assert same == key
    assert corrected["date_published"] == first["date_published"]
    assert corrected["date_modified"] > first["date_modified"]
    assert "Уточнили число." in corrected["content_text"]
    changed = await stand.get("/feeds/uk/all.atom", If_None_Match=tag)
    assert changed.status == 200
    parsedate_to_datetime(changed.headers["Last-Modified"])

    await release(database, post, withdraws=True)
    ((same, withdrawn),) = (await entries(stand, "uk/all")).items()
    assert same == key
    assert withdrawn["_obmin"]["withdrawn"]
    assert "Обмін відбувся." not in withdrawn["content_text"]


async def test_a_feed_has_the_posts_of_its_kind_in_its_language(stand: Newsstand, database: Database) -> None:
    for of_kind in (Kind.COMPLETED, Kind.ANNOUNCEMENT, Kind.TALKS, Kind.ADVISORY):
        await release(database, kind=of_kind)
    await release(database, kind=Kind.ADVISORY, to_readers=False)
    await release(database, kind=Kind.TALKS, state="draft", released_at=None)
    counts = {"all": 4, "exchanges": 2, "talks": 1, "advisories": 1}
    words = {"uk": "Обмін відбувся.", "en": "The exchange took place.", "ru": "Обмен состоялся."}
    for language in LANGUAGES:
        for kind, count in counts.items():
            told = await entries(stand, f"{language}/{kind}")
            assert len(told) == count
            assert all(words[language] in item["content_text"] for item in told.values())


async def test_a_feed_is_well_formed_whatever_was_written(stand: Newsstand, database: Database) -> None:
    await release(database, texts={"en": "A\x0bB \ufffe <script>alert(1)</script> ]]> & \U0001f642"})
    atom = feedparser.parse(
        (await stand.get("/feeds/en/all.atom")).body, sanitize_html=False, resolve_relative_uris=False
    )
    assert not atom.bozo
    assert "AB  &lt;script&gt;alert(1)&lt;/script&gt; ]]&gt; &amp; \U0001f642" in atom.entries[0].content[0].value


# The calendar


async def announce(database: Database, stage: str, day: str | None = None, **more: Any) -> None:  # noqa: ANN401
    """A statement on an exchange to come; `more` is the side, the day on which it was said, and who withholds."""
    side, said_on = more.get("side", "ukraine"), more.get("said_on", "2026-05-01")
    key = f"{stage}-{side}-{said_on}"
    nothing: dict[str, Any] = {"speaker": side, "role": None, "gist": None, "topic": None, "handover": None}
    lists: dict[str, Any] = {"categories": [], "mediators": [], "relayed_by": [], "sources": ["unn-2026-03-05"]}
    rows = [
        {"kind": "exchange", "key": "coming", "name": None, "round": None},
        {"kind": "statement", "key": key, "sort": "claim", "side": side, "said_on": said_on, "exchange": "coming"}
        | {"round": None}
        | nothing
        | lists,
        {"kind": "stage", "key": key, "stage": stage, "day": day, "day_withheld_by": more.get("withheld_by")},
        *more.get("rows", ()),
    ]
    async with database.write() as session:
        await record_file.load(session, [("test", number, json.dumps(row)) for number, row in enumerate(rows, 1)])


async def days(stand: Newsstand, language: str = "en") -> dict[str, Any]:
    calendar = Calendar.from_ical((await stand.get(f"/calendar.ics?lang={language}")).body)
    assert isinstance(calendar, Calendar)
    assert not calendar.errors
    events: list[Any] = [event for event in calendar.walk("VEVENT") if not event.errors]
    assert len({event["UID"] for event in events}) == len(events)
    return {event["DTSTART"].dt.isoformat(): event for event in events}


async def test_a_withheld_day_is_no_event(stand: Newsstand, database: Database) -> None:
    assert await days(stand) == {}
    await announce(database, "date_set", withheld_by="ukraine")
    assert await days(stand) == {}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_announced_day_is_tentative_until_it_took_place(
    stand: Newsstand, database: Database, language: str
) -> None:
    await announce(database, "date_set", "2026-06-01")
    (event,) = (await days(stand, language)).values()
    assert (event["STATUS"], event["DTEND"].dt.isoformat()) == ("TENTATIVE", "2026-06-02")
    assert "UNN" in event["DESCRIPTION"] or "УНН" in event["DESCRIPTION"]
    assert event["URL"].startswith("http")
    took_place: dict[str, Any] = {
        "kind": "handover",
        "key": "coming",
        "exchange": "coming",
        "day": "2026-06-01",
        "confirmed": True,
    }
    took_place |= {"place": None, "categories": [], "mediators": []}
    await announce(database, "completed", "2026-06-01", said_on="2026-06-01", rows=[took_place])
    (event,) = (await days(stand, language)).values()
    assert event["STATUS"] == "CONFIRMED"


async def test_a_day_that_is_cancelled_or_moved_stays_as_cancelled(stand: Newsstand, database: Database) -> None:
    await announce(database, "date_set", "2026-06-01")
    uid = (await days(stand))["2026-06-01"]["UID"]
    await announce(database, "postponed", "2026-06-08", said_on="2026-05-02")
    moved = await days(stand)
    assert {day: event["STATUS"] for day, event in moved.items()} == {
        "2026-06-01": "CANCELLED",
        "2026-06-08": "TENTATIVE",
    }
    assert moved["2026-06-01"]["UID"] == uid
    assert moved["2026-06-01"]["SEQUENCE"] > 0
    await announce(database, "cancelled", said_on="2026-05-03")
    assert {event["STATUS"] for event in (await days(stand)).values()} == {"CANCELLED"}


async def test_one_side_cannot_take_back_what_the_other_announced(stand: Newsstand, database: Database) -> None:
    await announce(database, "date_set", "2026-06-01")
    await announce(database, "postponed", said_on="2026-05-02", side="russia")
    (event,) = (await days(stand)).values()
    assert event["STATUS"] == "TENTATIVE"
    assert "put off" in event["DESCRIPTION"]


# Pages


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_exchange_has_a_page_with_its_numbers_and_sources(
    stand: Newsstand, record: Record, language: str
) -> None:
    index = (await stand.get(f"/?lang={language}")).text
    for exchange in record.exchanges:
        page = await stand.get(f"/exchanges/{exchange.key}?lang={language}")
        assert page.status == 200
        text = unescape(page.text)
        claims = [*exchange.claims, *(claim for handover in exchange.handovers for claim in handover.claims)]
        for source in {source for claim in claims for source in claim.sources if source.url}:
            assert f'href="{source.url}"' in text
        assert "<script" not in text
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
        if exchange.handovers:
            assert f'href="/exchanges/{exchange.key}?lang={language}"' in index


async def test_a_page_speaks_the_language_that_was_chosen_or_that_the_browser_names(stand: Newsstand) -> None:
    for language in LANGUAGES:
        named = await stand.get("/", Accept_Language=f"{language}-UA,en;q=0.5")
        chosen = await stand.get(f"/?lang={language}", Accept_Language="de")
        liked = await stand.get("/", Accept_Language=f"de, {language};q=0.9, fr;q=0.8")
        assert all(f'<html lang="{language}">' in page.text for page in (named, chosen, liked))


async def test_a_page_that_is_not_there_leads_to_all_that_are(stand: Newsstand, record: Record) -> None:
    missing = await stand.get("/exchanges/<b>nothing?lang=en")
    assert missing.status == 404
    assert "<b>nothing" not in missing.text
    assert "There is no such page" in missing.text
    assert all(f"/exchanges/{exchange.key}?lang=en" in missing.text for exchange in record.completed)


async def test_a_post_is_shown_as_text(stand: Newsstand, database: Database) -> None:
    name = {"original": "en", "en": "<img src=x onerror=alert(1)>"}
    await announce(database, "agreed", rows=[{"kind": "term", "key": "ukraine", "sort": "side", "name": name}])
    page = (await stand.get("/exchanges/coming?lang=en")).text
    assert "<img" not in page
    assert "&lt;img" in page


@pytest.mark.skipif(CHROMIUM is None, reason="the look of a page needs chromium")
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_page_is_legible_on_a_phone_in_a_browser(stand: Newsstand, scheme: Any) -> None:  # noqa: ANN401
    complaints = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 320, "height": 640}, color_scheme=scheme)
        page.on("console", lambda message: complaints.append(message.text))
        for path in ("/?lang=uk", "/exchanges/2025-05-23?lang=uk", "/exchanges/nothing?lang=uk"):
            await page.goto(stand.root + path)
            assert await page.evaluate("document.documentElement.scrollWidth") <= 320
            colours = await page.evaluate(
                "['body', 'section, main li', 'main a', 'footer'].map(which => document.querySelector(which))"
                ".filter(found => found).map(found => [getComputedStyle(found).color,"
                " getComputedStyle(found.closest('section') || document.body).backgroundColor])"
            )
            assert all(contrast(*pair) >= 4.5 for pair in colours)
        await browser.close()
    assert [each for each in complaints if "404" not in each] == []


def contrast(one: str, other: str) -> float:
    """Of two colours, as WCAG 2.2 has it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# In the program


async def test_the_bot_serves_newsrooms_where_it_listens(database: Database, sandbox: Sandbox) -> None:
    async with watched(database, sandbox, public_url="https://obmin.example/") as bot:
        async with bot.http.get(f"{bot.root}/openapi.json") as answer:
            assert (await answer.json())["servers"] == [{"url": "https://obmin.example"}]
        async with bot.http.get(f"{bot.root}/verify/7K3MX2QD") as answer:
            assert answer.status == 404
            assert "text/html" in answer.headers["Content-Type"]
