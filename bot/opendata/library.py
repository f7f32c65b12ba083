"""Files of the newest edition: each made once for a version, off the event loop, for however many ask."""

import asyncio
import gzip
import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from bot.database import Database
from bot.opendata import edition as editions
from bot.opendata import posts
from bot.opendata.edition import Edition

KEPT = 1_000
"""Files; those of one version in three languages are about three hundred."""


@dataclass(frozen=True)
class File:
    name: str
    media_type: str
    content: bytes
    edition: int
    changed_at: datetime

    @cached_property
    def tag(self) -> str:
        """The same for the same content, in every process."""
        return hashlib.sha256(self.content).hexdigest()[:32]

    @cached_property
    def packed(self) -> bytes:
        return gzip.compress(self.content, mtime=0)


Make = Callable[[Edition], File]


class Library:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._edition: Edition | None = None
        self._reading = asyncio.Lock()
        self._made: dict[Hashable, asyncio.Task[File]] = {}

    async def edition(self) -> Edition:
        async with self._reading, self._database.read() as session:
            if self._edition is None or self._edition.number != await editions.number(session):
                self._edition = await editions.read(session)
                self._made = {}
            return self._edition

    async def released(self, kind: str) -> list[posts.Released]:
        """What a feed of this kind contains."""
        async with self._database.read() as session:
            return await posts.released(session, kind)

    async def file(self, key: Hashable, make: Make) -> File:
        """What `make` makes of the newest edition; `key` says what that is, within an edition."""
        edition = await self.edition()
        made = self._made
        if len(made) >= KEPT:
            made.clear()
        task = made.get(key)
        if task is None:
            task = made[key] = asyncio.create_task(asyncio.to_thread(_complete, make, edition))
        try:
            # Whoever goes away leaves the work to those who still wait for it.
            return await asyncio.shield(task)
        except Exception:
            made.pop(key, None)
            raise


def _complete(make: Make, edition: Edition) -> File:
    file = make(edition)
    _ = file.tag, file.packed
    return file
