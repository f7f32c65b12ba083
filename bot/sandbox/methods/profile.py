"""Methods by which the bot describes itself: commands, name, descriptions, menu button."""

import re

from bot.sandbox.arguments import Arguments
from bot.sandbox.profile import DEFAULT_MENU_BUTTON, localized
from bot.sandbox.shapes import Json, bad_request
from bot.sandbox.world import World

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_MOST_COMMANDS = 100
_LANGUAGE = re.compile(r"[a-z]{2}|")
_WIDE_SCOPES = frozenset({"default", "all_private_chats", "all_group_chats", "all_chat_administrators"})
_CHAT_SCOPES = frozenset({"chat", "chat_administrators", "chat_member"})


def set_my_commands(world: World, arguments: Arguments) -> bool:
    commands = arguments.decoded("commands") or []
    if not isinstance(commands, list) or not all(isinstance(command, dict) for command in commands):
        raise bad_request("can't parse commands JSON array")
    if len(commands) > _MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    kept = [
        {
            "command": str(given.get("command", "")).removeprefix("/"),
            "description": str(given.get("description", "")).strip(),
        }
        for given in commands
    ]
    for command in kept:
        if not _COMMAND.fullmatch(command["command"]):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    world.profile.commands[_scope(world, arguments)] = kept
    return True


def get_my_commands(world: World, arguments: Arguments) -> list[Json]:
    return world.profile.commands.get(_scope(world, arguments), [])


def delete_my_commands(world: World, arguments: Arguments) -> bool:
    world.profile.commands.pop(_scope(world, arguments), None)
    return True


def set_my_name(world: World, arguments: Arguments) -> bool:
    return _set(world.profile.names, arguments, "name", 64)


def get_my_name(world: World, arguments: Arguments) -> Json:
    return {"name": world.profile.name(_language(arguments))}


def set_my_description(world: World, arguments: Arguments) -> bool:
    return _set(world.profile.descriptions, arguments, "description", 512)


def get_my_description(world: World, arguments: Arguments) -> Json:
    return {"description": localized(world.profile.descriptions, _language(arguments))}


def set_my_short_description(world: World, arguments: Arguments) -> bool:
    return _set(world.profile.short_descriptions, arguments, "short_description", 120)


def get_my_short_description(world: World, arguments: Arguments) -> Json:
    return {"short_description": localized(world.profile.short_descriptions, _language(arguments))}


def set_chat_menu_button(world: World, arguments: Arguments) -> bool:
    button = arguments.decoded("menu_button") or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in {"default", "commands", "web_app"}:
        raise bad_request("can't parse menu button: Unsupported menu button type specified")
    world.profile.menu_buttons[arguments.integer("chat_id")] = button
    return True


def get_chat_menu_button(world: World, arguments: Arguments) -> Json:
    chat_id = arguments.integer("chat_id")
    for key in (chat_id, 0):
        button = world.profile.menu_buttons.get(key, {"type": "default"})
        if button["type"] != "default":
            return button
    return DEFAULT_MENU_BUTTON


def _set(texts: dict[str, str], arguments: Arguments, field: str, most: int) -> bool:
    """An empty text takes the language's own text away."""
    text = arguments.text(field)
    if len(text) > most:
        raise bad_request(f"bot {field.replace('_', ' ')} is too long")
    texts[_language(arguments)] = text
    return True


def _language(arguments: Arguments) -> str:
    language = arguments.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    return language


def _scope(world: World, arguments: Arguments) -> tuple[str, str]:
    scope = arguments.decoded("scope") or {"type": "default"}
    kind = scope.get("type") if isinstance(scope, dict) else None
    if kind in _CHAT_SCOPES:
        chat = world.chat(Arguments(scope).integer("chat_id"))
        return f"{kind}:{chat.id}", _language(arguments)
    if kind not in _WIDE_SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    return str(kind), _language(arguments)
