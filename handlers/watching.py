"""Telling a person once that an answer has changed, if they wanted to be told."""

import asyncio
from datetime import datetime

from telegram import Message
from telegram.error import BadRequest, Forbidden

from bot.delivery import lease, subscriptions, watches
from bot.desk.staff import frozen_by
from bot.i18n import today_in_kyiv, translator
from bot.understanding import Question
from handlers import keyboards
from handlers.context import SERVICES, App, Context, Services, unless_unchanged


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


async def tell_of_changes(application: App) -> None:
    """Of every answer that has changed, to all who wait for it; by one process at a time."""
    services: Services = application.bot_data[SERVICES]
    async with services.database.read() as session:
        if not await watches.any_older(session) or await lease.halted(session):
            return
    async with services.database.write() as session:
        changed = await watches.changed(session, today_in_kyiv())
    for question, known_at in changed:
        while await _tell_some(application, question, known_at):
            pass


async def _tell_some(application: App, question: Question, known_at: datetime) -> bool:
    """Whether there may be more. A kill repeats no more than these."""
    services: Services = application.bot_data[SERVICES]
    async with services.database.read() as session:
        if await frozen_by(session) or await lease.halted(session):
            return False
        waiting = await watches.some_to_tell(session, question, known_at)
    if not waiting:
        return False
    reply = await services.answers.reply(question, today_in_kyiv())
    tr = translator(question.language)
    text = tr.html("You asked me to tell you when this answer changes. It has changed:") + "\n\n" + reply.pages[0]
    below = keyboards.below(tr, reply, 0)

    async def tell(watch: int, sealed: bytes, index: bytes) -> int:
        await services.budget.broadcast()
        try:
            chat = services.vault.open(sealed, index)
            await application.bot.send_message(chat, text, parse_mode="HTML", reply_markup=below)
        except (Forbidden, BadRequest):
            # A chat that is gone need not be told, now or later.
            pass
        return watch

    told = await asyncio.gather(*(tell(*each) for each in waiting), return_exceptions=True)
    async with services.database.write() as session:
        await watches.told(session, [watch for watch in told if isinstance(watch, int)])
    for failure in told:
        if isinstance(failure, BaseException):
            raise failure
    return True
