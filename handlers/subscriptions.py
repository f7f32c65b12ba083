"""Which updates a reader gets, how often, and when they make no sound: one screen, changed by its buttons."""

from collections.abc import Iterable

from markupsafe import Markup
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update

from bot.answers.facts import Exchange
from bot.delivery import press as for_the_press
from bot.delivery import subscriptions, watches
from bot.delivery.subscriptions import Follows, of_exchange
from bot.i18n import Language, Translator, guess_language, today_in_kyiv, translator
from bot.understanding import Question, Topic
from bot.zones import city
from handlers import keyboards
from handlers.context import Context, language_of, message_of, unless_unchanged
from models.people import KYIV, Pace, Reader

NIGHT = (22, 7)
"""Hours, while "quiet at night" is on."""


async def settings(update: Update, context: Context) -> None:
    message = message_of(update)
    await show(message, context, await language_of(context, message.chat_id, message.from_user))


async def show(message: Message, context: Context, language: Language) -> None:
    text, markup = await _screen(context, message.chat_id, translator(language))
    await message.reply_html(text, reply_markup=markup)


async def _screen(context: Context, chat_id: int, tr: Translator) -> tuple[Markup, InlineKeyboardMarkup]:
    reader, chosen = await choices_of(context, chat_id)
    exchanges = await context.services.answers.current(today_in_kyiv())
    return _text(tr, reader, len(chosen)), _keyboard(tr, reader, exchanges, len(chosen))


async def choices_of(context: Context, chat_id: int) -> tuple[Reader | None, tuple[str, ...]]:
    """A reader, and what they follow for the press. Who looks at it can be written to, whatever was known before:
    when the bot was unblocked Telegram may have told nobody."""
    services = context.services
    async with services.database.read() as session:
        reader = await subscriptions.reader(session, services.vault, chat_id)
        chosen = await for_the_press.subscriptions(session, services.vault, chat_id)
    if reader and reader.blocked:
        async with services.database.write() as session:
            await subscriptions.come_back(session, services.vault, chat_id)
    return reader, chosen


async def stop(update: Update, context: Context) -> None:
    """At once, with everything that was under way to this reader."""
    message, services = message_of(update), context.services
    tr = translator(await language_of(context, message.chat_id, message.from_user))
    async with services.database.write() as session:
        await subscriptions.stop(session, services.vault, message.chat_id)
        await watches.stop_watching(session, services.vault, message.chat_id)
    text = tr.html("Stopped: I send no more updates. You can still ask. To begin again: /updates")
    await message.reply_html(text)


async def press(update: Update, context: Context, pressed: keyboards.Updates) -> None:
    query, services = update.callback_query, context.services
    if query is None or not isinstance(query.message, Message):
        return
    message = query.message
    language = await language_of(context, message.chat_id, query.from_user)
    async with services.database.write() as session:
        await subscriptions.become_reader(session, services.vault, message.chat_id, language)
        if (pressed.what, pressed.value) == ("follow", "none"):
            await subscriptions.stop(session, services.vault, message.chat_id)
        else:
            await subscriptions.choose(session, services.vault, message.chat_id, **_chosen(pressed))
    text, markup = await _screen(context, message.chat_id, translator(language))
    with unless_unchanged():
        await message.edit_text(text, parse_mode="HTML", reply_markup=markup)


def _chosen(pressed: keyboards.Updates) -> dict[str, str | int | None]:
    match pressed.what, pressed.value:
        case "follow", value:
            return {"follows": value}
        case "pace", value:
            return {"pace": value}
        case "hour", value:
            return {"digest_hour": int(value)}
        case _, "on":
            return {"quiet_from": NIGHT[0], "quiet_to": NIGHT[1]}
    return {"quiet_from": None, "quiet_to": None}


def _text(tr: Translator, reader: Reader | None, chosen: int) -> Markup:
    """`chosen`: how many things, for the press."""
    if reader is None or not (reader.follows or chosen):
        return tr.html(
            "<b>You get no updates from me.</b>\nChoose below what you want to be told of. Verified staff write "
            "the updates; if one was wrong, I correct it here and tell you."
        )
    lines = []
    if reader.follows:
        lines.append(tr.html("<b>You get: %(what)s.</b>", what=followed(tr, reader.follows)))
    if chosen:
        lines.append(
            tr.nhtml(
                "Chosen for the press: %(n)s thing. See /press",
                "Chosen for the press: %(n)s things. See /press",
                chosen,
            )
        )
    return Markup("\n").join([*lines, *rhythm(tr, reader)])


