"""For those who watch over the running bot: `/metrics` for Prometheus, `/readyz` for whoever sends it traffic."""

import asyncio
import hmac
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import structlog
from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from sqlalchemy import QueuePool
from sqlalchemy.ext.asyncio import AsyncSession

from bot import metrics
from bot.database import Database, newest_schema
from bot.delivery import lease, standing
from bot.desk import record
from bot.desk.staff import frozen_by
from bot.i18n import KYIV

log = structlog.get_logger()

LONGEST_LOOK = 5.0
"""Seconds that the database has to answer; a scrape takes ten at most."""
VERSION = version("obmin")


@dataclass(frozen=True)
class Monitoring:
    database: Database
    is_active_courier: Callable[[], bool]
    token: str | None
    """For `/metrics`. Addresses open nothing: behind a proxy every caller has a private one."""

    @property
    def routes(self) -> list[web.RouteDef]:
        ready = [web.get("/readyz", self.ready)]
        return [*ready, web.get("/metrics", self.page)] if self.token else ready

    async def ready(self, request: web.Request) -> web.Response:
        """503 unless the database answers, its schema is ours, and Telegram is connected."""
        schema, answers = None, True
        try:
            async with asyncio.timeout(LONGEST_LOOK):
                schema = await self.database.schema()
        except Exception as error:
            # Drivers have errors of their own.
            log.warning("the database does not answer", error=type(error).__name__)
            answers = False
        told = {
            "database": answers,
            "schema": schema,
            "newest_schema": newest_schema(),
            "telegram": metrics.Telegram.connected,
        }
        is_ready = answers and schema == newest_schema() and metrics.Telegram.connected
        return web.json_response({"ready": is_ready, **told}, status=200 if is_ready else 503)

    async def page(self, request: web.Request) -> web.Response:
        shown = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(shown, f"Bearer {self.token}".encode()):
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        await self._look()
        page = generate_latest(metrics.registry)
        return web.Response(body=page, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    async def _look(self) -> None:
        metrics.version.info({"version": VERSION, "schema": newest_schema()})
        metrics.courier_active.set(self.is_active_courier())
        pool = self.database.engine.pool
        if isinstance(pool, QueuePool):
            metrics.connections_used.set(pool.checkedout())
            metrics.connections_kept.set(pool.checkedin())
            # SQLAlchemy tells of the overflow it permits nowhere else.
            metrics.connections_permitted.set(pool.size() + pool._max_overflow)
        try:
            async with asyncio.timeout(LONGEST_LOOK), self.database.read() as session:
                await _look_into(session)
            metrics.database_up.set(1)
        except Exception as error:
            log.warning("the database does not answer", error=type(error).__name__)
            metrics.database_up.set(0)
            for gauge in metrics.read_in_database:
                gauge.set(math.nan)


async def _look_into(session: AsyncSession) -> None:
    """A few look-ups in indexes: scraped every few seconds, during a broadcast to a million too."""
    now = datetime.now(UTC)
    oldest = await standing.oldest_due(session)
    metrics.lag.set(max(0.0, (now - oldest).total_seconds()) if oldest else 0)
    metrics.due.set(await standing.due_now(session))
    metrics.broadcasts.set(await standing.unfinished(session))
    metrics.courier_halted.set(await lease.halted(session) is not None)
    metrics.frozen.set(await frozen_by(session) is not None)
    changed_at, looked_through_on = await record.age(session)
    metrics.record_changed.set((now - changed_at).total_seconds())
    day = datetime(looked_through_on.year, looked_through_on.month, looked_through_on.day, tzinfo=KYIV)
    metrics.record_checked.set(max(0.0, (now - day - timedelta(days=1)).total_seconds()))
