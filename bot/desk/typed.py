"""What staff type into the desk: a day, a time in Kyiv, a number of people, the address of a source."""

import re
from datetime import date, datetime
from textwrap import shorten

from pydantic import ValidationError

from bot.desk.facts import GivenSource
from bot.desk.rows import MOST_PEOPLE
from bot.i18n import KYIV, Language
from bot.understanding import period
from bot.understanding.normal import clean, tokens

_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-3])[:.]([0-5]\d)\s*$")
_ADDRESS = re.compile(r"https?://\S+")
LONGEST_TITLE = 120
"""Of a source, so that a post with its sources fits one message."""
_MARKS = " ,;.–-—\n"


class Unreadable(ValueError):
    """It is not what was asked for."""


def day(text: str, today: date, language: Language) -> date:
    found = period.find(tokens(clean(text)), today, language)
    if found is None or found.first != found.last:
        raise Unreadable(text)
    return found.first


def moment(text: str, today: date, language: Language) -> datetime:
    """«22.11 18:30», "tomorrow 9:00", "18:30": a time in Kyiv, today if no day is named."""
    clock = _CLOCK.search(text.strip())
    if clock is None:
        raise Unreadable(text)
    before = text.strip()[: clock.start()].strip(_MARKS)
    on = day(before, today, language) if before else today
    return datetime(on.year, on.month, on.day, int(clock[1]), int(clock[2]), tzinfo=KYIV)


def number(text: str) -> int:
    digits = re.sub(r"[\s.,\u00a0\u202f]", "", text)
    if not digits.isdecimal() or len(digits) > len(str(MOST_PEOPLE)) or int(digits) > MOST_PEOPLE:
        raise Unreadable(text)
    return int(digits)


def source(text: str, today: date, language: Language) -> GivenSource:
    """An address, and beside it perhaps the publisher and the day, in any order."""
    address = _ADDRESS.search(text)
    if address is None:
        raise Unreadable(text)
    url = address[0].rstrip(".,;)")
    rest = (text[: address.start()] + " " + text[address.end() :]).strip(_MARKS)
    published = period.find(tokens(clean(rest)), today, language)
    title = re.sub(r"\d[\d./-]*\d", "", rest).strip(_MARKS) if published else rest
    try:
        return GivenSource(
            url=url,
            title=shorten(title, LONGEST_TITLE) or None,
            published=published.first if published and published.first == published.last else None,
        )
    except ValidationError:
        raise Unreadable(text) from None
