"""How a broadcast goes, in one message that is kept up to date until the last copy."""

import asyncio

import structlog
from markupsafe import Markup
from telegram import Message
from telegram.error import BadRequest, Forbidden

from bot.database import Database
from bot.delivery import standing
from bot.delivery.decisions import Decision, of_400
from bot.i18n import Translator
from bot.logs import kind_and_place
from models.delivery import Outcome

log = structlog.get_logger()

RENEWED_EVERY = 3
"""Seconds: Telegram takes about one edit a second in a chat."""


async def follow(message: Message, database: Database, tr: Translator, post_id: int, title: str) -> None:
    shown = None
    while True:
        try:
            text, done = await told(database, tr, post_id, title)
            if text != shown:
                await message.edit_text(text, parse_mode="HTML")
                shown = text
            if done:
                return
        except (BadRequest, Forbidden) as error:
            if of_400(error.message) is not Decision.UNCHANGED:
                # Deleted: what matters goes on without this message.
                return
            shown = text
        except Exception as error:
            log.warning("how a broadcast goes could not be shown, trying again", **kind_and_place(error))
        await asyncio.sleep(RENEWED_EVERY)


async def told(database: Database, tr: Translator, post_id: int, title: str) -> tuple[Markup, bool]:
    """The message, and whether it is the last."""
    async with database.read() as session:
        counts = await standing.counts(session, post_id)
        left = await standing.left(session, post_id)
        making = await standing.is_being_made(session, post_id)
    lines = [tr.html("<b>Released: %(title)s</b>", title=title)]
    lines.append(tr.nhtml("%(n)s copy", "%(n)s copies", sum(counts.values())))
    lines += [
        tr.html("%(outcome)s: %(count)s", outcome=outcome_name(tr, outcome), count=tr.number(count))
        for outcome, count in counts.items()
        if count
    ]
    if left:
        lines.append(tr.html("Left to send or to correct: %(count)s", count=tr.number(left)))
    done = not making and not left
    if done:
        lines.append(tr.html("Done."))
    return Markup("\n").join(lines), done


def outcome_name(tr: Translator, outcome: Outcome) -> str:
    return {
        Outcome.PENDING: tr.gettext("not sent yet"),
        Outcome.SENT: tr.gettext("sent"),
        Outcome.BLOCKED: tr.gettext("blocked the bot"),
        Outcome.FAILED: tr.gettext("refused by Telegram"),
        Outcome.UNCERTAIN: tr.gettext("unclear whether it arrived"),
    }[outcome]
