"""Search over exchanges, statements, sources and released posts, in three languages at once.

Who asks is unknown here, and what is asked for is neither kept nor logged.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from bot.answers.ask import Answers
from bot.database import Database
from bot.search import index
from bot.search.cards import Shown
from bot.search.index import Hit, Vocabulary
from bot.search.words import Sought, Term, read, terms
from bot.understanding import Period

__all__ = ["Found", "Hit", "Search", "Shown", "Sought", "read"]

YEARS_BACK = 4
"""«2 червня» of this year may not be recorded yet, so one of an earlier year may be meant."""


@dataclass(frozen=True, slots=True)
class Found:
    hits: tuple[Hit, ...]
    total: int
    period: Period | None
    """In which it was found: if there was nothing in the one asked for, another one or none."""
    words: tuple[str, ...] = ()
    """Those by which it was found: all that were asked for, unless nothing has all of them."""
    known: tuple[str, ...] = ()
    """Those that anything has at all."""
    neighbours: tuple[Hit | None, Hit | None] | None = None
    """The nearest exchanges before and after, if there was none in the period asked for."""


class Search:
    def __init__(self, database: Database, answers: Answers) -> None:
        self.database = database
        self._answers = answers
        self._renewing = asyncio.Lock()
        self._at: index.Moved | None = None
        self._shown: Shown | None = None
        self._vocabulary: Vocabulary | None = None

    async def find(self, sought: Sought, today: date, offset: int, limit: int) -> Found:
        """What has all the words; if nothing has, what has the most telling of them."""
        shown = await self.shown(today)
        neighbours = shown.neighbours(sought.period) if sought.period else None
        known: tuple[str, ...] = ()
        async with self.database.read() as session:
            for period, typed in _ways(sought):
                words, total, of_these = await self._found_by(session, typed, period, today)
                known = known or of_these
                if total:
                    wanted = list(words.values())
                    hits = await index.page(session, wanted, period, today, offset, limit)
                    return Found(tuple(hits), total, period, tuple(words), known, neighbours)
        return Found((), 0, sought.period, known=known, neighbours=neighbours)

    async def one(self, ref: str, today: date) -> Hit | None:
        await self.shown(today)
        async with self.database.read() as session:
            return await index.one(session, ref)

    async def stems(self, words: Iterable[str], today: date) -> tuple[str, ...]:
        """Of those words that stand in the record or in a post; of no others."""
        await self.shown(today)
        async with self.database.read() as session:
            known = await self._known(session)
        return tuple(dict.fromkeys(stem for word in words if (stem := known.stem(terms(word)))))

    async def shown(self, today: date) -> Shown:
        """All that can be found, after the entries were brought in step with it."""
        async with self.database.read() as session:
            at = await index.moved(session)
        async with self._renewing:
            if self._shown is None or (self._at, self._shown.today) != (at, today):
                await self._renew(today)
        assert self._shown  # noqa: S101 - for the type checker
        return self._shown

    async def _renew(self, today: date) -> None:
        record = await self._answers.record()
        async with self.database.read() as session:
            released = await index.posts(session)
            _, releases = await index.moved(session)
            made = await index.made_of(session)
            changed_at = await index.changed_at(session)
        at = record.version, releases
        if made != at:
            await index.renew(self.database, record, released, at)
        self._at, self._vocabulary = at, None
        by_number = {str(post.post_id): post for post in released}
        self._shown = Shown(record.as_of(today), by_number, today, changed_at)

    async def _found_by(
        self, session: AsyncSession, typed: tuple[str, ...], period: Period | None, today: date
    ) -> tuple[Mapping[str, tuple[Term, ...]], int, tuple[str, ...]]:
        """The typed words that some entry has all of, with their forms; the number of such entries; and the words
        that any entry has."""
        words = {word: terms(word) for word in typed}
        total = await index.count(session, list(words.values()), period, today)
        if total or not words:
            return words, total, typed
        known = await self._known(session)
        words = {
            word: forms if known.entries_with(forms) else known.likely(forms) for word, forms in words.items()
        }
        words = {word: forms for word, forms in words.items() if forms}
        of_these = tuple(words)
        while words:
            if total := await index.count(session, list(words.values()), period, today):
                return words, total, of_these
            commonest = max(words, key=lambda word: known.entries_with(words[word]))
            del words[commonest]
        return words, 0, of_these

    async def _known(self, session: AsyncSession) -> Vocabulary:
        if self._vocabulary:
            return self._vocabulary
        known = await index.vocabulary(session)
        # This session may show the entries as they were before they were renewed.
        if await index.made_of(session) == self._at:
            self._vocabulary = known
        return known


def _ways(sought: Sought) -> Iterator[tuple[Period | None, tuple[str, ...]]]:
    """Times and words, as asked for; then the same days of earlier years, any time, and any words."""
    if sought.period or sought.words:
        yield sought.period, sought.words
    if sought.period and sought.words:
        for years in range(1, YEARS_BACK + 1):
            if not sought.year_said and (earlier := _earlier(sought.period, years)):
                yield earlier, sought.words
        yield None, sought.words
        yield sought.period, ()


def _earlier(period: Period, years: int) -> Period | None:
    try:
        return replace(
            period,
            first=period.first.replace(year=period.first.year - years),
            last=period.last.replace(year=period.last.year - years),
        )
    except ValueError:
        # The 29th of February.
        return None
