"""What readers see, as language: easy to read, and none of it outside the catalogues and the record."""

import re
from typing import Any

import pytest

from bot.answers.facts import Record
from bot.answers.pages import visible
from bot.i18n import LANGUAGES, Language, Translator, translator
from bot.sandbox import Person
from handlers import patience
from handlers.commands import TOPIC_OF_COMMAND
from models.base import Wording
from tests import gallery
from tests.situations import SITUATIONS, replies

SENTENCE = re.compile(r"[.!?…:;]\s|\n")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
LONG = 9
"""Letters; longer words are long ones."""
LONGEST_SENTENCE: dict[Language, float] = {"uk": 5, "en": 5.5, "ru": 5}
"""Words of a sentence on average: English counts its articles."""
MOST_LONG_WORDS: dict[Language, float] = {"uk": 0.16, "en": 0.05, "ru": 0.12}
"""Share of all words: "Coordination Headquarters" stands in many an answer."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_are_easy_to_read(record: Record, language: Language) -> None:
    pages = [page for name in SITUATIONS for page in replies(record, name)[language].pages]
    sentences = [WORD.findall(part) for page in pages for part in SENTENCE.split(visible(page))]
    lengths = [len(words) for words in sentences if words]
    words = [word for sentence in sentences for word in sentence]
    assert sum(lengths) / len(lengths) < LONGEST_SENTENCE[language]
    assert sum(len(word) > LONG for word in words) / len(words) < MOST_LONG_WORDS[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_answer_shouts_or_draws(record: Record, language: Language) -> None:
    """A screen reader reads every sign aloud; a table drawn with signs is noise to it."""
    for name in SITUATIONS:
        for page in replies(record, name)[language].pages:
            text = visible(page)
            assert "!" not in text
            assert not re.search(r"[│┃|─━═]{2}|[\u2600-\u27bf\U0001f300-\U0001faff]", text)


# A pseudo-language: what comes from the catalogues, a calendar or the record stands in brackets.

MARKED = re.compile(r"⟦[^⟦⟧]*⟧")


class PseudoTranslations:
    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, one: str, many: str, n: int) -> str:
        return f"⟦{one if n == 1 else many}⟧"


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> None:
    tr = translator("en")
    monkeypatch.setattr(tr, "_translations", PseudoTranslations())
    for formatter in ("number", "day", "partial_date", "days"):
        real = getattr(Translator, formatter)

        def marked(self: Translator, *values: Any, real: Any = real) -> str:  # noqa: ANN401 - whatever it formats
            return f"⟦{real(self, *values)}⟧"

        monkeypatch.setattr(Translator, formatter, marked)
    monkeypatch.setattr(Wording, "spoken", lambda self, language: (f"⟦{self.texts['en']}⟧", False))


def escaped(text: str) -> str:
    """The letters of a text that stand in no bracket; commands and addresses need no translation."""
    while MARKED.search(text):
        text = MARKED.sub("", text)
    return "".join(WORD.findall(text))


@pytest.mark.usefixtures("pseudo")
@pytest.mark.parametrize("name", SITUATIONS)
def test_every_word_of_an_answer_can_be_translated(record: Record, name: str) -> None:
    for page in replies(record, name)["en"].pages:
        assert escaped(visible(page)) == ""


@pytest.mark.usefixtures("pseudo")
async def test_every_word_of_the_bot_can_be_translated(taras: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    # More questions than somebody can ask in so short a time.
    monkeypatch.setattr(patience, "SOME", 10**9)
    for text in [
        "/start",
        "/help",
        "/language",
        "/mydata",
        "/verify",
        "/verify 0",
        "/forget",
        "/nonsense",
        "what is the weather in Kyiv",
        *(f"/{c}" for c in TOPIC_OF_COMMAND),
    ]:
        answer = await taras.ask(text)
        assert escaped(answer["text"]) == ""
        labels = (
            [button["text"] for row in answer["reply_markup"]["inline_keyboard"] for button in row]
            if "inline_keyboard" in answer.get("reply_markup", {})
            else []
        )
        assert all(escaped(label) in ("", *NAMES) for label in labels)


NAMES = ("Українська", "English", "Русский")
"""Languages are called by their own names everywhere."""


def test_the_gallery_shows_every_message() -> None:
    assert all(set(cells) == set(LANGUAGES) for cells in gallery.messages().values())
