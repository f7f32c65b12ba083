"""The first contact, help, and the choice of a language."""

from telegram import Update

from bot.answers.plain import about
from bot.i18n import guess_language, translator
from handlers import keyboards
from handlers.commands import descriptions
from handlers.context import Context, language_chosen, language_of, message_of
from handlers.questions import ask_language


async def start(update: Update, context: Context) -> None:
    """Says what the bot is in the language we guess, and asks a newcomer for theirs."""
    message = message_of(update)
    chosen = await language_chosen(context, message.chat_id)
    language = chosen or guess_language(message.from_user.language_code if message.from_user else None)
    tr = translator(language)
    await message.reply_html(about(tr), reply_markup=keyboards.menu(tr))
    if chosen is None:
        context.services.asked_language.put(context.services.vault.index(message.chat_id), True)
        await ask_language(message, language)


async def help_(update: Update, context: Context) -> None:
    message = message_of(update)
    tr = translator(await language_of(context, message.chat_id, message.from_user))
    lines = "\n".join(f"/{command} – {description}" for command, description in descriptions(tr).items())
    text = tr.html(
        "Ask in your own words, in Ukrainian, English or Russian. Or use a command:\n\n%(commands)s",
        commands=lines,
    )
    await message.reply_html(text, reply_markup=keyboards.menu(tr))


async def language(update: Update, context: Context) -> None:
    message = message_of(update)
    await ask_language(message, await language_of(context, message.chat_id, message.from_user))
