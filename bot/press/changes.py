"""What was corrected: rows of the record that were closed, with what took their place, and posts that changed.

Rows that were only added are news and no correction; that we looked through the sources again is neither.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.desk.rows import as_values
from bot.press.citation import public_names
from models import record as rows
from models.base import Wording
from models.desk import PostRevision, State
from models.record import RECORD, Revision

Row = TypeVar("Row", bound=Revision)

MOST = 50
"""Changes that are listed: some screens of them."""
OF_UPKEEP = {"checked_on", "verified_on"}
"""Fields that say when we looked, and nothing of what we found."""


@dataclass(frozen=True, slots=True)
class Replaced:
    old: Revision
    new: Revision | None
    """None: it was taken back."""


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed at one moment, by one release or one file."""

    moment: datetime
    post: PostRevision | None
    """What staff released at that moment, if it was they."""
    rows: tuple[Replaced, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """Newest first, and what is needed to put them into words."""

    listed: tuple[Change, ...]
    total: int
    """Of all changes, those that are not listed included."""
    names: Mapping[str, Wording]
    days: Mapping[str, date]
    """Of handovers, by key."""
    statements: Mapping[str, rows.Statement]
    public_names: tuple[str, ...]


async def latest(session: AsyncSession) -> Changes:
    of_posts = await session.scalars(
        select(PostRevision.released_at).where(
            PostRevision.state == State.RELEASED, or_(PostRevision.number > 1, PostRevision.withdraws)
        )
    )
    closed: defaultdict[datetime, list[Replaced]] = defaultdict(list)
    for table in RECORD:
        for replaced in await _closed(session, table):
            if replaced.old.until:
                closed[replaced.old.until].append(replaced)
    all_moments = {*filter(None, of_posts), *closed}
    moments = sorted(all_moments, reverse=True)[:MOST]
    replacing = select(PostRevision).where(PostRevision.released_at.in_(moments))
    posts = {post.released_at: post for post in await session.scalars(replacing)}
    return Changes(
        total=len(all_moments),
        listed=tuple(Change(moment, posts.get(moment), tuple(closed[moment])) for moment in moments),
        names={term.key: term.name for term in await _newest(session, rows.Term)},
        days={handover.key: handover.day for handover in await _newest(session, rows.Handover)},
        statements={statement.key: statement for statement in await _newest(session, rows.Statement)},
        public_names=tuple(await public_names(session)),
    )


async def _closed(session: AsyncSession, table: type[Revision]) -> list[Replaced]:
    """All that no longer hold, with what says something else in their place. Rows of no duration never held: one
    release may take a row back and write it anew."""
    new = aliased(table)
    replaces = and_(new.key == table.key, new.since == table.until, new.until.is_distinct_from(new.since))
    query = select(table, new).outerjoin(new, replaces).where(table.until > table.since).order_by(table.id)
    return [Replaced(old, by) for old, by in await session.execute(query) if _says_something_else(old, by)]


def _says_something_else(old: Revision, new: Revision | None) -> bool:
    if new is None:
        return True
    before, after = as_values(old), as_values(new)
    return any(before[name] != after[name] for name in before.keys() - OF_UPKEEP)


async def _newest(session: AsyncSession, table: type[Row]) -> list[Row]:
    """The newest revision of every key, those that were taken back included."""
    newest = {row.key: row for row in await session.scalars(select(table).order_by(table.id))}
    return list(newest.values())
