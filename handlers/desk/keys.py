"""Buttons of the desk: a verb and what it is about, "d:approve:12:9f86d081884c7d65"."""

from collections.abc import Iterable, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

PATTERN = "^d:"


def key(label: str, verb: str, *about: object) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=":".join(["d", verb, *map(str, about)]))


def rows(keys: Iterable[InlineKeyboardButton], width: int) -> list[list[InlineKeyboardButton]]:
    listed = list(keys)
    return [listed[at : at + width] for at in range(0, len(listed), width)]


def keyboard(*lines: Sequence[InlineKeyboardButton]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([line for line in lines if line])


def parse(data: str) -> tuple[str, list[str]]:
    _, verb, *about = data.split(":")
    return verb, about
