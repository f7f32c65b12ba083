"""What staff type is read, and the record then takes it; or it is unreadable."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date

from bot.desk import facts, record, typed
from bot.desk.facts import Facts, GivenFigure
from bot.desk.typed import Unreadable
from bot.i18n import LANGUAGES
from models.record import What

TODAY = date(2025, 6, 8)


@contextmanager
def target() -> Iterator[Callable[[bytes], None]]:
    yield type_


def type_(data: bytes) -> None:
    text = data.decode(errors="replace")
    with suppress(Unreadable):
        GivenFigure(what=What.EXCHANGED, value=typed.number(text))
    for language in LANGUAGES:
        with suppress(Unreadable):
            typed.day(text, TODAY, language)
        with suppress(Unreadable):
            typed.moment(text, TODAY, language)
        with suppress(Unreadable):
            given = Facts(sources=(typed.source(text, TODAY, language),))
            for row in facts.rows_of(1, given, {}):
                record.parsed(row)
