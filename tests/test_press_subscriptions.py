"""A newsroom gets what it chose, once, at its own hour; and a post says what it changed in the record."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update

from bot import zones
from bot.bench import stage
from bot.database import Database
from bot.delivery import fanout, matching, outbox, press, subscriptions
from bot.desk.facts import Facts, GivenFigure
from bot.i18n import LANGUAGES, Language, translator
from bot.opening import ready_database
from bot.sandbox import Person, Sandbox
from bot.search.index import Vocabulary
from bot.search.words import terms
from bot.vault import Vault
from handlers.context import Services
from models.delivery import Broadcast, Delivery
from models.desk import Importance, Kind, PostRevision
from models.people import Reader, Subscription
from models.record import Side, StageName, What
from tests.newsroom import AGREED, SOURCE, Cast, hire_all, newsroom
from tests.readers import carried_out, copies, courier, crowd, follow, release
from tests.test_conversation import labels

VAULT = Vault(bytes(range(32)))
MEDINSKY = {"exchange": "2025-05-23", "speaker": "medinsky", "side": "russia", "said_on": "2025-06-02"}
UMEROV = {"speaker": "umerov", "side": "ukraine"}
NEWS = {"uk": "Уряд сказав про Азовсталь.", "en": "The government spoke of Azovstal.", "ru": "Речь об Азовстали."}


@pytest.fixture
async def anywhere(url: str) -> AsyncIterator[Database]:
    async with ready_database(url) as database:
        yield database


async def subscribed(database: Database, person: Person, *wanted: str) -> None:
    async with database.write() as session:
        for what in wanted:
            await press.subscribe(session, VAULT, person.id, what)


async def chosen(services: Services, person: Person) -> tuple[str, ...]:
    async with services.database.read() as session:
        return await press.subscriptions(session, services.vault, person.id)


# Choosing


@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_thing_is_chosen_with_two_presses(
    sandbox: Sandbox, services: Services, language: Language
) -> None:
    nina, tr = sandbox.add_person("Nina", language), translator(language)
    nina.press(await nina.ask("/updates"), tr.gettext("For the press"))
    page = await nina.chat.next_message()
    for label, what in (
        (tr.gettext("Talks"), "kind:talks"),
        (tr.gettext("What Russia says"), "side:russia"),
        (tr.gettext("What others say"), "side:others"),
    ):
        nina.press(page, label)
        page = await nina.chat.next_edit()
        assert f"✓ {label}" in labels(page)
        assert f"• {label}" in page["text"]
        assert (await chosen(services, nina))[-1] == what
    speaker = {"uk": "Рустем Умєров", "en": "Rustem Umerov", "ru": "Рустем Умеров"}[language]
    while speaker not in labels(page):
        nina.press(page, tr.gettext("Other officials ›"))
        page = await nina.chat.next_edit()
    nina.press(page, speaker)
    page = await nina.chat.next_edit()
    assert (await chosen(services, nina))[-1] == "speaker:umerov"
    # On another page of officials it has a button that removes it.
    page = await nina.ask("/press")
    nina.press(page, next(label for label in labels(page) if label in (f"✕ {speaker}", f"✓ {speaker}")))
    page = await nina.chat.next_edit()
    assert speaker not in page["text"]
    assert len(await chosen(services, nina)) == 3


@pytest.mark.parametrize(
    ("language", "query", "word"),
    [
        ("uk", "Азовсталь", "Азовстал"),
        ("en", "azovstali Medynskyi", "Azovstal"),
        ("ru", "азовстали", "Азовстал"),
    ],
)
async def test_a_search_is_followed_by_one_press(
    sandbox: Sandbox, services: Services, language: Language, query: str, word: str
) -> None:
    """By the words of our own texts: how somebody spelt them is not kept."""
    nina, tr = sandbox.add_person("Nina", language), translator(language)
    nina.press(await nina.ask(f"/search {query}"), tr.gettext("Follow this search"))
    page = await nina.chat.next_message()
    (what,) = await chosen(services, nina)
    expected = {"Азовсталь": ["азовстал"], "азовстали": ["азовстал"]}.get(query, ["азовстал", "мединск"])
    assert what == press.of_search(expected)
    assert word.lower() in page["text"].lower()
    told = (await nina.ask("/mydata"))["text"]
    assert word.lower() in told.lower()
    remove = next(label for label in labels(page) if label.startswith("✕"))
    nina.press(page, remove)
    await nina.chat.next_edit()
    assert await chosen(services, nina) == ()


def test_the_beginning_of_a_word_of_ours_is_not_kept() -> None:
    """It may be somebody's name."""
    known = Vocabulary([("коваленк", 2)])
    assert known.stem(terms("Коваль")) is None
    assert known.stem(terms("Коваленко")) == "коваленк"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_has_no_word_of_ours_cannot_be_followed(
    sandbox: Sandbox, services: Services, language: Language
) -> None:
    """Neither a time alone, nor what nobody has published: it may be the name of a captive."""
    nina, tr = sandbox.add_person("Nina", language), translator(language)
    may = {"uk": "травень 2025", "en": "May 2025", "ru": "май 2025"}[language]
    for query in (may, f"Verbodolsky {may}"):
        nina.press(await nina.ask(f"/search {query}"), tr.gettext("Follow this search"))
        assert "/search" in (await nina.chat.next_message())["text"]
    assert await chosen(services, nina) == ()
    listed = await nina.ask("/search Verbodolsky Azovstal")
    nina.press(listed, labels(listed)[-1])
    await nina.chat.next_message()
    (what,) = await chosen(services, nina)
    assert press.stems_of(what) == ("азовстал",)


