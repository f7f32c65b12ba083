"""People who wait to be told of a change of the totals of 2024, and the change."""

import json
from collections.abc import Iterable
from dataclasses import replace

from bot.delivery import subscriptions, watches
from bot.desk import record
from bot.i18n import Language
from bot.understanding.question import unpacked
from handlers.context import Services

TOTALS = unpacked("p:exchange_totals:20240101-20241231::en")
COUNTED = "2024-01-03-returned_to_ukraine"


async def watch_totals(services: Services, chats: Iterable[int], language: Language = "en") -> None:
    question = replace(TOTALS, language=language)
    async with services.database.write() as session:
        for chat in chats:
            await subscriptions.become_reader(session, services.vault, chat, language)
            await watches.watch(session, services.vault, chat, question, wanted=True)


async def changed(services: Services, kind: str, key: str, **fields: object) -> None:
    """The record, in one row."""
    async with services.database.write() as session:
        row = await record.row(session, kind, key) | fields
        await record.load(session, [("test", 1, json.dumps(row))])


async def another_total(services: Services, value: int = 999) -> None:
    await changed(services, "figure", COUNTED, value=value)
