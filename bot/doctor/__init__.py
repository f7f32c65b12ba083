"""Looks at everything the bot stands on, changes nothing, and says what to mend."""

import asyncio

from bot.doctor import database, house, telegram
from bot.doctor.finding import Finding
from bot.settings import Settings


async def examine(settings: Settings) -> list[Finding]:
    """In the order in which things depend on each other."""
    asked, looked_into = await asyncio.gather(telegram.examine(settings), database.examine(settings))
    return [*asked, *looked_into, house.disk(settings), *house.catalogues()]
