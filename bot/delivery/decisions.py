"""The table of failures: what each answer of Telegram means for a copy. One line each, and nowhere else."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import aiohttp


class Decision(StrEnum):
    SENT = "sent"
    UNCHANGED = "unchanged"
    """An edit that changes nothing: as good as sent."""
    LATER = "later"
    """Not before `retry_after`."""
    AT_ONCE = "at once"
    """It cannot have arrived, so it is safe to repeat."""
    UNCLEAR = "unclear"
    """It may have arrived: repeated once."""
    EDIT_UNCLEAR = "edit unclear"
    """It may have been done. Doing it again does no harm, so it is repeated until it is clear."""
    GONE = "gone"
    """The reader blocked the bot, or the chat no longer exists."""
    MOVED = "moved"
    """The chat has another id."""
    CANNOT_EDIT = "cannot edit"
    """The copy is too old, or deleted: a new message instead."""
    NO_TEXT = "no text"
    """The copy has a photograph, and under it a caption instead of a text."""
    TAKEN_BACK = "taken back"
    """The post was withdrawn before this copy was sent."""
    REFUSED = "refused"
    """The message itself: never repeated."""
    HALT = "halt"
    """The token is no good: everything stops."""


@dataclass(frozen=True, slots=True)
class Verdict:
    decision: Decision
    message_id: int | None = None
    retry_after: float = 0.0
    moved_to: int | None = None
    why: str = ""
    photo: str | None = None
    """Telegram's id of the photograph that the message has."""


_OF_400 = (
    ("message is not modified", Decision.UNCHANGED),
    ("can't be edited", Decision.CANNOT_EDIT),
    ("message to edit not found", Decision.CANNOT_EDIT),
    ("message_id_invalid", Decision.CANNOT_EDIT),
    ("there is no text in the message to edit", Decision.NO_TEXT),
    ("chat not found", Decision.GONE),
    ("user not found", Decision.GONE),
    ("user is deactivated", Decision.GONE),
    ("peer_id_invalid", Decision.GONE),
)
"""By what the description contains. https://core.telegram.org/bots/api#making-requests"""


def of_400(description: str) -> Decision:
    lower = description.lower()
    return next((decision for words, decision in _OF_400 if words in lower), Decision.REFUSED)


def of_answer(status: int, body: bytes) -> Verdict:
    if status == 200:
        try:
            result = json.loads(body)["result"]
            if not isinstance(result, dict):
                return Verdict(Decision.SENT)
            photo = result["photo"][-1]["file_id"] if "photo" in result else None
            return Verdict(Decision.SENT, message_id=result["message_id"], photo=photo)
        except (ValueError, LookupError, TypeError):
            return Verdict(Decision.UNCLEAR, why="an answer that is not of the Bot API")
    told = _told(body)
    why = str(told.get("description", ""))
    parameters = told.get("parameters") or {}
    match status:
        case 429:
            return Verdict(Decision.LATER, retry_after=float(parameters.get("retry_after", 1)), why=why)
        case 401 | 404:
            return Verdict(Decision.HALT, why=why)
        case 403:
            return Verdict(Decision.GONE, why=why)
        case 400 if "migrate_to_chat_id" in parameters:
            return Verdict(Decision.MOVED, moved_to=int(parameters["migrate_to_chat_id"]), why=why)
        case 400:
            return Verdict(of_400(why), why=why)
    return Verdict(Decision.UNCLEAR if status >= 500 else Decision.REFUSED, why=why or f"status {status}")


def of_error(error: aiohttp.ClientError | TimeoutError) -> Verdict:
    """No connection was made, or it broke on the way."""
    unsent = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    return Verdict(Decision.AT_ONCE if unsent else Decision.UNCLEAR, why=type(error).__name__)


def _told(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
