"""What people ask: one question for each way in which the answer can turn out."""

from dataclasses import replace
from datetime import date

from bot.answers import find, texts
from bot.answers.facts import Record
from bot.answers.texts import Reply
from bot.i18n import LANGUAGES, Language
from bot.understanding import Period, Question, Topic

TODAY = date(2026, 11, 22)
DAY_AFTER_AN_EXCHANGE = date(2025, 5, 24)
"""A day on which an exchange was under way."""


def asked(topic: Topic, first: str | None = None, last: str | None = None, speaker: str | None = None) -> Question:
    period = Period(date.fromisoformat(first), date.fromisoformat(last or first)) if first else None
    return Question(topic, "uk", period, 1.0, speaker)


UNSURE = Question(Topic.TALKS, "uk", None, 0.4, options=(Topic.TALKS, Topic.STATEMENT))

SITUATIONS: dict[str, tuple[Question, date]] = {
    **{str(topic): (asked(topic), TODAY) for topic in Topic},
    "next_exchange, while one is under way": (asked(Topic.NEXT_EXCHANGE), DAY_AFTER_AN_EXCHANGE),
    "next_exchange, the sides contradict each other": (asked(Topic.NEXT_EXCHANGE), date(2025, 6, 7)),
    "latest_exchange, today": (asked(Topic.LATEST_EXCHANGE, "2025-05-24"), DAY_AFTER_AN_EXCHANGE),
    "latest_exchange, none yesterday": (asked(Topic.LATEST_EXCHANGE, "2026-11-21"), TODAY),
    "exchange_history, one day": (asked(Topic.EXCHANGE_HISTORY, "2025-04-19"), TODAY),
    "exchange_history, a part of an exchange": (asked(Topic.EXCHANGE_HISTORY, "2025-05-24"), TODAY),
    "exchange_history, a month without any": (asked(Topic.EXCHANGE_HISTORY, "2023-09-01", "2023-09-30"), TODAY),
    "exchange_history, of one group": (
        replace(asked(Topic.EXCHANGE_HISTORY, "2024-01-01", "2024-12-31"), of_one_group=True),
        TODAY,
    ),
    "exchange_totals, a year": (asked(Topic.EXCHANGE_TOTALS, "2024-01-01", "2024-12-31"), TODAY),
    "exchange_totals, none": (asked(Topic.EXCHANGE_TOTALS, "2023-09-01", "2023-09-30"), TODAY),
    "exchange_totals, before the record": (asked(Topic.EXCHANGE_TOTALS), date(2022, 1, 1)),
    "statement, of one speaker": (asked(Topic.STATEMENT, speaker="medinsky"), TODAY),
    "statement, of nobody we know": (asked(Topic.STATEMENT, speaker="nobody"), TODAY),
    "talks, none then": (asked(Topic.TALKS, "2021-01-01", "2021-12-31"), TODAY),
    "held_in_captivity, of another time": (asked(Topic.HELD_IN_CAPTIVITY, "2020-01-01", "2020-12-31"), TODAY),
    "not sure what is meant": (UNSURE, TODAY),
}


def replies(record: Record, situation: str) -> dict[Language, Reply]:
    question, today = SITUATIONS[situation]
    return {
        language: texts.reply(
            find.answer(record, find.relevant(replace(question, language=language)), today), language
        )
        for language in LANGUAGES
    }
