"""Review in Telegram: looked at, sent back, taken over, approved with a code; corrected, withdrawn, stopped."""

from datetime import datetime

from telegram import Update

from bot.desk import posts, review, staff, typed
from bot.i18n import today_in_kyiv
from handlers.context import Context
from handlers.desk import progress, showing, views
from handlers.desk.acting import tongue, where
from handlers.desk.changing import Asked
from handlers.desk.drafting import ask
from handlers.desk.entry import forget_message
from models.desk import State


async def clear(update: Update, context: Context, about: list[str]) -> None:
    message, services = where(update), context.services
    tr = await tongue(update, context)
    async with staff.acting(services.database, services.vault, message.chat_id) as (session, member):
        cleared = await review.clear(session, member, int(about[0]), about[1])
    await message.reply_html(tr.html("It goes on to review. A third person must approve it."), do_quote=False)
    await showing.tell_reviewers(context, cleared.id)


async def back(update: Update, context: Context, about: list[str]) -> None:
    tr = await tongue(update, context)
    question = tr.html("What should be mended? Send it in a few words. To leave it: /cancel")
    await ask(update, context, question, {"act": "remark", "revision": int(about[0])})


async def remark(update: Update, context: Context, asked: Asked) -> None:
    message, services = where(update), context.services
    tr = await tongue(update, context)
    words = (message.text or "").strip()[: posts.LONGEST_REMARK]
    async with staff.acting(services.database, services.vault, message.chat_id) as (session, member):
        sent = await review.send_back(session, member, asked["revision"], words)
        member.asked = None
        people = [sent.written_by, sent.changed_by]
    await message.reply_html(tr.html("It is a draft again, with your remark."), do_quote=False)
    await showing.tell_members(context, people, sent.id)


async def over(update: Update, context: Context, about: list[str]) -> None:
    message, services = where(update), context.services
    async with staff.acting(services.database, services.vault, message.chat_id) as (session, member):
        await review.take_over(session, member, int(about[0]))
    await showing.draft(update, context, int(about[0]))


async def approve(update: Update, context: Context, about: list[str]) -> None:
    """What was seen is kept by its fingerprint until the code comes: nothing else can be released by it."""
    asked: Asked = {
        "act": "code",
        "revision": int(about[0]),
        "seen": about[1],
        "incomplete": "incomplete" in about,
    }
    await _ask_code(update, context, asked)


async def later(update: Update, context: Context, about: list[str]) -> None:
    tr = await tongue(update, context)
    question = tr.html("When? Send the day and the time in Kyiv, such as 22.11.2026 18:30. To leave it: /cancel")
    await ask(update, context, question, {"act": "time", "revision": int(about[0]), "seen": about[1]})


async def time(update: Update, context: Context, asked: Asked) -> None:
    tr = await tongue(update, context)
    at = typed.moment(where(update).text or "", today_in_kyiv(), tr.language)
    await _ask_code(update, context, {**asked, "act": "code", "at": at.isoformat(), "incomplete": False})


async def _ask_code(update: Update, context: Context, asked: Asked) -> None:
    tr = await tongue(update, context)
    await ask(update, context, tr.html("Send the code from your authenticator. To leave it: /cancel"), asked)


async def code(update: Update, context: Context, asked: Asked) -> None:
    message, services = where(update), context.services
    tr = await tongue(update, context)
    await forget_message(message, message.message_id)
    at = datetime.fromisoformat(asked["at"]) if "at" in asked else None
    async with staff.acting(services.database, services.vault, message.chat_id) as (session, member):
        approved = await review.approve(
            session,
            services.vault,
            member,
            asked["revision"],
            asked["seen"],
            message.text or "",
            at=at,
            incomplete=asked["incomplete"],
        )
        member.asked = None
        title = views.title(tr, approved)
        state, post_id = approved.state, approved.post_id
    if state is State.RELEASED:
        sent = await message.reply_html(tr.html("<b>Released: %(title)s</b>", title=title), do_quote=False)
        services.follow(progress.follow(sent, services.database, tr, post_id, title))
        return
    moment = tr.moment(at) if at else ""
    text = tr.html("Approved: %(title)s. It goes out: %(moment)s (Kyiv).", title=title, moment=moment)
    await message.reply_html(text, do_quote=False)


async def unschedule(update: Update, context: Context, about: list[str]) -> None:
    message, services = where(update), context.services
    async with staff.acting(services.database, services.vault, message.chat_id) as (session, member):
        await review.unschedule(session, member, int(about[0]))
    await showing.open_(update, context, about)


async def correct(update: Update, context: Context, about: list[str]) -> None:
    await _revise(update, context, int(about[0]), withdraws=False)


async def withdraw(update: Update, context: Context, about: list[str]) -> None:
    await _revise(update, context, int(about[0]), withdraws=True)


async def _revise(update: Update, context: Context, post_id: int, *, withdraws: bool) -> None:
    services = context.services
    async with staff.acting(services.database, services.vault, where(update).chat_id) as (session, member):
        begun = await posts.correct(session, member, post_id, withdraws=withdraws)
    await showing.draft(update, context, begun.id)
