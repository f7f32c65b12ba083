"""Those who ask the database at the same time are answered by one read."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

Key = TypeVar("Key")
Found = TypeVar("Found")


class Together:
    """One read at a time, for all who asked before it began: so no answer is older than its question."""

    def __init__(self, read: Callable[[], AbstractAsyncContextManager[AsyncSession]]) -> None:
        self._read = read
        self._asked: dict[Asked[Any, Any], list[tuple[Any, asyncio.Future[Any]]]] = {}
        self._reading: asyncio.Task[None] | None = None

    def add(self, asked: "Asked[Key, Found]", key: Key) -> "asyncio.Future[Found | None]":
        answer: asyncio.Future[Found | None] = asyncio.get_running_loop().create_future()
        self._asked.setdefault(asked, []).append((key, answer))
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._answer())
        return answer

    async def _answer(self) -> None:
        while self._asked:
            all_asked, self._asked = self._asked, {}
            try:
                async with self._read() as session:
                    found = {
                        asked: await asked.find(session, {key for key, _ in waiting})
                        for asked, waiting in all_asked.items()
                    }
                # Only now: what was written is committed.
                for asked, waiting in all_asked.items():
                    for key, answer in waiting:
                        if not answer.done():
                            answer.set_result(found[asked].get(key))
            except Exception as error:
                for waiting in all_asked.values():
                    for _, answer in waiting:
                        if not answer.done():
                            answer.set_exception(error)


class Asked(Generic[Key, Found]):
    """One kind of question, with the query that answers many of them."""

    def __init__(
        self, together: Together, find: Callable[[AsyncSession, set[Key]], Awaitable[Mapping[Key, Found]]]
    ) -> None:
        self._together = together
        self.find = find

    async def get(self, key: Key) -> Found | None:
        """None if it was not found. Raises what the database raises."""
        return await self._together.add(self, key)
