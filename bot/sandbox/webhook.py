"""Telegram's side of a webhook: posts updates one at a time and in order, and retries until they are taken.

The real one posts up to `max_connections` at once; a bot that needs that for its speed is not what the
sandbox is for, and one that breaks without order is found by `POST /control/updates`.
"""

import asyncio
import re
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import aiohttp
import structlog

from bot.sandbox.shapes import ApiError, Json, bad_request
from bot.sandbox.updates import Mailbox

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 5.0
_PATIENCE = aiohttp.ClientTimeout(total=60)

log = structlog.get_logger(__name__)


class Webhook:
    def __init__(self, mailbox: Mailbox, execute: Callable[[Json], None]) -> None:
        self.url = ""
        self._secret = ""
        self._max_connections = 40
        self._last_error: tuple[int, str] | None = None
        self._mailbox = mailbox
        self._execute = execute
        self._task: asyncio.Task[None] | None = None

    def set(self, url: str, *, secret: str = "", max_connections: int = 40) -> None:
        """Starts posting to `url`; a plain-http address is fine, as with a Bot API server of one's own."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if secret and not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        self.remove()
        self.url, self._secret, self._max_connections = url, secret, max_connections
        # TRAP: a poll that is still waiting must end now, or it would take updates past the webhook.
        self._mailbox.interrupt(ApiError(409, "Conflict: terminated by setWebhook request"))
        self._task = asyncio.create_task(self._post_forever())

    def remove(self) -> None:
        if self._task:
            self._task.cancel()
        self._task, self.url, self._secret, self._last_error = None, "", "", None

    async def stop(self) -> None:
        task = self._task
        self.remove()
        if task:
            await asyncio.wait({task})

    def info(self) -> Json:
        answer: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._mailbox),
        }
        if self.url:
            answer["max_connections"] = self._max_connections
        if self._last_error:
            answer["last_error_date"], answer["last_error_message"] = self._last_error
        if self._mailbox.allowed:
            answer["allowed_updates"] = self._mailbox.allowed
        return answer

    async def _post_forever(self) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self._secret} if self._secret else {}
        pause = _FIRST_PAUSE
        async with aiohttp.ClientSession(headers=headers, timeout=_PATIENCE) as session:
            while True:
                update = await self._mailbox.first()
                if await self._posted(session, update):
                    self._mailbox.confirm(update["update_id"])
                    pause = _FIRST_PAUSE
                else:
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)

    async def _posted(self, session: aiohttp.ClientSession, update: Json) -> bool:
        try:
            async with session.post(self.url, json=update) as response:
                if not response.ok:
                    self._failed(f"Wrong response from the webhook: {response.status} {response.reason}")
                    return False
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError) as problem:
            self._failed(f"Connection failed: {type(problem).__name__}")
            return False
        except ValueError:
            # Any 2xx accepts the update; a body that is not JSON only means no method in it.
            return True
        if isinstance(answer, dict) and "method" in answer:
            self._execute(answer)
        return True

    def _failed(self, reason: str) -> None:
        self._last_error = (int(time.time()), reason)
        log.info("sandbox.webhook_failed", reason=reason)
