"""Telling a person once that an answer has changed, if they wanted to be told."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from telegram import Message
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot import telemetry
from bot.database import Database
from bot.delivery import lease, subscriptions, watches
from bot.desk.staff import frozen_by
from bot.i18n import today_in_kyiv, translator
from bot.periodically import uninterrupted
from bot.understanding import Question
from handlers import keyboards
from handlers.context import SERVICES, App, Context, Services, unless_unchanged

log = structlog.get_logger()

AFTER_FAILURES = 10
"""Seconds."""
Waiting = tuple[int, bytes, bytes]
"""A watch, and the seal and the index of its chat."""


async def press(message: Message, context: Context, pressed: keyboards.Watch) -> None:
    """The answer is written anew, so that only what the person sees counts as a change."""
    services, question = context.services, pressed.question
    async with services.database.write() as session:
        await subscriptions.become_reader(session, services.vault, message.chat_id, question.language)
        await watches.watch(session, services.vault, message.chat_id, question, wanted=pressed.wanted)
    reply = await services.answers.reply(question, today_in_kyiv())
    below = keyboards.below(translator(question.language), reply, 0, watched=pressed.wanted)
    with unless_unchanged():
        await message.edit_text(reply.pages[0], parse_mode="HTML", reply_markup=below)


async def is_watched(context: Context, chat_id: int, question: Question) -> bool:
    services = context.services
    watched = await asyncio.gather(*map(services.watched.get, services.vault.indexes(chat_id)))
    return any(question.packed() in (questions or ()) for questions in watched)


async def tell_of_changes(application: App, is_ours: Callable[[], bool]) -> None:
    """Of every answer that has changed, to all who wait for it; by one process at a time, while `is_ours`.

    It may be cut off: what is on its way then is still awaited, and written down.
    """
    services: Services = application.bot_data[SERVICES]
    failures: list[Exception] = []
    for question, known_at in await uninterrupted(_changed(services.database)):
        try:
            after = 0
            while is_ours() and (
                waiting := await uninterrupted(_waiting(services.database, question, known_at, after))
            ):
                after = waiting[-1][0]
                failures += await _tell(application, is_ours, question, waiting)
        except Exception as error:
            failures.append(error)
    if failures:
        for failure in failures:
            telemetry.caught(failure)
        kinds = sorted({type(failure).__name__ for failure in failures})
        log.error("not all could be told of a change, trying again", failures=len(failures), errors=kinds)
        await asyncio.sleep(AFTER_FAILURES)


async def _changed(database: Database) -> Sequence[tuple[Question, datetime]]:
    async with database.read() as session:
        if not await watches.any_older(session) or await lease.halted(session):
            return ()
    async with database.write() as session:
        return await watches.changed(session, today_in_kyiv())


async def _waiting(database: Database, question: Question, known_at: datetime, after: int) -> Sequence[Waiting]:
    """The next of them. A kill repeats no more than these."""
    async with database.read() as session:
        if await frozen_by(session) or await lease.halted(session):
            return ()
        return await watches.some_to_tell(session, question, known_at, after)


async def _tell(
    application: App, is_ours: Callable[[], bool], question: Question, waiting: Sequence[Waiting]
) -> list[Exception]:
    """Whatever failed that is worth another try."""
    services: Services = application.bot_data[SERVICES]
    reply = await services.answers.reply(question, today_in_kyiv())
    tr = translator(question.language)
    text = tr.html("You asked me to tell you when this answer changes. It has changed:") + "\n\n" + reply.pages[0]
    below = keyboards.below(tr, reply, 0)

    async def send(chat: int) -> None:
        try:
            await application.bot.send_message(chat, text, parse_mode="HTML", reply_markup=below)
        except ChatMigrated as error:
            await send(error.new_chat_id)
        except (Forbidden, BadRequest):
            # A chat that is gone need not be told, now or later.
            pass

    async def tell(watch: int, sealed: bytes, index: bytes) -> int:
        await send(services.vault.open(sealed, index))
        return watch

    sending = []
    try:
        for each in waiting:
            await services.budget.broadcast()
            if not is_ours():
                break
            sending.append(asyncio.create_task(tell(*each)))
    finally:
        failures = await uninterrupted(_told(services.database, sending))
    return failures


async def _told(database: Database, sending: Sequence[asyncio.Task[int]]) -> list[Exception]:
    ended = await asyncio.gather(*sending, return_exceptions=True)
    if told := [each for each in ended if isinstance(each, int)]:
        async with database.write() as session:
            await watches.told(session, told)
    return [each for each in ended if isinstance(each, Exception)]
