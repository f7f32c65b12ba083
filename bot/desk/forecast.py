"""What a release would mean, told to the reviewer before it: how many readers, how long, at what price."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.limiter import PAID_RATE
from bot.delivery.subscriptions import followers
from bot.i18n import KYIV

STARS_PER_MESSAGE = 0.1
"""Of a paid broadcast, for each message: https://core.telegram.org/bots/api#paid-broadcasts"""
NIGHT = (time(22), time(7))
"""In Kyiv; readers then hear no sound unless the post is urgent."""


@dataclass(frozen=True, slots=True)
class Forecast:
    readers: Mapping[str, int]
    """Those who follow updates, by language."""
    seconds: int
    stars: int
    """What a paid broadcast would cost."""
    seconds_paid: int
    night: bool

    @property
    def everybody(self) -> int:
        return sum(self.readers.values())


async def forecast(session: AsyncSession, rate: float | None) -> Forecast:
    """`rate`: messages a second that this bot may send; None without a limit."""
    readers = await followers(session)
    everybody = sum(readers.values())
    hour = datetime.now(KYIV).time()
    return Forecast(
        readers=readers,
        seconds=math.ceil(everybody / rate) if rate else 0,
        stars=round(everybody * STARS_PER_MESSAGE),
        seconds_paid=math.ceil(everybody / PAID_RATE),
        night=hour >= NIGHT[0] or hour < NIGHT[1],
    )