async def test_who_is_cited_can_be_followed_from_the_card(taras: Person, services: Services) -> None:
    await follow(services.database, services.vault, [taras], follows=None)
    answer = await taras.ask("/statements Medinsky")
    taras.press(answer, "Cite")
    offered = await taras.chat.next_message()
    taras.press(offered, labels(offered)[0])
    taras.press(await taras.chat.next_message(), "Follow this speaker")
    assert "• Vladimir Medinsky" in (await taras.chat.next_message())["text"]
    assert await chosen(services, taras) == ("speaker:medinsky",)


async def test_an_exchange_can_be_followed_from_its_card(taras: Person, services: Services) -> None:
    await follow(services.database, services.vault, [taras], follows=None)
    taras.press(await taras.ask("/history 19 April 2025"), "Cite")
    offered = await taras.chat.next_message()
    taras.press(offered, next(label for label in labels(offered) if label.startswith("Exchange: ")))
    taras.press(await taras.chat.next_message(), "Follow this exchange")
    assert "• Exchange: 19 April 2025" in (await taras.chat.next_message())["text"]
    assert await chosen(services, taras) == ("exchange:2025-04-19",)


async def test_there_is_room_for_twenty(taras: Person, services: Services) -> None:
    page = await taras.ask("/press")
    taras.press(page, "Talks")
    page = await taras.chat.next_edit()
    await taras.chat.next_callback_answer()
    async with services.database.write() as session:
        for number in range(press.MOST - 1):
            await press.subscribe(session, services.vault, taras.id, f"exchange:{number}")
    taras.press(page, "What Russia says")
    told = await taras.chat.next_callback_answer()
    assert told["show_alert"]
    assert "20" in told["text"]
    assert len(await chosen(services, taras)) == press.MOST


async def test_stopping_stops_all_and_forget_deletes_all(taras: Person, services: Services) -> None:
    for last_word in ("/stop", "/forget"):
        page = await taras.ask("/press")
        taras.press(page, "Talks")
        page = await taras.chat.next_edit()
        taras.press(page, "Weekly" if "Weekly" in labels(page) else "Daily")
        await taras.chat.next_edit()
        await release(services.database, kind=Kind.TALKS)
        await stage.fan_out(services.database)
        await taras.ask(last_word)
        assert await chosen(services, taras) == ()
        async with services.database.read() as session:
            assert await session.scalar(select(func.count(Subscription.id))) == 0
            assert await session.scalar(select(func.count(Delivery.id))) == 0


