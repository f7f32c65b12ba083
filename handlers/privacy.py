"""Deleting what is kept about a reader."""

from telegram import Update

from bot.delivery.subscriptions import forget as forget_reader
from bot.i18n import translator
from handlers.context import Context, language_of, message_of


async def forget(update: Update, context: Context) -> None:
    message, services = message_of(update), context.services
    tr = translator(await language_of(context, message.chat_id, message.from_user))
    async with services.database.write() as session:
        await forget_reader(session, services.vault, message.chat_id)
    services.as_of.drop(services.vault.index(message.chat_id))
    await message.reply_html(tr.html("Done. I keep nothing about you any more."))
