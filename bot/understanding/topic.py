"""What a text asks about: a first reading, by the weights of the phrases that stand in it.

The weights add up as in a logistic regression, which makes the share of the winner its probability.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from math import exp

from bot.i18n import Language
from bot.understanding.lexicon import Lexicon, forms, phrases
from bot.understanding.question import Topic

_WEIGHTS = {"sure": 4, "strong": 3, "likely": 2, "hint": 1}
_ANYTHING_ELSE = 2.5
"""What `unknown` weighs with no phrase in its favour."""

_FIRST_SYMBOL = "\u2300"
"""Emoji and the like begin here, after the punctuation."""

_FIRST = (Topic.DISTRESS, Topic.SCAM)
_FIRST_FROM = 5.0
"""Despair and deceit win over any other topic from this weight on."""

_Phrase = tuple[Topic, int, str]


def classify(tokens: Sequence[str], language: Language) -> tuple[Topic, float]:
    """The topic and how likely it is the right one, from 0 to 1."""
    # Marks part nothing here: «всіх-на-всіх» is «всіх на всіх».
    words = [token for token in tokens if token[:1].isalnum() or token > _FIRST_SYMBOL]
    scores = dict.fromkeys(Topic, 0.0)
    scores[Topic.UNKNOWN] = _ANYTHING_ELSE
    for topic, weight, _ in _lexicon(language).all(forms(words, language)):
        scores[topic] += weight
    best = next((topic for topic in _FIRST if scores[topic] >= _FIRST_FROM), None)
    # `max` keeps the first of equals, which is the order of precedence.
    best = best or max(scores, key=lambda topic: scores[topic])
    highest = max(scores.values())
    shares = {topic: exp(score - highest) for topic, score in scores.items()}
    return best, shares[best] / sum(shares.values())


@cache
def _lexicon(language: Language) -> Lexicon[_Phrase]:
    return Lexicon(_entries(language), language)


def _entries(language: Language) -> Iterator[tuple[str, _Phrase]]:
    for name, listed in phrases(language)["topics"].items():
        for strength, weight in _WEIGHTS.items():
            for phrase in listed.get(strength, ()):
                yield phrase, (Topic(name), weight, phrase)
