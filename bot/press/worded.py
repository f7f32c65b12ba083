"""A chart in words: the picture's title, labels and notes, and all of its numbers again as text."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from markupsafe import Markup

from bot.answers.facts import Record
from bot.answers.pages import lay_out, visible_length
from bot.answers.parts import LINE, Parts
from bot.i18n import Language, translator
from bot.press import bars, figures, lines
from bot.press.as_of import published_by
from bot.press.pictures import Picture, Worded
from bot.understanding import Period

CAPTION = 1000
"""Telegram takes 1,024 units under a picture."""


class Name(StrEnum):
    YEARS = "years"
    MONTHS = "months"
    SIDES = "sides"
    LINE = "line"
    STAGES = "stages"
    OFFICIAL = "official"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which chart, for which time or exchange, as of which day, in which language."""

    name: Name
    language: Language
    period: Period | None = None
    exchange: str | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    picture: Picture
    caption: Markup
    numbers: tuple[Markup, ...]
    """Pages of what the picture shows, for those who cannot see it; empty if the caption has it all."""


def chart(record: Record, chosen: Chosen, today: date) -> Chart | None:
    """None if there is nothing to show."""
    tr = translator(chosen.language)
    if chosen.as_of:
        record, today = published_by(record, chosen.as_of), chosen.as_of
    record = record.as_of(today)
    drawn = _worded(record, chosen, today, Parts(tr))
    if drawn is None:
        return None
    title, notes = drawn.title, drawn.notes
    if chosen.as_of:
        day = tr.day(chosen.as_of)
        notes = [tr.gettext("As of %(day)s: what had been published by then.", day=day), *notes]
    source = tr.gettext(
        "Source: Obmin, record of published statements, version %(version)s, %(day)s",
        version=record.version,
        day=tr.day(today),
    )
    picture = Picture(title, drawn.body, tuple(notes), source)
    told = LINE.join(Markup.escape(line) for line in drawn.lines)
    below = LINE.join(Markup.escape(note) for note in (*notes, source))
    pages_of = tr.html("Who stated each number, and where: /history")
    heading = Markup("<b>{}</b>").format(title)
    whole = Markup("\n\n").join([heading, told, LINE.join([below, pages_of])])
    if visible_length(whole) <= CAPTION:
        return Chart(picture, whole, ())
    short = Markup("\n\n").join([heading, below, tr.html("All the numbers in words: the button below.")])
    blocks = [heading, *(Markup.escape(line) for line in drawn.lines), pages_of]
    return Chart(picture, short, lay_out(_grouped(blocks), below))


def _grouped(lines: list[Markup], size: int = 12) -> Iterable[Markup]:
    return (LINE.join(lines[at : at + size]) for at in range(0, len(lines), size))


def _worded(record: Record, chosen: Chosen, today: date, parts: Parts) -> Worded | None:
    period = chosen.period
    match chosen.name:
        case Name.YEARS:
            return bars.home(record, period, today, parts, by_month=False)
        case Name.MONTHS:
            return bars.home(record, period, today, parts, by_month=figures.by_month(period))
        case Name.SIDES:
            return bars.sides(record, period, today, parts)
        case Name.LINE:
            return lines.line(record, period, parts)
        case Name.STAGES:
            return lines.stages(record, chosen.exchange, parts)
        case Name.OFFICIAL:
            return bars.official(record, parts)
