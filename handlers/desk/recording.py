"""The record by hand: a card of guidance, or rows as a record file has them, on the same way to release."""

import json
from typing import Any

from markupsafe import Markup
from telegram import Update

from bot.desk import posts, record, staff
from bot.desk.facts import Facts
from bot.desk.record import RecordRefused
from bot.desk.refusals import NotNow
from bot.i18n import LANGUAGE_NAMES, LANGUAGES, today_in_kyiv
from handlers.context import Context
from handlers.desk import showing
from handlers.desk.acting import tongue, where
from handlers.desk.changing import Asked, alter_facts
from handlers.desk.drafting import ask
from handlers.desk.keys import key, keyboard
from models.desk import Kind

CARD = "card"
LONGEST_ROW = 3900
"""Characters, so that there is room for what is said about it."""


async def cards(update: Update, context: Context, about: list[str]) -> None:
    """Which card to change; the old ones first, since they need it."""
    tr = await tongue(update, context)
    async with context.services.database.read() as session:
        found = await record.cards(session)
    keys = []
    for card in sorted(found, key=lambda card: card.verified_on):
        label = tr.gettext("%(name)s, checked on %(day)s", name=card.key, day=tr.day(card.verified_on))
        keys.append([key(label, "card", card.key)])
    await where(update).reply_html(tr.html("Which card?"), reply_markup=keyboard(*keys), do_quote=False)


async def card(update: Update, context: Context, about: list[str]) -> None:
    """A draft with the card as it is now."""
    services = context.services
    async with staff.acting(services.database, services.vault, where(update).chat_id) as (session, member):
        row = await record.row(session, CARD, about[0])
        draft = await posts.draft(session, member, Kind.ADVISORY, to_readers=False)
        await posts.change(session, member, draft.id, facts=Facts(rows=(row,)))
    await showing.draft(update, context, draft.id)


def _card_in(facts: Facts) -> dict[str, Any]:
    """The card that a draft changes, if that is what it does."""
    if [row["kind"] for row in facts.rows] != [CARD]:
        raise NotNow
    return facts.rows[0]


async def card_text(update: Update, context: Context, about: list[str]) -> None:
    tr = await tongue(update, context)
    if len(about) == 1:
        languages = [key(LANGUAGE_NAMES[code], "cardtext", about[0], code) for code in LANGUAGES]
        await where(update).reply_html(
            tr.html("In which language?"), reply_markup=keyboard(languages), do_quote=False
        )
        return
    async with context.services.database.read() as session:
        given = Facts.model_validate((await posts.revision(session, int(about[0]))).facts)
    now = Markup("<pre>{}</pre>").format(_card_in(given)["text"].get(about[1], ""))
    question = tr.html("This is the text now. Send the new one. To leave it: /cancel\n\n%(text)s", text=now)
    await ask(update, context, question, {"act": "cardtext", "revision": int(about[0]), "language": about[1]})


async def typed_card_text(update: Update, context: Context, asked: Asked) -> None:
    text = where(update).text or ""
    await alter_facts(
        update,
        context,
        asked["revision"],
        lambda facts: {"rows": ({**(row := _card_in(facts)), "text": {**row["text"], asked["language"]: text}},)},
    )


async def card_checked(update: Update, context: Context, about: list[str]) -> None:
    """Somebody has read the sources again, and the facts still hold."""
    today = today_in_kyiv().isoformat()
    await alter_facts(
        update, context, int(about[0]), lambda facts: {"rows": ({**_card_in(facts), "verified_on": today},)}
    )


async def new_rows(update: Update, context: Context, about: list[str]) -> None:
    message, services = where(update), context.services
    async with staff.acting(services.database, services.vault, message.chat_id) as (session, member):
        draft = await posts.draft(session, member, Kind.ADVISORY, to_readers=False)
    await row_lines(update, context, [str(draft.id)])


async def row_lines(update: Update, context: Context, about: list[str]) -> None:
    tr = await tongue(update, context)
    question = tr.html(
        "Send the rows as a record file has them, one JSON object a line. To see a row as it is now, send its "
        "kind and key, for example: <code>exchange 2025-05-23</code>\n\nTo leave it: /cancel"
    )
    await ask(update, context, question, {"act": "rows", "revision": int(about[0])})


async def typed_rows(update: Update, context: Context, asked: Asked) -> None:
    message = where(update)
    tr = await tongue(update, context)
    text = (message.text or "").strip()
    kind, _, name = text.partition(" ")
    if not text.startswith("{"):
        async with context.services.database.read() as session:
            found = json.dumps(await record.row(session, kind, name.strip()), ensure_ascii=False)
        if len(found) > LONGEST_ROW:
            raise RecordRefused("This row does not fit into a message; change it by `obmin record import`.")
        shown = Markup("<pre>{}</pre>").format(found)
        await message.reply_html(
            tr.html("Change it and send it back, or send another kind and key.\n%(row)s", row=shown)
        )
        return
    lines = list(record.lines_of("the message", text.encode()))
    record.check(lines)
    given = tuple(json.loads(line) for _, _, line in lines)
    await alter_facts(update, context, asked["revision"], lambda facts: {"rows": (*facts.rows, *given)})


async def to_readers(update: Update, context: Context, about: list[str]) -> None:
    """Whether readers get a message, or only the record changes."""
    services = context.services
    async with staff.acting(services.database, services.vault, where(update).chat_id) as (session, member):
        now = (await posts.revision(session, int(about[0]))).to_readers
        await posts.change(session, member, int(about[0]), to_readers=not now)
    await showing.draft(update, context, int(about[0]))
