"""What a bot says about itself: names, descriptions and command menus, per language and scope."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.sandbox.shapes import Json

DEFAULT_MENU_BUTTON: Json = {"type": "commands"}


@dataclass(slots=True)
class Profile:
    """Texts by language, with "" for every language that has none of its own."""

    first_name: str
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    menu_buttons: dict[int, Json] = field(default_factory=dict)

    def name(self, language: str | None) -> str:
        return localized(self.names, language) or self.first_name

    def commands_for(self, chat_id: int, language: str | None) -> list[Json]:
        """The menu of a private chat, found as Telegram finds it.

        https://core.telegram.org/bots/api#determining-list-of-commands
        """
        for scope in (f"chat:{chat_id}", "all_private_chats", "default"):
            for code in _codes(language):
                if commands := self.commands.get((scope, code)):
                    return commands
        return []


def localized(texts: dict[str, str], language: str | None) -> str:
    return next((texts[code] for code in _codes(language) if texts.get(code)), "")


def _codes(language: str | None) -> Iterator[str]:
    """Telegram compares two-letter codes, so "uk-UA" is "uk"."""
    if language:
        yield language.lower().partition("-")[0]
    yield ""
