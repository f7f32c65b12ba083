"""Changes of a draft, each in one transaction, after which the draft is shown as it now is."""

from collections.abc import Callable
from datetime import date
from typing import Any

from telegram import Update

from bot.desk import facts, posts, staff
from bot.desk.facts import Facts, GivenFigure
from handlers.context import Context
from handlers.desk import showing
from handlers.desk.acting import where

Asked = dict[str, Any]
"""What a member's next message is for, as `StaffMember.asked` keeps it."""


async def change(update: Update, context: Context, revision: int, **parts: Any) -> None:  # noqa: ANN401
    services = context.services
    async with staff.acting(services.database, services.vault, where(update).chat_id) as (session, member):
        await posts.change(session, member, revision, **parts)
        member.asked = None
    await showing.draft(update, context, revision)


async def alter_facts(
    update: Update, context: Context, revision: int, altered: Callable[[Facts], dict[str, Any]]
) -> None:
    """`altered` gets the facts as they are, and returns the fields to change."""
    services = context.services
    async with staff.acting(services.database, services.vault, where(update).chat_id) as (session, member):
        given = Facts.model_validate((await posts.revision(session, revision)).facts)
        await posts.change(
            session, member, revision, facts=Facts.model_validate(given.model_dump() | altered(given))
        )
        member.asked = None
    await showing.draft(update, context, revision)


async def set_facts(update: Update, context: Context, revision: int, **parts: Any) -> None:  # noqa: ANN401
    await alter_facts(update, context, revision, lambda _: parts)


async def add_figure(update: Update, context: Context, revision: int, figure: GivenFigure) -> None:
    """In the place of an earlier one of the same people."""

    def altered(given: Facts) -> dict[str, Any]:
        return {"figures": (*(each for each in given.figures if each.what is not figure.what), figure)}

    await alter_facts(update, context, revision, altered)


async def set_speaker(update: Update, context: Context, revision: int, speaker: str, on: date) -> None:
    async with context.services.database.read() as session:
        side = await facts.side_of(session, speaker)
    await set_facts(update, context, revision, speaker=speaker, side=side, said_on=on)
