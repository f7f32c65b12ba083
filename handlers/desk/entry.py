"""Becoming staff, and the desk's first screen."""

import io

import segno
from telegram import BotCommand, BotCommandScopeChat, InlineKeyboardMarkup, InputFile, Message, Update
from telegram.error import TelegramError

from bot.desk import posts, record, staff
from bot.desk.refusals import NotAllowed, Refused
from bot.desk.staff import MAY, Act
from bot.i18n import LANGUAGES, Translator, today_in_kyiv, translator
from handlers.context import Context, message_of
from handlers.desk.acting import answered, told_when_refused, tongue, where
from handlers.desk.keys import key, keyboard
from handlers.desk.refusals import refusal
from models.desk import StaffMember, State
from models.record import is_old

JOIN = "desk-"
"""How the payload of an invitation's link begins."""
QR_SCALE = 6
"""Pixels a module: a camera reads it from another screen."""


async def join(update: Update, context: Context, code: str) -> None:
    """An invitation's link was opened: shows the secret for the authenticator, once."""
    message, services = message_of(update), context.services
    tr = await tongue(update, context)
    try:
        async with services.database.write() as session:
            enrolment = await staff.accept(session, services.vault, code, message.chat_id, tr.language)
    except Refused as refused:
        await message.reply_html(refusal(tr, refused))
        return
    await services.staffroom.refresh(services.database)
    picture = io.BytesIO()
    segno.make(enrolment.address).save(picture, kind="png", scale=QR_SCALE)
    caption = tr.html(
        "You are invited as “%(alias)s”. Scan this with an authenticator app, or enter the key by hand: "
        "<code>%(secret)s</code>\n\nThen send the six figures that the app shows. This message is deleted as "
        "soon as you have.",
        alias=enrolment.alias,
        secret=enrolment.secret,
    )
    shown = await message.reply_photo(
        InputFile(picture.getvalue(), "key.png"), caption=caption, parse_mode="HTML", protect_content=True
    )
    try:
        async with staff.acting(services.database, services.vault, message.chat_id, enrolled=False) as (_, new):
            new.asked = {"act": "enrol", "shown": shown.message_id}
    except NotAllowed:
        # The first code came before the picture was shown.
        await forget_message(shown, shown.message_id)


async def enrol(update: Update, context: Context, asked: dict[str, int]) -> None:
    """The first code: the authenticator works, and the secret need not stand in the chat any longer."""
    message, services = message_of(update), context.services
    async with staff.acting(services.database, services.vault, message.chat_id, enrolled=False) as (session, new):
        await staff.enrol(session, services.vault, new, message.text or "")
    for shown in (asked.get("shown"), message.message_id):
        await forget_message(message, shown)
    await set_commands(context, message.chat_id)
    tr = await tongue(update, context)
    await message.reply_html(tr.html("You are staff now. Everything begins here: /desk"), do_quote=False)


async def forget_message(message: Message, number: int | None) -> None:
    """Deletes what should not stay in the chat; one that is gone already is not a failure."""
    if number is None:
        return
    try:
        await message.get_bot().delete_message(message.chat_id, number)
    except TelegramError:
        return


async def set_commands(context: Context, chat_id: int) -> None:
    """The desk's command stands in the menu of staff alone, before those that everybody has."""
    scope = BotCommandScopeChat(chat_id)
    for code, tr in [(None, translator("en")), *((code, translator(code)) for code in LANGUAGES)]:
        own = BotCommand("desk", tr.gettext("The desk: write, review, release"))
        common = await context.bot.get_my_commands(language_code=code)
        await context.bot.set_my_commands([own, *common], scope=scope, language_code=code)


@told_when_refused
async def desk(update: Update, context: Context) -> None:
    """The first screen: what waits, and what one may do."""
    message, services = where(update), context.services
    await answered(update.callback_query)
    tr = await tongue(update, context)
    async with staff.acting(services.database, services.vault, message.chat_id) as (session, member):
        member.asked = None
        counts = {state: len(await posts.waiting(session, state)) for state in posts.WAITING}
        frozen = await staff.frozen_by(session)
        alias = member.alias
        today = today_in_kyiv()
        old = [
            each.key for each in await record.cards(session) if is_old(each.verified_on, each.valid_days, today)
        ]
        keys = _keys(tr, member, counts, frozen)
    lines = [tr.html("<b>The desk</b>. You are “%(alias)s”.", alias=alias)]
    if frozen:
        lines.append(
            tr.html(
                "<b>Publishing and delivery are frozen</b>, by “%(alias)s”. Two people can thaw it.", alias=frozen
            )
        )
    if old:
        lines.append(tr.html("These cards are old, verify them: %(names)s.", names=", ".join(old)))
    await message.reply_html("\n".join(lines), reply_markup=keys, do_quote=False)


def _keys(
    tr: Translator, member: StaffMember, counts: dict[State, int], frozen: str | None
) -> InlineKeyboardMarkup:
    may = MAY[member.role]
    drafts = tr.gettext("Drafts: %(count)s", count=tr.number(counts[State.DRAFT]))
    reviews = tr.gettext("To review: %(count)s", count=tr.number(counts[State.SUBMITTED] + counts[State.HELD]))
    scheduled = tr.gettext("Scheduled: %(count)s", count=tr.number(counts[State.SCHEDULED]))
    ice = key(tr.gettext("Thaw"), "thaw") if frozen else key(tr.gettext("Freeze everything"), "freeze")
    return keyboard(
        [key(tr.gettext("New post"), "new"), key(drafts, "drafts")],
        [key(reviews, "reviews"), key(scheduled, "scheduled")],
        [key(tr.gettext("Released"), "released"), key(tr.gettext("Unanswered"), "unanswered")],
        [key(tr.gettext("Guidance cards"), "cards"), key(tr.gettext("Rows of the record"), "newrows")],
        [key(tr.gettext("Latest acts"), "audit")] if Act.SEE_AUDIT in may else [],
        [key(tr.gettext("Staff"), "staff")] if Act.MANAGE_STAFF in may else [],
        [ice] if not frozen or Act.THAW in may else [],
    )
