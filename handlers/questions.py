"""Free text, and the commands that are short questions."""

from dataclasses import replace
from time import monotonic

from telegram import Message, Update
from telegram.constants import ChatType

from bot import metrics, telemetry, understanding
from bot.i18n import Language, guess_language, today_in_kyiv, translator
from bot.understanding import Topic
from handlers import keyboards, press_asof, subscriptions
from handlers.commands import TOPIC_OF_COMMAND
from handlers.context import Context, language_chosen, language_of, message_of, unless_unchanged

FOLLOW_UP_TIME = 5 * 60
"""Seconds in which «а в травні?» is taken to lean on the question before."""


async def text(update: Update, context: Context) -> None:
    message = message_of(update)
    text = message.text or ""
    if key := keyboards.key_pressed(text):
        await answer(message, context, text, key.topic, key.language)
    else:
        await answer(message, context, text)


async def command(update: Update, context: Context) -> None:
    """A command asks its topic; what is written after it can add a period or a name."""
    message = message_of(update)
    text = message.text or ""
    length = message.entities[0].length
    name = text[1:length].partition("@")[0].lower()
    await answer(message, context, text[length:], TOPIC_OF_COMMAND[name])


async def unknown_command(update: Update, context: Context) -> None:
    message = message_of(update)
    tr = translator(await language_of(context, message.chat_id, message.from_user))
    text = tr.html("I do not know this command. Choose a topic below, or ask in your own words.")
    await message.reply_html(text, reply_markup=keyboards.menu(tr))


async def not_text(update: Update, context: Context) -> None:
    """Photographs and voices are never fetched: they may show or name a captive."""
    message, services = message_of(update), context.services
    if message.media_group_id:
        # An album comes as one message for each picture.
        album = (services.vault.index(message.chat_id), message.media_group_id)
        if services.albums.get(album):
            return
        services.albums.put(album, True)
    tr = translator(await language_of(context, message.chat_id, message.from_user))
    text = tr.html(
        "I can only read text; photographs and voice messages I do not open. Please write your question in words."
    )
    await message.reply_html(text, reply_markup=keyboards.menu(tr))


async def answer(
    message: Message, context: Context, text: str, topic: Topic | None = None, language: Language | None = None
) -> None:
    """Replies to `text`; `topic` and `language` are given where they need no understanding."""
    services = context.services
    chosen = await language_chosen(context, message.chat_id)
    code = message.from_user.language_code if message.from_user else None
    chat = services.vault.index(message.chat_id)
    before = services.questions.get(chat)
    lately = before[1] if before and monotonic() - before[0] < FOLLOW_UP_TIME else None
    as_of = press_asof.chosen_day(services, chat)
    # To somebody who asks as of a day, "this month" is the month of that day.
    question = understanding.read(text, as_of or today_in_kyiv(), chosen or guess_language(code), lately, topic)
    if language:
        question = replace(question, language=language)
    services.questions.put(chat, (monotonic(), question))
    if question.topic in (Topic.SUBSCRIBE, Topic.UNSUBSCRIBE) and not question.options:
        await subscriptions.show(message, context, question.language)
        metrics.answered(question)
        return
    if as_of is None and (ended := press_asof.ended(services, chat)):
        await press_asof.tell_ended(message, ended, question.language)
    services.unanswered.add(question, today_in_kyiv())
    with telemetry.span("answer", topic=question.topic, language=question.language):
        reply = await services.answers.reply(question, today_in_kyiv(), as_of)
    metrics.answered(question)
    below = keyboards.below(translator(reply.question.language), reply, 0)
    earlier = services.answered.get((chat, message.message_id))
    if message.edit_date and earlier is not None:
        bot = message.get_bot()
        with unless_unchanged():
            await bot.edit_message_text(
                reply.pages[0], message.chat_id, earlier, parse_mode="HTML", reply_markup=below
            )
        return
    sent = await message.reply_html(reply.pages[0], reply_markup=below)
    services.answered.put((chat, message.message_id), sent.message_id)
    first_time = chosen is None and not services.asked_language.get(chat)
    if first_time and message.chat.type == ChatType.PRIVATE and question.topic is not Topic.DISTRESS:
        services.asked_language.put(chat, True)
        await ask_language(message, question.language)


async def ask_language(message: Message, language: Language) -> None:
    tr = translator(language)
    text = tr.html("In which language shall I write? I answer a question in the language it is asked in.")
    await message.reply_html(text, reply_markup=keyboards.languages())
