"""The time a text speaks of, by a small grammar over the words of the phrase files.

Each rule takes the place it begins at and gives what it read and the place after it, or None. What no calendar
has ("31 червня") is read and passed over, so that its parts are not taken for a month or a year.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot.i18n import Language
from bot.understanding.lexemes import END, YEARS, Lexeme, lexemes
from bot.understanding.question import Period
from bot.understanding.spans import INVASION, Moment, Span, around, join, lately, named_weekday, resolve, weekday

_Read = tuple[Moment, int] | None

_DAYS = {"today": 0, "yesterday": -1, "day_before_yesterday": -2, "tomorrow": 1, "day_after_tomorrow": 2}
_OFFSETS = {"this": 0, "last": -1, "before_last": -2, "next": 1}
_JOINING = {"dash", "to", "until", "and", "or"}
_LISTING = {"and", "or"}
_LEADING = {"in", "within", "since", "from", "until", "before", "after", "between", "last", "edge"}
"""What tells a month from a verb: "in May", "since March"."""

_NEAR = 6
"""Words after a year, among which its month or day is looked for."""
_RECENT_YEARS = range(2014, 2100)
_SHORT_YEARS = range(14, 100)


def find(tokens: Sequence[str], today: date, language: Language) -> Period | None:
    """The first time named in the text, a birthday apart."""
    reader = _Reader(lexemes(tokens, language), today)
    place = 0
    while place < len(reader.lexemes):
        read = reader.period(place)
        if read is None:
            place += 1
            continue
        period, end = read
        if period is not None and not reader.of_birth(place, end):
            return reader.narrowed(period, end)
        place = end
    return None


class _Reader:
    def __init__(self, lexemes: list[Lexeme], today: date) -> None:
        self.lexemes = lexemes
        self.today = today

    def _at(self, place: int) -> Lexeme:
        return self.lexemes[place] if 0 <= place < len(self.lexemes) else END

    def _kind(self, place: int) -> str:
        return self._at(place).kind

    def of_birth(self, start: int, end: int) -> bool:
        """«1994 року народження», "born in 1994"."""
        return "birth" in (self._kind(start - 2), self._kind(start - 1), self._kind(end))

    def narrowed(self, period: Period, place: int) -> Period:
        """What follows a year may say when in it: «торік у серпні», "in 2025, on April 20"."""
        first, last = period.first, period.last
        if (first.month, first.day, last) != (1, 1, date(first.year, 12, 31)):
            return period
        for later in range(place, min(place + _NEAR, len(self.lexemes))):
            read = self._moment(later)
            if read and isinstance(read[0], Span) and read[0].month is not None and read[0].year is None:
                return resolve(replace(read[0], year=first.year), self.today) or period
        return period

    # From one moment to another.

    def period(self, place: int) -> tuple[Period | None, int] | None:
        kind = self._kind(place)
        if kind == "year_to_date":
            return Period(date(self.today.year, 1, 1), self.today), place + 1
        if kind == "from" and self._kind(place + 1) == "edge":
            kind = "since"
        bounded = kind in {"between", "since", "from", "until", "before", "after"}
        if ranged := self._range(place + bounded):
            return ranged
        if not (read := self._moment(place + bounded, expected=bounded)):
            return None
        moment, end = read
        period = resolve(moment, self.today)
        return (self._bounded(kind, period) if period and bounded else period), end

    def _range(self, place: int) -> tuple[Period | None, int] | None:
        expected = self._kind(place - 1) in _LEADING
        left = self._moment(place, expected=expected) or self._bare_day(place)
        if not left or self._kind(left[1]) not in _JOINING:
            return None
        whole_year = isinstance(left[0], Span) and left[0].months == 12
        right = self._moment(left[1] + 1, expected=whole_year or self._kind(left[1]) not in _LISTING)
        if not right:
            return None
        bare_day = isinstance(left[0], Span) and left[0].month is None
        if bare_day and not (isinstance(right[0], Span) and right[0].day):
            return None
        return join(left[0], right[0], self.today), right[1]

    def _bounded(self, kind: str, period: Period) -> Period | None:
        if kind == "between" or (kind == "from" and period.first == period.last):
            return period
        if kind == "until":
            return Period(self.today if period.last > self.today else INVASION, period.last)
        if kind == "before":
            first, last = INVASION, period.first - timedelta(days=1)
        elif kind == "after":
            first, last = period.last + timedelta(days=1), self.today
        else:
            first, last = period.first, self.today
        return Period(first, last) if first <= last else None

    # One moment.

    def _moment(self, place: int, *, expected: bool = False) -> _Read:
        """`expected`: what stands before says that a time must follow."""
        expected = expected or self._kind(place - 1) in _LEADING
        for rule in (self._edge, self._day_of_week, self._day, self._relative, self._part_of_year):
            if read := rule(place):
                return read
        return self._month(place, expected) or self._year(place, expected)

    def _edge(self, place: int) -> _Read:
        """«початок року», "mid-June": the whole of it, for nobody says how long an edge is."""
        if self._kind(place) != "edge":
            return None
        place += 2 if self._kind(place + 1) == "dash" else 1
        if self._kind(place) == "war" and self._kind(place - 2) not in {"until", "before"}:
            return Period(INVASION, INVASION), place + 1
        if self._kind(place) == "edge":
            return None
        if read := self._moment(place, expected=True):
            return read
        if self._kind(place) == "unit":
            return around(self._at(place).unit, self.today), place + 1
        return None

    def _day_of_week(self, place: int) -> _Read:
        """«у понеділок», "last Friday", "Monday of last week"; with a date, the date alone counts."""
        if self._kind(place) in _OFFSETS and self._kind(place + 1) == "weekday":
            offset = _OFFSETS[self._kind(place)]
            return named_weekday(offset, self._at(place + 1).number, self.today), place + 2
        if self._kind(place) != "weekday":
            return None
        after = place + 2 if self._kind(place + 1) == "comma" else place + 1
        if read := self._day(after):
            return read
        if self._kind(place + 1) in _OFFSETS and self._at(place + 2).unit == "week":
            week = around("week", self.today, _OFFSETS[self._kind(place + 1)])
            return around("day", week.first, self._at(place).number), place + 3
        return weekday(self._at(place).number, self.today), place + 1

    def _day(self, place: int) -> _Read:
        lexeme, after = self._at(place), self._at(place + 1)
        if lexeme.kind in _DAYS:
            return around("day", self.today, _DAYS[lexeme.kind]), place + 1
        if lexeme.span:
            return (
                self._with_year(lexeme.span, place + 1) if lexeme.span.year is None else (lexeme.span, place + 1)
            )
        if self._is_day(place) and after.kind == "month":
            return self._with_year(Span(after.number, lexeme.number), place + 2)
        if self._is_day(place) and after.kind == "day_of_month":
            return Span(day=lexeme.number), place + 2
        if lexeme.day_may_follow and self._is_day(place + 1):
            span, place = Span(lexeme.number, after.number), place + 2
            if self._kind(place) == "dash" and self._is_day(place + 1):
                span, place = replace(span, last_day=self._at(place + 1).number), place + 2
            return self._with_year(span, place)
        if lexeme.kind == "ordinal" and self._is_day(place) and self._kind(place - 1) == "in":
            return (Span(day=lexeme.number), place + 1) if self._kind(place + 1) in {"stop", "end"} else None
        return None

    def _is_day(self, place: int) -> bool:
        lexeme = self._at(place)
        return lexeme.kind in {"number", "ordinal", "year_ordinal"} and lexeme.number in range(1, 100)

    def _bare_day(self, place: int) -> _Read:
        """The first number of «23-25 травня» or «з 1 по 5 травня»."""
        return (Span(day=self._at(place).number), place + 1) if self._is_day(place) else None

    def _month(self, place: int, expected: bool) -> _Read:
        offset = self._kind(place) if self._kind(place) in {"last", "this"} else None
        lexeme = self._at(place + bool(offset))
        if lexeme.kind not in {"month", "season"} or (offset == "this" and lexeme.doubtful):
            return None
        place += 1 + bool(offset)
        span = Span(lexeme.number, months=3 if lexeme.kind == "season" else 1)
        if offset == "this":
            return replace(span, year=self.today.year), place
        if offset == "last":
            return self._ended(span), place
        span, end = self._with_year(span, place)
        doubtful = lexeme.doubtful and not expected and span.year is None
        return None if doubtful else (span, end)

    def _ended(self, span: Span) -> Span:
        """The latest such month or season that is over."""
        this = resolve(replace(span, year=self.today.year), self.today)
        return replace(span, year=self.today.year - (this is None or this.last >= self.today))

    def _part_of_year(self, place: int) -> _Read:
        """«перше півріччя 2024», "Q2 2025", "the first half of June"."""
        first, second = self._at(place), self._at(place + 1)
        if first.kind == "unit" and second.kind == "number":
            first, second = second, first
        limit = {"quarter": 4, "half": 2}.get(second.unit, 0) if second.kind == "unit" else 0
        if first.kind not in {"ordinal", "number", "year_ordinal"} or not 1 <= first.number <= limit:
            return None
        if second.unit == "half" and self._kind(place + 2) == "month":
            span, end = self._with_year(Span(self._at(place + 2).number), place + 3)
            return self._half_of_month(span, first.number), end
        size = 12 // limit
        return self._with_year(Span(size * (first.number - 1) + 1, months=size), place + 2)

    def _half_of_month(self, span: Span, half: int) -> Moment:
        month = resolve(span, self.today)
        if month is None:
            return span
        middle = month.first.replace(day=15)
        return Period(month.first, middle) if half == 1 else Period(middle + timedelta(days=1), month.last)

    def _relative(self, place: int) -> _Read:
        """«минулого тижня», "the last 10 days", "two weeks ago", «за місяць»."""
        kind = self._kind(place)
        counted = kind in {"past", "last"} and self._kind(place + 1) == "number"
        if counted or kind == "past":
            count = self._at(place + 1).number if counted else 1
            return self._lately(count, place + 1 + counted)
        if kind in _OFFSETS and self._kind(place + 1) == "unit":
            return around(self._at(place + 1).unit, self.today, _OFFSETS[kind]), place + 2
        if kind in {"this_year", "last_year"}:
            return around("year", self.today, -(kind == "last_year")), place + 1
        numbered = kind == "number"
        unit = self._at(place + numbered)
        if unit.kind != "unit" or (numbered and not 1 <= self._at(place).number <= 1000):
            return None
        count = self._at(place).number if numbered else 1
        if self._kind(place + numbered + 1) == "ago":
            return around(unit.unit, self.today, -count), place + numbered + 2
        year_name = numbered and unit.unit == "year" and count in _SHORT_YEARS
        if self._kind(place - 1) == "within" and not year_name and self._kind(place + numbered + 1) != "number":
            return self._lately(count, place + numbered)
        return None

    def _lately(self, count: int, place: int) -> _Read:
        unit = self._at(place)
        if unit.kind != "unit" or not 1 <= count <= 1000:
            return None
        return lately(unit.unit, count, self.today), place + 1

    # Years.

    def _with_year(self, span: Span, place: int) -> tuple[Span, int]:
        after = place + 1 if self._kind(place) == "comma" else place
        if self._kind(after) == "in" and self._at(after + 1).number in YEARS:
            after += 1
        kind = self._kind(after)
        if kind in _OFFSETS and self._is_year_word(after + 1):
            return replace(span, year=self.today.year + _OFFSETS[kind]), after + 2
        if kind in {"this_year", "last_year"}:
            return replace(span, year=self.today.year - (kind == "last_year")), after + 1
        short = kind in {"ordinal", "year_ordinal"} or self._is_year_word(after + 1)
        if year := self._year_number(after, short):
            end = after + 1 + self._is_year_word(after + 1)
            paired = self._kind(end) == "dash" and self._year_number(end + 1, short=True) == year + 1
            if span.month == 0 and paired:
                return replace(span, year=year + 1), end + 2
            return replace(span, year=year), end
        return span, place

    def _year(self, place: int, expected: bool) -> _Read:
        """«2024 рік», "in 2024", «у 23-му»; "2024 people" is no year, nor is a group of a phone number."""
        named = self._is_year_word(place + 1)
        kind, before, after = self._kind(place), self._kind(place - 1), self._kind(place + 1)
        short = kind in {"year_ordinal", "ordinal"} and (named or (expected and kind == "year_ordinal"))
        short = short or (named and (before == "within" or self._at(place + 1).names_year))
        year = self._year_number(place, short)
        if not year:
            return None
        alone = after != "word" and before != "number" and after != "number"
        if not (named or expected or alone) or (year not in _RECENT_YEARS and not named):
            return None
        return Span(1, months=12, year=year), place + 1 + named

    def _year_number(self, place: int, short: bool = False) -> int | None:
        lexeme = self._at(place)
        if lexeme.kind in {"number", "ordinal", "year_ordinal"}:
            if lexeme.number in YEARS:
                return lexeme.number
            if short and lexeme.number in _SHORT_YEARS:
                return 2000 + lexeme.number
        return None

    def _is_year_word(self, place: int) -> bool:
        return self._kind(place) == "unit" and self._at(place).unit == "year"
