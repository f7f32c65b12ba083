"""Fetches updates by long polling and hands them on one by one, as the webhook does.

python-telegram-bot's own Updater decodes a batch as a whole, so one update of an unknown form would come back
for ever and keep all others waiting.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlencode

import structlog
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.delivery.limiter import seconds
from bot.delivery.transport import Transport

log = structlog.get_logger()

LONG_POLL = 25
"""Seconds that the server may hold a call open when there is nothing new."""
CONFIRMING_TIME = 2
"""Seconds for the last call."""
LONGEST_PAUSE = 15.0
"""Seconds between tries while the server cannot be reached."""

Take = Callable[[object], Awaitable[None]]


async def poll(api: str, allowed_updates: list[str], take: Take) -> None:
    """Until it is cancelled. `api` is the address of the bot's methods, token included."""
    transport = Transport(connections=1, read_timeout=LONG_POLL + 10)
    await transport.initialize()
    following = 0
    pause = 0.0

    async def fetch(wait: int) -> list[object]:
        query = {"offset": following, "timeout": wait, "allowed_updates": json.dumps(allowed_updates)}
        payload = await transport.retrieve(f"{api}/getUpdates?{urlencode(query)}")
        try:
            updates = json.loads(payload)["result"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise NetworkError("An answer that is not of the Bot API") from error
        return updates if isinstance(updates, list) else []

    try:
        while True:
            try:
                updates = await fetch(LONG_POLL)
            except TelegramError as error:
                _report(error)
                pause = min(max(2 * pause, 0.5), LONGEST_PAUSE)
                await asyncio.sleep(seconds(error.retry_after) if isinstance(error, RetryAfter) else pause)
                continue
            pause = 0.0
            for update in updates:
                if isinstance(update, dict) and isinstance(update.get("update_id"), int):
                    await take(update)
                    # Only now: one that found no room before the end must come again.
                    following = max(following, update["update_id"] + 1)
    finally:
        # Confirms what was handed on, so that it does not come again after a restart.
        with suppress(TelegramError, TimeoutError):
            async with asyncio.timeout(CONFIRMING_TIME):
                await fetch(0)
        await transport.shutdown()


def _report(error: TelegramError) -> None:
    if isinstance(error, Conflict):
        log.error("another process, or a webhook, takes this bot's updates: stop one of them")
    elif isinstance(error, InvalidToken):
        log.error("the Bot API server does not know the token any more: get a new one from @BotFather")
    else:
        log.warning("updates cannot be fetched, trying again", error=type(error).__name__)
