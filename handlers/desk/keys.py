"""Buttons of the desk: a verb and what it is about, "d:approve:12:9f86d081884c7d65"."""

import re
from collections.abc import Iterable, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n import LANGUAGES

PATTERN = "^d:"

NOTHING = ""
NUMBER = "[0-9]{1,9}"
"""Of a post, a revision, a member or a place in a list."""
KEY = "[a-z0-9][a-z0-9_-]*"
"""Of a row in the record."""
SEEN = "[0-9a-f]{16}"
"""The fingerprint of what was shown."""


def one_of(names: Iterable[str]) -> str:
    return f"({'|'.join(map(re.escape, names))})"


LANGUAGE = one_of(LANGUAGES)


def key(label: str, verb: str, *about: object) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=":".join(["d", verb, *map(str, about)]))


def rows(keys: Iterable[InlineKeyboardButton], width: int) -> list[list[InlineKeyboardButton]]:
    listed = list(keys)
    return [listed[at : at + width] for at in range(0, len(listed), width)]


def keyboard(*lines: Sequence[InlineKeyboardButton]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([line for line in lines if line])
