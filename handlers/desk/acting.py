"""How a handler of the desk acts: as one member, in one transaction, with a plain word when it is refused."""

from collections.abc import Callable, Coroutine
from functools import wraps
from textwrap import shorten
from typing import Any

from telegram import CallbackQuery, Message, Update
from telegram.error import TelegramError

from bot.desk.record import RecordRefused
from bot.desk.refusals import FactsRefused, NotAllowed, Refused
from bot.desk.typed import Unreadable
from bot.i18n import Translator, translator
from handlers.context import Context, language_of
from handlers.desk.refusals import refusal

LONGEST_REASON = 500
"""Characters: it may repeat what was sent."""

Handler = Callable[[Update, Context], Coroutine[Any, Any, None]]


async def tongue(update: Update, context: Context) -> Translator:
    """The member's own language."""
    chat = update.effective_chat
    if chat is None:
        raise ValueError("an update without a chat")
    return translator(await language_of(context, chat.id, update.effective_user))


def where(update: Update) -> Message:
    """The message that was sent, or under which a button was pressed."""
    query = update.callback_query
    message = query.message if query else update.effective_message
    if not isinstance(message, Message):
        raise NotAllowed
    return message


def told_when_refused(handler: Handler) -> Handler:
    @wraps(handler)
    async def told(update: Update, context: Context) -> None:
        try:
            await handler(update, context)
        except Refused as refused:
            await _tell(update, context, refusal(await tongue(update, context), refused))
        except RecordRefused as refused:
            text = refusal(
                await tongue(update, context),
                FactsRefused("the record refuses", why=shorten(str(refused), LONGEST_REASON)),
            )
            await _tell(update, context, text)
        except Unreadable:
            tr = await tongue(update, context)
            await _tell(update, context, tr.html("I could not read this. Send it once more, or /cancel"))

    return told


async def _tell(update: Update, context: Context, text: str) -> None:
    if update.effective_chat:
        await context.bot.send_message(update.effective_chat.id, text, parse_mode="HTML")


async def answered(query: CallbackQuery | None) -> None:
    if query:
        try:
            await query.answer()
        except TelegramError:
            # Pressed before a restart: nothing waits for the answer any more.
            return