async def waiting(database: Database) -> set[Kind]:
    """Of which kinds there are copies that were not sent."""
    query = select(PostRevision.kind).join(Delivery, Delivery.post_id == PostRevision.post_id)
    async with database.read() as session:
        return set(await session.scalars(query.where(Delivery.message_id.is_(None))))


async def test_what_is_no_longer_wanted_does_not_come_on_monday(taras: Person, services: Services) -> None:
    database = services.database
    await follow(database, services.vault, [taras], pace="weekly")
    page = await taras.ask("/press")
    taras.press(page, "Talks")
    await taras.chat.next_edit()
    wanted = {Kind.TALKS, Kind.ADVISORY, Kind.COMPLETED}
    for kind in wanted:
        await release(database, kind=kind)
    await stage.fan_out(database)
    assert await waiting(database) == wanted
    taras.press(await taras.ask("/updates"), "Advice")
    await taras.chat.next_edit()
    assert await waiting(database) == {Kind.TALKS, Kind.ADVISORY}
    taras.press(page, "✓ Talks")
    await taras.chat.next_edit()
    assert await waiting(database) == {Kind.ADVISORY}


async def test_what_may_be_on_its_way_keeps_its_row(anywhere: Database, sandbox: Sandbox) -> None:
    """Or nobody could correct it when it has arrived."""
    (nina,) = crowd(sandbox, 1)
    await follow(anywhere, VAULT, [nina])
    await release(anywhere, kind=Kind.TALKS)
    await stage.fan_out(anywhere)
    async with anywhere.write() as session:
        assert len(await outbox.claim(session, 10)) == 1
    async with anywhere.write() as session:
        await subscriptions.choose(session, VAULT, nina.id, follows="advisories")
    assert await waiting(anywhere) == {Kind.TALKS}
    async with anywhere.write() as session:
        await session.execute(update(Delivery).values(due_at=datetime.now(UTC) + timedelta(hours=1)))
        await subscriptions.choose(session, VAULT, nina.id, follows="advisories")
    assert await waiting(anywhere) == set()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_there_is_a_way_back_from_hours_and_zones(
    sandbox: Sandbox, services: Services, language: Language
) -> None:
    nina, tr = sandbox.add_person("Nina", language), translator(language)
    await follow(services.database, services.vault, [nina], pace="daily")
    page = await nina.ask("/press")
    for label in ("Hour: %(hour)s:00", "Time zone: %(city)s"):
        nina.press(page, tr.gettext(label, hour=9, city=zones.city("Europe/Kyiv", tr)))
        chosen_from = await nina.chat.next_edit()
        assert chosen_from["text"] != page["text"]
        nina.press(chosen_from, tr.gettext("‹ Back"))
        back = await nina.chat.next_edit()
        assert (back["text"], labels(back)) == (page["text"], labels(page))


async def test_only_what_is_chosen_for_the_press(taras: Person, services: Services) -> None:
    taras.press(await taras.ask("/updates"), "All updates")
    await taras.chat.next_edit()
    page = await taras.ask("/press")
    taras.press(page, "Talks")
    page = await taras.chat.next_edit()
    assert "Besides, you get: all updates." in page["text"]
    taras.press(page, "Only what is chosen here")
    assert "Besides" not in (await taras.chat.next_edit())["text"]
    screen = await taras.ask("/updates")
    assert "Chosen for the press: 1 thing." in screen["text"]
    taras.press(screen, "Stop updates")
    assert "no updates" in (await taras.chat.next_edit())["text"]
    assert await chosen(services, taras) == ()


# The clock


