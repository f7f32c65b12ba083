"""Who is staff, the freeze, and the trail of what was done."""

from telegram import BotCommandScopeChat, Update
from telegram.error import TelegramError

from bot.answers.unanswered import latest
from bot.desk import audit, staff
from bot.desk.refusals import NotNow
from bot.desk.staff import Act, require
from bot.i18n import LANGUAGE_NAMES, LANGUAGES, Translator
from handlers.context import Context
from handlers.desk.acting import tongue, where
from handlers.desk.changing import Asked
from handlers.desk.drafting import ask
from handlers.desk.entry import JOIN
from handlers.desk.keys import key, keyboard
from models.desk import Role

SHOWN = 15
"""Entries of the trail on the screen."""
SHOWN_DAYS = 7
LONGEST_ALIAS = 40


def role_name(tr: Translator, role: Role) -> str:
    return {
        Role.WRITER: tr.gettext("writer"),
        Role.REVIEWER: tr.gettext("reviewer"),
        Role.ADMIN: tr.gettext("admin"),
    }[role]


async def staff_list(update: Update, context: Context, about: list[str]) -> None:
    message, services = where(update), context.services
    tr = await tongue(update, context)
    async with staff.acting(services.database, services.vault, message.chat_id) as (session, member):
        require(member, Act.MANAGE_STAFF)
        everybody = await staff.everybody(session)
    lines = [tr.html("<b>Staff</b>")]
    for each in everybody:
        name, role = each.alias, role_name(tr, each.role)
        line = (
            tr.html("%(name)s, %(role)s", name=name, role=role)
            if each.enrolled
            else tr.html("%(name)s, %(role)s, no authenticator yet", name=name, role=role)
        )
        lines.append(line)
    invite = [key(tr.gettext("Invite"), "invite")]
    gone = [[key(tr.gettext("End: %(name)s", name=each.alias), "revoke", each.id)] for each in everybody]
    await message.reply_html("\n".join(lines), reply_markup=keyboard(invite, *gone), do_quote=False)


async def invite(update: Update, context: Context, about: list[str]) -> None:
    tr = await tongue(update, context)
    if not about:
        roles = [key(role_name(tr, role), "invite", role) for role in Role]
        await where(update).reply_html(tr.html("In which role?"), reply_markup=keyboard(roles), do_quote=False)
        return
    question = tr.html(
        "How shall this person be called here? One word that need not be a name; it stands in the trail. "
        "To leave it: /cancel"
    )
    await ask(update, context, question, {"act": "alias", "role": about[0]})


async def alias(update: Update, context: Context, asked: Asked) -> None:
    message, services = where(update), context.services
    tr = await tongue(update, context)
    words = "-".join((message.text or "").split()).replace(":", "")
    # Two names that look alike would be one in the trail.
    name = "".join(filter(str.isprintable, words))[:LONGEST_ALIAS]
    async with staff.acting(services.database, services.vault, message.chat_id) as (session, member):
        require(member, Act.MANAGE_STAFF)
        invitation = await staff.invite(session, member.alias, Role(asked["role"]), name)
        member.asked = None
    text = tr.html(
        "Give this link to “%(name)s” alone, by a way you trust. It works once, for 48 hours:\n%(link)s",
        name=name,
        link=f"https://t.me/{context.bot.username}?start={JOIN}{invitation}",
    )
    await message.reply_html(text, do_quote=False)


async def revoke(update: Update, context: Context, about: list[str]) -> None:
    message, services = where(update), context.services
    tr = await tongue(update, context)
    async with staff.acting(services.database, services.vault, message.chat_id) as (session, member):
        require(member, Act.MANAGE_STAFF)
        alias = (await staff.aliases(session)).get(int(about[0]))
        gone = await staff.revoke(session, member.alias, alias) if alias else None
        if gone is None:
            raise NotNow
        name, chat_id = gone.alias, services.vault.open(gone.chat_sealed, gone.chat_index)
    await services.staffroom.refresh(services.database)
    await _take_commands(context, chat_id)
    await message.reply_html(tr.html("Ended: %(name)s. The drafts are kept.", name=name), do_quote=False)


async def _take_commands(context: Context, chat_id: int) -> None:
    try:
        for code in (None, *LANGUAGES):
            await context.bot.delete_my_commands(BotCommandScopeChat(chat_id), language_code=code)
    except TelegramError:
        # The menu may stay behind; what it leads to is refused.
        return


async def freeze(update: Update, context: Context, about: list[str]) -> None:
    message, services = where(update), context.services
    tr = await tongue(update, context)
    async with staff.acting(services.database, services.vault, message.chat_id) as (session, member):
        require(member, Act.FREEZE)
        await staff.freeze(session, member.alias)
    await message.reply_html(
        tr.html("Publishing and delivery are frozen. Two people can thaw it."), do_quote=False
    )


async def thaw(update: Update, context: Context, about: list[str]) -> None:
    message, services = where(update), context.services
    tr = await tongue(update, context)
    async with staff.acting(services.database, services.vault, message.chat_id) as (session, member):
        require(member, Act.THAW)
        done = await staff.thaw(session, member.alias)
    text = (
        tr.html("Publishing and delivery go on.")
        if done
        else tr.html("You have asked to thaw. A second person must agree: /desk")
    )
    await message.reply_html(text, do_quote=False)


async def unanswered(update: Update, context: Context, about: list[str]) -> None:
    """What the bot had no answer to, lately: counts only."""
    message, services = where(update), context.services
    tr = await tongue(update, context)
    async with services.database.read() as session:
        found = await latest(session, SHOWN_DAYS)
    lines = [tr.html("<b>Questions without an answer</b>, by day, topic and language. Nothing of them is kept.")]
    lines += [
        tr.html(
            "%(day)s: %(topic)s, %(language)s: %(count)s",
            day=tr.day(each.day),
            topic=each.topic,
            language=LANGUAGE_NAMES.get(each.language, each.language),  # type: ignore[call-overload]
            count=tr.number(each.count),
        )
        for each in found
    ]
    await message.reply_html("\n".join(lines), do_quote=False)


async def trail(update: Update, context: Context, about: list[str]) -> None:
    """The latest acts, newest first, and whether the whole chain holds."""
    message, services = where(update), context.services
    tr = await tongue(update, context)
    async with staff.acting(services.database, services.vault, message.chat_id) as (session, member):
        require(member, Act.SEE_AUDIT)
        count, broken = await audit.verify(session)
        entries = await audit.latest(session, SHOWN)
    if broken:
        first = tr.html("<b>The trail is broken at entry %(number)s.</b> Tell the operator.", number=broken)
    else:
        first = tr.nhtml("The trail holds: %(n)s entry.", "The trail holds: %(n)s entries.", count)
    lines = [
        tr.html(
            "%(moment)s: %(actor)s, %(act)s, %(subject)s",
            moment=tr.moment(each.at),
            actor=each.actor,
            act=each.act,
            subject=each.subject,
        )
        for each in entries
    ]
    await message.reply_html("\n".join([first, *lines]), do_quote=False)
