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
    begun: Exchange | None
    """An exchange in which people came home lately and which nobody calls completed."""
    latest: Exchange | None


@dataclass(frozen=True, slots=True)
class LatestExchange(Asked):
    latest: Exchange | None
    in_period: bool | None
    """Whether it was in the period asked about; None if none was."""
    unconfirmed: tuple[Handover, ...]
    """Newer than the latest, and not confirmed."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Our sum of one kind of figure over some handovers, and how many of them it leaves out, and why."""

    people: int
    exchanges: int
    not_stated: int
    """The sides gave no number."""
    inexact: int
    """The number given is not an exact one for one side."""
    unknown: int
    """We know of no number."""
    differing: int
    """The sides give different numbers; Ukraine's was added."""


@dataclass(frozen=True, slots=True)
class History(Asked):
    to_ukraine: Sum
    exchanges: tuple[tuple[Exchange, tuple[Handover, ...]], ...]
    """Newest first, each with its handovers inside the period."""
    before: Exchange | None
    after: Exchange | None
    """The neighbours of a period in which there was none."""


@dataclass(frozen=True, slots=True)
class Totals(Asked):
    to_ukraine: Sum
    to_russia: Sum
    not_added: tuple[tuple[Claim, Count], ...]
    """Figures for this period that cannot be added."""
    official: tuple[tuple[Claim, Count, Sum], ...]
    """Official running totals, newest first, each beside our own sum up to its day."""


@dataclass(frozen=True, slots=True)
class Said(Asked):
    """Claims, newest first: about one topic, or by one speaker."""

    claims: tuple[Claim, ...]
    of_other_time: bool = False
    """Whether there were none in the period asked about, and these are all we have."""


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