@pytest.mark.parametrize(
    ("language", "name", "zone"),
    [
        ("uk", "Берлін", "Europe/Berlin"),
        ("en", "new york", "America/New_York"),
        ("ru", "тбилиси", "Asia/Tbilisi"),
        ("en", "europe/kiev", "Europe/Kyiv"),
        ("uk", "Asia/Kolkata", "Asia/Kolkata"),
    ],
)
async def test_a_time_zone_is_typed(
    sandbox: Sandbox, services: Services, language: Language, name: str, zone: str
) -> None:
    nina = sandbox.add_person("Nina", language)
    told = (await nina.ask(f"/zone {name}"))["text"]
    assert zone in told
    assert re.search(r"\d\d:\d\d", told)
    city = zones.city(zone, translator(language))
    assert zone == "Europe/Kyiv" or city in (await nina.ask("/mydata"))["text"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_name_that_is_no_time_zone_gets_the_nearest(
    sandbox: Sandbox, services: Services, language: Language
) -> None:
    nina, tr = sandbox.add_person("Nina", language), translator(language)
    near = await nina.ask("/zone Brlin")
    berlin = zones.city("Europe/Berlin", tr)
    assert labels(near)[0] == berlin
    nina.press(near, berlin)
    await nina.chat.next_edit()
    for nothing in ("/zone ???", "/zone Мухосранськ-на-Дніпрі", "/zone " + "x" * 4000, "/zone"):
        answer = await nina.ask(nothing)
        assert "/zone" in answer["text"]
        assert berlin in labels(answer)
    assert berlin in (await nina.ask("/mydata"))["text"]


async def test_hour_and_zone_are_chosen_by_buttons(taras: Person, services: Services) -> None:
    taras.press(await taras.ask("/press"), "Talks")
    page = await taras.chat.next_edit()
    for label in ("Daily", "Hour: 9:00", "6:00", "Time zone: Kyiv", "Tokyo"):
        taras.press(page, label)
        page = await taras.chat.next_edit()
    assert "Once a day, at 6:00 (time zone: Tokyo)." in page["text"]
    assert "Tokyo" in (await taras.ask("/updates"))["text"]


@pytest.mark.parametrize(
    ("zone", "hour", "weekly", "now", "due"),
    [
        ("Europe/Kyiv", 9, False, "2026-01-10T06:00", "2026-01-10T07:00"),
        ("America/New_York", 9, False, "2026-01-10T06:00", "2026-01-10T14:00"),
        ("Asia/Tokyo", 9, False, "2026-01-10T06:00", "2026-01-11T00:00"),
        ("Asia/Kathmandu", 7, False, "2026-01-10T00:00", "2026-01-10T01:15"),
        ("America/New_York", 9, True, "2026-01-12T13:00", "2026-01-12T14:00"),
        ("Asia/Tokyo", 9, True, "2026-01-12T00:00", "2026-01-19T00:00"),
        # The clocks go forward in that night, over the hour itself.
        ("Europe/Berlin", 2, False, "2026-03-28T12:00", "2026-03-29T01:00"),
        ("Europe/Berlin", 9, False, "2026-03-28T12:00", "2026-03-29T07:00"),
        # And back: that hour comes twice, and the copy once.
        ("Europe/Berlin", 2, False, "2026-10-25T00:30", "2026-10-26T01:00"),
    ],
)
def test_a_digest_is_due_at_the_newsrooms_hour(zone: str, hour: int, weekly: bool, now: str, due: str) -> None:
    at = fanout.next_hour(datetime.fromisoformat(f"{now}Z"), hour, zone, weekly=weekly)
    assert at.astimezone(UTC) == datetime.fromisoformat(f"{due}Z")


async def test_digests_of_many_zones_come_each_at_its_hour(anywhere: Database, sandbox: Sandbox) -> None:
    hours = [(zone, hour) for zone in zones.OFFERED for hour in (0, 6, 23)]
    people = crowd(sandbox, len(hours))
    for person, (zone, hour) in zip(people, hours, strict=True):
        await follow(anywhere, VAULT, [person], pace="daily", digest_hour=hour, zone=zone)
    await follow(anywhere, VAULT, crowd(sandbox, 1))
    before = datetime.now(UTC)
    for importance in Importance:
        await release(anywhere, importance=importance)
    await stage.fan_out(anywhere)
    now = datetime.now(UTC)
    async with anywhere.read() as session:
        query = select(Delivery.due_at, Reader.zone, Reader.digest_hour, Reader.pace).join(
            Reader, Reader.id == Delivery.reader_id
        )
        ordinary = (await session.execute(query.where(Delivery.post_id == 1))).all()
        urgent = (await session.execute(query.where(Delivery.post_id == 2))).all()
    assert all(due and due <= now for due, *_ in urgent)
    assert len(ordinary) == len(hours) + 1
    for due, zone, hour, pace in ordinary:
        assert due
        assert pace == "at_once" or (due.astimezone(ZoneInfo(zone)).hour == hour and due > before)


async def test_quiet_hours_are_those_of_the_zone(database: Database, sandbox: Sandbox) -> None:
    quiet, loud = crowd(sandbox, 2)
    hour = datetime.now(ZoneInfo("Asia/Tokyo")).hour
    between = {"quiet_from": hour, "quiet_to": (hour + 2) % 24}
    await follow(database, VAULT, [quiet], **between, zone="Asia/Tokyo")
    await follow(database, VAULT, [loud], **between, zone="America/New_York")
    await release(database)
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
    silent = {
        call["arguments"]["chat_id"]: call["arguments"].get("disable_notification") for call in sandbox.calls
    }
    assert silent == {quiet.id: True, loud.id: None}


# Being told


async def test_each_gets_what_fits_once(anywhere: Database, sandbox: Sandbox) -> None:
    wishes = {
        "kind:talks": [1],
        "kind:completed": [0, 2],
        "side:russia": [0],
        "side:ukraine": [1],
        "side:others": [2],
        "speaker:medinsky": [0],
        "speaker:umerov": [1],
        "exchange:2025-05-23": [0],
        "search:азовстал": [2],
        "search:азовст": [2],
        "search:азовстал мединск": [],
        "search:азовстал урад": [2],
        "search:обмин": [0, 1],
    }
    people = crowd(sandbox, len(wishes))
    everything, both, nobody = crowd(sandbox, 3)
    await follow(anywhere, VAULT, [*people, both, nobody], follows=None)
    await follow(anywhere, VAULT, [everything])
    for person, what in zip(people, wishes, strict=True):
        await subscribed(anywhere, person, what)
    await subscribed(anywhere, everything, "kind:talks", "side:ukraine")
    await subscribed(anywhere, both, "side:russia", "speaker:medinsky", "exchange:2025-05-23")
    posts = [
        await release(anywhere, facts=MEDINSKY),
        await release(anywhere, facts=UMEROV, kind=Kind.TALKS),
        await release(anywhere, texts=NEWS, facts={"speaker": "coordination-hq"}),
    ]
    async with courier(anywhere, VAULT, sandbox):
        await carried_out(anywhere)
    got = [[posts.index(number) for number in told(person)] for person in people]
    assert dict(zip(wishes, got, strict=True)) == wishes
    assert [len(copies(person)) for person in (everything, both, nobody)] == [3, 1, 0]


def told(person: Person) -> list[int]:
    """The numbers of the posts that somebody got."""
    found = [re.search(r"Post (\d+)", copy["text"]) for copy in copies(person)]
    return [int(number[1]) for number in found if number]


WISHES = [
    *(press.of_kind(kind) for kind in Kind),
    *(press.of_side(side) for side in press.SIDES),
    *(press.of_speaker(key) for key in ("medinsky", "umerov")),
    *(subscriptions.of_exchange(key) for key in ("2025-05-23", "2025-04-19")),
    *(press.of_search(stems) for stems in (["азовстал"], ["обмин"], ["обмин", "азовстал"], ["303"])),
]
POSTS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(Kind),
        "facts": st.fixed_dictionaries(
            {},
            optional={
                "exchange": st.sampled_from(["2025-05-23", "2025-04-19", "new"]),
                "speaker": st.sampled_from(["medinsky", "umerov", "coordination-hq"]),
                "side": st.sampled_from(["ukraine", "russia"]),
            },
        ),
        "texts": st.sampled_from(
            [NEWS, {"en": "An exchange of 303 people."}, {"uk": "Обмін.", "en": "Exchange of Azovstal."}]
        ),
    }
)
CHOICES = st.tuples(
    st.sampled_from([None, "all", "exchanges", "talks", "exchange:2025-05-23"]),
    st.lists(st.sampled_from(WISHES), max_size=5, unique=True),
)


