"""Buttons for journalists, and how any button keeps the day that an answer is as of: "@7bw" before its data."""

import string
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.answers.texts import Reply
from bot.i18n import Language, Translator
from bot.press.worded import Name
from bot.understanding import Period, Topic

Rows = Iterable[Sequence[InlineKeyboardButton]]
_DIGITS = string.digits + string.ascii_lowercase
_EPOCH = date(2000, 1, 1)
_PLACES = 3
"""Digits to the base of 36: enough until 2127."""
_SIGN = "@"

CHOOSE = {"p": "k", "g": "j"}
"""The kinds of a question, and what a button that asks what to cite of its answer begins with."""
QUESTION = {chosen: kind for kind, chosen in CHOOSE.items()}


def dated(rows: Rows, day: date | None) -> InlineKeyboardMarkup:
    """All of these buttons lead on as of that day."""
    if day is None:
        return InlineKeyboardMarkup([list(row) for row in rows])
    sign = _SIGN + _written(day)
    return InlineKeyboardMarkup([[_signed(key, sign) for key in row] for row in rows])


def _signed(key: InlineKeyboardButton, sign: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(key.text, callback_data=f"{sign}{key.callback_data}")


def undated(data: str) -> tuple[date | None, str]:
    """The day, if the data carry one, and the rest. Raises `ValueError` for what `dated` did not write."""
    if not data.startswith(_SIGN):
        return None, data
    written, rest = data[1 : 1 + _PLACES], data[1 + _PLACES :]
    return _EPOCH + timedelta(days=int(written, len(_DIGITS))), rest


def _written(day: date) -> str:
    number, digits = (day - _EPOCH).days, ""
    for _ in range(_PLACES):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits


def below(tr: Translator, reply: Reply) -> list[list[InlineKeyboardButton]]:
    """What a journalist finds under an answer of the record."""
    row = []
    if reply.refs:
        kind, _, rest = reply.question.packed().partition(":")
        row.append(InlineKeyboardButton(tr.gettext("Cite"), callback_data=f"{CHOOSE[kind]}:0:{rest}"))
    period = reply.question.period
    if reply.question.topic is Topic.EXCHANGE_TOTALS:
        row.append(chart(tr.gettext("Chart"), Name.MONTHS if period else Name.YEARS, months(period), tr.language))
    if reply.question.topic is Topic.EXCHANGE_HISTORY:
        row.append(chart(tr.gettext("Chart"), Name.LINE, months(period), tr.language))
    return [row] if row else []


def chart(label: str, name: Name, about: str, language: Language) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=f"h:{name}:{about}:{language}")


def months(period: Period | None) -> str:
    """The months of a period, as a button carries them."""
    return f"{period.first:%Y%m}-{period.last:%Y%m}" if period else ""
