"""Blocks of Telegram HTML laid out on pages: a long answer is turned over with buttons, never cut."""

import html
import re
from collections.abc import Iterable

from markupsafe import Markup

COMFORTABLE = 2000
"""UTF-16 units on a page: two or three screens of a phone."""

TAG = re.compile(r"<[^>]+>")


def visible(text: str) -> str:
    """What a person sees of Telegram HTML."""
    return html.unescape(TAG.sub("", text))


def visible_length(text: str) -> int:
    """In UTF-16 units, as Telegram counts: https://core.telegram.org/api/entities#entity-length."""
    return len(visible(text).encode("utf-16-le")) // 2


def lay_out(blocks: Iterable[Markup], footer: Markup) -> tuple[Markup, ...]:
    """Fills pages with whole blocks, and puts the footer on each, so that no page is without its date."""
    room = COMFORTABLE - visible_length(footer)
    pages: list[list[Markup]] = [[]]
    left = room
    for block in blocks:
        length = visible_length(block) + 2
        if pages[-1] and length > left:
            pages.append([])
            left = room
        pages[-1].append(block)
        left -= length
    return tuple(Markup("\n\n").join([*page, footer]) for page in pages)
