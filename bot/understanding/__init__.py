"""A text in, a question out: its topic, language, period and speaker. Pure, offline, and never raises."""

from dataclasses import replace
from datetime import date
from itertools import groupby

from bot.i18n import Language
from bot.understanding import language, mentions, period, topic
from bot.understanding.followup import follow
from bot.understanding.normal import tidy, tokens
from bot.understanding.question import SURE, URGENT, Period, Question, Topic

__all__ = ["SURE", "URGENT", "Period", "Question", "Topic", "read", "warm_up"]

_ENDS = frozenset(".!?…")
_POSSIBLE = 0.3
"""From this probability an urgent topic is answered, likelier ones notwithstanding."""
_PLAIN = 0.98
"""From this probability of one sentence the whole text is despair, whatever else it asks."""
_DOUBT = 0.85
"""Below this probability of what its words say, an English question is looked at again, for its meaning; but what
its words warn of stays."""
_OPTIONS = 3


def read(
    text: str,
    today: date,
    otherwise: Language = "uk",
    before: Question | None = None,
    about: Topic | None = None,
) -> Question:
    """What `text` asks on `today`, a day in Kyiv.

    `otherwise` is the language of a text that has none, such as a date; `before` the question that the same
    person asked a moment ago; `about` the topic, where a command or a key has said it.
    """
    said = tidy(text)
    words = tokens(said.lower())
    written_in = language.detect(words, otherwise)
    when = period.find(words, today, written_in)
    ranked = [(about, 1.0)] if about else topic.rank(words, when, written_in)
    urgent = _urgent(ranked)
    if written_in == "en" and not urgent and ranked[0][1] < _DOUBT:
        ranked = topic.reconsider(ranked, said)
        urgent = _urgent(ranked)
    subject, confidence = urgent or ranked[0]
    if not about and subject is not Topic.DISTRESS and (despair := _despair(words, written_in)) >= _PLAIN:
        subject, confidence = Topic.DISTRESS, despair
    likely = [each for each, _ in ranked if each not in (Topic.UNKNOWN, Topic.COURTESY)]
    question = Question(
        topic=subject,
        language=written_in,
        period=when,
        confidence=confidence,
        speaker=mentions.speaker(words, written_in),
        of_one_group=mentions.group(words, written_in),
        options=tuple(likely[:_OPTIONS]) if confidence < SURE else (),
    )
    if before:
        question = follow(question, words, before)
    return replace(question, topic=about, confidence=1.0, options=()) if about else question


def warm_up() -> None:
    """Loads what `read` needs, which takes a second or two, so that the first question does not wait for it."""
    text = "when is the next exchange?"
    read(text, date(2026, 11, 22))
    topic.reconsider(topic.rank(tokens(text), None, "en"), text)


def _urgent(ranked: topic.Ranked) -> tuple[Topic, float] | None:
    """What may well be despair or deceit, likelier topics notwithstanding."""
    shares = dict(ranked)
    return next(((each, max(shares[each], SURE)) for each in URGENT if shares.get(each, 0) >= _POSSIBLE), None)


def _despair(tokens: list[str], language: Language) -> float:
    """How likely the most desperate of several sentences is that."""
    sentences = [list(words) for ends, words in groupby(tokens, _ENDS.__contains__) if not ends]
    if len(sentences) < 2:
        return 0.0
    return max(dict(topic.rank(words, None, language)).get(Topic.DISTRESS, 0.0) for words in sentences)
