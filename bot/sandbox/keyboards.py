"""What Telegram accepts as `reply_markup`, and what it answers to the rest."""

import json
from collections.abc import Callable

from bot.sandbox.markup import linked
from bot.sandbox.shapes import Json, bad_request, without_nones

_ACTIONS = frozenset(
    {
        "url",
        "callback_data",
        "web_app",
        "login_url",
        "switch_inline_query",
        "switch_inline_query_current_chat",
        "switch_inline_query_chosen_chat",
        "copy_text",
        "callback_game",
        "pay",
    }
)
_MOST_INLINE_BUTTONS = 100
_MOST_REPLY_BUTTONS = 300
# Not documented: https://github.com/tginfo/Telegram-Limits/issues/187
_MOST_BYTES = 10 * 1024


def checked_markup(markup: object) -> Json:
    """The markup without empty fields; raises ApiError 400."""
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        rows = _rows(markup, "inline_keyboard", _inline_button, _MOST_INLINE_BUTTONS)
        return {"inline_keyboard": rows}
    if "keyboard" in markup:
        rows = _rows(markup, "keyboard", _reply_button, _MOST_REPLY_BUTTONS)
        return {**without_nones(markup), "keyboard": rows}
    return without_nones(markup)


def checked_inline_markup(markup: object) -> Json | None:
    """For edits, which take an inline keyboard only; an empty one removes the keyboard."""
    keyboard = checked_markup(markup)
    if keyboard and "inline_keyboard" not in keyboard:
        raise bad_request("inline keyboard expected")
    return keyboard if keyboard.get("inline_keyboard") else None


def _rows(markup: Json, field: str, check: Callable[[object], Json], most: int) -> list[list[Json]]:
    given = markup[field]
    if not isinstance(given, list) or not all(isinstance(row, list) for row in given):
        raise bad_request(f'field "{field}" must be an Array of Arrays')
    rows = [[check(button) for button in row] for row in given if row]
    count = sum(map(len, rows))
    if count > most or len(json.dumps(rows, ensure_ascii=False).encode()) > _MOST_BYTES:
        raise bad_request("reply markup is too long")
    return rows


def _inline_button(given: object) -> Json:
    prefix = "can't parse inline keyboard button: "
    if not isinstance(given, dict):
        raise bad_request(f"{prefix}InlineKeyboardButton must be an Object")
    button = without_nones(given)
    if not isinstance(button.get("text"), str):
        raise bad_request(f'{prefix}Can\'t find field "text"')
    if not button["text"]:
        raise bad_request("inline keyboard button text must be non-empty")
    actions = _ACTIONS & button.keys()
    if not actions:
        raise bad_request(f"{prefix}Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        # Telegram takes one of them and says nothing: a mistake that should show while it is cheap.
        raise bad_request(f"{prefix}Exactly one of the optional fields must be used")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= 64:
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and linked(str(url)) is None:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    copied = button.get("copy_text")
    if copied is not None and not 1 <= len(str(copied.get("text", ""))) <= 256:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return button


def _reply_button(given: object) -> Json:
    if isinstance(given, str):
        given = {"text": given}
    if not isinstance(given, dict):
        raise bad_request("can't parse keyboard button: KeyboardButton must be a String or an Object")
    button = without_nones(given)
    if not isinstance(button.get("text"), str):
        raise bad_request("can't parse keyboard button: Can't find field \"text\"")
    if not button["text"]:
        raise bad_request("keyboard button text must be non-empty")
    return button
