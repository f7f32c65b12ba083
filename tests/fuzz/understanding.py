"""Any two messages in a row are understood, and what the bot then asks back fits on its buttons."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from bot.i18n import translator
from bot.understanding import Question, read
from handlers import keyboards

TODAY = date(2025, 6, 8)


@contextmanager
def target() -> Iterator[Callable[[bytes], None]]:
    yield understood


def understood(data: bytes) -> None:
    first, _, second = data.decode(errors="surrogateescape").partition("\n")
    before = read(first, TODAY)
    for question in (before, read(second, TODAY, before=before)):
        assert isinstance(question, Question)
        assert 0 <= question.confidence <= 1
        assert question.period is None or question.period.first <= question.period.last
        for row in keyboards.options(translator(question.language), question).inline_keyboard:
            for button in row:
                assert isinstance(button.callback_data, str)
                assert len(button.callback_data.encode()) <= 64
                keyboards.parse(button.callback_data)
