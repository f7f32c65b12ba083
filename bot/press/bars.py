"""Charts of bars in words: people who came home by month, year and side, and the official total beside our sum."""

from datetime import date

from bot.answers.answer import Sum
from bot.answers.facts import Record
from bot.answers.pages import visible
from bot.answers.parts import Parts, opening
from bot.i18n import Translator
from bot.press import figures
from bot.press.figures import Stretch, gaps
from bot.press.pictures import Bars, Row, Whose, Worded
from bot.understanding import Period


def home(record: Record, period: Period | None, today: date, parts: Parts, *, by_month: bool) -> Worded | None:
    tr = parts.tr
    found = figures.stretches(record, period, today, by_month=by_month)
    if not found:
        return None
    last = min(found[-1].period.last, today)
    span = tr.days(found[0].period.first, last) if by_month else _years(found)
    rows = [_row(_label(each, found, tr), each.to_ukraine, Whose.UKRAINE, tr) for each in found]
    title = (
        tr.gettext("People who came home to Ukraine, by month: %(days)s", days=span)
        if by_month
        else tr.gettext("People who came home to Ukraine, by year: %(days)s", days=span)
    )
    legend = [(Whose.UKRAINE, tr.gettext("added up: exact numbers of one side"))]
    lines = [sentence(tr.days(each.period.first, each.period.last), each.to_ukraine, tr) for each in found]
    notes = _notes(found, [each.to_ukraine for each in found], record, parts)
    return Worded(title, _hatched_if_unknown(rows, legend, tr), lines, notes)


def sides(record: Record, period: Period | None, today: date, parts: Parts) -> Worded | None:
    tr = parts.tr
    found = figures.stretches(record, period, today, by_month=False)
    if not found:
        return None
    rows, lines = [], []
    ukraine, russia = tr.gettext("returned to Ukraine"), tr.gettext("returned to Russia")
    for each in found:
        rows.append(_row(_label(each, found, tr), each.to_ukraine, Whose.UKRAINE, tr))
        rows.append(_row("", each.to_russia, Whose.RUSSIA, tr))
        year = tr.days(each.period.first, each.period.last)
        lines.append(sentence(f"{year}, {ukraine}", each.to_ukraine, tr))
        lines.append(sentence(f"{year}, {russia}", each.to_russia, tr))
    title = tr.gettext("People who came home, by side: %(days)s", days=_years(found))
    legend = [(Whose.UKRAINE, ukraine), (Whose.RUSSIA, russia)]
    sums = [total for each in found for total in (each.to_ukraine, each.to_russia)]
    return Worded(title, _hatched_if_unknown(rows, legend, tr), lines, _notes(found, sums, record, parts))


def official(record: Record, parts: Parts) -> Worded | None:
    tr = parts.tr
    found = figures.official(record)
    if not found:
        return None
    rows, lines = [], []
    for each in found:
        stated, ours = each.count.value or 0, each.ours.people
        mark = "" if each.complete else " *"
        beyond = max(stated - ours, 0)
        rows.append(
            Row(f"{each.day:%d.%m.%Y}{mark}", ours, tr.number(stated), difference=beyond, inside=tr.number(ours))
        )
        lines.append(
            tr.gettext(
                "%(day)s: officially %(stated)s, by our sum %(ours)s; days that our sum has no exact number of: "
                "%(gaps)s.",
                day=tr.day(each.day),
                stated=tr.number(stated),
                ours=tr.number(ours),
                gaps=tr.number(gaps(each.ours)),
            )
        )
    legend = [(Whose.UKRAINE, tr.gettext("our sum of exact numbers (in the bar)"))]
    hatched = tr.gettext("official total (beside the bar), not in our sum")
    notes = [
        tr.gettext(
            "The official total counts what our sum leaves out: days without an exact number, and exchanges our "
            "record does not hold."
        )
    ]
    if not all(each.complete for each in found):
        notes.append(f"* {visible(parts.words(record.coverage))}")
    title = tr.gettext("Returned to Ukraine in all: the official total and our sum")
    return Worded(title, Bars(tuple(rows), (*legend, (None, hatched))), lines, notes)


# Parts


def _years(found: tuple[Stretch, ...]) -> str:
    first, last = found[0].period.first.year, found[-1].period.last.year
    return f"{first}" if first == last else f"{first}–{last}"


def _label(each: Stretch, among: tuple[Stretch, ...], tr: Translator) -> str:
    first, mark = each.period.first, "" if each.complete else " *"
    if each.period.last.month - first.month == 11:
        return f"{first.year}{mark}"
    one_year = among[0].period.first.year == among[-1].period.first.year
    return f"{opening(tr.month_name(first)) if one_year else f'{first:%m.%Y}'}{mark}"


def _row(label: str, total: Sum, whose: Whose, tr: Translator) -> Row:
    """A hatched piece stands for the days without a number."""
    if not total.exchanges:
        return Row(label, 0, tr.gettext("none in our record"), whose)
    number = tr.number(total.people)
    if gaps(total):
        number = f"{number} + ?" if total.people else "?"
    if total.differing:
        number += " ≠"
    return Row(label, total.people, number, whose, unknown=gaps(total) > 0)


def sentence(label: str, total: Sum, tr: Translator) -> str:
    """The number of a bar or a point, and why some of its days have none."""
    label = opening(label)
    if not total.exchanges:
        return tr.gettext("%(label)s: no exchange in our record.", label=label)
    people = tr.ngettext("%(n)s person", "%(n)s people", total.people)
    if not gaps(total):
        return tr.gettext("%(label)s: %(people)s.", label=label, people=people)
    why = _why(total, tr)
    if not total.people:
        return tr.gettext("%(label)s: no exact number. Days by reason: %(why)s.", label=label, why=why)
    return tr.gettext(
        "%(label)s: %(people)s. Days without an exact number: %(why)s.", label=label, people=people, why=why
    )


def _why(total: Sum, tr: Translator) -> str:
    reasons = [
        (total.not_stated, tr.gettext("number not stated")),
        (total.inexact, tr.gettext("number not exact")),
        (total.unknown, tr.gettext("number not known to us")),
    ]
    return ", ".join(f"{reason} ({tr.number(days)})" for days, reason in reasons if days)


def _hatched_if_unknown(rows: list[Row], legend: list[tuple[Whose, str]], tr: Translator) -> Bars:
    hatched = (None, tr.gettext("?: days without an exact number, not added"))
    return Bars(tuple(rows), (*legend, *([hatched] if any(row.unknown for row in rows) else [])))


def _notes(found: tuple[Stretch, ...], sums: list[Sum], record: Record, parts: Parts) -> list[str]:
    notes = []
    if any(total.differing for total in sums):
        notes.append(differing(parts.tr))
    if not all(each.complete for each in found):
        notes.append(f"* {visible(parts.words(record.coverage))}")
    return notes


def differing(tr: Translator) -> str:
    """What the sign means."""
    return tr.gettext("≠: the sides give different numbers; Ukraine's are drawn.")