def fits(post: dict[str, Any], follows: str | None, wishes: list[str]) -> bool:
    """By hand: what the choices say in words."""
    facts, kind = post["facts"], post["kind"]
    speaks = "speaker" in facts
    of_stem = {"азовстал": "Azovstal|Азовстал", "обмин": "Обмін", "303": "303"}
    said = " ".join(post["texts"].values())

    def wanted(what: str) -> bool:
        sort, _, key = what.partition(":")
        match sort:
            case "kind":
                return bool(kind == key)
            case "side":
                return speaks and facts.get("side", "others") == key
            case "speaker":
                return bool(facts.get("speaker") == key)
            case "exchange":
                return bool(facts.get("exchange") == key)
        return all(re.search(of_stem[stem], said) for stem in key.split(" "))

    usual = {
        None: False,
        "all": True,
        "exchanges": kind in subscriptions.ABOUT_EXCHANGES,
        "talks": kind is Kind.TALKS,
        "exchange:2025-05-23": facts.get("exchange") == "2025-05-23",
    }[follows]
    return usual or any(map(wanted, wishes))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(post=POSTS, readers=st.lists(CHOICES, min_size=1, max_size=12))
async def test_a_reader_gets_one_copy_just_when_something_fits(
    anywhere: Database, post: dict[str, Any], readers: list[tuple[str | None, list[str]]]
) -> None:
    async with anywhere.write() as session:
        for table in (Delivery, Broadcast, Subscription, Reader):
            await session.execute(delete(table))
        for number, (follows, wishes) in enumerate(readers, 1):
            reader = Reader(
                chat_index=VAULT.index(number), chat_sealed=VAULT.seal(number), language="en", follows=follows
            )
            session.add(reader)
            await session.flush()
            if wishes:
                rows = [{"reader_id": reader.id, "what": what} for what in wishes]
                await session.execute(insert(Subscription), rows)
    await release(anywhere, **post)
    # Some chunks, so that their borders are met.
    fanout.CHUNK, before = 5, fanout.CHUNK
    try:
        await stage.fan_out(anywhere)
    finally:
        fanout.CHUNK = before
    async with anywhere.read() as session:
        got = list(await session.scalars(select(Delivery.reader_id).order_by(Delivery.reader_id)))
        ids = list(await session.scalars(select(Reader.id).order_by(Reader.id)))
    assert got == [
        reader for reader, (follows, wishes) in zip(ids, readers, strict=True) if fits(post, follows, wishes)
    ]


