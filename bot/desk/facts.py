"""What a post says for the record, as staff give it piece by piece, and the rows of the record that it becomes."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.answers.facts import Cited, Count
from bot.desk.refusals import FactsRefused
from bot.desk.rows import MOST_PEOPLE, Key, Text, WebAddress
from bot.i18n import Language
from models.base import Wording
from models.record import (
    Exchange,
    Figure,
    Handover,
    Qualifier,
    Scope,
    Side,
    StageName,
    Statement,
    Term,
    TermSort,
    What,
)

NEW = "new"
"""Stands for an exchange that the record does not have yet."""


class GivenFigure(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    what: What
    qualifier: Qualifier = Qualifier.EXACT
    value: int | None = Field(default=None, ge=0, le=MOST_PEOPLE)
    withheld_by: Side | None = None

    @property
    def scope(self) -> Scope:
        return Scope.EACH_SIDE if self.what is What.EXCHANGED else Scope.ONE_SIDE

    def count(self, side: Side | None) -> Count:
        """As answers have it; `side` is whose account it is."""
        return Count(
            what=self.what,
            value=self.value,
            qualifier=self.qualifier,
            scope=self.scope,
            side=side,
            as_of=None,
            withheld_by=self.withheld_by,
            our_sum=False,
            note=None,
        )


class GivenSource(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    url: WebAddress
    title: Text | None = None
    published: date | None = None

    @property
    def publisher(self) -> str:
        return self.title or self.url.split("/")[2]

    def cited(self, language: Language) -> Cited:
        """As answers have it, for a reader of a language."""
        return Cited(
            key=self.url,
            url=self.url,
            title=None,
            author=None,
            publisher=Wording(language, {language: self.publisher}),
            published=self.published.isoformat() if self.published else None,
            note=None,
        )


class Facts(BaseModel):
    """`rows` are lines of a record file, for what cannot be given piece by piece."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    exchange: Key | Literal["new"] | None = None
    stage: StageName | None = None
    day: date | None = None
    day_withheld_by: Side | None = None
    speaker: Key | None = None
    side: Side | None = None
    said_on: date | None = None
    figures: tuple[GivenFigure, ...] = ()
    sources: tuple[GivenSource, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()

    @model_validator(mode="after")
    def _day_or_its_withholding(self) -> Self:
        if self.day and self.day_withheld_by:
            raise ValueError("a day that is named is not withheld")
        return self

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True)


