"""Posts on the screen of a member of staff: a draft, one under review, the lists, and exactly what readers see."""

from collections.abc import Collection

from telegram import Update
from telegram.error import TelegramError

from bot.answers.pages import in_messages
from bot.answers.post import post
from bot.delivery.bodies import BAR
from bot.desk import forecast, posts, review, staff
from bot.desk.forecast import Forecast
from bot.desk.harm import Harm
from bot.desk.staff import MAY, Act
from bot.i18n import LANGUAGE_NAMES, LANGUAGES, Translator, guess_language, translator
from handlers.context import Context, language_chosen
from handlers.desk import review_views, views
from handlers.desk.acting import tongue, where
from handlers.desk.keys import key, keyboard
from handlers.desk.views import Screen, Seen
from models.desk import PostRevision, State

SHOWN = 10
"""Posts in a list."""


async def draft(update: Update, context: Context, revision_id: int) -> None:
    await _open(update, context, revision_id)


async def open_(update: Update, context: Context, about: list[str]) -> None:
    await _open(update, context, int(about[0]))


async def _open(update: Update, context: Context, revision_id: int) -> None:
    """A draft to write on, anything else as it is reviewed or was released."""
    message, services = where(update), context.services
    tr = await tongue(update, context)
    async with services.database.read() as session:
        revision = await posts.revision(session, revision_id)
        seen = Seen(revision, await posts.released_before(session, revision), await staff.aliases(session))
        harms = await review.harms_in(session, revision) if revision.state is State.HELD else ()
        outlook = await forecast.forecast(session, services.budget.rate)
    lines, markup = _screen(tr, seen, harms, outlook)
    *before, last = in_messages(lines)
    for text in before:
        await message.reply_html(text, do_quote=False)
    await message.reply_html(last, reply_markup=markup, do_quote=False)


def _screen(tr: Translator, seen: Seen, harms: tuple[Harm, ...], outlook: Forecast) -> Screen:
    match seen.revision.state:
        case State.DRAFT:
            return views.draft(tr, seen)
        case State.HELD | State.SUBMITTED:
            return review_views.under_review(tr, seen, harms, outlook)
        case _:
            return review_views.done(tr, seen)


async def preview(update: Update, context: Context, about: list[str]) -> None:
    """One message for each language, exactly as its readers get it."""
    message, services = where(update), context.services
    tr = await tongue(update, context)
    async with services.database.read() as session:
        revision = await posts.revision(session, int(about[0]))
        had_photo = await posts.had_photo(session, revision)
    if not revision.to_readers:
        await message.reply_html(tr.html("A change of the record; readers get no message."), do_quote=False)
        return
    covered = had_photo and not revision.photo
    if covered:
        text = tr.html(
            "Instead of the photograph that was sent before, readers see a grey bar: in Telegram a photograph "
            "in a message can be replaced, but not removed."
        )
        await message.reply_html(text, do_quote=False)
    for language in LANGUAGES:
        text = post(revision, language, caption=had_photo)
        name = LANGUAGE_NAMES[language]
        await message.reply_html(tr.html("This is what its readers see, in this language: %(name)s", name=name))
        if picture := BAR if covered else revision.photo:
            await message.reply_photo(picture, caption=text, parse_mode="HTML", do_quote=False)
        else:
            await message.reply_html(text, do_quote=False)


async def drafts(update: Update, context: Context, about: list[str]) -> None:
    await _list(update, context, State.DRAFT)


async def reviews(update: Update, context: Context, about: list[str]) -> None:
    await _list(update, context, State.HELD, State.SUBMITTED)


async def scheduled(update: Update, context: Context, about: list[str]) -> None:
    await _list(update, context, State.SCHEDULED)


async def released(update: Update, context: Context, about: list[str]) -> None:
    async with context.services.database.read() as session:
        found = await posts.latest_released(session, SHOWN)
    await _listed(update, context, found)


async def history(update: Update, context: Context, about: list[str]) -> None:
    """All revisions of a post: what was released stays readable."""
    async with context.services.database.read() as session:
        found = await posts.history(session, int(about[0]))
    await _listed(update, context, found)


async def _list(update: Update, context: Context, *states: State) -> None:
    async with context.services.database.read() as session:
        found = await posts.waiting(session, *states)
    await _listed(update, context, found[:SHOWN])


async def _listed(update: Update, context: Context, found: list[PostRevision]) -> None:
    tr = await tongue(update, context)
    keys = [[key(views.title(tr, each), "open", each.id)] for each in found]
    text = tr.html("Choose a post:") if found else tr.html("There is none. /desk")
    await where(update).reply_html(text, reply_markup=keyboard(*keys) if keys else None, do_quote=False)


async def tell_reviewers(context: Context, revision_id: int) -> None:
    """Everybody who may review it."""
    async with context.services.database.read() as session:
        revision = await posts.revision(session, revision_id)
        hands = (revision.written_by, revision.changed_by)
        everybody = await staff.everybody(session)
    may = [each.id for each in everybody if Act.REVIEW in MAY[each.role] and each.id not in hands]
    await tell_members(context, may, revision_id)


async def tell_members(context: Context, members: Collection[int | None], revision_id: int) -> None:
    """Tells them, each in their own language, that a post waits; whoever has blocked the bot is skipped."""
    services = context.services
    async with services.database.read() as session:
        revision = await posts.revision(session, revision_id)
        told = [each for each in await staff.everybody(session) if each.enrolled and each.id in members]
        chats = [(services.vault.open(each.chat_sealed, each.chat_index), each.language) for each in told]
    for chat_id, language in chats:
        tr = translator(await language_chosen(context, chat_id) or guess_language(language))
        title = views.title(tr, revision)
        text = (
            tr.html("Sent back to you: %(title)s", title=title)
            if revision.state is State.DRAFT
            else tr.html("A post waits for review: %(title)s", title=title)
        )
        markup = keyboard([key(tr.gettext("Open"), "open", revision.id)])
        try:
            await context.bot.send_message(chat_id, text, parse_mode="HTML", reply_markup=markup)
        except TelegramError:
            continue