async def test_each_distinct_search_is_tried_once(database: Database, sandbox: Sandbox) -> None:
    people = crowd(sandbox, 30)
    await follow(database, VAULT, people, follows=None)
    for person in people:
        await subscribed(database, person, "search:азовстал", "kind:talks")
    post = await release(database, texts=NEWS, facts={"side": "russia", "speaker": "medinsky"})
    async with database.read() as session:
        assert await press.searches(session) == ["search:азовстал"]
        revision = (await session.scalars(select(PostRevision).where(PostRevision.post_id == post))).one()
        keys = await matching.keys(session, revision)
    assert keys == ["kind:completed", "speaker:medinsky", "side:russia", "search:азовстал"]


# What changed


@pytest.fixture
async def cast(database: Database) -> AsyncIterator[Cast]:
    async with newsroom(database) as room:
        yield await hire_all(room)


def said(text: str) -> str:
    """The line that tells what a release changed."""
    found = re.search(r"Changed in our record: (.*)", text)
    return found[1] if found else ""


async def text_of(database: Database, sandbox: Sandbox, reader: Person) -> str:
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
    return str(copies(reader)[-1]["text"])


async def test_a_new_stage_and_date_are_told_beside_those_of_before(
    cast: Cast, database: Database, sandbox: Sandbox
) -> None:
    (nina,) = crowd(sandbox, 1)
    await follow(database, VAULT, [nina])
    first = await cast.marko.submits()
    await cast.iryna.approves(first)
    assert said(await text_of(database, sandbox, nina)) == ""
    day = datetime.now(UTC).date()
    known = {"exchange": f"post-{first.post_id}", "sources": (SOURCE,)}
    by_ukraine = Facts(**known, stage=StageName.DATE_SET, day=day, side=Side.UKRAINE)
    by_russia = Facts(**known, stage=StageName.DISCUSSED, side=Side.RUSSIA)
    # What the other side says first is no change of what Ukraine said.
    await cast.iryna.approves(await cast.marko.submits(facts=by_russia))
    assert said(await text_of(database, sandbox, nina)) == ""
    await cast.iryna.approves(second := await cast.marko.submits(facts=by_ukraine))
    line = said(await text_of(database, sandbox, nina))
    assert "Ukraine – stage: before “agreed”, now “date set”." in line
    assert "Ukraine – date: not named before, now " in line
    assert "Russia" not in line
    # A day that is withheld from now on is not said again.
    withheld = Facts(**known, stage=StageName.DATE_SET, day_withheld_by=Side.UKRAINE, side=Side.UKRAINE)
    await cast.iryna.approves(await cast.marko.corrects(second, facts=withheld))
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
    corrected = next(copy["text"] for copy in copies(nina) if "Corrected." in copy["text"])
    assert said(corrected) == "Ukraine – date: now not made public. Withheld by: Ukraine."


