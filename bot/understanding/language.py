"""In which language a text is written, in either alphabet, mixed or misspelt; learnt from the same examples."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from bot.i18n import LANGUAGES, Language
from bot.understanding.linear import Linear

DOUBT = 0.35
"""Margins nearer than that leave the choice to what else is known of the writer."""


def spelled(tokens: Sequence[str]) -> list[str]:
    """The words as they were typed: here the accidents of spelling are what tells."""
    return [token for token in tokens if token[0].isalpha()]


@cache
def _model() -> Linear:
    return Linear.load("language")


def detect(tokens: Sequence[str], otherwise: Language = "uk") -> Language:
    """`otherwise` where the text tells nothing, or could as well be in that language."""
    words = spelled(tokens)
    if not words:
        return otherwise
    margins = _model().margins(words)
    best = int(np.argmax(margins))
    if margins[best] - margins[LANGUAGES.index(otherwise)] < DOUBT:
        return otherwise
    return LANGUAGES[best]
