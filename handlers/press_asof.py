"""/asof: a chat chooses the day that its questions are answered as of, for an hour at most. Nothing is stored."""

from datetime import date
from time import monotonic

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update

from bot import understanding
from bot.i18n import Language, Translator, today_in_kyiv, translator
from bot.press.as_of import begins
from handlers.context import Context, Services, language_of, message_of, unless_unchanged

LASTS = 3600
"""Seconds: somebody who comes back later may have forgotten the choice."""
OFF = frozenset({"off", "stop", "end", "now", "вимкнути", "викл", "стоп", "зараз", "выключить", "выкл", "сейчас"})


def chosen_day(services: Services, chat: bytes) -> date | None:
    chosen = services.as_of.get(chat)
    return chosen[1] if chosen and monotonic() - chosen[0] < LASTS else None


def ended(services: Services, chat: bytes) -> date | None:
    """The day of a choice whose time is over, once."""
    chosen = services.as_of.get(chat)
    services.as_of.forget(chat)
    return chosen[1] if chosen else None


async def tell_ended(message: Message, day: date, language: Language) -> None:
    tr = translator(language)
    text = tr.html(
        "An hour is over, so I no longer answer as of %(day)s. From here on I answer as of today. "
        "To choose that day again: /asof",
        day=tr.day(day),
    )
    await message.reply_html(text, do_quote=False)


async def command(update: Update, context: Context) -> None:
    message, services = message_of(update), context.services
    today, chat = today_in_kyiv(), services.vault.index(message.chat_id)
    words = " ".join(context.args or ())
    own = await language_of(context, message.chat_id, message.from_user)
    read = understanding.read(words, today, own)
    tr = translator(read.language if words and read.period else own)
    if words.lower().strip(" .") in OFF:
        services.as_of.forget(chat)
        await message.reply_html(_as_of_today(tr))
        return
    if not words:
        await message.reply_html(_state(tr, chosen_day(services, chat)), reply_markup=_off(tr, services, chat))
        return
    if read.period is None:
        await message.reply_html(_not_a_day(tr))
        return
    if read.period.first > today:
        text = tr.html(
            "%(day)s is still to come, and nothing has been published by then. I answer as before. "
            "Give a day that is over: /asof 2025-06-02",
            day=tr.days(read.period.first, read.period.last),
        )
        await message.reply_html(text)
        return
    day = min(read.period.last, today)
    if day == today:
        services.as_of.forget(chat)
        await message.reply_html(_as_of_today(tr))
        return
    first = begins(await services.answers.record())
    if day < first:
        text = tr.html(
            "Our record begins on %(first)s, so there is nothing to answer with as of %(day)s. Give a later day.",
            first=tr.day(first),
            day=tr.day(day),
        )
        await message.reply_html(text)
        return
    services.as_of.put(chat, (monotonic(), day))
    await message.reply_html(_state(tr, day), reply_markup=_off(tr, services, chat))


async def off(query: CallbackQuery, message: Message, context: Context, language: Language) -> None:
    services = context.services
    services.as_of.forget(services.vault.index(message.chat_id))
    with unless_unchanged():
        await message.edit_text(_as_of_today(translator(language)), parse_mode="HTML", reply_markup=None)


def _state(tr: Translator, day: date | None) -> str:
    if day is None:
        return tr.html(
            "I answer as of today. To be answered with what had been published by a certain day, write the day: "
            "/asof 2025-06-02 or /asof 2 June 2025"
        )
    return tr.html(
        "<b>As of %(day)s.</b> For an hour I answer your questions with what had been published by the end of "
        "that day. “Today” and “this month” mean that day and its month.\n\n"
        "The record is the one of now: a mistake that was corrected later is not brought back. What was "
        "corrected, when and why: /changes\n\n"
        "To end this: /asof off",
        day=tr.day(day),
    )


def _as_of_today(tr: Translator) -> str:
    return tr.html("I answer as of today.")


def _not_a_day(tr: Translator) -> str:
    return tr.html(
        "I could not read a day in this. Write it like this: /asof 2025-06-02 or /asof 2 June 2025. "
        "To be answered as of today: /asof off"
    )


def _off(tr: Translator, services: Services, chat: bytes) -> InlineKeyboardMarkup | None:
    if chosen_day(services, chat) is None:
        return None
    label = tr.gettext("As of today again")
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=f"a:off:{tr.language}")]])
