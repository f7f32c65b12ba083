"""The calendar: stretches of it whose year may be left unsaid, and what they come to on a given day."""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from bot.understanding.question import Period

Unit = Literal["day", "week", "weekend", "month", "quarter", "half", "year"]

INVASION = date(2022, 2, 24)
"""Where "until …" begins."""

_MONTHS: dict[Unit, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_YEARS_BACK = 9
"""29 February may be eight years away."""


@dataclass(frozen=True, slots=True)
class Span:
    """A day, or whole months from `month` on. Month 0 is the December before: winter belongs to its new year."""

    month: int | None = None
    day: int | None = None
    last_day: int | None = None
    months: int = 1
    year: int | None = None


Moment = Span | Period


def months(year: int, month: int, count: int) -> Period:
    """Whole months; `month` may lie outside of 1 to 12."""
    first = _first_of(year, month)
    return Period(first, _first_of(year, month + count) - timedelta(days=1))


def _first_of(year: int, month: int) -> date:
    years, month = divmod(month - 1, 12)
    return date(year + years, month + 1, 1)


def resolve(moment: Moment, today: date) -> Period | None:
    """The latest such time that has begun; None if no calendar has it."""
    if isinstance(moment, Period):
        return moment
    if moment.month is None:
        return _day_of_month(moment, today)
    if moment.year is not None:
        return _in_year(moment, moment.year)
    past = (_in_year(moment, today.year + 1 - back) for back in range(_YEARS_BACK + 1))
    return next((period for period in past if period and period.first <= today), None)


def _in_year(span: Span, year: int) -> Period | None:
    month = span.month or 0
    if span.day is None:
        return months(year, month, span.months)
    last = span.last_day or span.day
    if not 1 <= span.day <= last <= monthrange(year, month)[1]:
        return None
    return Period(date(year, month, span.day), date(year, month, last))


def _day_of_month(span: Span, today: date) -> Period | None:
    recent = (months(today.year, today.month - back, 1).first for back in range(3))
    days = (_in_year(replace(span, month=first.month), first.year) for first in recent)
    return next((period for period in days if period and period.first <= today), None)


def join(left: Moment, right: Moment, today: date) -> Period | None:
    """From one time to another: what one side leaves unsaid, the other says."""
    if isinstance(left, Span) and isinstance(right, Span):
        left, right = _complete(left, right)
    last = resolve(right, today)
    if last is None:
        return None
    if isinstance(left, Period) and isinstance(right, Period):
        return Period(min(left.first, right.first), max(left.last, right.last))
    if isinstance(left, Span) and left.year is None and left.month is not None:
        first = resolve(left, last.first)
    else:
        first = resolve(left, today)
    if first is None or first.first > last.last:
        return None
    return Period(first.first, last.last)


def _complete(left: Span, right: Span) -> tuple[Span, Span]:
    if left.month is None:
        left = replace(left, month=right.month, year=right.year)
    elif right.month is None:
        right = replace(right, month=left.month, year=left.year)
    if left.year is not None and right.year is None and left.months < 12:
        later = (right.month or 0, right.day or 0) < (left.month or 0, left.day or 0)
        right = replace(right, year=left.year + later)
    return left, right


def around(unit: Unit, day: date, offset: int = 0) -> Period:
    """The whole unit that holds a day, or its neighbour so many units away."""
    if unit == "day":
        return Period(day + timedelta(days=offset), day + timedelta(days=offset))
    if unit in ("week", "weekend"):
        monday = day + timedelta(days=7 * offset - day.weekday())
        return Period(monday + timedelta(days=5 if unit == "weekend" else 0), monday + timedelta(days=6))
    size = _MONTHS[unit]
    return months(day.year, (day.month - 1) // size * size + 1 + size * offset, size)


def lately(unit: Unit, count: int, today: date) -> Period:
    """So many units up to today, today included."""
    if unit in _MONTHS:
        month = months(today.year, today.month - _MONTHS[unit] * count, 1)
        first = min(month.first + timedelta(days=today.day), month.last + timedelta(days=1))
    else:
        first = today - timedelta(days=count * (1 if unit == "day" else 7) - 1)
    return Period(first, today)


def weekday(number: int, today: date, *, before_today: bool = False) -> Period:
    """The latest such day of the week, Monday being 0."""
    days = (today.weekday() - number) % 7
    day = today - timedelta(days=days or (7 if before_today else 0))
    return Period(day, day)


def named_weekday(offset: int, number: int, today: date) -> Period:
    """This (0), last (-1), next (1) or the one before last (-2) such day of the week."""
    if offset == 0:
        return around("day", around("week", today).first, number)
    if offset > 0:
        return around("day", weekday(number, today).first, 7)
    past = weekday(number, today, before_today=True)
    return around("day", past.first, 7 * (offset + 1))
