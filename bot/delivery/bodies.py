"""Requests to Telegram, prepared once for each revision and language: only the chat and the message differ."""

import json
from dataclasses import dataclass

from bot.answers.post import correction_notice, post
from bot.i18n import Language
from models.desk import PostRevision


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    beginning: bytes
    """Everything but the chat; a message to edit or to answer is put in front as well."""

    def to(self, chat: int | str, *, editing: int | None = None, answering: int | None = None) -> bytes:
        """The body for one chat; with the message it edits, or answers."""
        more = ""
        if editing is not None:
            more = f'"message_id":{editing},'
        if answering is not None:
            more = f'"reply_parameters":{{"message_id":{answering},"allow_sending_without_reply":true}},'
        return f'{{"chat_id":{json.dumps(chat)},{more}'.encode() + self.beginning


def new_message(
    revision: PostRevision, language: Language, *, bot: str | None, silent: bool, paid: bool
) -> Request:
    """`bot`: its name, for a channel; see `bot.answers.post`."""
    text = str(post(revision, language, bot=bot))
    return _request(
        {"photo": revision.photo, "caption": text} if revision.photo else {"text": text},
        "sendPhoto" if revision.photo else "sendMessage",
        disable_notification=silent,
        allow_paid_broadcast=paid,
    )


def edit(revision: PostRevision, language: Language, *, bot: str | None, caption: bool) -> Request:
    """`caption`: the copy has a photograph, and with it a caption instead of a text."""
    text = str(post(revision, language, bot=bot))
    if caption:
        return _request({"caption": text}, "editMessageCaption")
    return _request({"text": text}, "editMessageText")


def notice(revision: PostRevision, language: Language, *, bot: str | None, silent: bool, paid: bool) -> Request:
    """The short reply that tells of a material change; the copy above it has the text."""
    return _request(
        {"text": str(correction_notice(revision, language, bot=bot))},
        "sendMessage",
        disable_notification=silent,
        allow_paid_broadcast=paid,
    )


def _request(content: dict[str, object], method: str, **switches: bool) -> Request:
    on = {name: True for name, switch in switches.items() if switch}
    preview = {"link_preview_options": {"is_disabled": True}} if "text" in content else {}
    told = json.dumps({**content, "parse_mode": "HTML", **preview, **on}, ensure_ascii=False)
    return Request(method, told[1:].encode())
