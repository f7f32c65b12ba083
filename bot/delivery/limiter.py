"""Between the bot and Telegram's refusals: waits as long as Telegram asks, and tries again what may be tried."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from telegram.error import BadRequest, NetworkError, RetryAfter
from telegram.ext import BaseRateLimiter

# Without it python-telegram-bot 22 gives plain seconds, and warns each time that it will not for long.
os.environ.setdefault("PTB_TIMEDELTA", "true")

LONGEST_WAIT = 120
"""Seconds: a reply that Telegram wants later than that is of no use to the person who asked."""
MOST_REPEATS = 5
"""After an unclear outcome (a broken connection, 5xx, no answer in time). A reply that comes twice is a small
evil beside one that does not come."""


class Limiter(BaseRateLimiter[int]):
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
