"""Each answer, in each language, against the record that it was made from."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from markupsafe import Markup

from bot import understanding
from bot.answers import find, sums, texts
from bot.answers.answer import NextExchange, Totals
from bot.answers.facts import Record
from bot.answers.pages import visible, visible_length
from bot.answers.parts import Parts
from bot.i18n import LANGUAGES, Language, translator
from bot.press.refs import Kind, Ref
from bot.understanding import Period, Question, Topic
from handlers import keyboards, press, press_keys
from models.base import Wording
from models.record import What

TODAY = date(2026, 11, 22)
MAY = Period(date(2025, 5, 1), date(2025, 5, 31))
RECORD_TOPICS = tuple(find.FINDERS)
PERIODS = [
    None,
    MAY,
    Period(date(2022, 1, 1), date(2022, 12, 31)),
    Period(date(2025, 5, 24), date(2025, 5, 24)),
    Period(date(2025, 6, 1), date(2025, 6, 30)),
    Period(date(2023, 10, 1), date(2023, 12, 31)),
    Period(date(2024, 1, 31), date(2024, 1, 31)),
    Period(date(2026, 11, 22), date(2026, 11, 22)),
]
NUMBER = re.compile(r"\d(?:[\d,.\u00a0\u202f]*\d)?")
SEPARATORS = str.maketrans("", "", ",.\u00a0\u202f")


def ask(record: Record, topic: Topic, language: Language = "en", **more: Any) -> texts.Reply:  # noqa: ANN401
    today = more.pop("today", TODAY)
    question = Question(topic, language, more.pop("period", None), 1.0, more.pop("speaker", None))
    return texts.reply(find.answer(record, question, today), language)


def first_line(reply: texts.Reply) -> str:
    return visible(reply.pages[0]).splitlines()[0]


def seen(reply: texts.Reply) -> str:
    return "\n\n".join(visible(page) for page in reply.pages)


# Rule 29: every number and date in an answer stands in the record.


def numbers_of(value: object) -> Iterator[str]:
    """All numbers in a record, through every field of every fact."""
    if isinstance(value, Wording):
        yield from numbers_of(tuple(value.texts.values()))
    elif isinstance(value, str | int):
        yield from numbers_in(str(value))
    elif isinstance(value, date):
        yield from (str(value.year), str(value.day), f"{value:%H}", f"{value:%M}")
    elif isinstance(value, dict):
        yield from numbers_of(tuple(value.values()))
    elif isinstance(value, tuple):
        for part in value:
            yield from numbers_of(part)
    elif hasattr(value, "__dataclass_fields__"):
        # What is not shown, or shown as it is, proves nothing.
        for name in set(value.__dataclass_fields__) - {"key", "url"}:
            yield from numbers_of(getattr(value, name))


def numbers_in(text: str) -> Iterator[str]:
    for found in NUMBER.findall(text):
        yield found.translate(SEPARATORS)
        yield from re.findall(r"\d+", found)


def sums_of(record: Record, topic: Topic, period: Period | None) -> set[str]:
    """What an answer may count and add by itself, counted here in a different way from the code."""
    if topic not in (Topic.EXCHANGE_HISTORY, Topic.EXCHANGE_TOTALS):
        period = None
    happened = [exchange for exchange in record.exchanges if exchange.handovers]
    inside = {
        exchange.key: [
            day for day in exchange.handovers if period is None or period.first <= day.day <= period.last
        ]
        for exchange in happened
    }
    groups = [days for days in inside.values() if days]
    groups = [[day for day in days if day.confirmed] for days in groups]
    if topic in (Topic.EXCHANGE_HISTORY, Topic.EXCHANGE_TOTALS):
        marks = [count.as_of for claim in record.claims for count in claim.counts if count.as_of]
        everything = [day for exchange in happened for day in exchange.handovers if day.confirmed]
        groups += [[day for days in groups for day in days]]
        # The neighbours of a time without an exchange are shown in full.
        groups += [[day for day in exchange.handovers if day.confirmed] for exchange in happened]
        groups += [[day for day in everything if day.day <= mark] for mark in marks]
    allowed = {str(len(groups)), str(sum(any(day.confirmed for day in days) for days in inside.values()))}
    for days in groups:
        for what in (What.RETURNED_TO_UKRAINE, What.RETURNED_TO_RUSSIA):
            values = [
                sorted((count.side == "russia", count.value) for count in day.counts(what) if count.value)
                for day in days
            ]
            allowed.add(str(sum(of_day[0][1] for of_day in values if of_day)))
            without = [day for day, of_day in zip(days, values, strict=False) if not of_day]
            given = [[*day.counts(what), *day.counts(What.EXCHANGED)] for day in without]
            allowed.add(str(sum(not counts for counts in given)))
            allowed.add(str(sum(any(count.value for count in counts) for counts in given)))
            allowed.add(str(sum(bool(counts) and not any(count.value for count in counts) for counts in given)))
            allowed.add(str(sum(len({value for _, value in of_day}) > 1 for of_day in values)))
    for mark in {day for day in (count.as_of for claim in record.claims for count in claim.counts) if day}:
        up_to = {exchange.key for exchange in happened if exchange.confirmed and exchange.first_day <= mark}
        allowed.add(str(len(up_to)))
    return allowed


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", RECORD_TOPICS)
def test_p29_every_number_stands_in_the_record(record: Record, topic: Topic, language: Language) -> None:
    known = set(numbers_of(record))
    for period in PERIODS:
        asked = {str(day) for end in (period and (period.first, period.last)) or () for day in (end.day, end.year)}
        allowed = known | asked | sums_of(record, topic, period)
        reply = ask(record, topic, language, period=period)
        # The last line of each of several pages is its number.
        text = "\n".join(
            visible(page).rpartition("\n")[0] if len(reply.pages) > 1 else page for page in reply.pages
        )
        text = visible(text)
        for found in NUMBER.findall(text):
            assert found.translate(SEPARATORS) in allowed, (found, text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", RECORD_TOPICS)
def test_answers_show_their_sources_and_fit_a_message(record: Record, topic: Topic, language: Language) -> None:
    for period in PERIODS:
        reply = ask(record, topic, language, period=period)
        assert all(0 < visible_length(page) <= 4096 for page in reply.pages)
        links = {address for page in reply.pages for address in re.findall(r'href="([^"]+)"', page)}
        assert links == {source.url.replace("&", "&amp;") for source in reply.sources if source.url}
    assert ask(record, topic, language).sources


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", list(Topic))
def test_every_topic_is_answered_in_its_language(record: Record, topic: Topic, language: Language) -> None:
    text = seen(ask(record, topic, language))
    alphabet = {"uk": "іїєґ", "ru": "ыэъё", "en": "thw"}[language]
    assert any(letter in text.lower() for letter in alphabet) or topic is Topic.COURTESY
    assert "%(" not in text
    assert "!" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_answer_is_paged_and_never_cut(record: Record, language: Language) -> None:
    reply = ask(record, Topic.EXCHANGE_HISTORY, language)
    tr = translator(language)
    assert len(reply.pages) > 3
    text = seen(reply)
    for exchange in record.exchanges:
        if exchange.handovers:
            assert tr.days(exchange.first_day, exchange.last_day) in text


# The next exchange


def test_p30_without_a_published_date_none_is_given(record: Record) -> None:
    reply = ask(record, Topic.NEXT_EXCHANGE)
    assert first_line(reply) == "The date of the next exchange has not been made public."
    assert "Neither Ukraine nor Russia has announced one" in seen(reply)


def test_a_withheld_date_says_by_whom(record: Record) -> None:
    text = seen(ask(record, Topic.NEXT_EXCHANGE, today=date(2025, 5, 20)))
    assert "withheld by Ukraine" in text
    assert "Rustem Umerov, Minister of Defence of Ukraine" in text
    assert "16 May 2025" in text


def test_p31_claims_that_differ_stand_side_by_side(record: Record) -> None:
    question = Question(Topic.NEXT_EXCHANGE, "en", None, 1.0)
    answer = find.answer(record, question, date(2025, 6, 8))
    assert isinstance(answer, NextExchange)
    (pending,) = answer.pending
    assert pending.disputed
    text = seen(texts.reply(answer, "en"))
    assert "the sides say different things" in text
    assert text.index("Vladimir Medinsky") < text.index("Coordination Headquarters")


def test_before_the_denial_the_claim_stands_alone(record: Record) -> None:
    answer = find.answer(record, Question(Topic.NEXT_EXCHANGE, "en", None, 1.0), date(2025, 6, 4))
    assert isinstance(answer, NextExchange)
    assert [claim.key for claim in answer.pending[0].claims] == [
        "istanbul-2-preparing",
        "istanbul-2-umerov",
        "istanbul-2-medinsky",
    ]
    assert not answer.pending[0].disputed


def test_what_happened_is_no_longer_coming(record: Record) -> None:
    answer = find.answer(record, Question(Topic.NEXT_EXCHANGE, "en", None, 1.0), date(2025, 6, 9))
    assert isinstance(answer, NextExchange)
    assert answer.pending == ()


# Past exchanges


def test_the_latest_exchange_is_the_latest_confirmed_one(record: Record) -> None:
    reply = ask(record, Topic.LATEST_EXCHANGE)
    assert first_line(reply) == "The latest exchange in our record: 5–6 March 2026."
    assert "502 people" in seen(reply)
    assert "11 April 2026\nNot confirmed." in seen(reply)


def test_a_day_without_an_exchange_says_so_first(record: Record) -> None:
    reply = ask(record, Topic.LATEST_EXCHANGE, period=Period(TODAY, TODAY))
    assert first_line(reply) == "22 November 2026: no exchange in our record."


def test_both_counts_of_a_disputed_exchange_are_shown(record: Record) -> None:
    day = Period(date(2024, 1, 31), date(2024, 1, 31))
    text = seen(ask(record, Topic.EXCHANGE_HISTORY, period=day))
    assert "Returned to Ukraine, according to Ukraine: 207 people." in text
    assert "Returned to Ukraine, according to Russia: 195 people." in text


def test_one_day_of_a_longer_exchange_tells_of_that_day(record: Record) -> None:
    day = Period(date(2025, 5, 24), date(2025, 5, 24))
    text = seen(ask(record, Topic.EXCHANGE_HISTORY, period=day))
    assert "It was part of the exchange of 23–25 May 2025." in text
    assert "307 people" in text
    assert "390 people" not in text


def test_p30_withheld_not_stated_and_unknown_are_said_in_three_ways(record: Record) -> None:
    held = seen(ask(record, Topic.HELD_IN_CAPTIVITY))
    june = seen(ask(record, Topic.EXCHANGE_HISTORY, period=Period(date(2025, 6, 9), date(2025, 6, 9))))
    april = seen(ask(record, Topic.EXCHANGE_HISTORY, period=Period(date(2022, 4, 19), date(2022, 4, 19))))
    assert "Russian prisoners of war held: the number is withheld by Ukraine." in held
    assert "Returned to Russia: the number was not stated." in june
    assert "Returned to Russia: the number is not known to us." in april


def test_a_period_without_exchanges_names_its_neighbours(record: Record) -> None:
    text = seen(ask(record, Topic.EXCHANGE_HISTORY, period=Period(date(2023, 9, 1), date(2023, 9, 30))))
    assert text.startswith("September 2023: no exchange in our record.")
    assert "The exchange before:\n7 August 2023" in text
    assert "The exchange after:\n3 January 2024" in text


def test_the_latest_exchange_of_a_year_is_of_that_year(record: Record) -> None:
    year = Period(date(2024, 1, 1), date(2024, 12, 31))
    assert first_line(ask(record, Topic.LATEST_EXCHANGE, period=year)) == (
        "2024: the latest exchange was on 30 December 2024."
    )


@pytest.mark.parametrize("topic", sorted(find.OF_THE_PAST))
def test_of_a_day_to_come_no_past_is_told(record: Record, topic: Topic) -> None:
    ahead = Period(date(2025, 6, 10), date(2025, 6, 10))
    text = seen(ask(record, topic, period=ahead, today=date(2025, 6, 8)))
    assert text.startswith("The date of the next exchange has not been made public.")


def test_an_exchange_that_goes_on_is_told_as_begun(record: Record) -> None:
    reply = ask(record, Topic.NEXT_EXCHANGE, today=date(2025, 5, 24))
    assert first_line(reply).startswith("An exchange has begun")
    assert "697 people" in seen(reply)


# Totals


def test_our_sum_stands_beside_the_official_figure(record: Record) -> None:
    answer = find.answer(record, Question(Topic.EXCHANGE_TOTALS, "en", None, 1.0), TODAY)
    assert isinstance(answer, Totals)
    (newest, complete) = answer.official
    assert (newest[1].value, newest[1].as_of) == (8050, date(2026, 3, 11))
    assert (complete[1].value, complete[1].as_of) == (5757, date(2025, 5, 25))
    assert abs(complete[2].people - 5757) < 0.02 * 5757
    text = seen(texts.reply(answer, "en"))
    assert "8,050 people" in text
    assert "As of 11 March 2026" in text
    assert "complete to May 2025" in text


def test_only_exact_numbers_of_one_side_are_added(record: Record) -> None:
    (istanbul,) = [exchange for exchange in record.exchanges if exchange.key == "2025-06-09"]
    total = sums.add_up(istanbul.handovers, What.RETURNED_TO_UKRAINE)
    totals = seen(ask(record, Topic.EXCHANGE_TOTALS))
    assert "about 250 people. This is the number for each side." in totals
    assert "at least 1,000 people" in totals
    assert (total.people, total.not_stated, total.inexact, total.unknown) == (0, 8, 1, 0)


# Statements


def test_statements_are_found_by_speaker_side_and_time(record: Record) -> None:
    def said(**more: Any) -> list[str]:  # noqa: ANN401
        return re.findall(r"<b>([^<]+)</b>, ", "\n".join(ask(record, Topic.STATEMENT, **more).pages))

    assert set(said(speaker="medinsky")) == {"Vladimir Medinsky"}
    assert set(said(speaker="russia")) == {"Vladimir Medinsky"}
    assert "Rustem Umerov" in said(speaker="ukraine", period=MAY)
    assert said(speaker="medinsky", period=MAY) == []


def test_a_relayed_statement_names_through_whom(record: Record) -> None:
    assert "Reached us through: Suspilne." in seen(ask(record, Topic.STATEMENT, speaker="umerov"))


def test_a_source_without_publisher_says_so(record: Record) -> None:
    text = seen(ask(record, Topic.TALKS))
    assert "whose publisher and author are not known to us" in text


def test_a_missing_language_shows_the_original_marked() -> None:
    name = Wording("uk", {"uk": "Штаб <&>"})
    assert Parts(translator("en")).words(name) == "Штаб &lt;&amp;&gt; (in the original language)"
    assert Parts(translator("uk")).words(name) == "Штаб &lt;&amp;&gt;"


def test_buttons_of_every_question_fit_telegrams_64_bytes(record: Record) -> None:
    speakers = {claim.speaker_key for claim in record.claims if claim.speaker_key}
    for topic in RECORD_TOPICS:
        for speaker in speakers:
            question = find.relevant(Question(topic, "uk", PERIODS[1], 1.0, speaker))
            for day in (None, date(2025, 6, 2)):
                reply = texts.Reply(question, (Markup(),) * 99, (), (Ref(Kind.EXCHANGE, "2025-05-23"),), day)
                for row in keyboards.below(translator("uk"), reply, 97).inline_keyboard:  # type: ignore[union-attr]
                    for button in row:
                        assert len(str(button.callback_data).encode()) <= 64
                        kept, data = press_keys.undated(str(button.callback_data))
                        assert kept == day
                        if not re.match(press.PATTERN, data):
                            pressed = keyboards.parse(data)
                            assert isinstance(pressed, keyboards.TurnPage | keyboards.Watch)
                            assert pressed.question == question


def test_an_old_card_says_so(record: Record) -> None:
    old = ["That is long ago" in seen(ask(record, Topic.CONTACTS, today=day)) for day in (date(2024, 8, 1), TODAY)]
    assert old == [False, True]


def test_after_an_exchange_families_are_warned_of_scams(record: Record) -> None:
    days = date(2026, 3, 7), date(2026, 4, 7)
    warned = ["/scam" in seen(ask(record, Topic.LATEST_EXCHANGE, today=day)) for day in days]
    assert warned == [True, False]


def test_numbers_of_everybody_are_not_passed_off_as_those_of_a_group(record: Record) -> None:
    question = understanding.read("how many women came home in 2024?", TODAY)
    reply = texts.reply(find.answer(record, find.relevant(question), TODAY), "en")
    assert "not only of the group" in reply.pages[0]
