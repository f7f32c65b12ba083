"""What an answer can be: one class for each way of answering, in facts and numbers, without words."""

from dataclasses import dataclass
from datetime import date

from bot.answers.facts import Card, Claim, Count, Exchange, Handover, Record, Round
from bot.understanding import Question
from models.record import Side


@dataclass(frozen=True, slots=True)
class Asked:
    """What every answer is about and what it stands on."""

    question: Question
    today: date
    record: Record


@dataclass(frozen=True, slots=True)
class Pending:
    """An exchange that was spoken of and has not begun, with each side's newest word on it."""

    exchange: Exchange
    claims: tuple[Claim, ...]
    disputed: bool

    @property
    def named_days(self) -> tuple[Claim, ...]:
        return tuple(claim for claim in self.claims if claim.stage and claim.stage.day)

    @property
    def withheld_by(self) -> tuple[Side, ...]:
        sides = (claim.stage.day_withheld_by for claim in self.claims if claim.stage)
        return tuple(dict.fromkeys(side for side in sides if side))


@dataclass(frozen=True, slots=True)
class NextExchange(Asked):
    pending: tuple[Pending, ...]
    latest: Exchange | None


@dataclass(frozen=True, slots=True)
class LatestExchange(Asked):
    latest: Exchange | None
    on_asked_day: bool | None
    """None if no day was asked about."""
    unconfirmed: tuple[Handover, ...]
    """Newer than the latest, and not confirmed."""


@dataclass(frozen=True, slots=True)
class History(Asked):
    exchanges: tuple[tuple[Exchange, tuple[Handover, ...]], ...]
    """Newest first, each with its handovers inside the period."""
    before: Exchange | None
    after: Exchange | None
    """The neighbours of a period in which there was none."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Our sum of one kind of figure over exchanges."""

    people: int
    handovers: int
    unknown: int
    """Handovers of which we know no number."""
    differing: int
    """Handovers for which the sides give different numbers; Ukraine's was added."""


@dataclass(frozen=True, slots=True)
class Totals(Asked):
    exchanges: int
    to_ukraine: Sum
    to_russia: Sum
    official: tuple[tuple[Claim, Count, Sum], ...]
    """Official running totals, newest first, each beside our own sum up to its day."""


@dataclass(frozen=True, slots=True)
class Said(Asked):
    """Claims, newest first: about one topic, or of one speaker."""

    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Included(Asked):
    claims: tuple[Claim, ...]
    latest: Exchange | None


@dataclass(frozen=True, slots=True)
class Talks(Asked):
    rounds: tuple[tuple[Round, tuple[Claim, ...], tuple[Exchange, ...]], ...]
    """Newest first, each with what was said there and the exchanges that came out of it."""


@dataclass(frozen=True, slots=True)
class Guidance(Asked):
    card: Card


@dataclass(frozen=True, slots=True)
class Plain(Asked):
    """Not for the record to answer: greetings, settings, what was not understood."""


Answer = NextExchange | LatestExchange | History | Totals | Said | Included | Talks | Guidance | Plain
