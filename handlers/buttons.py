"""What a press of a button does."""

from telegram import CallbackQuery, Message, Update
from telegram.error import BadRequest

from bot.delivery.subscriptions import choose_language
from bot.i18n import LANGUAGE_NAMES, Language, today_in_kyiv, translator
from bot.understanding import Question, Topic
from handlers import keyboards, subscriptions, watching
from handlers.context import Context, language_of, unless_unchanged
from handlers.greeting import introduce


async def press(update: Update, context: Context) -> None:
    query = update.callback_query
    if query is None:
        return
    try:
        pressed = keyboards.parse(query.data or "")
    except keyboards.OldButton:
        pressed = None
    if pressed is None or not isinstance(query.message, Message):
        # Of an earlier version, or under a message too old for Telegram to show us.
        await _too_old(query, context)
        return
    match pressed:
        case keyboards.ChooseLanguage(language):
            await _choose(query, query.message, context, language)
        case keyboards.Ask(topic, language) if topic in (Topic.SUBSCRIBE, Topic.UNSUBSCRIBE):
            await answered(query)
            await subscriptions.show(query.message, context, language)
        case keyboards.Ask(topic, language):
            await answered(query)
            await _show(query.message, context, Question(topic, language, None, 1.0), 0, in_place=False)
        case keyboards.Updates():
            await answered(query)
            await subscriptions.press(update, context, pressed)
        case keyboards.Watch():
            await answered(query)
            await watching.press(query, query.message, context, pressed)
        case keyboards.TurnPage(number, question):
            await answered(query)
            await _show(query.message, context, question, number, in_place=True)


async def _show(message: Message, context: Context, question: Question, number: int, *, in_place: bool) -> None:
    """One page of an answer. The record may have changed since the button was made, and a page be gone."""
    reply = await context.services.answers.reply(question, today_in_kyiv())
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


async def _too_old(query: CallbackQuery, context: Context) -> None:
    chat_id = query.message.chat.id if query.message else query.from_user.id
    tr = translator(await language_of(context, chat_id, query.from_user))
    text = tr.gettext("This button is from an earlier time. Please ask again, or send /help.")
    await answered(query, text, alert=True)


async def answered(query: CallbackQuery, text: str | None = None, *, alert: bool = False) -> None:
    """Stops the clock on the button; a press from before a restart cannot be answered any more."""
    try:
        await query.answer(text, show_alert=alert)
    except BadRequest as error:
        if "query is too old" not in error.message.lower():
            raise
