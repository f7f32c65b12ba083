"""Text as Telegram counts it, in UTF-16 code units, and the entities it finds by itself.

The rules follow TDLib's `MessageEntity.cpp`, which the real Bot API server runs on; rarer kinds (cashtags,
bank cards, media timestamps) are left out.
"""

import re
from dataclasses import dataclass

from bot.sandbox.shapes import Json

# Nothing is detected inside these: their content is either code or a link already.
_OPAQUE = frozenset({"code", "pre", "text_link", "text_mention", "custom_emoji"})

_DETECTED = re.compile(
    r"""
      (?P<url>(?<![\w@.-])(?:https?://[^\s<>"']+
              |(?:[a-z0-9-]+\.)+(?:com|gov|info|int|me|net|org|ru|ua)(?![\w.-])(?:/[^\s<>"']*)?))
    | (?P<email>(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
    | (?P<mention>(?<![\w/@.])@[a-z]\w{3,31}(?!\w))
    | (?P<hashtag>(?<![\w/])\#\w*[^\W\d]\w*)
    | (?P<bot_command>(?<![\w/<>@.])/[a-z0-9_]{1,64}(?:@[a-z]\w{2,31})?(?![\w/]))
    | (?P<phone_number>(?<![\w+])\+\d[\d ()-]{7,18}\d(?!\w))
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text and its entities, offsets and lengths in UTF-16 code units."""

    text: str
    entities: tuple[Json, ...] = ()

    @property
    def length(self) -> int:
        return utf16_length(self.text)


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def trimmed(formatted: Formatted) -> Formatted:
    """Without the white space at both ends, which Telegram never keeps."""
    text = formatted.text.strip()
    if len(text) == len(formatted.text):
        return formatted
    lead = utf16_length(formatted.text[: len(formatted.text) - len(formatted.text.lstrip())])
    size = utf16_length(text)
    kept: list[Json] = []
    for entity in formatted.entities:
        start = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] + entity["length"] - lead, size)
        if start < end:
            kept.append({**entity, "offset": start, "length": end - start})
    return Formatted(text, tuple(kept))


def with_detected(formatted: Formatted) -> Formatted:
    """Adds the links, mentions, hashtags, commands, addresses and telephone numbers of a text."""
    taken = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in formatted.entities
        if entity["type"] in _OPAQUE
    ]
    found: list[Json] = []
    for match in _DETECTED.finditer(formatted.text):
        kind = match.lastgroup
        value = match.group().rstrip(".,:;!?)") if kind == "url" else match.group()
        start = utf16_length(formatted.text[: match.start()])
        end = start + utf16_length(value)
        if not any(start < right and left < end for left, right in taken):
            found.append({"type": kind, "offset": start, "length": end - start})
    if not found:
        return formatted
    return Formatted(formatted.text, in_order([*formatted.entities, *found]))


def in_order(entities: list[Json]) -> tuple[Json, ...]:
    """By offset, the enclosing entity before the one inside it."""
    return tuple(sorted(entities, key=lambda entity: (entity["offset"], -entity["length"])))


def covered(text: str, entity: Json) -> str:
    """The part of the text that an entity covers."""
    units = text.encode("utf-16-le", "surrogatepass")
    start = entity["offset"] * 2
    return units[start : start + entity["length"] * 2].decode("utf-16-le", "surrogatepass")
