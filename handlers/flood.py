"""Nobody keeps the others waiting: whoever sends too much is told so once, and in the end not answered at all.

It comes before all other handlers and before the database, and costs about as much as finding out who it is.
"""

from time import monotonic

from telegram import Update
from telegram.ext import ApplicationHandlerStop

from bot import understanding
from bot.i18n import today_in_kyiv, translator
from bot.understanding import URGENT
from handlers.context import Context, Services, language_of
from handlers.patience import Patience, Verdict
from handlers.pressed import answered


async def hold_back(update: Update, context: Context) -> None:
    """In a group each person is measured, not the group. Staff are not: their work is many presses."""
    services, sender = context.services, update.effective_sender
    if sender is None or services.staffroom.may_hold(services.vault, sender.id):
        return
    who, now = services.vault.index(sender.id), monotonic()
    patience = services.patience.get(who) or Patience()
    services.patience.put(who, patience)
    has_waited = patience.begins(now) and not patience.ignoring
    verdict = Verdict.ANSWER if has_waited else patience.with_one_more(now)
    if verdict is Verdict.ANSWER:
        services.being_answered[update.update_id] = patience
        return
    if verdict is Verdict.LEAVE_OUT:
        # Despair comes in many short messages, and must not be met with a request to wait. Once a minute is
        # enough: the number to call then stands at the end of the chat, for nothing else is answered.
        if _is_urgent(update) and patience.once_a_minute("help", now):
            return
        told = patience.once_a_minute("notice", now)
        if told or update.callback_query:
            # Beside the handlers: a notice that cannot be sent must not let the update through to them.
            context.application.create_task(_ask_to_wait(update, context, aloud=told), update)
    patience.ends()
    raise ApplicationHandlerStop


def done(services: Services, update_id: int) -> None:
    """After all handlers, whatever became of the update."""
    if patience := services.being_answered.pop(update_id, None):
        patience.ends()


def _is_urgent(update: Update) -> bool:
    message = update.message or update.edited_message
    text = message.text if message else None
    return bool(text) and understanding.read(text or "", today_in_kyiv()).topic in URGENT


async def _ask_to_wait(update: Update, context: Context, *, aloud: bool) -> None:
    """A press is answered in any case, so that the clock on its button stops."""
    query, message, text = update.callback_query, update.effective_message, None
    if aloud and message:
        tr = translator(await language_of(context, message.chat.id, update.effective_user))
        text = tr.gettext(
            "I cannot keep up with so many messages at once. "
            "Please wait a moment and ask once more: I will answer."
        )
    if query:
        await answered(query, text)
    elif text and message:
        await message.reply_text(text)
