"""Telegram's HTML: the tags, the leniency and the error messages of TDLib's `parse_html`.

A bot that is refused here is refused by Telegram in the same words, with the same byte offset.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from bot.sandbox.entities import Formatted, in_order, utf16_length
from bot.sandbox.shapes import ApiError, Json, bad_request

_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

_SPECIAL = re.compile(r"[<&]")
_REFERENCE = re.compile(r"&(?:#x(?P<hex>[0-9a-fA-F]+)|#(?P<decimal>[0-9]+)|(?P<name>[A-Za-z]+));?")
_TAG_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE_NAME = re.compile(r"[^\s=>]*")
_NAME_TOKEN = re.compile(r"[A-Za-z0-9.-]*")
_SPACE = re.compile(r"\s*")
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+|localhost|\d+(\.\d+){3}")


@dataclass(slots=True)
class _Open:
    tag: str
    attributes: dict[str, str]
    offset: int
    pieces: int


def parse_html(source: str) -> Formatted:
    """The text and entities of Telegram HTML; raises ApiError 400 as Telegram would."""
    return _Parser(source).parse()


def linked(url: str) -> str | None:
    """The address as Telegram stores it, or None when it is not one it would link to."""
    if url.startswith(("tg://", "ton://", "mailto:", "tel:")):
        return url
    if "://" not in url:
        url = f"http://{url}"
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(parts.hostname or ""):
        return None
    return url if parts.path or parts.query else f"{url}/"


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._pieces: list[str] = []
        self._length = 0
        self._open: list[_Open] = []
        self._entities: list[Json] = []

    def parse(self) -> Formatted:
        position = 0
        while match := _SPECIAL.search(self._source, position):
            self._push(self._source[position : match.start()])
            if match.group() == "&":
                position = self._reference(match.start())
            elif self._source.startswith("</", match.start()):
                position = self._end_tag(match.start())
            else:
                position = self._start_tag(match.start())
        self._push(self._source[position:])
        if self._open:
            tag = self._open[-1].tag
            raise bad_request(f"can't parse entities: Can't find end tag corresponding to start tag \"{tag}\"")
        return Formatted("".join(self._pieces), in_order(self._entities))

    def _push(self, text: str) -> None:
        if text:
            self._pieces.append(text)
            self._length += utf16_length(text)

    def _reference(self, start: int) -> int:
        """An unknown reference stays as it was written, as in Telegram."""
        character, end = _decoded(self._source, start)
        self._push(character)
        return end

    def _start_tag(self, start: int) -> int:
        source = self._source
        position = _end(_TAG_NAME, source, start + 1)
        tag = source[start + 1 : position].lower()
        if position == len(source):
            raise self._error("Unclosed start tag", start)
        if tag not in _KINDS:
            raise self._error(f'Unsupported start tag "{tag}"', start)
        attributes: dict[str, str] = {}
        while True:
            position = _end(_SPACE, source, position)
            if position == len(source):
                raise self._error(f'Unclosed start tag "{tag}"', start)
            if source[position] == ">":
                break
            name, value, position = self._attribute(tag, start, position)
            attributes[name] = value
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise self._error('Tag "span" must have class "tg-spoiler"', start)
        self._open.append(_Open(tag, attributes, self._length, len(self._pieces)))
        return position + 1

    def _attribute(self, tag: str, start: int, position: int) -> tuple[str, str, int]:
        source = self._source
        end = _end(_ATTRIBUTE_NAME, source, position)
        name = source[position:end]
        if not name:
            raise self._error(f'Empty attribute name in the tag "{tag}"', start)
        position = _end(_SPACE, source, end)
        if not source.startswith("=", position):
            if tag == "blockquote" and name == "expandable":
                return name, "", position
            raise self._error(f'Expected equal sign in declaration of an attribute of the tag "{tag}"', start)
        position = _end(_SPACE, source, position + 1)
        if position == len(source):
            raise self._error(f'Unclosed start tag "{tag}"', start)
        if source[position] in "'\"":
            closing = source.find(source[position], position + 1)
            if closing < 0:
                raise self._error(f'Unclosed start tag "{tag}"', start)
            value = source[position + 1 : closing]
            return name, _REFERENCE.sub(lambda match: _decoded(match.group(), 0)[0], value), closing + 1
        end = _end(_NAME_TOKEN, source, position)
        if end < len(source) and source[end] != ">" and not source[end].isspace():
            raise self._error("Unexpected end of name token", position)
        return name, source[position:end].lower(), end

    def _end_tag(self, start: int) -> int:
        source = self._source
        if not self._open:
            raise self._error("Unexpected end tag", start)
        end = _end(_TAG_NAME, source, start + 2)
        found = source[start + 2 : end].lower()
        end = _end(_SPACE, source, end)
        if not source.startswith(">", end):
            raise self._error("Unclosed end tag", start)
        opened = self._open.pop()
        if found and found != opened.tag:
            raise self._error("Unmatched end tag", start, f', expected "</{opened.tag}>", found "</{found}>"')
        self._close(opened)
        return end + 1

    def _close(self, opened: _Open) -> None:
        length = self._length - opened.offset
        if not length:
            return
        place: Json = {"offset": opened.offset, "length": length}
        kind = _KINDS[opened.tag]
        if kind == "text_link":
            url = opened.attributes.get("href") or "".join(self._pieces[opened.pieces :])
            if link := _link(url):
                self._entities.append({**link, **place})
            return
        entity: Json = {"type": kind, **place}
        if opened.tag == "tg-emoji":
            entity["custom_emoji_id"] = opened.attributes.get("emoji-id", "")
        elif opened.tag == "blockquote" and "expandable" in opened.attributes:
            entity["type"] = "expandable_blockquote"
        elif opened.tag == "code" and self._open and self._open[-1].tag == "pre":
            # <pre><code class="language-…"> is one entity with a language; the outer tag carries it.
            self._open[-1].attributes["language"] = opened.attributes.get("class", "").removeprefix("language-")
            return
        elif opened.tag == "pre" and opened.attributes.get("language"):
            entity["language"] = opened.attributes["language"]
        self._entities.append(entity)

    def _error(self, reason: str, position: int, tail: str = "") -> ApiError:
        offset = len(self._source[:position].encode())
        return bad_request(f"can't parse entities: {reason} at byte offset {offset}{tail}")


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Where a match that may be empty ends."""
    match = pattern.match(text, position)
    return match.end() if match else position


def _decoded(text: str, start: int) -> tuple[str, int]:
    """The character of the reference at `start` and where it ends, or "&" alone."""
    match = _REFERENCE.match(text, start)
    if match is None:
        return "&", start + 1
    if name := match["name"]:
        return (_NAMED[name], match.end()) if name in _NAMED else ("&", start + 1)
    code = int(match["hex"], 16) if match["hex"] else int(match["decimal"])
    if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000:
        return chr(code), match.end()
    return "&", start + 1


def _link(url: str) -> Json | None:
    if url.startswith("tg://user?"):
        identity = parse_qs(urlsplit(url).query).get("id", [""])[0]
        return {"type": "text_mention", "user": {"id": int(identity)}} if identity.isdecimal() else None
    address = linked(url)
    return {"type": "text_link", "url": address} if address else None
