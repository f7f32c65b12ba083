"""Whose words a text asks about."""

from collections.abc import Sequence
from functools import cache

from bot.i18n import LANGUAGES, Language
from bot.understanding.lexicon import Lexicon, forms, phrases

_ORDER = {language: (language, *(other for other in LANGUAGES if other != language)) for language in LANGUAGES}


def find(tokens: Sequence[str], language: Language) -> str | None:
    """The key of whoever is named first, be it in another language than the rest of the text."""
    spelled = [(_lexicon(spelling), forms(tokens, spelling)) for spelling in _ORDER[language]]
    for place in range(len(tokens)):
        for lexicon, words in spelled:
            for _, speaker in lexicon.at(words, place):
                return speaker
    return None


@cache
def _lexicon(language: Language) -> Lexicon[str]:
    listed = phrases(language)["speakers"].items()
    return Lexicon(((phrase, speaker) for speaker, names in listed for phrase in names), language)
