"""/press and /zone: which posts a newsroom gets, at which hour, by whose clock."""

import re
from datetime import datetime

from babel.dates import format_time
from markupsafe import Markup
from telegram import CallbackQuery, InlineKeyboardMarkup, Message, Update

from bot import zones
from bot.delivery import press as wanted
from bot.delivery import subscriptions
from bot.delivery.press import MOST, TooMany
from bot.i18n import Language, Translator, today_in_kyiv, translator
from bot.press.refs import digest
from handlers import press_page
from handlers.context import Context, language_of, message_of, unless_unchanged
from handlers.keyboards import OldButton, language_named
from handlers.pressed import answered, too_old
from handlers.subscriptions import choices_of
from models.people import Pace, Reader

PATTERN = "^b:"
_PRESSED = re.compile(r"b:([a-z]+):([\w/+-]{0,40}):(\d{1,3}):([a-z]{2})", re.ASCII)


async def command(update: Update, context: Context) -> None:
    message = message_of(update)
    language = await language_of(context, message.chat_id, message.from_user)
    text, markup = await _page(context, message.chat_id, language, 0)
    await message.reply_html(text, reply_markup=markup)


async def press(update: Update, context: Context) -> None:
    query = update.callback_query
    if query is None:
        return
    pressed = _PRESSED.fullmatch(query.data or "")
    if pressed is None or not isinstance(query.message, Message):
        await too_old(query, context)
        return
    verb, about, number = pressed[1], pressed[2], int(pressed[3])
    try:
        await _pressed(query, query.message, context, verb, about, number, language_named(pressed[4]))
    except OldButton:
        await too_old(query, context)


async def _pressed(
    query: CallbackQuery,
    message: Message,
    context: Context,
    verb: str,
    about: str,
    number: int,
    language: Language,
) -> None:
    """Raises `OldButton` for what no button of ours carries, or what is gone from the record."""
    tr = translator(language)
    match verb:
        case "open":
            await answered(query)
            text, markup = await _page(context, message.chat_id, language, 0)
            await message.reply_html(text, reply_markup=markup, do_quote=False)
            return
        case "add":
            await add(query, message, context, await _what(context, message.chat_id, about, tr), language)
            return
        case "hours":
            shown = press_page.hours(tr, await _reader(context, message.chat_id), number)
        case "zones":
            shown = press_page.zones_in_place(tr, number)
        case "in":
            what = await _what(context, message.chat_id, about, tr)
            if not await _turned(context, message.chat_id, what, language):
                await answered(query, _too_many(tr), alert=True)
                return
            shown = await _page(context, message.chat_id, language, number)
        case "page":
            shown = await _page(context, message.chat_id, language, number)
        case _:
            await _choose(context, message.chat_id, language, **_chosen(verb, about))
            shown = await _page(context, message.chat_id, language, number)
    await answered(query)
    text, markup = shown
    with unless_unchanged():
        await message.edit_text(text, parse_mode="HTML", reply_markup=markup)


def _chosen(verb: str, about: str) -> dict[str, str | int | None]:
    match verb:
        case "pace" if about in set(Pace):
            return {"pace": about}
        case "hour" if about.isdecimal() and int(about) < 24:
            return {"digest_hour": int(about)}
        case "zone" if about in zones.known():
            return {"zone": about}
        case "only":
            return {"follows": None}
    raise OldButton(verb)


async def add(query: CallbackQuery, message: Message, context: Context, what: str, language: Language) -> None:
    """From under a list or a card, which stays as it is; what is followed comes below it."""
    tr = translator(language)
    try:
        await _subscribe(context, message.chat_id, what, language)
    except TooMany:
        await answered(query, _too_many(tr), alert=True)
        return
    await answered(query)
    text, markup = await _page(context, message.chat_id, language, 0)
    await message.reply_html(text, reply_markup=markup, do_quote=False)


