"""The one error handler: the log learns where it broke, and the person what to do."""

from contextlib import suppress

import structlog
from telegram import Update
from telegram.error import BadRequest, Forbidden, TelegramError

from bot import metrics, telemetry
from bot.delivery import decisions
from bot.delivery.decisions import Decision
from bot.i18n import guess_language, translator
from bot.logs import kind_and_place
from handlers.context import Context

log = structlog.get_logger()


async def report(update: object, context: Context) -> None:
    error = context.error
    if error is None or isinstance(error, Forbidden) or nobody_there(error):
        # Whoever has blocked the bot, or is gone, wants no answer.
        return
    log.error("an update failed", **kind_and_place(error))
    metrics.update_failures.inc()
    telemetry.caught(error)
    if isinstance(update, Update) and update.effective_message:
        code = update.effective_user.language_code if update.effective_user else None
        tr = translator(guess_language(code))
        text = tr.html("I cannot answer just now. Please ask once more in a minute.")
        with suppress(TelegramError):
            await update.effective_message.reply_html(text)


def nobody_there(error: Exception) -> bool:
    return isinstance(error, BadRequest) and decisions.of_400(error.message) is Decision.GONE
