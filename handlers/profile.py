"""What Telegram shows of the bot before a word is written, set only when changed."""

import structlog
from telegram import Bot, BotCommand, MenuButtonCommands
from telegram.error import TelegramError

from bot.i18n import LANGUAGES, Translator, translator
from handlers.commands import descriptions

log = structlog.get_logger()


async def set_profile(bot: Bot) -> None:
    """In each language, and in English for all others. A server that has no such method is no reason to stop."""
    try:
        for code, tr in [(None, translator("en")), *((code, translator(code)) for code in LANGUAGES)]:
            await _describe(bot, code, tr)
        if not isinstance(await bot.get_chat_menu_button(), MenuButtonCommands):
            await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    except TelegramError as error:
        log.warning("commands and descriptions could not be set", error=type(error).__name__)


async def _describe(bot: Bot, code: str | None, tr: Translator) -> None:
    commands = [BotCommand(name, text) for name, text in descriptions(tr).items()]
    if list(await bot.get_my_commands(language_code=code)) != commands:
        await bot.set_my_commands(commands, language_code=code)
    name = tr.gettext("Obmin: what is known")
    if (await bot.get_my_name(language_code=code)).name != name:
        await bot.set_my_name(name, language_code=code)
    description = tr.gettext(
        "What is known about exchanges of prisoners between Ukraine and Russia: who said it, when, and "
        "where it was published. I have no lists and no names. Ask in your own words, in Ukrainian, "
        "English or Russian."
    )
    if (await bot.get_my_description(language_code=code)).description != description:
        await bot.set_my_description(description, language_code=code)
    short = tr.gettext("What is known about exchanges of prisoners, with sources.")
    if (await bot.get_my_short_description(language_code=code)).short_description != short:
        await bot.set_my_short_description(short, language_code=code)
