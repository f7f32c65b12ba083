"""What a text asks about: a linear model over words, their pieces and stems, learnt from the examples."""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from snowballstemmer.english_stemmer import EnglishStemmer

from bot.i18n import LANGUAGES, Language
from bot.understanding import meaning
from bot.understanding.lexicon import phrases
from bot.understanding.linear import Linear
from bot.understanding.normal import key
from bot.understanding.question import Period, Topic
from bot.understanding.spans import INVASION

Ranked = list[tuple[Topic, float]]
_TOPICS = list(Topic)

SHARPNESS = 5.0
"""Turns margins into probabilities: with it, of ten answers of confidence 0.9 nine are right."""
LEANING = {Topic.DISTRESS: 0.2, Topic.SCAM: 0.2, Topic.UNKNOWN: 0.5}
"""Added to the margins: despair and deceit must not be overlooked, nor an answer given to another question."""
MEANING = 0.8
"""How much the meaning weighs beside the words; chosen on examples kept back."""
_MONTH = 31
FIRST_SYMBOL = "\u2300"
"""Emoji and the like begin here, after the punctuation; they say something, dots do not."""


def spelled(tokens: Sequence[str], period: Period | None) -> list[str]:
    """By the key of each word, so that what one language teaches serves the others too.

    One date is as good as another; that it is a day, and not a year, tells much: so the kind of time stands
    for its numbers and its month.
    """
    words = [word for word in map(key, tokens) if word]
    if period is None:
        return words
    return [_kind(period), *(word for word in words if not word[0].isdigit() and word not in _months())]


def _kind(period: Period) -> str:
    if period.last < INVASION:
        return "<before the war>"
    days = (period.last - period.first).days + 1
    return "<day>" if days == 1 else "<month>" if days <= _MONTH else "<years>"


@cache
def _months() -> frozenset[str]:
    listed = (phrases(language)["period"]["months"].values() for language in LANGUAGES)
    return frozenset(key(word) for months in listed for words in months for word in words)


def stems(tokens: Sequence[str], language: Language) -> list[str]:
    """English words without their endings, so that "exchanged" and "exchanges" teach each other."""
    if language != "en":
        return []
    stem: Callable[[str], str] = EnglishStemmer().stemWord  # for this text alone: it remembers its last word
    return [stem(word) for word in tokens if "a" <= word[0] <= "z"]


@cache
def _model() -> Linear:
    return Linear.load("topic")


def rank(tokens: Sequence[str], period: Period | None, language: Language) -> Ranked:
    """All topics, the likeliest first, each with its probability; `unknown` alone for a text without words."""
    if not any(token[0].isalnum() or token[0] >= FIRST_SYMBOL for token in tokens):
        return [(Topic.UNKNOWN, 1.0)]
    leaning = np.array([LEANING.get(topic, 0.0) for topic in _TOPICS])
    margins = _model().margins(spelled(tokens, period), stems(tokens, language)) + leaning
    return _ranked(SHARPNESS * margins)


def reconsider(ranked: Ranked, text: str) -> Ranked:
    """The topics of a tidy English text by its words, as `rank` has them, and by its meaning."""
    by_words = dict(ranked)
    said = np.log([by_words[topic] for topic in _TOPICS])
    return _ranked((said + MEANING * meaning.evidence(text)) / (1 + MEANING))


def _ranked(evidence: NDArray[np.floating]) -> Ranked:
    shares = np.exp(evidence - evidence.max())
    shares /= shares.sum()
    return [(_TOPICS[place], float(shares[place])) for place in np.argsort(-shares, kind="stable")]
