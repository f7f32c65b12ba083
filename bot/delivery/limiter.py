"""Between the bot and Telegram's refusals: waits as long as Telegram asks, and tries again what may be tried."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import structlog
from telegram.error import BadRequest, NetworkError, RetryAfter
from telegram.ext import BaseRateLimiter

from bot.delivery.transport import NotSent

# Without it python-telegram-bot 22 gives plain seconds, and warns each time that it will not for long.
os.environ.setdefault("PTB_TIMEDELTA", "true")

LONGEST_WAIT = 120
"""Seconds: a reply that Telegram wants later than that is of no use to the person who asked."""
CONNECTION_TRIES = 6
REPEATABLE = ("edit", "answer", "get", "set", "delete")
"""Prefixes of the methods that may take effect twice without anybody seeing it."""

log = structlog.get_logger()


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
        """Sends again after 429 and failed connections, and at most once where the outcome is unclear."""
        waited = 0.0
        tries = repeats = 0
        while True:
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                pause = _seconds(error.retry_after)
                if waited + pause > LONGEST_WAIT:
                    raise
            except NotSent:
                tries += 1
                if tries == CONNECTION_TRIES:
                    raise
                pause = 0.2 * 2**tries
            except BadRequest:
                # A refusal, though python-telegram-bot counts it among the network's errors.
                raise
            except NetworkError:
                repeats += 1
                if repeats > (3 if endpoint.startswith(REPEATABLE) else 1):
                    raise
                pause = 0.2
            log.info("telegram asked to wait", endpoint=endpoint, seconds=pause)
            waited += pause
            await asyncio.sleep(pause)


def _seconds(retry_after: int | timedelta) -> float:
    return retry_after.total_seconds() if isinstance(retry_after, timedelta) else retry_after
