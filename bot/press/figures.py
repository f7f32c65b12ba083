"""Which numbers a chart shows: chosen and counted, without words. What is not stated is never a zero."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bot.answers.answer import Sum
from bot.answers.facts import Claim, Count, Exchange, Handover, Record
from bot.answers.sums import add_up
from bot.understanding import Period
from models.record import StageName, What

MOST_MONTHS = 24
"""More would be too many lines for a phone: then years are shown."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A month or a year, with both directions added up."""

    period: Period
    to_ukraine: Sum
    to_russia: Sum
    complete: bool
    """Whether our record covers all of it."""


def gaps(total: Sum) -> int:
    """Days for which the sum has no number."""
    return total.not_stated + total.inexact + total.unknown


def stretches(record: Record, period: Period | None, today: date, *, by_month: bool) -> tuple[Stretch, ...]:
    """From the first exchange in the period to the last that is over; empty if there was none."""
    handovers = [
        handover
        for exchange in record.completed
        for handover in exchange.handovers
        if period is None or period.first <= handover.day <= period.last
    ]
    if not handovers:
        return ()
    first = period.first if period else min(handover.day for handover in handovers)
    last = min(period.last if period else today, today)
    return tuple(
        Stretch(
            each,
            _sum(handovers, each, What.RETURNED_TO_UKRAINE),
            _sum(handovers, each, What.RETURNED_TO_RUSSIA),
            complete=min(each.last, today) <= record.complete_to,
        )
        for each in (_months(first, last) if by_month else _years(first, last))
    )


def years(record: Record) -> frozenset[int]:
    """In which people came home."""
    return frozenset(handover.day.year for exchange in record.completed for handover in exchange.handovers)


def by_month(period: Period | None) -> bool:
    if period is None:
        return False
    first, last = period.first, period.last
    return (last.year - first.year) * 12 + last.month - first.month < MOST_MONTHS


def _sum(handovers: list[Handover], period: Period, what: What) -> Sum:
    return add_up((each for each in handovers if period.first <= each.day <= period.last), what)


def _months(first: date, last: date) -> Iterator[Period]:
    month = first.replace(day=1)
    while month <= last:
        following = (month + timedelta(days=31)).replace(day=1)
        yield Period(month, following - timedelta(days=1))
        month = following


def _years(first: date, last: date) -> Iterator[Period]:
    for year in range(first.year, last.year + 1):
        yield Period(date(year, 1, 1), date(year, 12, 31))


@dataclass(frozen=True, slots=True)
class Dot:
    """One exchange on a time line."""

    day: date
    last_day: date
    total: Sum


def line(record: Record, period: Period | None) -> tuple[Dot, ...]:
    """Oldest first."""
    dots = []
    for exchange in record.completed:
        inside = [
            handover
            for handover in exchange.handovers
            if handover.confirmed and (period is None or period.first <= handover.day <= period.last)
        ]
        if inside:
            total = add_up(inside, What.RETURNED_TO_UKRAINE)
            dots.append(Dot(inside[0].day, inside[-1].day, total))
    return tuple(sorted(dots, key=lambda dot: dot.day))


def staged(exchange: Exchange) -> tuple[tuple[Claim, StageName], ...]:
    """What was said of how far an exchange as a whole had come, oldest first."""
    return tuple((claim, claim.stage.stage) for claim in exchange.claims if claim.stage)


FEWEST_STAGES = 2


def with_stages(record: Record) -> tuple[Exchange, ...]:
    """Exchanges about which more was said than that they took place, newest first."""
    return tuple(exchange for exchange in reversed(record.exchanges) if len(staged(exchange)) >= FEWEST_STAGES)


@dataclass(frozen=True, slots=True)
class Official:
    """An official running total beside our own sum up to its day."""

    day: date
    claim: Claim
    count: Count
    ours: Sum
    complete: bool


def official(record: Record) -> tuple[Official, ...]:
    """Oldest first."""
    handovers = [handover for exchange in record.completed for handover in exchange.handovers]
    return tuple(
        Official(
            count.as_of,
            claim,
            count,
            add_up((each for each in handovers if each.day <= count.as_of), What.RETURNED_TO_UKRAINE),
            complete=count.as_of <= record.complete_to,
        )
        for claim in record.claims
        for count in claim.counts
        if count.what is What.RETURNED_TOTAL and count.as_of and count.value is not None
    )
