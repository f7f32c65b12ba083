"""What is kept about a chat, told in words, and its deletion."""

from collections.abc import Mapping
from datetime import date

from markupsafe import Markup
from telegram import Update

from bot.delivery import press, subscriptions, watches
from bot.delivery.subscriptions import of_exchange
from bot.desk import facts, staff
from bot.i18n import LANGUAGE_NAMES, Translator, translator
from bot.understanding import Question
from handlers.context import Context, language_of, message_of
from handlers.desk.managing import role_name
from handlers.keyboards import titles
from handlers.press_page import Names
from handlers.subscriptions import clock, followed
from models.desk import StaffMember
from models.people import Pace, Reader


async def my_data(update: Update, context: Context) -> None:
    message, services = message_of(update), context.services
    tr = translator(await language_of(context, message.chat_id, message.from_user))
    lines: list[Markup] = []
    async with services.database.read() as session:
        members = await staff.memberships(session, services.vault, message.chat_id)
        reader = await subscriptions.reader(session, services.vault, message.chat_id)
        if reader:
            watched = await watches.watched(session, reader)
            copies = await subscriptions.copies(session, reader)
            exchanges, speakers = await facts.exchanges(session), await facts.speakers(session)
            chosen = await press.subscriptions(session, services.vault, message.chat_id)
            named = map((await Names.now(context, tr)).of, chosen) if chosen else ()
            lines += _choices(tr, reader, dict(exchanges))
            lines += [tr.html("• For the press: %(what)s", what=label) for label in named]
            lines += _watched(tr, watched, {key: name.spoken(tr.language)[0] for key, name in speakers})
            lines += [_copies(tr, copies), tr.html("To delete all of this: /forget")]
    lines += [_membership(tr, member) for member in members]
    if not lines:
        await message.reply_html(tr.html("<b>I keep nothing about this chat.</b>"))
        return
    first = tr.html(
        "<b>This is all that I keep about this chat.</b>\n• Its number, sealed, so that I can write to you"
    )
    await message.reply_html(Markup("\n").join([first, *lines]))


async def forget(update: Update, context: Context) -> None:
    """Also what is remembered while the program runs: the next question has nothing to lean on."""
    message, services = message_of(update), context.services
    tr = translator(await language_of(context, message.chat_id, message.from_user))
    async with services.database.write() as session:
        await subscriptions.forget(session, services.vault, message.chat_id)
        members = await staff.memberships(session, services.vault, message.chat_id)
    chat = services.vault.index(message.chat_id)
    services.questions.forget(chat)
    services.as_of.forget(chat)
    services.asked_language.forget(chat)
    if members:
        done = tr.html("Done. I keep nothing more about you as a reader.")
        text = Markup("\n\n").join([done, *(_membership(tr, member) for member in members)])
    else:
        text = tr.html("Done. I keep nothing about you any more.")
    await message.reply_html(text)


def _choices(tr: Translator, reader: Reader, exchanges: Mapping[str, date | None]) -> list[Markup]:
    what = followed(tr, reader.follows) if reader.follows else tr.gettext("none")
    days = {of_exchange(key): day for key, day in exchanges.items()}
    if day := days.get(reader.follows or ""):
        what = _detailed(tr, what, [tr.day(day)])
    pace = {
        Pace.AT_ONCE: tr.gettext("as soon as they are released"),
        Pace.DAILY: tr.gettext("once a day"),
        Pace.WEEKLY: tr.gettext("once a week, on Mondays"),
    }[Pace(reader.pace)]
    quiet = (
        tr.gettext("none")
        if reader.quiet_from is None
        else tr.gettext("%(first)s:00 to %(last)s:00", first=reader.quiet_from, last=reader.quiet_to)
    )
    return [
        tr.html("• Language: %(name)s", name=LANGUAGE_NAMES[tr.language]),
        tr.html("• Updates: %(what)s", what=what),
        tr.html("• How often: %(pace)s", pace=pace),
        tr.html("• Hour of updates once a day or a week: %(hour)s:00", hour=reader.digest_hour),
        tr.html("• Hours without sound: %(hours)s", hours=quiet),
        tr.html("• These hours are: %(clock)s", clock=clock(tr, reader)),
        tr.html("• I take it that you have blocked me: Telegram said so")
        if reader.blocked
        else tr.html("• I take it that you have not blocked me"),
    ]


def _watched(tr: Translator, questions: list[Question], speakers: Mapping[str, str]) -> list[Markup]:
    lines = []
    for asked in questions:
        details = [LANGUAGE_NAMES[asked.language]]
        if asked.period:
            details.append(tr.days(asked.period.first, asked.period.last))
        if asked.speaker:
            details.append(speakers.get(asked.speaker, asked.speaker))
        if asked.of_one_group:
            details.append(tr.gettext("one group of people"))
        answer = _detailed(tr, titles(tr)[asked.topic], details)
        lines.append(tr.html("• I shall tell you when this answer changes: %(answer)s", answer=answer))
    return lines


def _detailed(tr: Translator, what: str, details: list[str]) -> str:
    return tr.gettext("%(what)s (%(details)s)", what=what, details="; ".join(details))


def _copies(tr: Translator, n: int) -> Markup:
    return tr.nhtml(
        "• Of %(n)s update for you: whether it arrived, and the number of the message, so that I can correct it. "
        "I delete that 90 days after the last change of the update",
        "• Of %(n)s updates for you: whether each arrived, and the number of the message, so that I can correct "
        "it. I delete that 90 days after the last change of the update",
        n,
    )


def _membership(tr: Translator, member: StaffMember) -> Markup:
    """Of staff, present or past: the trail and the posts refer to them, so /forget leaves it."""
    who = {"alias": member.alias, "role": role_name(tr, member.role), "joined": tr.day(member.joined_on)}
    kept = tr.html(
        "Kept with it, sealed: the number of this chat and the key of your authenticator; also the language in "
        "which you were invited, what the desk has asked you, and in the trail what you do there."
    )
    if member.revoked_on is None:
        staff_now = tr.html(
            "<b>You are staff</b> since %(joined)s, as “%(alias)s”, %(role)s. /forget does not end that: only an "
            "administrator can.",
            **who,
        )
        return staff_now + " " + kept
    past = tr.html(
        "<b>You were staff</b> from %(joined)s to %(left)s, as “%(alias)s”, %(role)s. /forget does not delete "
        "that: posts and the trail refer to it.",
        **who,
        left=tr.day(member.revoked_on),
    )
    return past + " " + kept
