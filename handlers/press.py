"""For journalists: citation cards, and what was corrected. What the buttons of this room do."""

from collections.abc import Coroutine
from datetime import date
from itertools import islice
from typing import Any

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update

from bot.answers.parts import Parts
from bot.i18n import Language, today_in_kyiv, translator
from bot.press import cards, citation
from bot.press.as_of import published_by
from bot.press.citation import Citation, NoCitation
from bot.understanding import Question
from bot.understanding.question import unpacked
from handlers import press_asof, press_charts, press_keys, press_page
from handlers.context import Context, language_of, message_of, unless_unchanged
from handlers.keyboards import OldButton, language_named
from handlers.pressed import answered, too_old

LINK = "c_"
"""What the payload of a link to a citation card begins with."""
PATTERN = r"^(@[0-9a-z]{3})?[ackjhnv]:"
ON_A_SCREEN = 8
"""Things to cite on one screen."""


async def press(update: Update, context: Context) -> None:
    query = update.callback_query
    if query is None:
        return
    if not isinstance(query.message, Message):
        await too_old(query, context)
        return
    try:
        act = _meant(query, query.message, context)
    except ValueError:
        await too_old(query, context)
        return
    try:
        await act
    except NoCitation:
        await too_old(query, context)
        return
    await answered(query)


def _meant(query: CallbackQuery, message: Message, context: Context) -> Coroutine[Any, Any, None]:
    """Raises `ValueError` for what no button of ours carries; what is done may raise `NoCitation`."""
    day, data = press_keys.undated(query.data or "")
    kind, *rest = data.split(":")
    match kind, rest:
        case "a", ["off", code]:
            return press_asof.off(query, message, context, language_named(code))
        case (("k" | "j"), [number, *packed]) if number.isdecimal():
            question = unpacked(":".join([press_keys.QUESTION[kind], *packed]))
            return _choose(message, context, question, int(number), day)
        case "c", [code, payload]:
            return show_card(message, context, payload, language_named(code))
        case "v", [number, code] if number.isdecimal():
            return _changes(message, context, language_named(code), int(number), in_place=True)
        case "h", [name, about, code]:
            return press_charts.show(message, context, press_charts.carried(name, about, code, day))
        case "n", [name, about, code]:
            return press_charts.tell(message, context, press_charts.carried(name, about, code, day))
    raise OldButton(data)


# Citing


async def _choose(message: Message, context: Context, question: Question, number: int, day: date | None) -> None:
    """Asks what to cite of an answer; if there is only one thing, shows it at once."""
    services, today = context.services, today_in_kyiv()
    tr = translator(question.language)
    reply = await services.answers.reply(question, today, day)
    record = await services.answers.record()
    if day:
        record = published_by(record, day)
    parts = Parts(tr)
    found = [(ref, label) for ref in reply.refs if (label := cards.label(record, ref, parts))]
    if not found:
        text = tr.html("There is nothing to cite in this answer any more. Please ask again.")
        await message.reply_html(text, do_quote=False)
        return
    payloads = [Citation(ref, 0, day or today).payload() for ref, _ in found]
    if len(found) == 1:
        await show_card(message, context, payloads[0], tr.language)
        return
    of, _, packed = question.packed().partition(":")
    screens = -(-len(found) // ON_A_SCREEN)
    number = min(number, screens - 1)
    first = number * ON_A_SCREEN
    rows = [
        [InlineKeyboardButton(label, callback_data=f"c:{tr.language}:{payload}")]
        for (_, label), payload in islice(zip(found, payloads, strict=True), first, first + ON_A_SCREEN)
    ]
    turning = [(number - 1, tr.gettext("‹ Back")), (number + 1, tr.gettext("Next ›"))]
    turned = [
        InlineKeyboardButton(label, callback_data=f"{press_keys.CHOOSE[of]}:{to}:{packed}")
        for to, label in turning
        if 0 <= to < screens
    ]
    markup = InlineKeyboardMarkup([*rows, *press_keys.dated([turned], day).inline_keyboard] if turned else rows)
    text = tr.html("What do you want to cite?")
    if message.text == text:
        with unless_unchanged():
            await message.edit_reply_markup(markup)
        return
    await message.reply_html(text, reply_markup=markup, do_quote=False)


async def opened(update: Update, context: Context, payload: str) -> None:
    """By a link: the card that somebody cited once."""
    message = message_of(update)
    language = await language_of(context, message.chat_id, message.from_user)
    try:
        await show_card(message, context, payload, language)
    except NoCitation:
        tr = translator(language)
        text = tr.html(
            "This link leads to nothing in our record: it may have lost a part on its way. Ask for the exchange "
            "or the statement in your own words, or see what was corrected: /changes"
        )
        await message.reply_html(text)


async def show_card(message: Message, context: Context, payload: str, language: Language) -> None:
    """Raises `NoCitation`."""
    services, today = context.services, today_in_kyiv()
    cited = citation.read(payload, today)
    record = await services.answers.record()
    async with services.database.read() as session:
        card = await citation.open_card(session, record, cited, today)
    *pages, last = cards.pages(card, context.bot.username, language)
    for page in pages:
        await message.reply_html(page, do_quote=False)
    await message.reply_html(last, do_quote=False, reply_markup=press_page.below(translator(language), card.now))


# Corrections


async def corrections(update: Update, context: Context) -> None:
    message = message_of(update)
    language = await language_of(context, message.chat_id, message.from_user)
    await _changes(message, context, language, 0, in_place=False)


async def _changes(message: Message, context: Context, language: Language, number: int, *, in_place: bool) -> None:
    tr = translator(language)
    pages = await context.services.corrections.pages(language)
    number = min(number, len(pages) - 1)
    turning = [(number - 1, tr.gettext("‹ Back")), (number + 1, tr.gettext("Next ›"))]
    row = [
        InlineKeyboardButton(label, callback_data=f"v:{to}:{language}")
        for to, label in turning
        if 0 <= to < len(pages)
    ]
    markup = InlineKeyboardMarkup([row]) if row else None
    if not in_place:
        await message.reply_html(pages[number], reply_markup=markup)
        return
    with unless_unchanged():
        await message.edit_text(pages[number], parse_mode="HTML", reply_markup=markup)
