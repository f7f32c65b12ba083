"""Blocks of Telegram HTML laid out on pages: a long answer is turned over with buttons, never cut."""

import html
import re
from collections.abc import Iterable

from markupsafe import Markup

COMFORTABLE = 2000
"""UTF-16 units on a page: two or three screens of a phone."""

MOST = 4096
"""UTF-16 units in a message: https://core.telegram.org/bots/api#sendmessage"""

MOST_UNDER_PHOTO = 1024
"""The same of a caption: https://core.telegram.org/bots/api#sendphoto"""

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


def in_messages(lines: Iterable[Markup]) -> list[Markup]:
    """As few messages as hold them, each line whole."""
    messages: list[Markup] = []
    for line in lines:
        longer = Markup("\n").join([*messages[-1:], line])
        if visible_length(longer) <= MOST:
            messages[-1:] = [longer]
        else:
            messages.append(line)
    return messages
