"""Work alongside the updates: again and again, and never cut off in the middle of a transaction."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import structlog

from bot import telemetry

log = structlog.get_logger()
Result = TypeVar("Result")


async def periodically(seconds: float, work: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Until cancelled; one failure does not end it."""
    while True:
        try:
            await uninterrupted(work())
        except Exception as error:
            # The error's own words may repeat a value, so only its kind is logged.
            log.error("periodic work failed, trying again", work=work.__name__, error=type(error).__name__)
            telemetry.caught(error)
        await asyncio.sleep(seconds)


async def uninterrupted(work: Coroutine[Any, Any, Result]) -> Result:
    """Ends what has begun before a cancellation counts: a transaction cut off in SQLite may keep its lock."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
