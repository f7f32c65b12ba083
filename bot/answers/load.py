"""From the tables to the facts.

The whole record is a few hundred rows, so it is read at once and kept until its version moves: a hundred
thousand askers in an hour cost one small query each.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.answers.facts import Card, Cited, Claim, Count, Exchange, Handover, Record, Round, StageClaim
from models import record as rows
from models.base import Wording
from models.record import Revision, StatementSort

Row = TypeVar("Row", bound=Revision)
Fact = TypeVar("Fact")


class Shelf:
    """Keeps the newest version of the record at hand."""

    def __init__(self) -> None:
        self._record: Record | None = None

    async def records(self, session: AsyncSession, _: object) -> dict[None, Record]:
        """There is only one."""
        version = await session.scalar(select(rows.RecordVersion.number))
        if self._record is None or self._record.version != version:
            self._record = await load(session)
        return {None: self._record}


async def load(session: AsyncSession, known_at: datetime | None = None) -> Record:
    """The record as it is ours now, or as it was ours at `known_at`."""

    async def kept(table: type[Row]) -> Sequence[Row]:
        query = select(table).order_by(table.id)
        if known_at is None:
            query = query.where(table.until.is_(None))
        else:
            query = query.where(table.since <= known_at, or_(table.until.is_(None), table.until > known_at))
        return (await session.scalars(query)).all()

    names = {term.key: term.name for term in await kept(rows.Term)}
    cited = {
        source.key: _fact(Cited, source, publisher=names.get(source.publisher or ""))
        for source in await kept(rows.Source)
    }

    def named(keys: Iterable[str]) -> tuple[Wording, ...]:
        return tuple(names[key] for key in keys)

    def cites(keys: Iterable[str]) -> tuple[Cited, ...]:
        return tuple(cited[key] for key in keys)

    counts: defaultdict[str, list[Count]] = defaultdict(list)
    for figure in await kept(rows.Figure):
        counts[figure.statement].append(_fact(Count, figure))
    stages = {stage.key: _fact(StageClaim, stage) for stage in await kept(rows.Stage)}
    claims = sorted(
        (
            _fact(
                Claim,
                statement,
                speaker=names.get(statement.speaker or ""),
                speaker_key=statement.speaker,
                categories=named(statement.categories),
                mediators=named(statement.mediators),
                relayed_by=named(statement.relayed_by),
                sources=cites(statement.sources),
                counts=tuple(counts[statement.key]),
                stage=stages.get(statement.key),
            )
            for statement in await kept(rows.Statement)
        ),
        key=lambda claim: (claim.known_on, claim.sort is not StatementSort.REPORT),
    )
    rounds = {
        round.key: _fact(Round, round, mediators=named(round.mediators), sources=cites(round.sources))
        for round in await kept(rows.Round)
    }
    of_handover: defaultdict[str, list[Claim]] = defaultdict(list)
    of_exchange: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.handover:
            of_handover[claim.handover].append(claim)
        elif claim.exchange:
            of_exchange[claim.exchange].append(claim)
    handovers: defaultdict[str, list[Handover]] = defaultdict(list)
    for handover in sorted(await kept(rows.Handover), key=lambda handover: handover.day):
        handovers[handover.exchange].append(
            _fact(
                Handover,
                handover,
                categories=named(handover.categories),
                mediators=named(handover.mediators),
                claims=tuple(of_handover[handover.key]),
            )
        )
    exchanges = [
        _fact(
            Exchange,
            exchange,
            round=rounds.get(exchange.round or ""),
            handovers=tuple(handovers[exchange.key]),
            claims=tuple(of_exchange[exchange.key]),
        )
        for exchange in await kept(rows.Exchange)
    ]
    (coverage,) = await kept(rows.Coverage)
    version = await session.get_one(rows.RecordVersion, 1)
    return Record(
        version=version.number,
        complete_to=coverage.complete_to,
        coverage=coverage.note,
        checked_on=coverage.checked_on,
        exchanges=tuple(
            sorted(exchanges, key=lambda exchange: exchange.first_day if exchange.handovers else date.max)
        ),
        claims=tuple(claims),
        rounds=tuple(sorted(rounds.values(), key=lambda round: round.known_on)),
        cards={card.key: _fact(Card, card, sources=cites(card.sources)) for card in await kept(rows.Card)},
    )


def _fact(kind: type[Fact], row: Revision, **resolved: Any) -> Fact:  # noqa: ANN401 - fields of any type
    """A fact with the row's own fields, except those that had to be resolved."""
    own = {
        field.name: getattr(row, field.name)
        for field in fields(kind)  # type: ignore[arg-type]
        if field.name not in resolved
    }
    return kind(**own, **resolved)
