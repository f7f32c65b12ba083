"""Fetches updates by long polling and hands them on one by one, as the webhook does.

python-telegram-bot's own Updater decodes a batch as a whole, so one update of an unknown form would come back
for ever and keep all others waiting.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

import structlog
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.delivery.limiter import seconds
from bot.delivery.transport import Transport

log = structlog.get_logger()

LONG_POLL = 25
"""Seconds that the server may hold a call open when there is nothing new."""
LONGEST_PAUSE = 15.0
"""Seconds between tries while the server cannot be reached."""

Take = Callable[[object], Awaitable[None]]


class Poller:
    """One for each bot: Telegram ends the older of two."""

    def __init__(self, api: str, allowed_updates: list[str], take: Take) -> None:
        """`api` is the address of the bot's methods, token included."""
        self._api = api
        self._allowed_updates = json.dumps(allowed_updates)
        self._take = take
        self._transport = Transport(connections=1, read_timeout=LONG_POLL + 10)
        self._next = 0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._transport.initialize()
        self._task = asyncio.create_task(self._poll())

    async def stop(self) -> None:
        """Ends, and confirms what was handed on, so that it does not come again after a restart."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
        try:
            async with asyncio.timeout(2):
                await self._fetch(timeout=0, limit=1)
        except (TelegramError, TimeoutError):
            log.warning("the last updates could not be confirmed and may be answered twice")
        await self._transport.shutdown()

    async def _poll(self) -> None:
        pause = 0.0
        while True:
            try:
                updates = await self._fetch(timeout=LONG_POLL, limit=100)
            except TelegramError as error:
                pause = min(max(2 * pause, 0.5), LONGEST_PAUSE)
                if isinstance(error, RetryAfter):
                    pause = seconds(error.retry_after)
                _report(error)
                await asyncio.sleep(pause)
                continue
            pause = 0.0
            for update in updates:
                if isinstance(update, dict) and isinstance(update.get("update_id"), int):
                    await self._take(update)
                    self._next = max(self._next, update["update_id"] + 1)

    async def _fetch(self, *, timeout: int, limit: int) -> list[object]:  # noqa: ASYNC109 - Telegram's parameter
        query = {
            "offset": self._next,
            "timeout": timeout,
            "limit": limit,
            "allowed_updates": self._allowed_updates,
        }
        payload = await self._transport.retrieve(f"{self._api}/getUpdates?{urlencode(query)}")
        try:
            updates = json.loads(payload)["result"]
        except (ValueError, KeyError, TypeError) as error:
            raise NetworkError("An answer that is not of the Bot API") from error
        return updates if isinstance(updates, list) else []


def _report(error: TelegramError) -> None:
    if isinstance(error, Conflict):
        log.error("another process, or a webhook, takes this bot's updates: stop one of them")
    elif isinstance(error, InvalidToken):
        log.error("the Bot API server does not know the token any more: get a new one from @BotFather")
    else:
        log.warning("updates cannot be fetched, trying again", error=type(error).__name__)
