"""In which language a text is written, in either alphabet, mixed or misspelt; learnt from the same examples."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from bot.i18n import LANGUAGES, Language
from bot.understanding.linear import Linear

DOUBT = 0.2
"""Margins nearer than that leave the choice to what else is known of the writer."""


_OWN_LETTERS: dict[Language, frozenset[str]] = {"uk": frozenset("іїєґ"), "ru": frozenset("ыэъё")}
"""Who writes the other of the two has no key for them, however mixed the words are."""


def spelled(tokens: Sequence[str]) -> list[str]:
    """The words as they were typed: here the accidents of spelling are what tells."""
    return [token for token in tokens if token[0].isalpha()]


@cache
def _model() -> Linear:
    return Linear.load("language")


def detect(tokens: Sequence[str], otherwise: Language = "uk", doubt: float = DOUBT) -> Language:
    """`otherwise` where the text tells nothing, or could as well be in that language."""
    words = spelled(tokens)
    if not words:
        return otherwise
    margins = _model().margins(words)
    letters = frozenset("".join(words))
    only = [language for language, own in _OWN_LETTERS.items() if own & letters]
    if len(only) == 1:
        (other,) = _OWN_LETTERS.keys() - only
        margins[LANGUAGES.index(other)] = -np.inf
    best = int(np.argmax(margins))
    if margins[best] - margins[LANGUAGES.index(otherwise)] < doubt:
        return otherwise
    return LANGUAGES[best]
