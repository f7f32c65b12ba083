"""The parts of speech of dates: a text as months, numbers, units and the small words that tie them together."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import get_args

from bot.i18n import LANGUAGES, Language
from bot.understanding.lexicon import Lexicon, forms, phrases
from bot.understanding.spans import Span, Unit

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SEASONS = ("winter", "spring", "summer", "autumn")


_ISO = re.compile(r"(?P<year>\d{4})[-./](?P<month>\d{1,2})(?:[-./](?P<day>\d{1,2}))?")
_FULL = re.compile(r"(?P<day>\d{1,2})(?P<mark>[-./])(?P<month>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})")
_DAY_AND_MONTH = re.compile(r"(?P<day>\d{1,2}(?=\.)|\d{2}(?=/))[./](?P<month>\d{2})")
_MONTH_AND_YEAR = re.compile(r"(?P<month>\d{2})[./](?P<year>\d{4})")
_LONG = 5
"""Letters; a letter less of a shorter word may be another word: «вчера», «вера»."""
YEARS = range(1900, 2100)
_MARKS = {"-": "dash", ",": "comma"}


@dataclass(frozen=True, slots=True)
class Lexeme:
    """`kind` is a key of `[period.words]` or one of: date, number, ordinal, year_ordinal, month, weekday, season,
    unit, dash, comma, stop, word, end."""

    kind: str
    number: int = 0
    unit: Unit = "day"
    span: Span | None = None
    doubtful: bool = False
    """A month that may be another word as well."""
    day_may_follow: bool = False
    names_year: bool = False
    """A form of "year" that stands after a name of two figures, never after a count."""


# English first: "II" is a number before it is a long «і».
_ORDER: tuple[Language, ...] = ("en", "uk", "ru")

END = Lexeme("end")
_WORD = Lexeme("word")


def lexemes(tokens: Sequence[str], language: Language) -> list[Lexeme]:
    return list(_lexemes(tokens, language))


def _lexemes(tokens: Sequence[str], language: Language) -> Iterator[Lexeme]:
    spelled = [(_lexicon(spelling), _spelled(tokens, language, spelling)) for spelling in _ORDER]
    place = 0
    while place < len(tokens):
        if tokens[place][0].isdecimal():
            read = list(_number(tokens[place]))
            place += 1
            if read[-1].kind == "number" and (suffix := _suffix(tokens, place)):
                width, kind = suffix
                read[-1] = replace(read[-1], kind=kind)
                place += width
            yield from read
            continue
        found = [match for lexicon, words in spelled for match in lexicon.at(words, place)]
        end, lexeme = max(found, key=lambda match: match[0], default=(place + 1, _other(tokens[place])))
        if lexeme.kind != "filler":
            yield lexeme
        place = end


def _spelled(tokens: Sequence[str], language: Language, spelling: Language) -> list[str]:
    """As a lexicon spells them. In an English text, Latin letters are no Ukrainian: "do" is not «до»."""
    if spelling == "en":
        return list(tokens)
    if language == "en":
        return [
            "" if token.isascii() else form for token, form in zip(tokens, forms(tokens, spelling), strict=True)
        ]
    return forms(tokens, spelling)


def _other(token: str) -> Lexeme:
    return _WORD if token[0].isalpha() else Lexeme(_MARKS.get(token, "stop"))


def _number(token: str) -> Iterator[Lexeme]:
    if token.isdecimal():
        yield Lexeme("number", int(token) if len(token) <= 4 else 0)
    elif span := _date(token):
        yield Lexeme("date", span=span)
    elif "-" in token:
        for place, part in enumerate(token.split("-")):
            if place:
                yield Lexeme("dash")
            yield from _number(part)
    else:
        yield _WORD


def _date(token: str) -> Span | None:
    for shape in (_ISO, _FULL, _MONTH_AND_YEAR, _DAY_AND_MONTH):
        if match := shape.fullmatch(token):
            parts = {name: int(value) for name, value in match.groupdict().items() if name != "mark" and value}
            day, month, year = parts.get("day"), parts["month"], parts.get("year")
            if day and month > 12 >= day:
                day, month = month, day
            if year is not None and year < 100:
                year += 2000
            known = 1 <= month <= 12 and (year is None or year in YEARS)
            return Span(month, day, year=year) if known else None
    return None


def _suffix(tokens: Sequence[str], place: int) -> tuple[int, str] | None:
    """The ending of an ordinal number: «19-го», "19th". A single letter counts only behind a dash."""
    dash = int(place < len(tokens) and tokens[place] == "-")
    if place + dash >= len(tokens):
        return None
    ending = tokens[place + dash]
    if kind := _suffixes().get(ending if dash or len(ending) > 1 else ""):
        return dash + 1, kind
    return None


@cache
def _suffixes() -> dict[str, str]:
    kinds: dict[str, str] = {}
    for kind in ("suffix", "year_suffix"):
        for language in LANGUAGES:
            words = phrases(language)["period"]["words"][kind]
            kinds |= dict.fromkeys(words, "year_ordinal" if kind == "year_suffix" else "ordinal")
    return kinds


@cache
def _lexicon(language: Language) -> Lexicon[Lexeme]:
    return Lexicon(_entries(language), language)


def _entries(language: Language) -> Iterator[tuple[str, Lexeme]]:
    section = phrases(language)["period"]
    words = section["words"]
    doubtful = set(words.get("doubtful", ()))
    day_may_follow = section.get("day_after_month", False)
    for number, name in enumerate(_MONTHS, 1):
        for word in section["months"][name]:
            named = Lexeme("month", number, doubtful=word in doubtful, day_may_follow=day_may_follow)
            yield from ((typed, named) for typed in (word, *_swapped(word)))
    for number, name in enumerate(_WEEKDAYS):
        yield from ((word, Lexeme("weekday", number)) for word in section["weekdays"][name])
    for number, name in enumerate(_SEASONS):
        for word in section["seasons"][name]:
            yield word, Lexeme("season", 3 * number, doubtful=word in doubtful)
    for unit in get_args(Unit):
        for word in section["units"][unit]:
            yield word, Lexeme("unit", unit=unit, names_year=word in words["year_name"])
    for day, listed in section["holidays"].items():
        holiday = Lexeme("date", span=Span(*map(int, day.split("-"))))
        yield from ((word, holiday) for word in listed)
    for kind in ("number", "ordinal"):
        for number, listed in section[kind + "s"].items():
            yield from ((word, Lexeme(kind, int(number))) for word in listed)
    for kind in words.keys() - {"suffix", "year_suffix", "year_name", "doubtful"}:
        yield from ((word, Lexeme(kind)) for word in words[kind])
    for kind in ("today", "yesterday", "tomorrow"):
        yield from ((typed, Lexeme(kind)) for word in words[kind] for typed in _mistyped(word))


def _mistyped(word: str) -> Iterator[str]:
    """«зватра», "yestreday", «сьгодні»: what a hurried thumb makes of a long word."""
    yield from _swapped(word)
    if not word.endswith("*") and len(word) > _LONG:
        yield from (word[:at] + word[at + 1 :] for at in range(1, len(word)))


def _swapped(word: str) -> Iterator[str]:
    """«жотвня»; a letter less could be another word: «вересні», «весни»."""
    if not word.endswith("*") and len(word) >= _LONG:
        yield from (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1))
