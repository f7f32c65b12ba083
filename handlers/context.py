"""What handlers are given besides the update."""

import asyncio
from collections.abc import Collection, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from telegram import Message, Update, User
from telegram.error import BadRequest
from telegram.ext import Application, CallbackContext, ExtBot

from bot.answers.ask import Answers
from bot.answers.unanswered import Tally
from bot.database import Database
from bot.delivery import decisions
from bot.delivery.decisions import Decision
from bot.delivery.limiter import Budget
from bot.delivery.subscriptions import chosen_languages
from bot.delivery.watches import watched_in
from bot.i18n import Language, guess_language
from bot.opendata.library import Library
from bot.periodically import begun
from bot.press.charts import Charts
from bot.press.corrections import Corrections
from bot.search import Search, Sought
from bot.together import Asked
from bot.understanding import Question
from bot.vault import Vault
from handlers.desk.staffroom import Staffroom
from handlers.memory import Recent
from handlers.patience import Patience
from handlers.turns import Turns

SERVICES = "services"


@dataclass(frozen=True)
class Services:
    database: Database
    vault: Vault
    answers: Answers
    budget: Budget = field(default_factory=lambda: Budget(None))
    """What Telegram permits, shared by replies and broadcasts."""
    stays_in_groups: bool = True
    channels: Collection[str] = ()
    """Ours, by @name or id."""
    unanswered: Tally = field(default_factory=Tally)
    staffroom: Staffroom = field(default_factory=Staffroom)
    asked_language: Recent[bytes, bool] = field(default_factory=Recent)
    """Chats that were asked for their language since the start; not stored, so as not to keep who wrote."""
    answered: Recent[tuple[bytes, int], int] = field(default_factory=Recent)
    """The message with the answer to a message, so that an edited question gets its answer edited."""
    questions: Recent[bytes, tuple[float, Question]] = field(default_factory=Recent)
    """The last question of a chat and when it came, for questions that lean on it."""
    as_of: Recent[bytes, tuple[float, date]] = field(default_factory=Recent)
    """The day that a chat chose to be answered as of, and when it chose."""
    charts: Charts = field(default_factory=Charts)
    albums: Recent[tuple[bytes, str], bool] = field(default_factory=Recent)
    """Albums of pictures that were answered."""
    searches: Recent[str, Sought] = field(default_factory=Recent)
    """What the lists with buttons under them search for; tied to nobody, and gone with the program."""
    uploaded: Recent[str, str] = field(default_factory=Recent)
    """Telegram's ids of exported files, by their names, which have a version: one upload serves all."""
    patience: Recent[bytes, Patience] = field(default_factory=Recent)
    """How much each person may still send; not stored, so as not to keep who wrote."""
    being_answered: dict[int, Patience] = field(default_factory=dict)
    """By the updates' ids."""
    turns: Turns = field(default_factory=Turns)
    following: set[asyncio.Task[None]] = field(default_factory=set)
    """Messages that are kept up to date; python-telegram-bot would wait for their end before it stops."""

    @cached_property
    def search(self) -> Search:
        return Search(self.database, self.answers)

    @cached_property
    def library(self) -> Library:
        """The record as files, made once for all who ask."""
        return Library(self.database)

    @cached_property
    def corrections(self) -> Corrections:
        return Corrections(self.database)

    @cached_property
    def languages(self) -> Asked[bytes, Language]:
        """Chosen ones, by the chats' indexes."""
        return self.database.together(chosen_languages)

    @cached_property
    def watched(self) -> Asked[bytes, set[str]]:
        """Questions, packed, by the chats' indexes."""
        return self.database.together(watched_in)

    def follow(self, work: Coroutine[Any, Any, None]) -> None:
        task = begun(work)
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
    """For edits: a message that says the same already, was deleted, or is not ours is not a failure."""
    try:
        yield
    except BadRequest as error:
        if decisions.of_400(error.message) not in (Decision.UNCHANGED, Decision.CANNOT_EDIT):
            raise


async def language_chosen(context: Context, chat_id: int) -> Language | None:
    services = context.services
    chosen = await asyncio.gather(*map(services.languages.get, services.vault.indexes(chat_id)))
    return next(filter(None, chosen), None)


async def language_of(context: Context, chat_id: int, user: User | None) -> Language:
    """The chosen language, else a guess from Telegram's own setting."""
    return await language_chosen(context, chat_id) or guess_language(user.language_code if user else None)
