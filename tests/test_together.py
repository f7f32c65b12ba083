"""Those who ask at once share a read, and get nothing older than their question."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.together import Asked, Together


class Clock:
    """A database that tells at each read how many reads there were, and takes its time."""

    def __init__(self) -> None:
        self.reads = 0
        self.asked: list[set[str]] = []
        self.breaks = False
        self.began = asyncio.Event()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        self.reads += 1
        if self.breaks:
            raise OSError
        yield AsyncSession()

    async def find(self, _: AsyncSession, keys: set[str]) -> dict[str, int]:
        seen = self.reads
        self.asked.append(keys)
        self.began.set()
        await asyncio.sleep(0.02)
        return dict.fromkeys(keys - {"nobody"}, seen)


async def test_those_who_wait_share_the_next_read() -> None:
    clock = Clock()
    asked = Asked(Together(clock.read), clock.find)
    first = asyncio.create_task(asked.get("a"))
    await clock.began.wait()
    assert await asyncio.gather(*(asked.get(key) for key in "abca")) == [2, 2, 2, 2]
    assert await first == 1
    assert clock.asked == [{"a"}, {"a", "b", "c"}]
    assert await asked.get("nobody") is None


async def test_two_kinds_of_questions_share_it_too() -> None:
    clock, other = Clock(), Clock()
    together = Together(clock.read)
    both = asyncio.gather(Asked(together, clock.find).get("a"), Asked(together, other.find).get("a"))
    assert list(await both) == [1, 0]
    assert (clock.reads, other.reads) == (1, 0)


async def test_a_failure_is_told_to_all_who_shared_it_and_the_next_is_read_anew() -> None:
    clock = Clock()
    asked = Asked(Together(clock.read), clock.find)
    clock.breaks = True
    assert [
        type(each) for each in await asyncio.gather(asked.get("a"), asked.get("b"), return_exceptions=True)
    ] == [OSError] * 2
    clock.breaks = False
    assert await asked.get("a") == 2


async def test_one_who_gives_up_does_not_disturb_the_others() -> None:
    clock = Clock()
    asked = Asked(Together(clock.read), clock.find)
    waiting = [asyncio.create_task(asked.get(key)) for key in "ab"]
    await clock.began.wait()
    waiting[0].cancel()
    assert await waiting[1] == 1
    with pytest.raises(asyncio.CancelledError):
        await waiting[0]
