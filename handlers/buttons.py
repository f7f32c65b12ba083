"""What a press of a button does."""

from datetime import date

from telegram import CallbackQuery, Message, Update

from bot import metrics
from bot.delivery.subscriptions import choose_language
from bot.i18n import LANGUAGE_NAMES, Language, today_in_kyiv, translator
from bot.understanding import Question, Topic
from handlers import export, keyboards, press_asof, subscriptions, watching
from handlers.context import Context, unless_unchanged
from handlers.greeting import introduce
from handlers.press_keys import undated
from handlers.pressed import answered, too_old


async def press(update: Update, context: Context) -> None:
    query = update.callback_query
    if query is None:
        return
    try:
        as_of, data = undated(query.data or "")
        pressed = keyboards.parse(data)
    except ValueError:
        pressed = None
    if pressed is None or not isinstance(query.message, Message):
        # Of an earlier version, or under a message too old for Telegram to show us.
        await too_old(query, context)
        return
    match pressed:
        case keyboards.ChooseLanguage(language):
            await _choose(query, query.message, context, language)
        case keyboards.Ask(topic, language) if topic in (Topic.SUBSCRIBE, Topic.UNSUBSCRIBE):
            await answered(query)
            await subscriptions.show(query.message, context, language)
        case keyboards.Ask(topic, language):
            await answered(query)
            services = context.services
            as_of = as_of or press_asof.chosen_day(services, services.vault.index(query.message.chat_id))
            question = Question(topic, language, None, 1.0)
            await _show(query.message, context, question, 0, as_of, in_place=False)
            metrics.answered(question)
        case keyboards.Updates():
            await answered(query)
            await subscriptions.press(update, context, pressed)
        case keyboards.Watch():
            await answered(query)
            await watching.press(query.message, context, pressed)
        case keyboards.Export():
            await answered(query)
            await export.send(query.message, context, pressed)
        case keyboards.TurnPage(number, question):
            await answered(query)
            await _show(query.message, context, question, number, as_of, in_place=True)


async def _show(
    message: Message, context: Context, question: Question, number: int, as_of: date | None, *, in_place: bool
) -> None:
    """One page of an answer. The record may have changed since the button was made, and a page be gone."""
    reply = await context.services.answers.reply(question, today_in_kyiv(), as_of)
    number = min(number, len(reply.pages) - 1)
    watched = in_place and await watching.is_watched(context, message.chat_id, reply.question)
    markup = keyboards.below(translator(question.language), reply, number, watched=watched)
    if not in_place:
        await message.reply_html(reply.pages[number], reply_markup=markup, do_quote=False)
        return
    with unless_unchanged():
        await message.edit_text(reply.pages[number], parse_mode="HTML", reply_markup=markup)


async def _choose(query: CallbackQuery, message: Message, context: Context, language: Language) -> None:
    services = context.services
    async with services.database.write() as session:
        await choose_language(session, services.vault, message.chat_id, language)
    tr = translator(language)
    await answered(query)
    with unless_unchanged():
        await message.edit_text(
            tr.html("Language: %(name)s", name=LANGUAGE_NAMES[language]), parse_mode="HTML", reply_markup=None
        )
    await introduce(message, language)
