"""A local Telegram: the Bot API over real HTTP, a chat page in the browser, and the tests' fake.

With it the bot runs without a token and without the network, and a test talks to the same program that
talks to Telegram.
"""

from bot.sandbox.chats import Chat
from bot.sandbox.people import Person
from bot.sandbox.server import SANDBOX_TOKEN, Sandbox

__all__ = ["SANDBOX_TOKEN", "Chat", "Person", "Sandbox"]
