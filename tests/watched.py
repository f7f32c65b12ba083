"""The bot as monitoring sees it: its figures and its readiness, over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from bot.database import Database
from bot.sandbox import SANDBOX_TOKEN, Sandbox
from bot.settings import Settings
from handlers.context import Services
from tests.conftest import talking
from tests.ports import free_port

TOKEN = "a-token-of-sixteen-letters"
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


@dataclass
class Watched:
    """The bot over HTTP, as Prometheus and a load balancer see it."""

    services: Services
    root: str
    http: aiohttp.ClientSession

    async def get(self, path: str, token: str | None = TOKEN) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.http.get(self.root + path, headers=headers) as answer:
            return answer.status, await answer.text()

    async def figures(self) -> Figures:
        status, page = await self.get("/metrics")
        assert status == 200
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(page)
            for sample in family.samples
        }

    async def figure(self, name: str, **labels: str) -> float:
        return (await self.figures())[name, frozenset(labels.items())]

    async def becomes(self, name: str, value: float, **labels: str) -> None:
        async with asyncio.timeout(20):
            while True:
                if await self.figure(name, **labels) == value:
                    return
                await asyncio.sleep(0.1)

    async def ready(self) -> tuple[int, Any]:
        status, told = await self.get("/readyz", None)
        return status, json.loads(told)

    async def becomes_ready(self, status: int) -> Any:  # noqa: ANN401 - any JSON value
        async with asyncio.timeout(20):
            while True:
                answered, told = await self.ready()
                if answered == status:
                    return told
                await asyncio.sleep(0.1)


@asynccontextmanager
async def watched(
    database: Database,
    sandbox: Sandbox,
    token: str | None = TOKEN,
    *,
    webhook: bool = False,
    public_url: str | None = None,
) -> AsyncIterator[Watched]:
    address = f"127.0.0.1:{free_port()}"
    settings = Settings(
        bot_token=SecretStr(SANDBOX_TOKEN),
        listen=address,
        webhook_url=f"http://{address}" if webhook else None,
        send_rate=0,
        public_url=public_url,
        metrics_token=SecretStr(token) if token else None,
    )
    async with talking(database, sandbox, settings) as services, aiohttp.ClientSession() as http:
        eyes = Watched(services, f"http://{address}", http)
        async with asyncio.timeout(30):
            while True:
                try:
                    await eyes.get("/healthz")
                    break
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)
        yield eyes
