"""The first contact, help, and the choice of a language."""

from telegram import Message, Update
from telegram.constants import ChatType

from bot.answers.plain import about
from bot.answers.post import VERIFY
from bot.i18n import Language, guess_language, translator
from handlers import genuine, keyboards, press
from handlers.context import Context, language_chosen, language_of, message_of
from handlers.desk.entry import JOIN, join
from handlers.questions import ask_language


async def start(update: Update, context: Context) -> None:
    """A newcomer chooses a language first, with one press; then, and ever after, what the bot is."""
    message = message_of(update)
    payload = context.args[0] if context.args else ""
    if payload.startswith(JOIN) and message.chat.type == ChatType.PRIVATE:
        await join(update, context, payload.removeprefix(JOIN))
        return
    if payload.startswith(VERIFY):
        await genuine.check(message, context, payload.removeprefix(VERIFY))
    if payload.startswith(press.LINK):
        await press.opened(update, context, payload.removeprefix(press.LINK))
        return
    chosen = await language_chosen(context, message.chat_id)
    if chosen:
        await introduce(message, chosen)
        return
    context.services.asked_language.put(context.services.vault.index(message.chat_id), True)
    await ask_language(message, guess_language(message.from_user.language_code if message.from_user else None))


async def introduce(message: Message, language: Language) -> None:
    """One screen: what the bot knows, what it does not, and where help is."""
    tr = translator(language)
    await message.reply_html(about(tr), reply_markup=keyboards.at_hand(tr, message.chat.type), do_quote=False)


async def help_(update: Update, context: Context) -> None:
    message = message_of(update)
    tr = translator(await language_of(context, message.chat_id, message.from_user))
    text = tr.html(
        "Ask in your own words, in Ukrainian, English or Russian. For example: “when is the next exchange?”, "
        "“how many people came home in 2025?”, “who can I call?”\n\n"
        "The topics are below. The commands are behind the menu button beside the text field. "
        "To change the language: /language. For journalists, updates by official, side or search: /press. "
        "What I keep about you: /privacy. To delete it: /forget"
    )
    await message.reply_html(text, reply_markup=keyboards.menu(tr))


async def language(update: Update, context: Context) -> None:
    message = message_of(update)
    await ask_language(message, await language_of(context, message.chat_id, message.from_user))
