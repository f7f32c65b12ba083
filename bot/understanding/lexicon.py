"""The phrases of `phrases/*.toml`, found in a text without trying each of them at every word.

A phrase is written as people write it: `*` ends a stem, `/` parts alternatives, `..` stands for at most three
words in between. «скільки .. повернул*/звільнил*» is one phrase.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Generic, TypeVar

from bot.i18n import Language
from bot.understanding.normal import key

Value = TypeVar("Value")

_FOLDER = Path(__file__).parent / "phrases"
_GAP = ".."
_LONGEST_GAP = 3
_LONGEST_STEM = 24


@cache
def phrases(language: Language) -> dict[str, Any]:
    """One language's file, as it is written."""
    with (_FOLDER / f"{language}.toml").open("rb") as source:
        return tomllib.load(source)


def forms(tokens: Iterable[str], language: Language) -> list[str]:
    """The words as the phrases of this language spell them: English as it stands, the others by their keys."""
    return list(tokens) if language == "en" else [key(token) for token in tokens]


class Lexicon(Generic[Value]):
    """Phrases of one language, each with what it stands for."""

    def __init__(self, entries: Iterable[tuple[str, Value]], language: Language) -> None:
        self._words: defaultdict[str, list[tuple[list[str], Value]]] = defaultdict(list)
        self._stems: defaultdict[str, list[tuple[list[str], Value]]] = defaultdict(list)
        for phrase, value in entries:
            for words in product(*(part.split("/") for part in phrase.replace("-", " - ").split())):
                first, *rest = (_form(word, language) for word in words)
                if first.endswith("*"):
                    self._stems[first[:-1]].append((rest, value))
                else:
                    self._words[first].append((rest, value))

    def at(self, words: Sequence[str], start: int) -> Iterator[tuple[int, Value]]:
        """The end and the value of every phrase that begins at this word."""
        word = words[start]
        found = list(self._words.get(word, ()))
        for length in range(1, min(len(word), _LONGEST_STEM) + 1):
            found += self._stems.get(word[:length], ())
        for rest, value in found:
            end = _match(rest, words, start + 1)
            if end is not None:
                yield end, value


def _form(word: str, language: Language) -> str:
    if word == _GAP or language == "en":
        return word
    return key(word[:-1]) + "*" if word.endswith("*") else key(word)


def _match(pattern: Sequence[str], words: Sequence[str], start: int) -> int | None:
    """Where the pattern ends if it begins at `start`."""
    for place, part in enumerate(pattern):
        if part == _GAP:
            ends = (_match(pattern[place + 1 :], words, start + gap) for gap in range(_LONGEST_GAP + 1))
            return next((end for end in ends if end is not None), None)
        if start >= len(words) or not _same(part, words[start]):
            return None
        start += 1
    return start


def _same(part: str, word: str) -> bool:
    return word.startswith(part[:-1]) if part.endswith("*") else word == part