def _too_many(tr: Translator) -> str:
    return tr.ngettext(
        "You follow %(n)s thing already, and no more fit. Remove one first: /press",
        "You follow %(n)s things already, and no more fit. Remove one first: /press",
        MOST,
    )


async def zone(update: Update, context: Context) -> None:
    """/zone Berlin, in any of the three languages, or by the IANA's name."""
    message = message_of(update)
    language = await language_of(context, message.chat_id, message.from_user)
    tr = translator(language)
    words = " ".join(context.args or ())
    if not words:
        text, markup = press_page.zones(tr)
        await message.reply_html(text, reply_markup=markup)
        return
    found = zones.meant(words)
    if len(found) != 1:
        text, markup = _unclear(tr, found, zones.nearest(words))
        await message.reply_html(text, reply_markup=markup)
        return
    await _choose(context, message.chat_id, language, zone=found[0])
    now = format_time(datetime.now(zones.clock(found[0])), "HH:mm")
    told = tr.html(
        "Done. Your hours are now those of this time zone: %(city)s (%(zone)s). It is %(now)s there. "
        "What comes, and at which hour: /press or /updates",
        city=zones.city(found[0], tr),
        zone=found[0],
        now=now,
    )
    await message.reply_html(told)


def _unclear(
    tr: Translator, found: tuple[str, ...], nearest: tuple[str, ...]
) -> tuple[Markup, InlineKeyboardMarkup]:
    if found:
        return tr.html("There are several of this name. Which one?"), press_page.zone_keys(tr, found)
    if nearest:
        text = tr.html(
            "I know no time zone of this name. Did you mean one of these? Otherwise write the capital, or the "
            "largest city with the same clock: /zone Berlin"
        )
        return text, press_page.zone_keys(tr, nearest)
    text = tr.html(
        "I know no time zone of this name. Write the capital, or the largest city with the same clock, such as "
        "/zone Berlin, or choose here:"
    )
    return text, press_page.zone_keys(tr, zones.OFFERED)


async def _page(
    context: Context, chat_id: int, language: Language, number: int
) -> tuple[Markup, InlineKeyboardMarkup]:
    reader, chosen = await choices_of(context, chat_id)
    names = await press_page.Names.now(context, translator(language))
    exchanges = await context.services.answers.current(today_in_kyiv())
    return press_page.text(names, reader, chosen), press_page.keyboard(names, reader, chosen, exchanges, number)


async def _what(context: Context, chat_id: int, about: str, tr: Translator) -> str:
    """What a button stands for; its own searches are known to the chat alone."""
    services = context.services
    async with services.database.read() as session:
        chosen = await wanted.subscriptions(session, services.vault, chat_id)
    names = await press_page.Names.now(context, tr)
    for what in (*chosen, *names.all()):
        if digest(what) == about:
            return what
    raise OldButton(about)


async def _turned(context: Context, chat_id: int, what: str, language: Language) -> bool:
    """On, or off; whether there was room."""
    services = context.services
    async with services.database.write() as session:
        if what in await wanted.subscriptions(session, services.vault, chat_id):
            await wanted.unsubscribe(session, services.vault, chat_id, what)
            return True
    try:
        await _subscribe(context, chat_id, what, language)
    except TooMany:
        return False
    return True


async def _subscribe(context: Context, chat_id: int, what: str, language: Language) -> None:
    """Raises `TooMany`."""
    services = context.services
    async with services.database.write() as session:
        await subscriptions.become_reader(session, services.vault, chat_id, language)
        await wanted.subscribe(session, services.vault, chat_id, what)


async def _choose(context: Context, chat_id: int, language: Language, **settings: str | int | None) -> None:
    services = context.services
    async with services.database.write() as session:
        await subscriptions.become_reader(session, services.vault, chat_id, language)
        await subscriptions.choose(session, services.vault, chat_id, **settings)


async def _reader(context: Context, chat_id: int) -> Reader | None:
    services = context.services
    async with services.database.read() as session:
        return await subscriptions.reader(session, services.vault, chat_id)
