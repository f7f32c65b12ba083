"""The open data of a database over real HTTP, and somebody who reads it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.database import Database
from bot.opendata.library import Library
from bot.opendata.site import OpenData
from bot.web import WebServer

BOT = "obmin_bot"


@dataclass
class Answer:
    status: int
    headers: Any
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Newsstand:
    root: str
    http: aiohttp.ClientSession

    async def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.request(method, self.root + path, headers=named) as answer:
            return Answer(answer.status, answer.headers, await answer.read())


@asynccontextmanager
async def newsstand(database: Database) -> AsyncIterator[Newsstand]:
    open_data = OpenData(Library(database), BOT)
    server = WebServer("a-secret", None, open_data.routes)
    port = await server.start("127.0.0.1", 0)
    open_data.root = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession() as http:
        yield Newsstand(open_data.root, http)
    await server.stop()