def rhythm(tr: Translator, reader: Reader) -> list[Markup]:
    """When they come, and when without sound."""
    lines = []
    at = {"hour": reader.digest_hour, "clock": clock(tr, reader)}
    match reader.pace:
        case Pace.DAILY:
            lines.append(tr.html("Once a day, at %(hour)s:00 (%(clock)s).", **at))
        case Pace.WEEKLY:
            lines.append(tr.html("On Mondays, at %(hour)s:00 (%(clock)s).", **at))
        case _:
            lines.append(tr.html("As soon as they are released. What is urgent comes at once in any case."))
    if reader.quiet_from is not None:
        lines.append(tr.html("At night they make no sound, unless they are urgent."))
    return lines


def clock(tr: Translator, reader: Reader) -> str:
    """By whose clock the reader's hours are."""
    if reader.zone == KYIV:
        return tr.gettext("Kyiv time")
    return tr.gettext("time zone: %(city)s", city=city(reader.zone, tr))


def followed(tr: Translator, what: str) -> str:
    names = {
        Follows.ALL: tr.gettext("all updates"),
        Follows.EXCHANGES: tr.gettext("exchanges only"),
        Follows.TALKS: tr.gettext("talks"),
        Follows.ADVISORIES: tr.gettext("advice"),
    }
    return names[Follows(what)] if what in names else tr.gettext("one exchange")


def _keyboard(
    tr: Translator, reader: Reader | None, exchanges: Iterable[Exchange], chosen: int
) -> InlineKeyboardMarkup:
    """What can be chosen; what is chosen has a mark, and is named in the text above as well.

    `chosen`: how many things, for the press.
    """

    def choice(label: str, what: str, value: str, now: object) -> InlineKeyboardButton:
        return InlineKeyboardButton(f"✓ {label}" if now == value else label, callback_data=f"u:{what}:{value}")

    follows = reader.follows if reader else None
    rows = [
        [
            choice(tr.gettext("All updates"), "follow", Follows.ALL, follows),
            choice(tr.gettext("Exchanges only"), "follow", Follows.EXCHANGES, follows),
        ],
        [
            choice(tr.gettext("Talks"), "follow", Follows.TALKS, follows),
            choice(tr.gettext("Advice"), "follow", Follows.ADVISORIES, follows),
        ],
    ]
    for exchange in exchanges:
        key = of_exchange(exchange.key)
        rows.append([choice(_only(tr, exchange), "follow", key, follows)])
    press = InlineKeyboardButton(tr.gettext("For the press"), callback_data=f"b:open::0:{tr.language}")
    rows.append([press])
    if reader and (follows or chosen):
        rows.append(
            [
                choice(tr.gettext("At once"), "pace", "at_once", reader.pace),
                choice(tr.gettext("Daily"), "pace", "daily", reader.pace),
                choice(tr.gettext("Weekly"), "pace", "weekly", reader.pace),
            ]
        )
        if reader.pace != "at_once":
            hours = sorted(keyboards.CHOICES["hour"], key=int)
            rows.append([choice(f"{hour}:00", "hour", hour, str(reader.digest_hour)) for hour in hours])
        quiet = reader.quiet_from is not None
        label = tr.gettext("With sound at night") if quiet else tr.gettext("Quiet at night")
        rows.append([InlineKeyboardButton(label, callback_data=f"u:quiet:{'off' if quiet else 'on'}")])
        rows.append([InlineKeyboardButton(tr.gettext("Stop updates"), callback_data="u:follow:none")])
    return InlineKeyboardMarkup(rows)


def _only(tr: Translator, exchange: Exchange) -> str:
    if not exchange.handovers:
        return tr.gettext("Only the exchange now spoken of")
    days = tr.days(exchange.first_day, exchange.last_day)
    return tr.gettext("Only the exchange of %(days)s", days=days)


async def came_back(update: Update, context: Context) -> None:
    """A reader who unblocks the bot, or a group that takes it in again, gets the present state once, and never a
    backlog."""
    changed, services = update.my_chat_member, context.services
    if changed is None:
        return
    async with services.database.write() as session:
        back = await subscriptions.come_back(session, services.vault, changed.chat.id)
        language = await subscriptions.chosen_language(session, services.vault, changed.chat.id)
    if not back:
        return
    code = language or guess_language(changed.from_user.language_code)
    reply = await services.answers.reply(Question(Topic.NEXT_EXCHANGE, code, None, 1.0), today_in_kyiv())
    tr = translator(code)
    text = tr.html("Welcome back. This is what is known now:")
    await context.bot.send_message(
        changed.chat.id,
        f"{text}\n\n{reply.pages[0]}",
        parse_mode="HTML",
        reply_markup=keyboards.below(tr, reply, 0),
    )
