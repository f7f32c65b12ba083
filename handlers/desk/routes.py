"""Where the desk's buttons and the words of its members lead."""

from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Update

from bot.desk import staff
from bot.desk.refusals import CodeRefused, Refused
from handlers import buttons, questions
from handlers.context import Context, message_of
from handlers.desk import drafting, entry, keys, managing, recording, reviewing, showing, words
from handlers.desk.acting import answered, told_when_refused, tongue
from models.desk import StaffMember

Press = Callable[[Update, Context, list[str]], Awaitable[None]]
Heard = Callable[[Update, Context, dict[str, Any]], Awaitable[None]]

PRESSES: dict[str, Press] = {
    "new": drafting.new,
    "kind": drafting.kind,
    "text": drafting.text,
    "why": drafting.why,
    "exchange": drafting.exchange,
    "stage": drafting.stage,
    "day": drafting.day,
    "number": drafting.number,
    "speaker": drafting.speaker,
    "said": drafting.said,
    "source": drafting.source,
    "photo": drafting.photo,
    "urgency": drafting.urgency,
    "clearing": drafting.clearing,
    "discard": drafting.discard,
    "submit": drafting.submit,
    "open": showing.open_,
    "preview": showing.preview,
    "drafts": showing.drafts,
    "reviews": showing.reviews,
    "scheduled": showing.scheduled,
    "released": showing.released,
    "history": showing.history,
    "clear": reviewing.clear,
    "back": reviewing.back,
    "over": reviewing.over,
    "approve": reviewing.approve,
    "later": reviewing.later,
    "unschedule": reviewing.unschedule,
    "correct": reviewing.correct,
    "withdraw": reviewing.withdraw,
    "cards": recording.cards,
    "card": recording.card,
    "cardtext": recording.card_text,
    "checked": recording.card_checked,
    "newrows": recording.new_rows,
    "rows": recording.row_lines,
    "readers": recording.to_readers,
    "unanswered": managing.unanswered,
    "staff": managing.staff_list,
    "invite": managing.invite,
    "revoke": managing.revoke,
    "freeze": managing.freeze,
    "thaw": managing.thaw,
    "audit": managing.trail,
}
HEARD: dict[str, Heard] = {
    "enrol": entry.enrol,
    "text": words.text,
    "why": words.why,
    "source": words.source,
    "day": words.day,
    "said": words.said,
    "number": words.number,
    "photo": words.photo,
    "cardtext": recording.typed_card_text,
    "rows": recording.typed_rows,
    "remark": reviewing.remark,
    "time": reviewing.time,
    "code": reviewing.code,
    "alias": managing.alias,
}


@told_when_refused
async def press(update: Update, context: Context) -> None:
    """Of anybody but staff it is a button like any other that means nothing."""
    query = update.callback_query
    if query is None or not await _member(context, query.from_user.id):
        await buttons.press(update, context)
        return
    verb, about = keys.parse(query.data or "")
    await answered(query)
    if verb in PRESSES:
        await PRESSES[verb](update, context, about)


@told_when_refused
async def heard(update: Update, context: Context) -> None:
    """What the desk asked for; everything else is a question like anybody's."""
    message = message_of(update)
    found = await _member(context, message.chat_id)
    asked = found.asked if found else None
    if asked and update.message:
        await _hear(update, context, asked)
    elif message.text:
        await questions.text(update, context)
    else:
        await questions.not_text(update, context)


async def _hear(update: Update, context: Context, asked: dict[str, Any]) -> None:
    """After a refusal the question is over, unless another code may be tried."""
    try:
        await HEARD[asked["act"]](update, context, asked)
    except CodeRefused:
        raise
    except Refused:
        await _nothing_asked(update, context)
        raise


@told_when_refused
async def freeze(update: Update, context: Context) -> None:
    await managing.freeze(update, context, [])


@told_when_refused
async def cancel(update: Update, context: Context) -> None:
    message = message_of(update)
    tr = await tongue(update, context)
    await _nothing_asked(update, context)
    await message.reply_html(tr.html("Left as it was. /desk"), do_quote=False)


async def _nothing_asked(update: Update, context: Context) -> None:
    services = context.services
    async with staff.acting(services.database, services.vault, message_of(update).chat_id) as (_, member):
        member.asked = None


async def _member(context: Context, chat_id: int) -> StaffMember | None:
    services = context.services
    async with services.database.read() as session:
        return await staff.of_chat(session, services.vault, chat_id)
