"""The language a text is written in, counted word by word, so that of a mixed text most words decide."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import chain

from bot.i18n import LANGUAGES, Language
from bot.understanding.lexicon import phrases
from bot.understanding.normal import key

_OWN_LETTERS: dict[Language, frozenset[str]] = {
    "uk": frozenset("іїєґ'"),
    "en": frozenset(),
    "ru": frozenset("ыэъё"),
}
_BY_WORD = 1.0
_BY_ENDING = 0.5
_BY_SCRIPT = 0.2
"""For English, of a word in Latin letters that nothing else is known of."""


@dataclass(frozen=True, slots=True)
class _Signs:
    words: frozenset[str]
    stems: tuple[str, ...]
    endings: tuple[str, ...]


@cache
def _signs(language: Language, *, latin: bool) -> _Signs:
    """What tells a language by, in Ukrainian and Russian in Latin letters by the keys of the same words."""
    file = phrases(language)
    signs = file["language"]
    named = chain(signs["words"], *file["period"]["months"].values(), *file["period"]["weekdays"].values())
    if not latin or language == "en":
        return _Signs(frozenset(named), tuple(signs["stems"]), tuple(signs["endings"]))
    # A single letter is too often English: "i", "a".
    words = frozenset(key(word) for word in named if len(word) > 1)
    return _Signs(words, tuple(map(key, signs["stems"])), tuple(signs["latin_endings"]))


def detect(tokens: Iterable[str], default: Language = "uk") -> Language:
    """`default` where there is nothing to tell by: no words, or only such as the languages share."""
    votes: dict[Language, float] = dict.fromkeys(LANGUAGES, 0.0)
    for token in tokens:
        if token[0].isalpha():
            for language in LANGUAGES:
                votes[language] += _vote(token, language)
    best = max(votes, key=lambda language: (votes[language], language == default))
    return best if votes[best] else default


def _vote(word: str, language: Language) -> float:
    """How much a word speaks for a language, from 0 to 1."""
    latin = word.replace("'", "").isascii()
    if language == "en" and not latin:
        return 0.0
    signs = _signs(language, latin=latin)
    form = key(word) if latin and language != "en" else word
    own_letters = not latin and not _OWN_LETTERS[language].isdisjoint(word)
    if own_letters or form in signs.words or form.startswith(signs.stems):
        return _BY_WORD
    if word.endswith(signs.endings):
        return _BY_ENDING
    return _BY_SCRIPT if language == "en" else 0.0
