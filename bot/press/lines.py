"""Charts along time in words: exchanges, and what was said about how far one of them had come."""

from datetime import date

from bot.answers.differences import stage_name
from bot.answers.facts import Claim, Record
from bot.answers.pages import visible
from bot.answers.parts import Parts, opening
from bot.i18n import Translator
from bot.press import figures
from bot.press.bars import differing, sentence
from bot.press.figures import gaps
from bot.press.pictures import Dots, Ladder, Point, Step, Whose, Worded
from bot.understanding import Period
from models.record import Side, StageName

WHO = 25
"""Letters of a name beside a stage."""


def line(record: Record, period: Period | None, parts: Parts) -> Worded | None:
    tr = parts.tr
    found = figures.line(record, period)
    if not found:
        return None
    most = max(found, key=lambda dot: dot.total.people)
    points = tuple(
        Point(dot.day, dot.total.people, gaps(dot.total) > 0, tr.number(dot.total.people) if dot is most else "")
        for dot in found
    )
    n = len(found)
    span = tr.days(found[0].day, found[-1].last_day)
    title = tr.ngettext(
        "%(n)s exchange on a time line: %(days)s", "%(n)s exchanges on a time line: %(days)s", n, days=span
    )
    legend = (
        tr.gettext("people who came home to Ukraine, by exact numbers"),
        tr.gettext("some days of it have no exact number"),
        tr.gettext("no exact number at all; this is not a zero"),
    )
    lines = [sentence(tr.days(dot.day, dot.last_day), dot.total, tr) for dot in found]
    notes = []
    if any(dot.total.differing for dot in found):
        notes.append(differing(tr))
    if found[-1].last_day > record.complete_to:
        notes.append(visible(parts.words(record.coverage)))
    body = Dots(points, _days(found[0].day, found[-1].last_day), _values(most.total.people, tr), legend)
    return Worded(title, body, lines, notes)


def _days(first: date, last: date) -> tuple[tuple[date, str], ...]:
    """Where the time line has its marks: at years, or at months if it is short."""
    years = [date(year, 1, 1) for year in range(first.year, last.year + 2) if first <= date(year, 1, 1) <= last]
    if len(years) > 1:
        return tuple((day, str(day.year)) for day in years)
    months = [date(year, month, 1) for year in range(first.year, last.year + 1) for month in range(1, 13)]
    inside = [month for month in months if first <= month <= last] or [first]
    every = -(-len(inside) // 4)
    return tuple((day, f"{day:%m.%Y}") for day in inside[::every])


def _values(most: int, tr: Translator) -> tuple[tuple[int, str], ...]:
    """Three or four round numbers."""
    step = next((step for step in (10, 25, 50, 100, 250, 500, 1000) if most / step <= 4), 2500)
    return tuple((value, tr.number(value)) for value in range(0, most + 1, step))


STAGES = (
    StageName.DISCUSSED,
    StageName.AGREED,
    StageName.DATE_SET,
    StageName.PREPARING,
    StageName.UNDER_WAY,
    StageName.COMPLETED,
    StageName.POSTPONED,
    StageName.CANCELLED,
)


def stages(record: Record, key: str | None, parts: Parts) -> Worded | None:
    """Of the exchange with that key, or of the newest that has something to show."""
    tr = parts.tr
    possible = figures.with_stages(record)
    exchange = next((each for each in possible if key in (None, each.key)), None)
    if exchange is None:
        return None
    names = {stage: stage_name(tr, stage) for stage in StageName}
    rows, lines = [], []
    for claim, stage in figures.staged(exchange):
        # A report without a day of its own is dated by its page, which may be known to the month only.
        day = tr.day(claim.said_on) if claim.said_on else _published(claim, tr)
        who = visible(parts.words(claim.speaker)) if claim.speaker else tr.gettext("press reports")
        short = who if len(who) <= WHO else f"{who[: WHO - 1].rstrip()}…"
        rows.append(Step(day, opening(short), WHOSE[claim.side], STAGES.index(stage)))
        lines.append(tr.gettext("%(day)s: %(stage)s. Said by: %(who)s.", day=day, stage=names[stage], who=who))
    legend = (
        (Whose.UKRAINE, tr.gettext("according to Ukraine")),
        (Whose.RUSSIA, tr.gettext("according to Russia")),
        (Whose.NEITHER, tr.gettext("reports and others")),
    )
    notes = []
    if exchange.handovers:
        n, span = len(exchange.handovers), parts.span(exchange)
        title = tr.gettext("What was said of the exchange of %(days)s", days=span)
        days = tr.ngettext(
            "People came home on %(n)s day: %(days)s", "People came home on %(n)s days: %(days)s", n, days=span
        )
        notes.append(days)
    else:
        title = tr.gettext("What was said of the exchange spoken of")
    notes.append(tr.gettext("A stage is what somebody said on that day, and no proof that it was so."))
    shown = tuple(each for each in legend if each[0] in {row.whose for row in rows})
    return Worded(title, Ladder(tuple(names[stage] for stage in STAGES), tuple(rows), shown), lines, notes)


WHOSE = {Side.UKRAINE: Whose.UKRAINE, Side.RUSSIA: Whose.RUSSIA, None: Whose.NEITHER}


def _published(claim: Claim, tr: Translator) -> str:
    dates = sorted(source.published for source in claim.sources if source.published)
    return tr.partial_date(dates[0]) if dates else tr.gettext("day not known to us")
