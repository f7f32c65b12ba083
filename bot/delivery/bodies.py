"""Requests to Telegram, prepared once for each revision and language: only the chat and the message differ."""

import base64
import json
from dataclasses import dataclass

from aiohttp import FormData

from bot.answers.post import correction_notice, post
from bot.i18n import Language
from models.desk import PostRevision

BAR = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAoAAAABAAQMAAACwdFT9AAAAA1BMVEWaoKbGTLrIAAAAHElEQVR42u3BgQAAAADDoPlTX+AIVQEA"
    "AAAAfAMUQAAB15D4MAAAAABJRU5ErkJggg=="
)
"""A grey bar of 640 x 64 pixels, as PNG: what stands where a photograph was."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    beginning: bytes
    """Everything but the chat; a message to edit or to answer is put in front as well."""
    file: bytes | None = None
    """Goes along, for what says `attach://file`."""

    def to(self, chat: int | str, *, editing: int | None = None, answering: int | None = None) -> bytes | FormData:
        """The body for one chat; with the message it edits, or answers."""
        more = ""
        if editing is not None:
            more = f'"message_id":{editing},'
        if answering is not None:
            more = f'"reply_parameters":{{"message_id":{answering},"allow_sending_without_reply":true}},'
        body = f'{{"chat_id":{json.dumps(chat)},{more}'.encode() + self.beginning
        return body if self.file is None else _form(json.loads(body), self.file)


def new_message(
    revision: PostRevision, language: Language, *, bot: str | None, silent: bool, paid: bool
) -> Request:
    """`bot`: its name, for a channel; see `bot.answers.post`."""
    text, photo = str(post(revision, language, bot=bot)), _photo(revision)
    return _request(
        {"photo": photo, **_caption(text)} if photo else _text(text),
        "sendPhoto" if photo else "sendMessage",
        disable_notification=silent,
        allow_paid_broadcast=paid,
    )


def edit(revision: PostRevision, language: Language, *, bot: str | None) -> Request:
    """A photograph comes into a text as well, but out of a message only by `edit_with_bar`."""
    text, photo = str(post(revision, language, bot=bot)), _photo(revision)
    return _media(photo, text) if photo else _request(_text(text), "editMessageText")


def edit_with_bar(revision: PostRevision, language: Language, *, bot: str | None, bar: str | None) -> Request:
    """For a copy with a photograph that is to go: Telegram lets it be replaced, never taken out of a message.

    A message could be deleted, too, but only for 48 hours. `bar`: Telegram's id of it, once it has been sent.
    """
    text = str(post(revision, language, bot=bot, caption=True))
    return _media(bar or "attach://file", text, None if bar else BAR)


def notice(revision: PostRevision, language: Language, *, bot: str | None, silent: bool, paid: bool) -> Request:
    """The short reply that tells of a material change; the copy above it has the text."""
    return _request(
        _text(str(correction_notice(revision, language, bot=bot))),
        "sendMessage",
        disable_notification=silent,
        allow_paid_broadcast=paid,
    )


def _photo(revision: PostRevision) -> str | None:
    """None of what is withdrawn, whatever its draft took over."""
    return None if revision.withdraws else revision.photo


def _text(text: str) -> dict[str, object]:
    return {"text": text, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}


def _caption(text: str) -> dict[str, object]:
    return {"caption": text, "parse_mode": "HTML"}


def _media(photo: str, text: str, file: bytes | None = None) -> Request:
    return _request({"media": {"type": "photo", "media": photo, **_caption(text)}}, "editMessageMedia", file)


def _request(content: dict[str, object], method: str, file: bytes | None = None, **switches: bool) -> Request:
    on = {name: True for name, switch in switches.items() if switch}
    told = json.dumps({**content, **on}, ensure_ascii=False)
    return Request(method, told[1:].encode(), file)


def _form(fields: dict[str, object], file: bytes) -> FormData:
    form = FormData()
    for name, value in fields.items():
        form.add_field(name, value if isinstance(value, str) else json.dumps(value))
    form.add_field("file", file, filename="bar.png", content_type="image/png")
    return form
