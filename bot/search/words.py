"""Words as a search compares them: one skeleton for three languages and all their spellings, without endings.

«Зеленського», «Зеленский» and "Zelenskyy" are one word by `bot.understanding.normal.key`, which already serves to
understand questions; here its endings go too. That knows no irregular form. A dictionary does (pymorphy3: 30 MB a
language and 50 microseconds a word), but every entry holds its words in three languages and several cases, and
what is looked for most are names, which dictionaries lack.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from bot.i18n import LANGUAGES, Language
from bot.understanding import Period, language, period
from bot.understanding.lexemes import lexemes
from bot.understanding.normal import clean, key, tokens

MOST_WORDS = 12
"""What stands later in a query narrows nothing down."""
NAMES_TELL_LITTLE = 1.0
"""Doubt about the language: «Азовсталь» and «Стамбул» are written so in two of them."""
SHORTEST = 3
"""Letters that are left of a word at least."""
_ENDING = re.compile(
    f"(?<=.{{{SHORTEST}}})(?:ого|его|ому|ему|ими|ами|ови|еви|оу|еу|ои|еи|им|ем|ом|ам|аг|иг|ое|ее|[аеиоу])$"
)
_GENITIVE = re.compile(r"(?<=.{4})(?:ов|ев|ив)$")
"""Of several things («обмінів»), and the end of many a name («Умеров»): both readings are looked for."""
_MARKS = re.compile("[\u0300-\u036f]")
"""Accents: «Doğan» is typed "Dogan"."""
_IN_NUMBER = re.compile("(?<=\\d)[,\u00a0\u202f](?=\\d{3}\\b)")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_DIGITS = re.compile(r"\d+")
_NO_TIME = {"word", "stop", "comma", "dash", "end", "number", "ordinal", "year_ordinal"}


@dataclass(frozen=True, slots=True)
class Sought:
    """What a query looks for. The words are as they were typed."""

    words: tuple[str, ...]
    period: Period | None
    language: Language
    own_language: bool
    """Whether the text itself tells in which language it is written."""
    year_said: bool


@dataclass(frozen=True, slots=True)
class Term:
    """A word of an entry, or its beginning."""

    stem: str
    begins: bool = False


def read(text: str, today: date, otherwise: Language) -> Sought:
    typed = tokens(_joined(text))[:MOST_WORDS]
    spelling = language.detect(typed, otherwise)
    when = period.find(typed, today, spelling)
    words = [
        word
        for place, word in enumerate(typed)
        if word[0].isalnum() and not (when and _of_time(typed, place, when, today, spelling))
    ]
    meant = [word for word in words if key(word) not in _passed_over()]
    only_names = len(meant) == sum(word[0].isalpha() for word in typed)
    written_in, *others = (_language(typed, code, only_names) for code in (otherwise, *LANGUAGES))
    return Sought(
        words=tuple(dict.fromkeys(meant)),
        period=when,
        language=written_in,
        own_language=all(other == written_in for other in others),
        year_said=any(map(_YEAR.search, typed)),
    )


def _language(typed: list[str], otherwise: Language, only_names: bool) -> Language:
    in_latin = any(word.isascii() for word in typed if word[0].isalpha())
    likely = only_names and in_latin == (otherwise == "en")
    return language.detect(typed, otherwise, NAMES_TELL_LITTLE if likely else language.DOUBT)


def _of_time(typed: list[str], place: int, when: Period, today: date, spelling: Language) -> bool:
    """Whether a word belongs to the time that was read, and is not itself looked for."""
    before, alone, after = (
        {lexeme.kind for lexeme in lexemes(typed[max(0, at) : max(0, at + 1)], spelling)}
        for at in (place - 1, place, place + 1)
    )
    if alone == {"number"} and "month" in before | after and len(typed[place]) <= 2:
        return True
    return not alone & _NO_TIME or period.find(typed[:place] + typed[place + 1 :], today, spelling) != when


@cache
def _passed_over() -> frozenset[str]:
    """Words that a question is built of, and that find nothing."""
    with (Path(__file__).parent / "passed_over.toml").open("rb") as source:
        return frozenset(key(word) for words in tomllib.load(source).values() for word in words)


def terms(word: str) -> tuple[Term, ...]:
    """What a typed word may be in an entry."""
    (first, *_) = (*stems(word), "")
    return forms(first)


def forms(first: str) -> tuple[Term, ...]:
    """The same, of the word's stem."""
    found = [Term(first)]
    if len(first) > SHORTEST and not first.isdecimal():
        found.append(Term(first, begins=True))
    if shorter := _GENITIVE.sub("", first):
        found.append(Term(shorter))
    return tuple(dict.fromkeys(found))


def stems(text: str) -> Iterator[str]:
    """Of every word and number of a text, in order."""
    return _stems(text, _stem)


def stems_of_entry(text: str) -> Iterator[str]:
    """The same, remembered: the words of the record come again and again. What people type is not remembered."""
    return _stems(text, _remembered_stem)


def _stems(text: str, stem: Callable[[str], str]) -> Iterator[str]:
    for token in tokens(_MARKS.sub("", unicodedata.normalize("NFKD", _joined(text)))):
        if token[0].isdecimal():
            yield from _DIGITS.findall(token)
        elif token[0].isalpha():
            yield stem(token)


def _stem(word: str) -> str:
    skeleton = key(word)
    if word.isascii() and len(skeleton) > SHORTEST:
        skeleton = skeleton.removesuffix("с")
    return _ENDING.sub("", skeleton)


_remembered_stem = lru_cache(maxsize=65_536)(_stem)


def _joined(text: str) -> str:
    """With the thousands of its numbers joined, as "1,000" and "1000" are one."""
    return clean(_IN_NUMBER.sub("", text))


def one_slip(stem: str) -> Iterator[str]:
    """What the word may have been before one letter was left out, doubled, swapped or mistyped."""
    parts = [(stem[:at], stem[at:]) for at in range(len(stem) + 1)]
    for before, after in parts:
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for letter in _LETTERS:
            yield before + letter + after
            if after:
                yield before + letter + after[1:]


_LETTERS = "".join(sorted({letter for letter in key("абвгдежзийклмнопрстуфхцчшщьюя") if letter.isalpha()}))
