"""A citation: what is cited, in which revision, as of which day; found again later, with what was revised since.

An exchange is revised with everything said in it, a statement with its figures and its stage. So the revisions of
what is cited are the moments at which any of its rows changed, counted from 1: they stay the same for good,
because no row is ever overwritten.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.answers.facts import Claim, Count, Exchange, Record
from bot.answers.load import load
from bot.errors import ObminError
from bot.press.as_of import published_by
from bot.press.refs import DIGEST, LONGEST_KEY, Kind, Ref, digest
from models import record as rows
from models.base import Wording
from models.desk import PostRevision, State
from models.record import Revision

_PAYLOAD = re.compile(r"(?P<day>\d{8})_(?P<kind>[esf])(?P<revision>\d{1,5})_(?P<key>[\w-]+)", re.ASCII)
_TABLES: dict[Kind, type[Revision]] = {
    Kind.EXCHANGE: rows.Exchange,
    Kind.STATEMENT: rows.Statement,
    Kind.FIGURE: rows.Figure,
}

Found = Exchange | tuple[Claim, Count | None]
"""What is cited, as facts: a figure comes with the statement it was given in."""


class NoCitation(ObminError):
    """A link or a button that leads to nothing in the record."""


@dataclass(frozen=True, slots=True)
class Citation:
    ref: Ref
    revision: int
    """0: the newest."""
    day: date

    def payload(self) -> str:
        """At most 57 characters, all of which may stand in a link."""
        key = self.ref.key if len(self.ref.key) <= LONGEST_KEY else digest(self.ref.key)
        return f"{self.day:%Y%m%d}_{self.ref.kind}{self.revision}_{key}"


@dataclass(frozen=True, slots=True)
class Card:
    """What a citation leads to."""

    cited: Citation
    newest: int
    """The current revision; 0 if it was taken back."""
    changed_at: datetime | None
    """When it was last revised, if that was after what is cited."""
    why: Wording | None
    then: Found
    """In the revision that is cited, as of its day."""
    now: Found | None
    names: tuple[str, ...]
    """Names that may stand in a public text."""


def read(payload: str, today: date) -> Citation:
    """Raises `NoCitation`."""
    parts = _PAYLOAD.fullmatch(payload)
    try:
        day = date.fromisoformat(parts["day"]) if parts else None
    except ValueError:
        day = None
    if parts is None or day is None or day > today:
        raise NoCitation(payload)
    return Citation(Ref(Kind(parts["kind"]), parts["key"]), int(parts["revision"]), day)


async def open_card(session: AsyncSession, record: Record, cited: Citation, today: date) -> Card:
    """`record` is the current one. Raises `NoCitation` for what was never in it, or not in that revision."""
    ref = await _whole(session, cited.ref)
    moments = await _moments(session, ref)
    number = cited.revision or len(moments)
    if not 0 < number <= len(moments):
        raise NoCitation(cited.payload())
    past = record if number == len(moments) else await load(session, known_at=moments[number - 1])
    day = cited.day if cited.day < today else None
    then = _find(past, ref, day)
    if then is None:
        raise NoCitation(cited.payload())
    revised = number < len(moments)
    now = _find(record, ref, None) if revised else then
    return Card(
        cited=replace(cited, ref=ref, revision=number),
        newest=len(moments) if now else 0,
        changed_at=moments[-1] if revised else None,
        why=await why(session, moments[-1]) if revised else None,
        then=then,
        now=now,
        names=tuple(await public_names(session)),
    )


def find(record: Record, ref: Ref) -> Found | None:
    if ref.kind is Kind.EXCHANGE:
        return next((exchange for exchange in record.exchanges if exchange.key == ref.key), None)
    for claim in record.claims:
        if ref.kind is Kind.STATEMENT and claim.key == ref.key:
            return claim, None
        for count in claim.counts:
            if ref.kind is Kind.FIGURE and count.key == ref.key:
                return claim, count
    return None


async def why(session: AsyncSession, moment: datetime) -> Wording | None:
    """What staff said of the change they released at that moment."""
    told = await session.scalar(
        select(PostRevision.why).where(PostRevision.state == State.RELEASED, PostRevision.released_at == moment)
    )
    return Wording(next(iter(told)), told) if told else None


async def public_names(session: AsyncSession) -> Iterable[str]:
    people = select(rows.Term.name).where(rows.Term.sort != rows.TermSort.CATEGORY, rows.Term.until.is_(None))
    names = await session.scalars(people)
    return [text for name in names for text in name.texts.values()]


def _find(record: Record, ref: Ref, day: date | None) -> Found | None:
    """As of a day, where it was published by then; a correction may have moved it past that day."""
    return (find(published_by(record, day), ref) if day else None) or find(record, ref)


async def _whole(session: AsyncSession, ref: Ref) -> Ref:
    """With its key in full, where a digest stands for it."""
    if not ref.key.startswith(DIGEST):
        return ref
    keys = await session.scalars(select(_TABLES[ref.kind].key).distinct())
    return next((Ref(ref.kind, key) for key in keys if digest(key) == ref.key), ref)


async def _moments(session: AsyncSession, ref: Ref) -> list[datetime]:
    """When its rows came, were revised, or went, oldest first."""
    moments: set[datetime] = set()

    async def changes_of(table: type[Revision], *which: ColumnElement[bool]) -> set[str]:
        found = (await session.execute(select(table.key, table.since, table.until).where(or_(*which)))).all()
        moments.update(moment for _, *of_row in found for moment in of_row if moment)
        return {key for key, *_ in found}

    match ref.kind:
        case Kind.EXCHANGE:
            await changes_of(rows.Exchange, rows.Exchange.key == ref.key)
            handovers = await changes_of(rows.Handover, rows.Handover.exchange == ref.key)
            in_it = (rows.Statement.exchange == ref.key, rows.Statement.handover.in_(handovers))
            statements = await changes_of(rows.Statement, *in_it)
        case Kind.STATEMENT:
            statements = await changes_of(rows.Statement, rows.Statement.key == ref.key)
        case Kind.FIGURE:
            await changes_of(rows.Figure, rows.Figure.key == ref.key)
            given_in = select(rows.Figure.statement).where(rows.Figure.key == ref.key)
            await changes_of(rows.Statement, rows.Statement.key.in_(given_in))
            return sorted(moments)
    await changes_of(rows.Figure, rows.Figure.statement.in_(statements))
    await changes_of(rows.Stage, rows.Stage.key.in_(statements))
    return sorted(moments)
