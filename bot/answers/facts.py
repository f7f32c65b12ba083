"""The record as answers read it: resolved, immutable, and free of any language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from models.base import Wording
from models.record import Qualifier, Scope, Side, StageName, StatementSort, What, is_old


@dataclass(frozen=True, slots=True)
class Cited:
    """A published page."""

    key: str
    url: str | None
    title: str | None
    author: str | None
    publisher: Wording | None
    published: str | None
    note: Wording | None


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people as somebody gave it."""

    what: What
    value: int | None
    qualifier: Qualifier
    scope: Scope
    side: Side | None
    as_of: date | None
    withheld_by: Side | None
    our_sum: bool
    note: Wording | None
    key: str = ""


@dataclass(frozen=True, slots=True)
class StageClaim:
    stage: StageName
    day: date | None
    day_withheld_by: Side | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement with the figures and the stage it carries."""

    key: str
    sort: StatementSort
    speaker: Wording | None
    speaker_key: str | None
    role: Wording | None
    side: Side | None
    said_on: date | None
    gist: Wording | None
    topic: str | None
    exchange: str | None
    handover: str | None
    round: str | None
    categories: tuple[Wording, ...]
    mediators: tuple[Wording, ...]
    relayed_by: tuple[Wording, ...]
    sources: tuple[Cited, ...]
    counts: tuple[Count, ...]
    stage: StageClaim | None

    @property
    def known_on(self) -> date:
        """The first day on which it can have been known: when it was said, or first published."""
        return self.said_on or first_published(self.sources)


@dataclass(frozen=True, slots=True)
class Handover:
    """One day of an exchange; its first claim is what published reports tell."""

    key: str
    exchange: str
    day: date
    place: Wording | None
    categories: tuple[Wording, ...]
    mediators: tuple[Wording, ...]
    confirmed: bool
    claims: tuple[Claim, ...]

    def counts(self, what: What) -> tuple[Count, ...]:
        return tuple(count for claim in self.claims for count in claim.counts if count.what is what)


@dataclass(frozen=True, slots=True)
class Round:
    key: str
    name: Wording
    first_day: date | None
    last_day: date | None
    place: Wording | None
    mediators: tuple[Wording, ...]
    sources: tuple[Cited, ...]

    @property
    def known_on(self) -> date:
        return self.first_day or first_published(self.sources)


@dataclass(frozen=True, slots=True)
class Exchange:
    key: str
    name: Wording | None
    round: Round | None
    handovers: tuple[Handover, ...]
    claims: tuple[Claim, ...]
    """Those about the exchange as a whole, oldest first."""

    @property
    def first_day(self) -> date:
        return self.handovers[0].day

    @property
    def last_day(self) -> date:
        return self.handovers[-1].day

    @property
    def confirmed(self) -> bool:
        return any(handover.confirmed for handover in self.handovers)


@dataclass(frozen=True, slots=True)
class Card:
    text: Wording
    verified_on: date
    valid_days: int
    sources: tuple[Cited, ...]

    def is_old(self, today: date) -> bool:
        return is_old(self.verified_on, self.valid_days, today)


@dataclass(frozen=True)
class Record:
    version: int
    complete_to: date
    coverage: Wording
    checked_on: date | None
    """The day on which somebody last looked for news."""
    exchanges: tuple[Exchange, ...]
    """Oldest first; those without a handover last."""
    claims: tuple[Claim, ...]
    """All, oldest first."""
    rounds: tuple[Round, ...]
    cards: Mapping[str, Card]

    def as_of(self, day: date) -> "Record":
        """The record without what happened, or was first said, after `day`."""
        claims = tuple(claim for claim in self.claims if claim.known_on <= day)
        exchanges = []
        for exchange in self.exchanges:
            past = replace(
                exchange,
                handovers=tuple(handover for handover in exchange.handovers if handover.day <= day),
                claims=tuple(claim for claim in exchange.claims if claim.known_on <= day),
            )
            if past.handovers or past.claims:
                exchanges.append(past)
        rounds = tuple(round for round in self.rounds if round.known_on <= day)
        return replace(self, claims=claims, exchanges=tuple(exchanges), rounds=rounds)

    @property
    def completed(self) -> tuple[Exchange, ...]:
        """Exchanges in which people came home, oldest first."""
        return tuple(exchange for exchange in self.exchanges if exchange.handovers and exchange.confirmed)

    @property
    def newest_entry(self) -> date | None:
        """The last day the record says anything about."""
        handed_over = [exchange.last_day for exchange in self.exchanges if exchange.handovers]
        said = [claim.said_on for claim in self.claims if claim.said_on]
        return max(handed_over + said, default=None)


def first_published(sources: Iterable[Cited]) -> date:
    """The first day on which one of them can have appeared; the dawn of time if none has a date."""
    published = (source.published for source in sources if source.published)
    return min(map(first_day_of, published), default=date.min)


def first_day_of(partial: str) -> date:
    """The first day that a date known to the year or the month can mean.

    >>> first_day_of("2025-06")
    datetime.date(2025, 6, 1)
    """
    year, month, day = (*map(int, partial.split("-")), 1, 1)[:3]
    return date(year, month, day)
