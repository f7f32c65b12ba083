"""How updates reach us, by a webhook or by polling; and what takes them from either."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any
from weakref import WeakValueDictionary

import structlog
from telegram import Update
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError
from telegram.ext import Application, SimpleUpdateProcessor

from bot import metrics, telemetry
from bot.database import Database
from bot.delivery import incoming, taken
from bot.delivery.limiter import seconds
from bot.delivery.poller import Take
from bot.errors import ObminError
from bot.settings import Settings
from bot.together import Asked, Together
from bot.vault import Vault
from handlers import flood
from handlers.context import App, Services
from handlers.memory import Recent

log = structlog.get_logger()


RECONNECT_PAUSE = 5
"""Seconds between tries to reach the Bot API server at the start."""


class TokenRefused(ObminError):
    """The Bot API server does not know the token."""


class WebhookRefused(ObminError):
    """Telegram does not accept our webhook's address or secret."""


def webhook_secret(settings: Settings, vault: Vault) -> str:
    return settings.webhook_secret.get_secret_value() if settings.webhook_secret else vault.webhook_secret


async def until_it_answers(application: App, call: Callable[[], Awaitable[object]]) -> None:
    """Calls the Bot API server for as long as it takes. Raises `TokenRefused`, and what is none of its errors."""
    server = application.bot.base_url.partition("/bot")[0]
    while True:
        try:
            await call()
        except InvalidToken:
            raise TokenRefused(f"{server} refuses BOT_TOKEN. Compare it with what @BotFather gave.") from None
        except TelegramError as error:
            log.warning("the Bot API server cannot be reached, trying again", server=server, why=error.message)
            pause = seconds(error.retry_after) if isinstance(error, RetryAfter) else RECONNECT_PAUSE
            await asyncio.sleep(pause)
        else:
            return


async def set_webhook(application: App, address: str, secret: str) -> None:
    try:
        await application.bot.set_webhook(address, secret_token=secret, allowed_updates=incoming.KINDS)
    except BadRequest as error:
        raise WebhookRefused(f"Telegram refuses WEBHOOK_URL or WEBHOOK_SECRET: {error.message}.") from None


def taker(application: Application[Any, Any, Any, Any, Any, Any], shared: Database | None = None) -> Take:
    """What the webhook and the poller hand an update to. One that comes again has no second effect, neither here
    nor, where a database is shared, in another bot behind the same webhook."""
    taken_here: Recent[int, bool] = Recent()
    turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
    taken_first = Asked(Together(shared.write), taken.take) if shared else None

    async def take(data: object) -> None:
        came = monotonic()
        try:
            admitted = incoming.admitted(data)
            update = Update.de_json(admitted, application.bot)
        except Exception as error:
            log.warning("an update of an unknown form was left out", error=type(error).__name__)
            metrics.update_of_unknown_form()
            return
        number = update.update_id
        async with turns.setdefault(number, asyncio.Lock()):
            if taken_here.get(number):
                return
            if taken_first is None or await is_first(taken_first, number):
                await put(update)
                metrics.update_came(number, incoming.kind_of(admitted), came)
            # Remembered when there was room for it: a webhook call that was given up before is made again.
            taken_here.put(number, True)

    async def is_first(asked: Asked[int, bool], number: int) -> bool:
        asking = asyncio.ensure_future(asked.get(number))
        try:
            return bool(await asyncio.shield(asking))
        except asyncio.CancelledError:
            # It may be written all the same, and the call that comes again must not find it taken.
            if await asking:
                await give_back(number)
            raise

    async def put(update: Update) -> None:
        try:
            await application.update_queue.put(update)
        except asyncio.CancelledError:
            await give_back(update.update_id)
            raise

    async def give_back(number: int) -> None:
        if shared:
            async with shared.write() as session:
                await taken.give_back(session, number)

    return take


class Measured(SimpleUpdateProcessor):
    """Handles updates side by side, as their turns come, and measures how long each took from its coming."""

    def __init__(self, services: Services) -> None:
        # All are let in: the places are those of `turns`, which none takes that waits.
        super().__init__(sys.maxsize)
        self._services = services

    async def do_process_update(self, update: object, coroutine: Awaitable[object]) -> None:
        number = update.update_id if isinstance(update, Update) else 0
        with metrics.handling(number) as kind, telemetry.span("update", kind=kind):
            try:
                await coroutine
            finally:
                self._services.turns.end(number)
                flood.done(self._services, number)
