"""«а в травні?»: a short text that leans on the question before it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from bot.i18n import LANGUAGES, Language
from bot.understanding.lexicon import Lexicon, forms, phrases
from bot.understanding.question import SURE, URGENT, Question, Topic

_LONGEST = 8
_LONGEST_TIME = 5
"""Words: «а за весь минулий рік» asks of another time and nothing else."""
_COUNTED = {Topic.LATEST_EXCHANGE, Topic.EXCHANGE_HISTORY, Topic.EXCHANGE_TOTALS, Topic.HELD_IN_CAPTIVITY}
"""Topics that a bare "how many" cannot be told apart by."""


@cache
def _beginnings() -> tuple[str, ...]:
    return tuple(f"{words} " for language in LANGUAGES for words in phrases(language)["followup"]["words"])


def _says_what(tokens: Sequence[str]) -> bool:
    """«а скільки ще в полоні?» counts something else than the question before; «а скільки росіян?» does not."""
    spelled = [(_lexicon(language), forms(tokens, language)) for language in LANGUAGES]
    return any(next(lexicon.at(words, place), None) for lexicon, words in spelled for place in range(len(tokens)))


@cache
def _lexicon(language: Language) -> Lexicon[str]:
    return Lexicon(((phrase, phrase) for phrase in phrases(language)["followup"]["counted"]), language)


def follow(question: Question, tokens: Sequence[str], before: Question) -> Question:
    """The question as it stands, or with the topic, the time and the speaker of the one before."""
    words = [token for token in tokens if token[0].isalnum()]
    leans = len(words) <= _LONGEST and " ".join([*words, ""]).startswith(_beginnings())
    if not leans or question.topic in URGENT:
        return question
    only_time = question.period is not None and len(words) <= _LONGEST_TIME
    only_number = question.topic in _COUNTED and before.topic in _COUNTED and not _says_what(tokens)
    if not (only_time or only_number or question.confidence < SURE):
        return question
    return replace(
        question,
        topic=before.topic,
        period=question.period or before.period,
        speaker=question.speaker or before.speaker,
        confidence=max(question.confidence, SURE),
        options=(),
    )
