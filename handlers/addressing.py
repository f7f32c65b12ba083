"""Which messages are meant for the bot: all in a private chat; in a group those that name it or answer it."""

from telegram import Message, MessageEntity
from telegram.ext import filters

privately = filters.ChatType.PRIVATE


class _AddressedInGroup(filters.MessageFilter):
    def filter(self, message: Message) -> bool:
        bot = message.get_bot()
        answered = message.reply_to_message
        if answered and answered.from_user and answered.from_user.id == bot.id:
            return True
        mentions = message.parse_entities([MessageEntity.MENTION]).values()
        return f"@{bot.username}".lower() in (mention.lower() for mention in mentions)


addressed_to_bot = privately | (filters.ChatType.GROUPS & _AddressedInGroup())
