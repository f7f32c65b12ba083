"""/search: a numbered list of what was found, and each entry in full at the press of its number."""

import re
import secrets
from dataclasses import replace

from markupsafe import Markup
from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.ext import filters

from bot.delivery.press import of_search
from bot.i18n import LANGUAGES, Language, Translator, guess_language, today_in_kyiv, translator
from bot.search import Sought, read
from bot.search.listing import explained, listing
from handlers import press_updates
from handlers.context import Context, language_chosen, language_of, message_of, unless_unchanged
from handlers.pressed import answered

PATTERN = "^s:"
"""s:list:<search>:<page>:<language> turns a list; s:show:<entry>:0:<language> shows an entry; s:turn its pages;
s:follow:<search>:0:<language> follows a search."""
DEEP_LINK = "search"
FROM_INLINE = filters.Regex(rf"^/start(?:@\w+)? {DEEP_LINK}$")
ON_A_PAGE = 10
IN_A_ROW = 5
_PRESSED = re.compile(rf"s:(list|show|turn|follow):([\w-]{{1,16}}):(\d{{1,5}}):({'|'.join(LANGUAGES)})")


async def search(update: Update, context: Context) -> None:
    message, services = message_of(update), context.services
    words = (message.text or "")[message.entities[0].length :]
    code = message.from_user.language_code if message.from_user else None
    otherwise = await language_chosen(context, message.chat_id) or guess_language(code)
    sought = read(words, today_in_kyiv(), otherwise)
    if not (sought.words or sought.period):
        await explain(update, context)
        return
    handle = secrets.token_urlsafe(6)
    text, below, by = await _page(context, handle, sought, 0)
    if by:
        services.searches.put(handle, by)
    chat = services.vault.index(message.chat_id)
    earlier = services.answered.get((chat, message.message_id))
    if message.edit_date and earlier is not None:
        with unless_unchanged():
            await message.get_bot().edit_message_text(
                text, message.chat_id, earlier, parse_mode="HTML", reply_markup=below
            )
        return
    sent = await message.reply_html(text, reply_markup=below)
    services.answered.put((chat, message.message_id), sent.message_id)


async def explain(update: Update, context: Context) -> None:
    message = message_of(update)
    tr = translator(await language_of(context, message.chat_id, message.from_user))
    await message.reply_html(explained(tr, context.bot.username))


async def press(update: Update, context: Context) -> None:
    query = update.callback_query
    if query is None:
        return
    pressed = _PRESSED.fullmatch(query.data or "")
    if pressed is None or not isinstance(query.message, Message):
        tr = translator(guess_language(query.from_user.language_code))
        await answered(query, _again(tr), alert=True)
        return
    what, name, number = pressed[1], pressed[2], int(pressed[3])
    language = next(code for code in LANGUAGES if code == pressed[4])
    if what == "follow":
        await _follow(query, query.message, context, name, language)
    elif what == "list":
        await _turn_list(query, query.message, context, name, number, language)
    else:
        await _show(query, query.message, context, name, number, language, in_place=what == "turn")


async def _turn_list(
    query: CallbackQuery, message: Message, context: Context, handle: str, number: int, language: Language
) -> None:
    sought = context.services.searches.get(handle)
    if sought is None:
        await answered(query, _again(translator(language)), alert=True)
        return
    await answered(query)
    text, below, _ = await _page(context, handle, sought, number)
    with unless_unchanged():
        await message.edit_text(text, parse_mode="HTML", reply_markup=below)


async def _follow(
    query: CallbackQuery, message: Message, context: Context, handle: str, language: Language
) -> None:
    sought = context.services.searches.get(handle)
    if sought is None:
        await answered(query, _again(translator(language)), alert=True)
        return
    stems = await context.services.search.stems(sought.words, today_in_kyiv())
    if stems:
        await press_updates.add(query, message, context, of_search(stems), language)
        return
    await answered(query)
    text = translator(language).html(
        "This search cannot be followed: it has no word that we have published. I keep no other words, so that "
        "nobody’s name comes to lie with me. Search for an official, a place or a number of people: "
        "/search Medinsky"
    )
    await message.reply_html(text, do_quote=False)


def _again(tr: Translator) -> str:
    return tr.gettext("What you searched for is not kept for long. Please search again: /search")


async def _page(
    context: Context, handle: str, sought: Sought, number: int
) -> tuple[Markup, InlineKeyboardMarkup | None, Sought | None]:
    """The text, the buttons, and what they go on with: only words that the record has, and no others.

    The last page, if the record has changed and there are now fewer.
    """
    search, today, tr = context.services.search, today_in_kyiv(), translator(sought.language)
    found = await search.find(sought, today, number * ON_A_PAGE, ON_A_PAGE)
    last = max(0, (found.total - 1) // ON_A_PAGE)
    if number > last:
        return await _page(context, handle, sought, last)
    text, numbered = listing(found, sought, await search.shown(today), number * ON_A_PAGE + 1, tr)
    keys = [
        InlineKeyboardButton(str(place), callback_data=f"s:show:{hit.ref}:0:{tr.language}")
        for place, hit in numbered
    ]
    rows = [keys[at : at + IN_A_ROW] for at in range(0, len(keys), IN_A_ROW)]
    rows.append(_pager(tr, "list", handle, number, last))
    if found.total:
        follow = tr.gettext("Follow this search")
        rows.append([InlineKeyboardButton(follow, callback_data=f"s:follow:{handle}:0:{tr.language}")])
    below = InlineKeyboardMarkup([row for row in rows if row]) if any(rows) else None
    return text, below, replace(sought, words=found.known) if found.total else None


async def _show(
    query: CallbackQuery,
    message: Message,
    context: Context,
    ref: str,
    number: int,
    language: Language,
    *,
    in_place: bool,
) -> None:
    """One page of an entry. It may be gone since the button was made, or have fewer pages."""
    search, today, tr = context.services.search, today_in_kyiv(), translator(language)
    hit = await search.one(ref, today)
    pages = (await search.shown(today)).card(hit, language) if hit else ()
    if not pages:
        text = tr.gettext("This is not in our record any more. Please search again: /search")
        await answered(query, text, alert=True)
        return
    await answered(query)
    number = min(number, len(pages) - 1)
    row = _pager(tr, "turn", ref, number, len(pages) - 1)
    below = InlineKeyboardMarkup([row]) if row else None
    if not in_place:
        await message.reply_html(pages[number], reply_markup=below, do_quote=False)
        return
    with unless_unchanged():
        await message.edit_text(pages[number], parse_mode="HTML", reply_markup=below)


def _pager(tr: Translator, what: str, name: str, number: int, last: int) -> list[InlineKeyboardButton]:
    """Back and forward; nothing for a single page."""

    def key(label: str, to: int) -> InlineKeyboardButton:
        return InlineKeyboardButton(label, callback_data=f"s:{what}:{name}:{to}:{tr.language}")

    row = []
    if number > 0:
        row.append(key(tr.gettext("‹ Back"), number - 1))
    if number < last:
        row.append(key(tr.gettext("Next ›"), number + 1))
    return row