async def test_what_was_agreed_and_has_taken_place_was_not_taken_back(
    cast: Cast, database: Database, sandbox: Sandbox
) -> None:
    """The day and the number stand with a handover now."""
    (nina,) = crowd(sandbox, 1)
    await follow(database, VAULT, [nina])
    figures = (GivenFigure(what=What.RETURNED_TO_UKRAINE, value=303),)
    day = datetime.now(UTC).date()
    agreed = AGREED.model_copy(update={"figures": figures, "stage": StageName.DATE_SET, "day": day})
    await cast.iryna.approves(first := await cast.marko.submits(facts=agreed))
    taken_place = agreed.model_copy(update={"stage": StageName.COMPLETED})
    await cast.iryna.approves(await cast.marko.corrects(first, facts=taken_place))
    line = said(await text_of(database, sandbox, nina))
    assert "now “completed”" in line
    assert "names none any more" not in line


async def test_a_corrected_number_is_told_in_three_languages(
    cast: Cast, database: Database, sandbox: Sandbox
) -> None:
    people = {language: crowd(sandbox, 1, language)[0] for language in LANGUAGES}
    await follow(database, VAULT, people.values())

    def facts(value: int) -> Facts:
        figure = GivenFigure(what=What.RETURNED_TO_UKRAINE, value=value)
        return AGREED.model_copy(update={"figures": (figure,)})

    first = await cast.marko.submits(facts=facts(303))
    await cast.iryna.approves(first)
    await cast.iryna.approves(await cast.marko.corrects(first, facts=facts(307)))
    async with courier(database, VAULT, sandbox):
        await carried_out(database)
    found = {language: copies(person)[0]["text"] for language, person in people.items()}
    assert "Returned to Ukraine, according to Ukraine: before 303 people, now 307 people." in found["en"]
    assert "раніше 303 особи, тепер 307 осіб." in found["uk"]
    assert "раньше 303 человека, теперь 307 человек." in found["ru"]


async def test_the_reviewer_sees_what_the_release_would_change(cast: Cast) -> None:
    first = await cast.marko.submits()
    await cast.iryna.approves(first)
    put_off = Facts(
        exchange=f"post-{first.post_id}", stage=StageName.POSTPONED, side=Side.UKRAINE, sources=(SOURCE,)
    )
    submitted = await cast.marko.submits(facts=put_off)
    assert [(each["about"], each["was"], each["now"]) for each in submitted.changed] == [
        ("stage", "agreed", "postponed")
    ]
    withdrawn = await cast.marko.corrects(first, withdraws=True)
    await cast.petro.approves(withdrawn)
    assert (await cast.room.now(withdrawn)).changed == []
