"""The record as flat tables in one language: what stands in a column, and what that means, side by side."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Generic, TypeVar

from bot.answers.answer import Sum
from bot.answers.facts import Cited, Claim, Count, Exchange, Handover, Record
from bot.answers.pages import visible
from bot.answers.parts import RETURNED, Parts
from bot.answers.sums import add_up, is_added
from bot.i18n import Translator
from bot.opendata.edition import Edition
from models.base import Wording
from models.record import What

Row = TypeVar("Row")
Cell = str | int | bool | date | None
UNKNOWN = "unknown"
"""Beside the qualifiers of the record: we know of no number at all."""
DIRECTIONS = {
    What.RETURNED_TO_UKRAINE: "to_ukraine",
    What.RETURNED_TO_RUSSIA: "to_russia",
    What.EXCHANGED: "both",
}


class Holds(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES_OR_NO = "yes/no"


@dataclass(frozen=True)
class Column(Generic[Row]):
    name: str
    holds: Holds
    meaning: str
    cell: Callable[[Row], Cell]


@dataclass(frozen=True)
class Table(Generic[Row]):
    name: str
    title: str
    meaning: str
    columns: tuple[Column[Row], ...]
    rows: tuple[Row, ...]

    def cells(self) -> Iterator[list[Cell]]:
        for row in self.rows:
            yield [column.cell(row) for column in self.columns]


@dataclass(frozen=True)
class Given:
    """A number as somebody gave it, or that nobody gave one to our knowledge."""

    claim: Claim | None = None
    count: Count | None = None
    exchange: Exchange | None = None
    handover: Handover | None = None
    what: What | None = None
    ours: Sum | None = None
    """Beside an official total: our own sum up to its day."""

    @property
    def sources(self) -> tuple[Cited, ...]:
        if self.claim:
            return self.claim.sources
        claims = self.handover.claims if self.handover else ()
        return tuple(dict.fromkeys(source for claim in claims for source in claim.sources))


def given_of_handovers(record: Record) -> Iterator[Given]:
    """Every number of every handover in both directions; where there is none, that it is unknown."""
    for exchange in record.exchanges:
        for handover in exchange.handovers:
            for what in DIRECTIONS:
                numbers = [
                    Given(claim, count, exchange, handover, what)
                    for claim in handover.claims
                    for count in claim.counts
                    if count.what is what
                ]
                if not numbers and what in RETURNED and not handover.counts(What.EXCHANGED):
                    numbers = [Given(exchange=exchange, handover=handover, what=what)]
                yield from numbers


def official_totals(record: Record) -> Iterator[Given]:
    """Running totals of those who returned, newest first, each beside our sum up to its day."""
    handovers = [handover for exchange in record.completed for handover in exchange.handovers]
    for claim in reversed(record.claims):
        for count in claim.counts:
            if count.what is What.RETURNED_TOTAL and count.as_of:
                up_to = [handover for handover in handovers if handover.day <= count.as_of]
                yield Given(claim, count, ours=add_up(up_to, What.RETURNED_TO_UKRAINE))


class Columns:
    """Columns that several tables have, in one language."""

    def __init__(self, tr: Translator, edition: Edition) -> None:
        self.tr = tr
        self.edition = edition
        self._parts = Parts(tr)

    def words(self, wording: Wording | None) -> str | None:
        return visible(self._parts.words(wording)) if wording else None

    def names(self, wordings: Iterable[Wording]) -> str | None:
        return "; ".join(dict.fromkeys(visible(self._parts.words(each)) for each in wordings)) or None

    def speaker(self, claim: Claim) -> str | None:
        return self.words(claim.speaker) or self.tr.gettext("published reports")

    def said(self, of: Callable[[Any], Claim | None]) -> Iterator[Column[Any]]:
        """Who says so; `of` gives the statement of a row."""
        tr = self.tr

        def told(cell: Callable[[Claim], Cell]) -> Callable[[Any], Cell]:
            return lambda row: cell(claim) if (claim := of(row)) else None

        yield Column(
            "said_by", Holds.TEXT, tr.gettext("Who says so; empty where nobody does."), told(self.speaker)
        )
        yield Column(
            "role",
            Holds.TEXT,
            tr.gettext("The role that the speaker held on that day."),
            told(lambda claim: self.words(claim.role)),
        )
        yield Column(
            "side",
            Holds.TEXT,
            tr.gettext("The side that the statement is of: ukraine or russia; empty for reports of neither."),
            told(lambda claim: claim.side),
        )
        yield Column(
            "said_on",
            Holds.DATE,
            tr.gettext("The day on which it was said; empty where it is not known to us."),
            told(lambda claim: claim.said_on),
        )
        yield Column(
            "statement",
            Holds.TEXT,
            tr.gettext("The key of the statement, in the table statements."),
            told(lambda claim: claim.key),
        )

    def number(self) -> Iterator[Column[Given]]:
        tr = self.tr
        yield Column(
            "people",
            Holds.NUMBER,
            tr.gettext("The number of people; empty where there is none, and the qualifier says why."),
            lambda row: row.count.value if row.count else None,
        )
        yield Column(
            "qualifier",
            Holds.TEXT,
            tr.gettext(
                "exact, at_least, up_to, about: how the number was given. withheld: a side keeps it to itself. "
                "not_stated: the sides gave none. unknown: we know of none."
            ),
            lambda row: row.count.qualifier if row.count else UNKNOWN,
        )
        yield Column(
            "scope",
            Holds.TEXT,
            tr.gettext(
                "Whom the number counts. one_side: those of one direction. each_side: so many in each direction. "
                "total: all together. not_stated: it was not said."
            ),
            lambda row: row.count.scope if row.count else None,
        )
        yield Column(
            "withheld_by",
            Holds.TEXT,
            tr.gettext("The side that keeps the number to itself."),
            lambda row: row.count.withheld_by if row.count else None,
        )
        yield Column(
            "summed_by_us",
            Holds.YES_OR_NO,
            tr.gettext("Whether we added up this number ourselves from parts that were published."),
            lambda row: row.count.our_sum if row.count else None,
        )
        yield Column(
            "as_of",
            Holds.DATE,
            tr.gettext("The day that the number describes, where one was named."),
            lambda row: row.count.as_of if row.count else None,
        )
        yield Column(
            "what_is_counted",
            Holds.TEXT,
            tr.gettext("What exactly is counted, where the speaker said so."),
            lambda row: self.words(row.count.note) if row.count else None,
        )

    def cited(self, of: Callable[[Any], Iterable[Cited]]) -> Iterator[Column[Any]]:
        """Where it was read, and in which version of the record: the end of every table."""
        tr = self.tr
        yield Column(
            "sources",
            Holds.TEXT,
            tr.gettext("Where it was published: publisher and day."),
            lambda row: "; ".join(visible(self._parts.source(source)) for source in of(row)) or None,
        )
        yield Column(
            "source_urls",
            Holds.TEXT,
            tr.gettext("The addresses of the pages, with spaces between them."),
            lambda row: " ".join(source.url for source in of(row) if source.url) or None,
        )
        yield self.version()

    def version(self) -> Column[Any]:
        return Column(
            "record_version",
            Holds.NUMBER,
            self.tr.gettext("The version of the record that this row was taken from."),
            lambda _: self.edition.number,
        )


def in_our_sum(given: Given) -> bool:
    return bool(
        given.handover and given.count and given.what in RETURNED and is_added(given.handover, given.count)
    )