def rows_of(post_id: int, facts: Facts, texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """Under keys of the post's own: the next revision of the post revises just these rows."""
    own = f"post-{post_id}"
    rows: list[dict[str, Any]] = [
        {
            "kind": "source",
            "key": f"{own}-source-{number}",
            "url": source.url,
            "title": source.publisher,
            "author": None,
            "publisher": None,
            "published": source.published.isoformat() if source.published else None,
            "note": None,
        }
        for number, source in enumerate(facts.sources, 1)
    ]
    cited = [row["key"] for row in rows]
    exchange = own if facts.exchange == NEW else facts.exchange
    if facts.exchange == NEW:
        rows.append({"kind": "exchange", "key": own, "name": None, "round": None})
    handover = None
    if facts.stage is StageName.COMPLETED and exchange and facts.day:
        handover = own
        rows.append(
            {
                "kind": "handover",
                "key": own,
                "exchange": exchange,
                "day": facts.day.isoformat(),
                "place": None,
                "categories": [],
                "mediators": [],
                "confirmed": True,
            }
        )
    if facts.stage or facts.figures or facts.speaker:
        rows.append(
            {
                "kind": "statement",
                "key": own,
                "sort": "claim",
                "speaker": facts.speaker,
                "role": None,
                "side": facts.side,
                "said_on": facts.said_on.isoformat() if facts.said_on else None,
                "gist": {"original": next(iter(texts)), **texts} if texts else None,
                "topic": None,
                "exchange": exchange,
                "handover": handover,
                "round": None,
                "categories": [],
                "mediators": [],
                "relayed_by": [],
                "sources": cited,
            }
        )
    if facts.stage:
        rows.append(
            {
                "kind": "stage",
                "key": own,
                "stage": facts.stage,
                "day": facts.day.isoformat() if facts.day else None,
                "day_withheld_by": facts.day_withheld_by,
            }
        )
    rows += [
        {
            "kind": "figure",
            "key": f"{own}-figure-{number}",
            "statement": own,
            "what": figure.what,
            "value": figure.value,
            "qualifier": figure.qualifier,
            "scope": figure.scope,
            "side": facts.side,
            "as_of": None,
            "withheld_by": figure.withheld_by,
            "our_sum": False,
            "note": None,
        }
        for number, figure in enumerate(facts.figures, 1)
    ]
    return [*rows, *facts.rows]


def words_of(facts: Facts) -> Iterator[str]:
    """Everything in them that somebody wrote in words."""
    for source in facts.sources:
        yield from (source.url, source.title or "")
    for row in facts.rows:
        for value in row.values():
            if isinstance(value, dict):
                yield from (text for text in value.values() if isinstance(text, str))
            elif isinstance(value, str):
                yield value


def links_of(facts: Facts) -> Iterator[tuple[str, str]]:
    """Every address in them, with the words that are shown for it."""
    for source in facts.sources:
        yield source.url, source.publisher
    for row in facts.rows:
        if row["kind"] == "source" and row["url"]:
            yield row["url"], row["title"] or ""


async def side_of(session: AsyncSession, speaker: str) -> Side | None:
    """The side that this speaker speaks for in the record."""
    query = select(Statement.side).where(Statement.speaker == speaker, Statement.until.is_(None))
    return await session.scalar(query.order_by(Statement.id.desc()).limit(1))


async def check(session: AsyncSession, post_id: int, facts: Facts, today: date) -> None:
    """Raises `FactsRefused` for what cannot be true, or contradicts what the record has."""
    if facts.stage is StageName.COMPLETED:
        if facts.day is None:
            raise FactsRefused("completed without a day")
        if facts.day > today:
            raise FactsRefused("completed in the future", day=facts.day)
        if facts.exchange is None:
            raise FactsRefused("completed without an exchange")
    if facts.said_on and facts.said_on > today:
        raise FactsRefused("said in the future", day=facts.said_on)
    for source in facts.sources:
        if source.published and source.published > today:
            raise FactsRefused("published in the future", day=source.published)
    given: dict[What, int] = {}
    for figure in facts.figures:
        if figure.value is None or figure.qualifier is not Qualifier.EXACT:
            continue
        if given.setdefault(figure.what, figure.value) != figure.value:
            raise FactsRefused("two numbers", first=given[figure.what], second=figure.value)
        ours = await _known(session, post_id, facts, figure.what)
        if ours is not None and ours != figure.value:
            raise FactsRefused("another number", ours=ours, given=figure.value)


async def _known(session: AsyncSession, post_id: int, facts: Facts, what: What) -> int | None:
    """The exact number that the record has from the same side for the same day of the same exchange."""
    if facts.exchange in (None, NEW) or facts.day is None:
        return None
    query = (
        select(Figure.value)
        .join(Statement, Statement.key == Figure.statement)
        .join(Handover, Handover.key == Statement.handover)
        .where(
            *(table.until.is_(None) for table in (Figure, Statement, Handover)),
            Handover.exchange == facts.exchange,
            Handover.day == facts.day,
            Figure.what == what,
            Figure.side == facts.side,
            Figure.qualifier == Qualifier.EXACT,
            Figure.statement != f"post-{post_id}",
        )
    )
    return await session.scalar(query.limit(1))


async def exchanges(session: AsyncSession) -> list[tuple[str, date | None]]:
    """Keys of the exchanges, the newest first, each with its last day."""
    days: dict[str, date | None] = dict.fromkeys(
        await session.scalars(select(Exchange.key).where(Exchange.until.is_(None)).order_by(Exchange.id))
    )
    for exchange, day in await session.execute(
        select(Handover.exchange, Handover.day).where(Handover.until.is_(None)).order_by(Handover.day)
    ):
        days[exchange] = day
    return sorted(days.items(), key=lambda found: found[1] or date.max, reverse=True)


async def speakers(session: AsyncSession) -> list[tuple[str, Wording]]:
    """Those whose statements the record has, and whoever else may be quoted, by key and name."""
    may_speak = Term.sort.in_((TermSort.PERSON, TermSort.INSTITUTION, TermSort.SIDE))
    terms = await session.scalars(select(Term).where(may_speak, Term.until.is_(None)).order_by(Term.id))
    spoken = set(await session.scalars(select(Statement.speaker).where(Statement.until.is_(None)).distinct()))
    return sorted(((term.key, term.name) for term in terms), key=lambda found: found[0] not in spoken)
