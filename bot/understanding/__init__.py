"""A text in, a question out: its topic, language, period and speaker. Pure, and never raises."""

from datetime import date

from bot.i18n import Language
from bot.understanding import language, period, speaker, topic
from bot.understanding.normal import clean, tokens
from bot.understanding.question import Period, Question, Topic

__all__ = ["Period", "Question", "Topic", "read"]


def read(text: str, today: date, otherwise: Language = "uk") -> Question:
    """`today` is the day in Kyiv; `otherwise` the language of a text that has none, such as a date."""
    words = tokens(clean(text))
    written_in = language.detect(words, otherwise)
    subject, confidence = topic.classify(words, written_in)
    return Question(
        topic=subject,
        language=written_in,
        period=period.find(words, today, written_in),
        confidence=confidence,
        speaker=speaker.find(words, written_in),
    )
