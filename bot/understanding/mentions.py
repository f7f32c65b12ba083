"""Whom a text names: a speaker whose words it asks about, or one group of the people exchanged."""

from collections.abc import Iterator, Sequence
from functools import cache

from bot.i18n import LANGUAGES, Language
from bot.understanding.lexicon import Lexicon, forms, phrases

_ORDER = {language: (language, *(other for other in LANGUAGES if other != language)) for language in LANGUAGES}


def speaker(tokens: Sequence[str], language: Language) -> str | None:
    """The key of whoever is named first, be it in another language than the rest of the text."""
    return next(_found("speakers", tokens, language), None)


def group(tokens: Sequence[str], language: Language) -> bool:
    """Whether women, the wounded, a unit or the like are meant, and not everybody."""
    return next(_found("groups", tokens, language), None) is not None


def _found(section: str, tokens: Sequence[str], language: Language) -> Iterator[str]:
    spelled = [(_lexicon(section, spelling), forms(tokens, spelling)) for spelling in _ORDER[language]]
    for place in range(len(tokens)):
        for lexicon, words in spelled:
            for _, key in lexicon.at(words, place):
                yield key


@cache
def _lexicon(section: str, language: Language) -> Lexicon[str]:
    listed = phrases(language)[section].items()
    return Lexicon(((phrase, key) for key, names in listed for phrase in names), language)
