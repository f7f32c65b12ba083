"""The entries in the database, and each database's own full-text search over them."""

import asyncio
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, column, delete, func, insert, or_, select, table, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.answers.facts import Record
from bot.database import Database
from bot.dialect import on_sqlite
from bot.search.entries import entries, first_ids, ref_of
from bot.search.words import Term, one_slip
from bot.understanding import Period
from models.desk import PostRevision, State
from models.record import RecordVersion
from models.search import SearchEntry, SearchState, Sort

CHUNK = 500
LONG_ENOUGH = 5
"""Letters: of a shorter word one mistyped letter may make any other."""
AS_WRITTEN = ("id", "ref", "sort", "key", "first_day", "words")

Moved = tuple[int, int]
"""The version of the record and the number of releases: when either moves, the entries are made anew."""
Wanted = Sequence[Sequence[Term]]
"""Words that an entry has all of, each in any of the forms given."""


# In step with the record


async def moved(session: AsyncSession) -> Moved:
    releases = select(func.count()).where(PostRevision.state == State.RELEASED).scalar_subquery()
    version, released = (await session.execute(select(RecordVersion.number, releases))).one()
    return version, released


async def changed_at(session: AsyncSession) -> datetime:
    version = await session.get_one(RecordVersion, 1)
    released = await session.scalar(select(func.max(PostRevision.released_at)))
    return max(version.changed_at, released or version.changed_at)


async def made_of(session: AsyncSession) -> Moved | None:
    state = await session.get(SearchState, 1)
    return (state.version, state.releases) if state else None


async def posts(session: AsyncSession) -> list[PostRevision]:
    """As they stand now; those that only change the record are for nobody to read."""
    query = select(PostRevision).where(PostRevision.state == State.RELEASED).order_by(PostRevision.number)
    newest = {post.post_id: post for post in await session.scalars(query)}
    return sorted((post for post in newest.values() if post.to_readers), key=lambda post: post.post_id)


async def renew(database: Database, record: Record, released: Sequence[PostRevision], at: Moved) -> None:
    """Writes what has changed, all of it or nothing."""
    wanted = {entry.id: entry for entry in await asyncio.to_thread(entries, record, released)}
    async with database.write(alone=True) as session:
        made = await made_of(session)
        if made and made >= at:
            # Another process was faster.
            return
        kept = {row.id: tuple(row) for row in await session.execute(select(*map(_column, AS_WRITTEN)))}
        new = {key: tuple(getattr(entry, name) for name in AS_WRITTEN) for key, entry in wanted.items()}
        gone = [key for key, row in kept.items() if new.get(key) != row]
        for first in range(0, len(gone), CHUNK):
            await session.execute(delete(SearchEntry).where(SearchEntry.id.in_(gone[first : first + CHUNK])))
        added = [dict(zip(AS_WRITTEN, row, strict=True)) for key, row in new.items() if kept.get(key) != row]
        if added:
            await session.execute(insert(SearchEntry), added)
        await session.merge(SearchState(id=1, version=at[0], releases=at[1]))


def _column(name: str) -> ColumnElement[object]:
    return SearchEntry.__table__.columns[name]


# Looking


@dataclass(frozen=True, slots=True)
class Hit:
    ref: str
    sort: Sort
    key: str

    @classmethod
    def of(cls, sort: Sort, key: str) -> "Hit":
        return cls(ref_of(sort, key), sort, key)


async def one(session: AsyncSession, ref: str) -> Hit | None:
    entry = await session.scalar(select(SearchEntry).where(SearchEntry.ref == ref))
    return Hit(entry.ref, entry.sort, entry.key) if entry else None


async def count(session: AsyncSession, wanted: Wanted, period: Period | None, today: date) -> int:
    query = _matching(session, wanted, period, today, select(func.count()), entries=period is not None)
    return await session.scalar(query) or 0


async def page(
    session: AsyncSession, wanted: Wanted, period: Period | None, today: date, offset: int, limit: int
) -> list[Hit]:
    """Newest first, sources last."""
    hit = select(SearchEntry.ref, SearchEntry.sort, SearchEntry.key)
    query = _matching(session, wanted, period, today, hit, entries=True)
    place = _WORDS.c.rowid if _in_fts5(session, wanted) else SearchEntry.id
    return [Hit(*row) for row in await session.execute(query.order_by(place.desc()).offset(offset).limit(limit))]


