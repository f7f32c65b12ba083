"""Work alongside the updates: again and again, and never cut off in the middle of a transaction."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import structlog

from bot import telemetry
from bot.logs import kind_and_place

log = structlog.get_logger()
Result = TypeVar("Result")


def begun(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Runs alongside everything else. A failure is logged when it happens, not only when somebody awaits it."""
    task = asyncio.create_task(work)
    task.add_done_callback(_tell_of_failure)
    return task


def _tell_of_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("background work has failed", **kind_and_place(error))
        telemetry.caught(error)


async def periodically(
    seconds: float, work: Callable[[], Coroutine[Any, Any, object]], *, may_be_cut_off: bool = False
) -> None:
    """Until cancelled; one failure does not end it.

    What waits for the network `may_be_cut_off`; it looks after its own transactions by `uninterrupted`.
    """
    while True:
        try:
            await (work() if may_be_cut_off else uninterrupted(work()))
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
