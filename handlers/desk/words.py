"""What a member of staff typed or sent after the desk had asked for it; what cannot be used stays in the chat."""

from telegram import Update

from bot.desk import posts, staff, typed
from bot.desk.facts import GivenFigure
from bot.desk.typed import Unreadable
from bot.i18n import today_in_kyiv
from handlers.context import Context
from handlers.desk import showing
from handlers.desk.acting import tongue, where
from handlers.desk.changing import Asked, add_figure, alter_facts, change, set_facts, set_speaker
from models.record import Qualifier, StageName, What


async def text(update: Update, context: Context, asked: Asked) -> None:
    await _set_words(update, context, asked, "texts", posts.LONGEST_TEXT)


async def why(update: Update, context: Context, asked: Asked) -> None:
    await _set_words(update, context, asked, "why", posts.LONGEST_CAPTION)


async def _set_words(update: Update, context: Context, asked: Asked, field: str, most: int) -> None:
    message, services = where(update), context.services
    tr = await tongue(update, context)
    words = (message.text or "").strip()
    async with staff.acting(services.database, services.vault, message.chat_id) as (session, member):
        draft = await posts.revision(session, asked["revision"])
        if draft.photo or await posts.had_photo(session, draft):
            most = min(most, posts.LONGEST_CAPTION)
        if too_long := len(words) > most:
            length = len(words)
        else:
            await posts.change(
                session, member, draft.id, **{field: getattr(draft, field) | {asked["language"]: words}}
            )
            member.asked = None
    if too_long:
        text = tr.html(
            "This has %(length)s characters, and %(most)s are allowed. Your message is still above: shorten it, "
            "and send it again.",
            length=tr.number(length),
            most=tr.number(most),
        )
        await message.reply_html(text)
        return
    await showing.draft(update, context, asked["revision"])


async def source(update: Update, context: Context, asked: Asked) -> None:
    message = where(update)
    tr = await tongue(update, context)
    try:
        given = typed.source(message.text or "", today_in_kyiv(), tr.language)
    except Unreadable:
        text = tr.html("I see no address in it. It begins with https:// – send it once more, or /cancel")
        await message.reply_html(text)
        return
    await alter_facts(update, context, asked["revision"], lambda facts: {"sources": (*facts.sources, given)})


async def day(update: Update, context: Context, asked: Asked) -> None:
    tr = await tongue(update, context)
    on = typed.day(where(update).text or "", today_in_kyiv(), tr.language)
    stage = StageName(asked["stage"])
    await set_facts(update, context, asked["revision"], stage=stage, day=on, day_withheld_by=None)


async def said(update: Update, context: Context, asked: Asked) -> None:
    tr = await tongue(update, context)
    on = typed.day(where(update).text or "", today_in_kyiv(), tr.language)
    await set_speaker(update, context, asked["revision"], asked["speaker"], on)


async def number(update: Update, context: Context, asked: Asked) -> None:
    value = typed.number(where(update).text or "")
    figure = GivenFigure(what=What(asked["what"]), qualifier=Qualifier(asked["qualifier"]), value=value)
    await add_figure(update, context, asked["revision"], figure)


async def photo(update: Update, context: Context, asked: Asked) -> None:
    message = where(update)
    if not message.photo:
        tr = await tongue(update, context)
        await message.reply_html(tr.html("This is no photograph. Send one as a picture, or /cancel"))
        return
    async with context.services.database.read() as session:
        texts = (await posts.revision(session, asked["revision"])).texts
    longest = max(map(len, texts.values()), default=0)
    if longest > posts.LONGEST_CAPTION:
        tr = await tongue(update, context)
        text = tr.html(
            "With a photograph a text may have %(most)s characters, and one has %(length)s. Shorten it first.",
            most=tr.number(posts.LONGEST_CAPTION),
            length=tr.number(longest),
        )
        await message.reply_html(text)
        return
    await change(update, context, asked["revision"], photo=message.photo[-1].file_id)
