"""What every press of a button is answered with, so that its clock stops."""

from telegram import CallbackQuery
from telegram.error import BadRequest

from bot.i18n import translator
from handlers.context import Context, language_of


async def too_old(query: CallbackQuery, context: Context) -> None:
    chat_id = query.message.chat.id if query.message else query.from_user.id
    tr = translator(await language_of(context, chat_id, query.from_user))
    text = tr.gettext("This button is from an earlier time. Please ask again, or send /help.")
    await answered(query, text, alert=True)


async def answered(query: CallbackQuery, text: str | None = None, *, alert: bool = False) -> None:
    """Stops the clock on the button; a press from before a restart cannot be answered any more."""
    try:
        await query.answer(text, show_alert=alert)
    except BadRequest as error:
        if "query is too old" not in error.message.lower():
            raise
