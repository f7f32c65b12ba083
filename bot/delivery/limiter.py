"""Between the bot and Telegram's refusals: waits as long as Telegram asks, and tries again what may be tried."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from datetime import timedelta
from time import monotonic
from typing import Any

from telegram.error import BadRequest, NetworkError, RetryAfter
from telegram.ext import BaseRateLimiter

# Without it python-telegram-bot 22 gives plain seconds, and warns each time that it will not for long.
os.environ.setdefault("PTB_TIMEDELTA", "true")

USED = 0.988
"""Of the rate. With no message more than `LATE` seconds late, no second then holds more than the rate."""
LATE = 0.01
PAID_RATE = 1000
"""Messages a second of a paid broadcast: https://core.telegram.org/bots/api#paid-broadcasts"""
LONGEST_YIELD = 1.0
"""Seconds that broadcasts stand back for replies at most."""
SLOWEST = 8.0
RECOVERY = 0.98
"""After a refusal every message goes a little faster than the one before."""
COUNTED = ("send", "edit", "copy", "forward")
"""How the methods begin that count against the rate."""
LONGEST_WAIT = 120
"""Seconds: a reply that Telegram wants later than that is of no use to the person who asked."""
MOST_REPEATS = 5
"""After an unclear outcome (a broken connection, 5xx, no answer in time). A reply that comes twice is a small
evil beside one that does not come."""


class Budget:
    """One rate for the whole bot, in two lanes: a reply goes at once, and broadcasts take what is left.

    Broadcasts are paced evenly, because Telegram counts each second: a burst would be refused, and so would what
    follows it. Replies are not held back: whoever asks waits for nobody, and where they alone are too many for
    Telegram, it says so and `Limiter` waits.
    """

    def __init__(self, rate: float | None) -> None:
        """Messages a second that Telegram permits; None lifts the limit."""
        self.rate = rate
        self._step = 1 / (USED * rate) if rate else 0.0
        self._paid_step = min(self._step, 1 / (USED * PAID_RATE))
        self._next = 0.0
        self._paused_until = 0.0
        self._slowness = 1.0

    def reply(self) -> None:
        """Takes a place of the broadcasts."""
        now = monotonic()
        self._next = min(max(self._next, now - LATE) + self._step, now + LONGEST_YIELD)

    async def broadcast(self, *, paid: bool = False) -> None:
        """Until there is room for one more message; a paid one needs less."""
        while self._paused_until > monotonic():  # noqa: ASYNC110 - another refusal may have come meanwhile
            await asyncio.sleep(self._paused_until - monotonic())
        self._slowness = max(1.0, self._slowness * RECOVERY)
        now = monotonic()
        wait = max(self._next, now - LATE) - now
        self._next = now + wait + (self._paid_step if paid else self._step) * self._slowness
        if wait > 0:
            await asyncio.sleep(wait)

    def refused(self, retry_after: float) -> None:
        """Telegram wants no broadcast for so many seconds; after that the lane begins slowly."""
        self._paused_until = max(self._paused_until, monotonic() + retry_after)
        self._slowness = min(SLOWEST, 2 * self._slowness)


class Limiter(BaseRateLimiter[int]):
    """For everything but broadcasts."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,  # noqa: ANN401 - as in the base class
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:  # noqa: ANN401
        """Sends again after 429, failed connections and unclear outcomes; not after a refusal."""
        waited = 0.0
        repeats = 0
        while True:
            if endpoint.startswith(COUNTED):
                self._budget.reply()
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                pause = seconds(error.retry_after)
                if waited + pause > LONGEST_WAIT:
                    raise
            except BadRequest:
                # A refusal, though python-telegram-bot counts it among the network's errors.
                raise
            except NetworkError:
                repeats += 1
                if repeats > MOST_REPEATS:
                    raise
                pause = 0.1 * 2**repeats
            waited += pause
            await asyncio.sleep(pause)


def seconds(retry_after: int | timedelta) -> float:
    return retry_after.total_seconds() if isinstance(retry_after, timedelta) else retry_after
