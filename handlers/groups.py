"""Where the bot is added it stays, and answers when addressed; or says why and leaves, as its operator chose."""

from contextlib import suppress

from telegram import Chat, ChatMember, Update
from telegram.constants import ChatType
from telegram.error import TelegramError

from bot.i18n import guess_language, translator
from handlers import subscriptions
from handlers.context import Context


async def added(update: Update, context: Context) -> None:
    """To a group or a channel; or a reader has unblocked the bot."""
    changed = update.my_chat_member
    if changed is None or changed.new_chat_member.status not in (ChatMember.MEMBER, ChatMember.ADMINISTRATOR):
        return
    chat, services = changed.chat, context.services
    if services.stays_in_groups or chat.type == ChatType.PRIVATE or _is_ours(chat, context):
        await subscriptions.came_back(update, context)
    else:
        await leave(update, context)


async def leave(update: Update, context: Context) -> None:
    """In a channel, where only a newsroom speaks, without a word."""
    chat, user = update.effective_chat, update.effective_user
    if chat is None:
        return
    if chat.type != ChatType.CHANNEL:
        tr = translator(guess_language(user.language_code if user else None))
        name = f"@{context.bot.username}"
        text = tr.html(
            "I talk with people one to one, so I do not stay in groups. Write to me: %(name)s", name=name
        )
        with suppress(TelegramError):
            await chat.send_message(text, parse_mode="HTML")
    await chat.leave()


def _is_ours(chat: Chat, context: Context) -> bool:
    """A channel that gets the posts."""
    ours = {channel.lower() for channel in context.services.channels}
    return str(chat.id) in ours or f"@{chat.username}".lower() in ours
