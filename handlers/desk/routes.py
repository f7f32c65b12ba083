"""Where the desk's buttons and the words of its members lead."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Update

from bot.desk import staff
from bot.desk.refusals import CodeRefused, Refused
from handlers import buttons, questions
from handlers.context import Context, message_of
from handlers.desk import drafting, entry, managing, recording, reviewing, showing, words
from handlers.desk.acting import answered, told_when_refused, tongue
from handlers.desk.keys import KEY, LANGUAGE, NOTHING, NUMBER, SEEN, one_of
from models.desk import Kind, Role, StaffMember
from models.record import Side, StageName

Press = Callable[[Update, Context, list[str]], Awaitable[None]]
Heard = Callable[[Update, Context, dict[str, Any]], Awaitable[None]]

STAGE, SIDE = one_of(StageName), one_of(Side)
WHAT, EXACTNESS = one_of(drafting.COUNTED), one_of(drafting.EXACTNESS)
CLEARED = one_of(["photo", *drafting.EMPTY])

PRESSES: dict[str, tuple[str, Press]] = {
    "new": (NOTHING, drafting.new),
    "kind": (one_of(Kind), drafting.kind),
    "text": (f"{NUMBER}:{LANGUAGE}", drafting.text),
    "why": (f"{NUMBER}(:{LANGUAGE})?", drafting.why),
    "exchange": (f"{NUMBER}(:({KEY})?)?", drafting.exchange),
    "stage": (f"{NUMBER}(:{STAGE})?", drafting.stage),
    "day": (f"{NUMBER}:{STAGE}(:{SIDE})?", drafting.day),
    "number": (f"{NUMBER}(:{WHAT}(:{EXACTNESS})?)?", drafting.number),
    "speaker": (f"{NUMBER}:{NUMBER}(:{NUMBER})?", drafting.speaker),
    "said": (f"{NUMBER}:{NUMBER}", drafting.said),
    "source": (NUMBER, drafting.source),
    "photo": (NUMBER, drafting.photo),
    "urgency": (NUMBER, drafting.urgency),
    "clearing": (f"{NUMBER}:{CLEARED}", drafting.clearing),
    "discard": (NUMBER, drafting.discard),
    "submit": (NUMBER, drafting.submit),
    "open": (NUMBER, showing.open_),
    "preview": (NUMBER, showing.preview),
    "drafts": (NOTHING, showing.drafts),
    "reviews": (NOTHING, showing.reviews),
    "scheduled": (NOTHING, showing.scheduled),
    "released": (NOTHING, showing.released),
    "history": (NUMBER, showing.history),
    "clear": (f"{NUMBER}:{SEEN}", reviewing.clear),
    "back": (NUMBER, reviewing.back),
    "over": (NUMBER, reviewing.over),
    "approve": (f"{NUMBER}:{SEEN}(:incomplete)?", reviewing.approve),
    "later": (f"{NUMBER}:{SEEN}", reviewing.later),
    "unschedule": (NUMBER, reviewing.unschedule),
    "correct": (NUMBER, reviewing.correct),
    "withdraw": (NUMBER, reviewing.withdraw),
    "cards": (NOTHING, recording.cards),
    "card": (KEY, recording.card),
    "cardtext": (f"{NUMBER}(:{LANGUAGE})?", recording.card_text),
    "checked": (NUMBER, recording.card_checked),
    "newrows": (NOTHING, recording.new_rows),
    "rows": (NUMBER, recording.row_lines),
    "readers": (NUMBER, recording.to_readers),
    "unanswered": (NOTHING, managing.unanswered),
    "staff": (NOTHING, managing.staff_list),
    "invite": (f"({one_of(Role)})?", managing.invite),
    "revoke": (NUMBER, managing.revoke),
    "freeze": (NOTHING, managing.freeze),
    "thaw": (NOTHING, managing.thaw),
    "audit": (NOTHING, managing.trail),
}
"""Verb -> the form of what else its buttons carry, and what a press of them does."""
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
    """From anybody but staff in their own chat the button means nothing, like one that we never made."""
    query, chat = update.callback_query, update.effective_chat
    pressed = parse(query.data or "") if query and chat and await _member(context, chat.id) else None
    if pressed is None:
        await buttons.press(update, context)
        return
    act, about = pressed
    await answered(query)
    await act(update, context, about)


def parse(data: str) -> tuple[Press, list[str]] | None:
    """What a button of the desk does, and what it is about; None for any other."""
    verb, _, about = data.removeprefix("d:").partition(":")
    if verb not in PRESSES:
        return None
    form, act = PRESSES[verb]
    return (act, about.split(":") if about else []) if re.fullmatch(form, about) else None


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
