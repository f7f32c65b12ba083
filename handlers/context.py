"""What handlers are given besides the update."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from telegram import Message, Update, User
from telegram.error import BadRequest
from telegram.ext import Application, CallbackContext, ExtBot

from bot.answers.ask import Answers
from bot.answers.unanswered import Tally
from bot.database import Database
from bot.delivery.limiter import Budget
from bot.delivery.subscriptions import chosen_language
from bot.i18n import Language, guess_language
from bot.search import Search, Sought
from bot.understanding import Question
from bot.vault import Vault
from handlers.desk.staffroom import Staffroom
from handlers.memory import Recent

SERVICES = "services"


@dataclass(frozen=True)
class Services:
    database: Database
    vault: Vault
    answers: Answers
    budget: Budget = field(default_factory=lambda: Budget(None))
    """What Telegram permits, shared by replies and broadcasts."""
    unanswered: Tally = field(default_factory=Tally)
    staffroom: Staffroom = field(default_factory=Staffroom)
    asked_language: Recent[bytes, bool] = field(default_factory=Recent)
    """Chats that were asked for their language since the start; not stored, so as not to keep who wrote."""
    answered: Recent[tuple[bytes, int], int] = field(default_factory=Recent)
    """The message with the answer to a message, so that an edited question gets its answer edited."""
    questions: Recent[bytes, tuple[float, Question]] = field(default_factory=Recent)
    """The last question of a chat and when it came, for questions that lean on it."""
    albums: Recent[tuple[bytes, str], bool] = field(default_factory=Recent)
    """Albums of pictures that were answered."""
    searches: Recent[str, Sought] = field(default_factory=Recent)
    """What the lists under which there are buttons look for; nobody's, and gone with the program."""
    following: set[asyncio.Task[None]] = field(default_factory=set)
    """Messages that are kept up to date; python-telegram-bot would wait for their end before it stops."""

    @cached_property
    def search(self) -> Search:
        return Search(self.database, self.answers)

    def follow(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.following.add(task)
        task.add_done_callback(self.following.discard)

    def stop_following(self) -> None:
        for task in self.following:
            task.cancel()


class Context(CallbackContext[ExtBot[int], dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    @property
    def services(self) -> Services:
        services = self.application.bot_data[SERVICES]
        assert isinstance(services, Services)  # noqa: S101 - for the type checker
        return services


App = Application[Any, Context, Any, Any, Any, Any]


def message_of(update: Update) -> Message:
    """The message of an update that a message handler was called for."""
    message = update.effective_message
    if message is None:
        raise ValueError("an update without a message")
    return message


@contextmanager
def unless_unchanged() -> Iterator[None]:
    """For edits: a message that says the same already, or was deleted, is no failure."""
    try:
        yield
    except BadRequest as error:
        if not any(words in error.message.lower() for words in ("not modified", "to edit not found")):
            raise


async def language_chosen(context: Context, chat_id: int) -> Language | None:
    services = context.services
    async with services.database.read() as session:
        return await chosen_language(session, services.vault, chat_id)


async def language_of(context: Context, chat_id: int, user: User | None) -> Language:
    """The chosen language, else a guess from Telegram's own setting."""
    return await language_chosen(context, chat_id) or guess_language(user.language_code if user else None)
