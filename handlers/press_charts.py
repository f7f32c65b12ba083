"""/chart: numbers as pictures, chosen by buttons or by a time; each has its numbers as text as well."""

from calendar import monthrange
from datetime import date

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.constants import ChatAction

from bot import understanding
from bot.answers.facts import Record
from bot.i18n import Translator, today_in_kyiv, translator
from bot.press import figures, worded
from bot.press.as_of import published_by
from bot.press.worded import Chart, Chosen, Name
from bot.understanding import Period
from handlers import press_asof, press_keys
from handlers.context import Context, language_of, message_of
from handlers.keyboards import language_named

OFFERED = 4
"""Exchanges whose stages are offered."""


async def command(update: Update, context: Context) -> None:
    message, services = message_of(update), context.services
    words = " ".join(context.args or ())
    own = await language_of(context, message.chat_id, message.from_user)
    as_of = press_asof.chosen_day(services, services.vault.index(message.chat_id))
    read = understanding.read(words, as_of or today_in_kyiv(), own)
    tr = translator(read.language if read.period else own)
    if read.period:
        name = Name.MONTHS if figures.by_month(_whole(read.period)) else Name.YEARS
        await show(message, context, Chosen(name, tr.language, _whole(read.period), as_of=as_of))
        return
    text = (
        tr.html("I could not read a month or a year in this. Choose a chart below, or write: /chart 2025")
        if words
        else tr.html("Which chart? A month or a year can be added: /chart 2025")
    )
    await message.reply_html(text, reply_markup=choices(tr, as_of))


async def show(message: Message, context: Context, chosen: Chosen) -> None:
    services, tr = context.services, translator(chosen.language)
    record = await services.answers.record()
    made = worded.chart(record, chosen, today_in_kyiv())
    if made is None:
        await message.reply_html(_nothing(tr, chosen), reply_markup=choices(tr, chosen.as_of), do_quote=False)
        return
    await message.get_bot().send_chat_action(message.chat_id, ChatAction.UPLOAD_PHOTO)
    png = await services.charts.png(made.picture)
    rows = _below(tr, chosen, made, record)
    await message.reply_photo(
        png,
        caption=made.caption,
        parse_mode="HTML",
        filename=f"obmin-{chosen.name}.png",
        reply_markup=press_keys.dated(rows, chosen.as_of),
        do_quote=False,
    )


async def tell(message: Message, context: Context, chosen: Chosen) -> None:
    made = worded.chart(await context.services.answers.record(), chosen, today_in_kyiv())
    tr = translator(chosen.language)
    if made is None:
        await message.reply_html(_nothing(tr, chosen), reply_markup=choices(tr, chosen.as_of), do_quote=False)
        return
    for page in made.numbers or (made.caption,):
        await message.reply_html(page, do_quote=False)


def choices(tr: Translator, as_of: date | None) -> InlineKeyboardMarkup:
    return press_keys.dated(_choices(tr), as_of)


def _choices(tr: Translator, but: Name | None = None) -> list[list[InlineKeyboardButton]]:
    labels = {
        Name.YEARS: tr.gettext("By year"),
        Name.MONTHS: tr.gettext("By month"),
        Name.SIDES: tr.gettext("By side"),
        Name.LINE: tr.gettext("Time line"),
        Name.STAGES: tr.gettext("Stages"),
        Name.OFFICIAL: tr.gettext("Official total"),
    }
    keys = [press_keys.chart(label, name, "", tr.language) for name, label in labels.items() if name is not but]
    return [keys[at : at + 2] for at in range(0, len(keys), 2)]


def _below(tr: Translator, chosen: Chosen, made: Chart, record: Record) -> list[list[InlineKeyboardButton]]:
    """The numbers as text, the same of other times or exchanges, and the other charts."""
    past = published_by(record, chosen.as_of) if chosen.as_of else record
    rows = []
    if made.numbers:
        about = chosen.exchange or press_keys.months(chosen.period)
        label, data = tr.gettext("The numbers in words"), f"n:{chosen.name}:{about}:{tr.language}"
        rows.append([InlineKeyboardButton(label, callback_data=data)])
    if chosen.name is Name.STAGES:
        for exchange in figures.with_stages(past)[:OFFERED]:
            label = (
                tr.days(exchange.first_day, exchange.last_day)
                if exchange.handovers
                else tr.gettext("The exchange spoken of")
            )
            rows.append([press_keys.chart(label, Name.STAGES, exchange.key, tr.language)])
    if chosen.name is Name.MONTHS and chosen.period:
        year, years = chosen.period.first.year, figures.years(past.as_of(chosen.as_of or today_in_kyiv()))
        beside = [str(each) for each in (year - 1, year + 1) if each in years]
        if beside:
            rows.append(
                [press_keys.chart(each, Name.MONTHS, f"{each}01-{each}12", tr.language) for each in beside]
            )
    return [*rows, *_choices(tr, but=chosen.name)]


def carried(name: str, about: str, code: str, as_of: date | None) -> Chosen:
    """What a button carries. Raises `ValueError` for what no button of ours does."""
    chart, language = Name(name), language_named(code)
    if chart is Name.STAGES:
        return Chosen(chart, language, exchange=about or None, as_of=as_of)
    if about:
        first, last = (date.fromisoformat(f"{month}01") for month in about.split("-"))
        return Chosen(chart, language, _whole(Period(first, last)), as_of=as_of)
    if chart is Name.MONTHS:
        year = (as_of or today_in_kyiv()).year
        return Chosen(chart, language, Period(date(year, 1, 1), date(year, 12, 31)), as_of=as_of)
    return Chosen(chart, language, as_of=as_of)


def _whole(period: Period) -> Period:
    """Whole months: a chart has nothing smaller."""
    days = monthrange(period.last.year, period.last.month)[1]
    return Period(period.first.replace(day=1), period.last.replace(day=days))


def _nothing(tr: Translator, chosen: Chosen) -> str:
    if chosen.period:
        days = tr.days(chosen.period.first, chosen.period.last)
        if chosen.period.first > today_in_kyiv():
            return tr.html("%(days)s is still to come: there is nothing to draw. Choose another chart:", days=days)
        return tr.html("No exchange in our record, nothing to draw: %(days)s. Choose another chart:", days=days)
    return tr.html("Our record holds nothing to draw for this chart. Choose another one:")
