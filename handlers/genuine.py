"""/verify: whether a post that somebody was shown is ours. The code is written after it, tapped, or in a link."""

import re

from telegram import Message, Update

from bot.answers import genuine
from bot.i18n import translator
from handlers.context import Context, language_of, message_of

TAPPED = re.compile(r"^/verify_(?P<code>[^@]*)(?:@(?P<bot>\w+))?", re.IGNORECASE)
"""In a group Telegram adds the name of the bot that is meant."""


async def verify(update: Update, context: Context) -> None:
    await check(message_of(update), context, "".join(context.args or ()))


async def tapped(update: Update, context: Context) -> None:
    asked = context.match
    if asked and (asked["bot"] or context.bot.username).lower() == context.bot.username.lower():
        await check(message_of(update), context, asked["code"])


async def check(message: Message, context: Context, text: str) -> None:
    tr = translator(await language_of(context, message.chat_id, message.from_user))
    code = genuine.code_in(text)
    if not code:
        await message.reply_html(
            tr.html(
                "Under each post of ours stands a code of eight signs. Tap the command with it, or send the code "
                "like this: /verify 7K3MX2QD\nI answer whether the post is ours, and how it stands now."
            )
        )
        return
    async with context.services.database.read() as session:
        revisions = await genuine.released(session, code)
    if not revisions:
        where = tr.html("Official channels: /contacts. If somebody asks for money or data: /scam")
        await message.reply_html(genuine.unknown(tr) + "\n\n" + where)
        return
    await message.reply_html(genuine.genuine(revisions, tr))
    now = revisions[-1]
    if now.photo and not now.withdraws:
        await message.reply_photo(now.photo, do_quote=False)
