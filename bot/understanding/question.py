"""What a text is understood to ask. The identifiers of the topics are public: commands and metrics use them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.i18n import LANGUAGES, Language


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days in Kyiv, both ends included."""

    first: date
    last: date


class Topic(StrEnum):
    """In order of precedence: where a text fits two, the earlier one is meant."""

    DISTRESS = "distress"
    SCAM = "scam"
    FIND_PERSON = "find_person"
    FAMILY_STEPS = "family_steps"
    CONTACTS = "contacts"
    AFTER_RELEASE = "after_release"
    NEXT_EXCHANGE = "next_exchange"
    WHO_IS_INCLUDED = "who_is_included"
    LATEST_EXCHANGE = "latest_exchange"
    EXCHANGE_HISTORY = "exchange_history"
    EXCHANGE_TOTALS = "exchange_totals"
    HELD_IN_CAPTIVITY = "held_in_captivity"
    ALL_FOR_ALL = "all_for_all"
    CIVILIANS_AND_CHILDREN = "civilians_and_children"
    BODIES = "bodies"
    HOW_LISTS_ARE_MADE = "how_lists_are_made"
    STATEMENT = "statement"
    TALKS = "talks"
    SOURCES = "sources"
    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    CHANGE_LANGUAGE = "change_language"
    PRIVACY = "privacy"
    ABOUT = "about"
    COURTESY = "courtesy"
    UNKNOWN = "unknown"


URGENT = (Topic.DISTRESS, Topic.SCAM)
"""What must not wait, whatever else is asked with it."""

DOUBTFUL = "doubtful"
"""Stands for the topic of questions that could have been several."""
SURE = 0.6
"""The confidence from which a question is answered; below it every third or fourth guess would be wrong."""


@dataclass(frozen=True, slots=True)
class Question:
    topic: Topic
    language: Language
    period: Period | None
    confidence: float
    """From 0 to 1: how likely the topic is the right one."""
    speaker: str | None = None
    """The key of the person, institution or side whose words are asked about."""
    of_one_group: bool = False
    """Whether women, the wounded, a unit or the like are meant, and not everybody."""
    options: tuple[Topic, ...] = ()
    """The likeliest topics, where none is likely enough to be answered: the person may choose."""

    @property
    def counted_as(self) -> str:
        """The topic, in counts of questions."""
        return DOUBTFUL if self.options else self.topic

    def packed(self) -> str:
        """What a button carries, or a row keeps: at most 58 bytes, and no word of what was asked."""
        days = f"{self.period.first:%Y%m%d}-{self.period.last:%Y%m%d}" if self.period else ""
        kind = "g" if self.of_one_group else "p"
        return f"{kind}:{self.topic}:{days}:{self.speaker or ''}:{self.language}"


def unpacked(text: str) -> Question:
    """Raises `ValueError` for what `packed` did not write."""
    kind, topic, days, speaker, code = text.split(":")
    language = next((language for language in LANGUAGES if language == code), None)
    if language is None or kind not in ("p", "g"):
        raise ValueError(text)
    period = None
    if days:
        first, last = map(date.fromisoformat, days.split("-"))
        if not first <= last < date.max:
            raise ValueError(text)
        period = Period(first, last)
    return Question(Topic(topic), language, period, 1.0, speaker or None, of_one_group=kind == "g")
