"""What runs alongside the updates: each at its own interval, for as long as the program runs."""

from collections.abc import Coroutine, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog
from telegram.error import TelegramError

from bot import rotation
from bot.delivery import standing, taken
from bot.delivery.courier import Courier
from bot.desk import review
from bot.desk.staff import frozen_by
from bot.i18n import today_in_kyiv
from bot.opening import keys_of
from bot.periodically import periodically
from bot.settings import Settings
from handlers import watching
from handlers.context import SERVICES, App, Services
from handlers.profile import set_profile

log = structlog.get_logger()

COUNTS_WRITTEN_EVERY = 60
COURIER_WATCHED_EVERY = 30
PURGED_EVERY = 3600
STAFF_REFRESHED_EVERY = SCHEDULE_LOOKED_AT_EVERY = 5
"""Seconds."""
CHANGES_LOOKED_FOR_EVERY = 2
TELEGRAM_ASKED_EVERY = 30
"""Behind a webhook; a bot that polls asks all the time."""


def background(application: App, courier: Courier, settings: Settings) -> Iterator[Coroutine[Any, Any, None]]:
    """To be run side by side."""
    services: Services = application.bot_data[SERVICES]

    async def release_due() -> None:
        await review.release_due(services.database)

    async def refresh_staffroom() -> None:
        await services.staffroom.refresh(services.database)

    async def write_unanswered() -> None:
        await services.unanswered.write(services.database, today_in_kyiv())

    async def look_for_another_key() -> None:
        services.vault.renew(keys_of(settings, may_make=False))

    async def watch_courier() -> None:
        async with services.database.read() as session:
            due = await standing.oldest_due(session)
            if due and datetime.now(UTC) - due > standing.STALLED_AFTER and not await frozen_by(session):
                log.error("the courier stands still: see `obmin delivery status`", oldest_due=due.isoformat())

    async def purge() -> None:
        await standing.purge(services.database)
        async with services.database.write() as session:
            await taken.purge(session)

    async def tell_of_changes() -> None:
        if courier.is_ours():
            await watching.tell_of_changes(application, courier.is_ours)

    async def ask_telegram() -> None:
        # So that a bot which is sent nothing, because it was not ready, becomes ready again.
        with suppress(TelegramError):
            await application.bot.get_me()

    if settings.webhook_url:
        yield periodically(TELEGRAM_ASKED_EVERY, ask_telegram, may_be_cut_off=True)
    if not settings.vault_key:
        yield periodically(rotation.LOOKED_FOR_EVERY, look_for_another_key)
    yield periodically(COURIER_WATCHED_EVERY, watch_courier)
    yield periodically(CHANGES_LOOKED_FOR_EVERY, tell_of_changes, may_be_cut_off=True)
    yield periodically(PURGED_EVERY, purge)
    yield set_profile(application.bot)
    yield periodically(STAFF_REFRESHED_EVERY, refresh_staffroom)
    yield periodically(COUNTS_WRITTEN_EVERY, write_unanswered)
    yield periodically(SCHEDULE_LOOKED_AT_EVERY, release_due)
