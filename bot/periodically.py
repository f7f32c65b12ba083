"""Work that is done again and again, and that one failure must not end."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()


async def periodically(seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    """Until cancelled."""
    while True:
        try:
            await work()
        except Exception as error:
            # The error's own words may repeat a value, so only its kind is logged.
            log.error("periodic work failed, trying again", work=work.__name__, error=type(error).__name__)
        await asyncio.sleep(seconds)
