"""Keeps to Telegram's rate limits: waits as long as it asks, and repeats what may be repeated."""

import asyncio
import os
from collections import deque
from collections.abc import Callable, Coroutine
from datetime import timedelta
from time import monotonic
from typing import Any

from telegram.error import BadRequest, NetworkError, RetryAfter
from telegram.ext import BaseRateLimiter

from bot import metrics

# Without it python-telegram-bot 22 gives plain seconds, and warns each time that it will not for long.
os.environ.setdefault("PTB_TIMEDELTA", "true")

MARGIN = 0.015
"""Seconds by which a message may travel faster than the one sent a second before it."""
LATE = 0.05
"""Seconds of our own delay that may be caught up."""
IDLE = 1.0
"""Seconds without a message after which connections may have to be opened anew: the first messages then arrive
late, and those that follow too soon after them."""
COLD = 1.1
"""How many times slower the pace then is, and for how many seconds."""
PAID_RATE = 1000
"""Messages a second of a paid broadcast: https://core.telegram.org/bots/api#paid-broadcasts"""
SLOWEST = 8.0
RECOVERY = 0.98
"""After a refusal every message goes a little faster than the one before."""
COUNTED = ("send", "edit", "copy", "forward")
"""The beginnings of the methods that count against the rate."""
LONGEST_WAIT = 120
"""Seconds: a reply that Telegram wants later than that is of no use to the person who asked."""
MOST_REPEATS = 5
"""After an unclear outcome (a broken connection, 5xx, no answer in time). A reply that comes twice is a lesser
evil than one that does not come."""


class Pace:
    """Evenly, and in any one second, wherever it begins, no more than permitted: a burst would be refused."""

    def __init__(self, rate: float) -> None:
        self._step = 1 / rate
        self._lately: deque[float] = deque(maxlen=max(1, int(rate)))
        self._next = self._cold_until = 0.0

    def wait(self, slowness: float) -> float:
        """Seconds until the next message may go."""
        now = monotonic()
        if now - self._next > IDLE:
            self._cold_until = now + COLD
        if now < self._cold_until:
            slowness *= COLD
        planned = max(self._next, now - LATE)
        self._next = planned + self._step * slowness
        is_full = len(self._lately) == self._lately.maxlen
        return max(planned, self._lately[0] + 1 + MARGIN if is_full else 0.0) - now

    def take(self) -> None:
        self._lately.append(monotonic())

    def went(self) -> None:
        """Moves the last one to now: what counts a second later is when it really went."""
        self._lately[-1] = monotonic()


class Budget:
    """One rate for the whole bot, in two lanes: a reply goes at once, and broadcasts take what is left.

    Replies are not held back: whoever asks waits for nobody, and where they alone are too many for Telegram, it
    says so and `Limiter` waits. Broadcasts stand back for them for a second at most.
    """

    def __init__(self, rate: float | None) -> None:
        """Messages a second that Telegram permits; None lifts the limit."""
        self.rate = rate
        self._free = Pace(rate) if rate else None
        self._paid = Pace(max(rate, PAID_RATE)) if rate else None
        self._turn = asyncio.Lock()
        self._paused_until = 0.0
        self._slowness = 1.0

    def reply(self) -> None:
        """Takes a place from the broadcasts."""
        if self._free:
            self._free.take()

    async def broadcast(self, *, paid: bool = False) -> None:
        """Waits until there is room for one more message; a paid one needs less."""
        async with self._turn:
            while self._paused_until > monotonic():  # noqa: ASYNC110 - another refusal may have come meanwhile
                await asyncio.sleep(self._paused_until - monotonic())
            self._slowness = max(1.0, self._slowness * RECOVERY)
            if pace := self._pace(paid=paid):
                wait = pace.wait(self._slowness)
                if wait > 0:
                    await asyncio.sleep(wait)
                pace.take()

    def went(self, *, paid: bool = False) -> None:
        """The message for which there was room is on its way."""
        if pace := self._pace(paid=paid):
            pace.went()

    def _pace(self, *, paid: bool) -> Pace | None:
        return self._paid if paid else self._free

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
                metrics.sending("reply")
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                metrics.refused("reply")
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
