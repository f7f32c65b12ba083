"""How updates reach us: by a webhook, or by polling; and the hand that takes them from either."""

import asyncio

import structlog
from telegram import Update
from telegram.error import BadRequest, TelegramError

from bot.delivery import incoming
from bot.delivery.poller import Take
from bot.errors import ObminError
from bot.settings import Settings
from bot.vault import Vault
from handlers.context import App
from handlers.memory import Recent

log = structlog.get_logger()


class WebhookRefused(ObminError):
    """Telegram does not take our webhook's address or secret."""


def webhook_secret(settings: Settings, vault: Vault) -> str:
    return settings.webhook_secret.get_secret_value() if settings.webhook_secret else vault.webhook_secret


async def set_webhook(application: App, address: str, secret: str) -> None:
    try:
        await application.bot.set_webhook(address, secret_token=secret, allowed_updates=incoming.KINDS)
    except BadRequest as error:
        raise WebhookRefused(f"Telegram refuses WEBHOOK_URL or WEBHOOK_SECRET: {error.message}.") from None


async def forget_webhook(application: App) -> None:
    """A webhook of another time would keep every update from us."""
    try:
        await application.bot.delete_webhook()
    except TelegramError as error:
        log.warning("an earlier webhook could not be deleted", why=error.message)


def taker(application: App) -> Take:
    """What the webhook and the poller hand an update to. One that comes again has no second effect."""
    taken: Recent[int, bool] = Recent()
    turn = asyncio.Lock()

    async def take(data: object) -> None:
        try:
            update = Update.de_json(incoming.admitted(data), application.bot)
        except Exception as error:
            log.warning("an update of an unknown form was left out", error=type(error).__name__)
            return
        async with turn:
            # Remembered when there is room for it: a webhook call that was given up before is made again.
            if not taken.get(update.update_id):
                await application.update_queue.put(update)
                taken.put(update.update_id, True)

    return take
