"""The record of exchanges: who said what, when, and where it was read.

Rows are revisions. A row is never changed: a change closes it (`until`) and adds the next one under the same
`key`, and triggers in the database hold this. `since` and `until` say between which moments a revision was
ours; the days inside a row say when something happened or was said. Rows refer to each other by key, because
a reference outlives the revision it was made to.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from models.base import Base, Wording, enum_of


class TermSort(StrEnum):
    PERSON = "person"
    INSTITUTION = "institution"
    SIDE = "side"
    STATE = "state"
    OUTLET = "outlet"
    CATEGORY = "category"


class Side(StrEnum):
    UKRAINE = "ukraine"
    RUSSIA = "russia"


class StatementSort(StrEnum):
    CLAIM = "claim"
    POSITION = "position"
    PROPOSAL = "proposal"
    EVENT = "event"
    FIGURE = "figure"
    REPORT = "report"
    """What published reports say about an exchange, with no single speaker."""


class StageName(StrEnum):
    """How far an exchange has come. "Disputed" is computed from two claims, never stored."""

    DISCUSSED = "discussed"
    AGREED = "agreed"
    DATE_SET = "date_set"
    PREPARING = "preparing"
    UNDER_WAY = "under_way"
    COMPLETED = "completed"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


class What(StrEnum):
    """What a figure counts; always people."""

    RETURNED_TO_UKRAINE = "returned_to_ukraine"
    RETURNED_TO_RUSSIA = "returned_to_russia"
    EXCHANGED = "exchanged"
    HELD_UKRAINIANS = "held_ukrainians"
    HELD_RUSSIANS = "held_russians"
    RETURNED_TOTAL = "returned_total"


class Qualifier(StrEnum):
    EXACT = "exact"
    AT_LEAST = "at_least"
    UP_TO = "up_to"
    ABOUT = "about"
    WITHHELD = "withheld"
    NOT_STATED = "not_stated"


class Scope(StrEnum):
    EACH_SIDE = "each_side"
    ONE_SIDE = "one_side"
    TOTAL = "total"
    NOT_STATED = "not_stated"


class Revision(Base):
    """What every table of the record has."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120))
    since: Mapped[datetime]
    until: Mapped[datetime | None]

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Index | CheckConstraint, ...]:
        table = cls.__tablename__
        ours_now = text("until IS NULL")
        return (
            Index(f"ux_{table}_key", "key", unique=True, sqlite_where=ours_now, postgresql_where=ours_now),
            CheckConstraint("until IS NULL OR until >= since", name="since_before_until"),
        )


class Term(Revision):
    """A name that the record uses again and again: of a person in office, an institution, a category."""

    __tablename__ = "term"
    sort: Mapped[TermSort] = mapped_column(enum_of(TermSort, "sort"))
    name: Mapped[Wording]


class Source(Revision):
    """A published page. `published` is an ISO date as exact as it is known: 2022-03 is a month."""

    __tablename__ = "source"
    url: Mapped[str | None]
    title: Mapped[str | None]
    author: Mapped[str | None]
    publisher: Mapped[str | None]
    published: Mapped[str | None] = mapped_column(String(10))
    note: Mapped[Wording | None]


class Round(Revision):
    """A round of talks from which an exchange may come."""

    __tablename__ = "round"
    name: Mapped[Wording]
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    place: Mapped[Wording | None]
    mediators: Mapped[list[str]]
    sources: Mapped[list[str]]


class Exchange(Revision):
    """One exchange, of one or several handovers; until the first of them it is known by claims alone."""

    __tablename__ = "exchange"
    name: Mapped[Wording | None]
    round: Mapped[str | None]


class Handover(Revision):
    """One day on which people of an exchange came home. Unconfirmed ones are shown, and never counted."""

    __tablename__ = "handover"
    exchange: Mapped[str]
    day: Mapped[date]
    place: Mapped[Wording | None]
    categories: Mapped[list[str]]
    mediators: Mapped[list[str]]
    confirmed: Mapped[bool]


class Statement(Revision):
    """Who said what: the role is the one held on that day, the relays are those through whom it reached us."""

    __tablename__ = "statement"
    sort: Mapped[StatementSort] = mapped_column(enum_of(StatementSort, "sort"))
    speaker: Mapped[str | None]
    role: Mapped[Wording | None]
    side: Mapped[Side | None] = mapped_column(enum_of(Side, "side"))
    said_on: Mapped[date | None]
    gist: Mapped[Wording | None]
    topic: Mapped[str | None] = mapped_column(String(32))
    exchange: Mapped[str | None]
    handover: Mapped[str | None]
    round: Mapped[str | None]
    categories: Mapped[list[str]]
    mediators: Mapped[list[str]]
    relayed_by: Mapped[list[str]]
    sources: Mapped[list[str]]


class Stage(Revision):
    """How far its exchange has come, as a statement claims; the key is the statement's."""

    __tablename__ = "stage"
    stage: Mapped[StageName] = mapped_column(enum_of(StageName, "stage"))
    day: Mapped[date | None]
    day_withheld_by: Mapped[Side | None] = mapped_column(enum_of(Side, "day_withheld_by"))


class Figure(Revision):
    """A number of people in a statement. No row is "unknown to us"; withheld and not stated are rows."""

    __tablename__ = "figure"
    statement: Mapped[str]
    what: Mapped[What] = mapped_column(enum_of(What, "what"))
    value: Mapped[int | None]
    qualifier: Mapped[Qualifier] = mapped_column(enum_of(Qualifier, "qualifier"))
    scope: Mapped[Scope] = mapped_column(enum_of(Scope, "scope"))
    side: Mapped[Side | None] = mapped_column(enum_of(Side, "side"))
    as_of: Mapped[date | None]
    withheld_by: Mapped[Side | None] = mapped_column(enum_of(Side, "withheld_by"))
    our_sum: Mapped[bool]
    note: Mapped[Wording | None]

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Index | CheckConstraint, ...]:
        return (
            *super().__table_args__,
            CheckConstraint("(qualifier IN ('withheld', 'not_stated')) = (value IS NULL)", name="value_if_known"),
            CheckConstraint("(qualifier = 'withheld') = (withheld_by IS NOT NULL)", name="withheld_by_whom"),
            CheckConstraint("value >= 0", name="counts_people"),
        )


class Coverage(Revision):
    """How complete the record is, in our own words: one row, under the key "record"."""

    __tablename__ = "coverage"
    complete_to: Mapped[date]
    checked_on: Mapped[date | None]
    """The day on which somebody last looked through the sources for news."""
    note: Mapped[Wording]


def is_old(verified_on: date, valid_days: int, today: date) -> bool:
    """Whether facts that hold for that many days were verified longer ago."""
    return (today - verified_on).days > valid_days


class Card(Revision):
    """Guidance on one topic (its key), with the day on which it was last verified."""

    __tablename__ = "card"
    text: Mapped[Wording]
    verified_on: Mapped[date]
    valid_days: Mapped[int]
    """After this many days the card says that it is old."""
    sources: Mapped[list[str]]


RECORD: tuple[type[Revision], ...] = (
    Term,
    Source,
    Round,
    Exchange,
    Handover,
    Statement,
    Stage,
    Figure,
    Coverage,
    Card,
)


class RecordVersion(Base):
    """One row: a number that moves with every change of the record, and when it last moved."""

    __tablename__ = "record_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    changed_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