_WORDS = table("search_words", column("rowid", BigInteger))


def _in_fts5(session: AsyncSession, wanted: Wanted) -> bool:
    return bool(wanted) and on_sqlite(session)


def _matching(
    session: AsyncSession,
    wanted: Wanted,
    period: Period | None,
    today: date,
    query: Select[*tuple[Any, ...]],
    *,
    entries: bool,
) -> Select[*tuple[Any, ...]]:
    """What has all words, touches the period, and is not of a day to come.

    FTS5 goes through its own rows in order and stops at the limit; `entries` says whether theirs are needed too.
    """
    place: ColumnElement[int] = SearchEntry.__table__.c.id
    if _in_fts5(session, wanted):
        place = _WORDS.c.rowid
        query = query.select_from(_WORDS)
        if entries:
            query = query.join(SearchEntry, SearchEntry.id == place)
        expression = _expression(wanted, '"', " OR ", " AND ", "*")
        query = query.where(text("search_words MATCH :words").bindparams(words=expression))
    else:
        query = query.select_from(SearchEntry)
        if wanted:
            found = text("array_to_tsvector(string_to_array(words, ' ')) @@ CAST(:words AS tsquery)")
            query = query.where(found.bindparams(words=_expression(wanted, "'", " | ", " & ", ":*")))
    begins = first_ids(period.first if period else date.min)
    ends = first_ids(today + timedelta(days=1))
    query = query.where(or_(*(place.between(low, high - 1) for low, high in zip(begins, ends, strict=True))))
    return query.where(SearchEntry.first_day <= period.last) if period else query


def _expression(wanted: Wanted, quote: str, either: str, both: str, beginning: str) -> str:
    """Stems hold nothing but letters and digits, so that there is nothing to escape."""
    of_words = (
        either.join(f"{quote}{term.stem}{quote}{beginning if term.begins else ''}" for term in forms)
        for forms in wanted
    )
    return both.join(f"({forms})" for forms in of_words)


# The words there are

KNOWN_IN_SQLITE = text("SELECT term, doc FROM search_words_known")
KNOWN_IN_POSTGRESQL = text(
    "SELECT word, ndoc FROM ts_stat('SELECT array_to_tsvector(string_to_array(words, '' '')) FROM search_entry')"
)


class Vocabulary:
    """Every stem of the entries, and in how many of them it stands."""

    def __init__(self, known: Iterable[tuple[str, int]]) -> None:
        self._counts = dict(known)
        self._sorted = sorted(self._counts)

    def entries_with(self, forms: Sequence[Term]) -> int:
        """An upper bound."""
        return sum(self._with(term) for term in forms)

    def _with(self, term: Term) -> int:
        if not term.begins:
            return self._counts.get(term.stem, 0)
        total = 0
        for place in range(bisect_left(self._sorted, term.stem), len(self._sorted)):
            if not self._sorted[place].startswith(term.stem):
                break
            total += self._counts[self._sorted[place]]
        return total

    def stem(self, forms: Sequence[Term]) -> str | None:
        """Which of its stems, or of those of a word that may have been meant, stands here: as a whole, since it is
        kept, and the beginning of a word may be somebody's name."""
        return next((term.stem for term in (*forms, *self.likely(forms)) if term.stem in self._counts), None)

    def likely(self, forms: Sequence[Term]) -> tuple[Term, ...]:
        """What somebody may have meant who mistyped a letter; nothing if no such word is known."""
        typed = forms[0].stem
        if len(typed) < LONG_ENOUGH or typed.isdecimal():
            return ()
        return tuple(Term(stem) for stem in dict.fromkeys(one_slip(typed)) if stem in self._counts)


async def vocabulary(session: AsyncSession) -> Vocabulary:
    known = await session.execute(KNOWN_IN_SQLITE if on_sqlite(session) else KNOWN_IN_POSTGRESQL)
    return Vocabulary([(word, entries) for word, entries in known])
