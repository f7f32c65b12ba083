"""The record as one JSON document, and the schema that it keeps to."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.answers.facts import Cited, Claim, Exchange, Handover, Round
from bot.desk.rows import AnyRow, Key, Words
from bot.opendata.edition import LICENCE, Edition
from bot.opendata.tables import Given, given_of_handovers, in_our_sum
from models.base import Wording
from models.record import Qualifier, Scope, Side, StageName, StatementSort, What

CONTEXT = {
    "@vocab": "https://schema.org/",
    "dcterms": "http://purl.org/dc/terms/",
    "key": "dcterms:identifier",
    "title": "dcterms:title",
    "author": "dcterms:creator",
    "published": "dcterms:issued",
    "place": "dcterms:spatial",
    "day": "dcterms:date",
    # Ours alone.
    "record": None,
}
SCHEMA = "https://json-schema.org/draft/2020-12/schema"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Source(Part):
    """A published page."""

    key: Key
    url: str | None
    title: str | None
    author: str | None
    publisher: Words | None
    published: Annotated[str | None, Field(description="An ISO date as exact as it is known: 2022-03 is a month.")]
    note: Words | None


class Number(Part):
    """A number of people, as the statement that it stands in gives it."""

    what: What
    value: Annotated[int | None, Field(description="Null where there is none; the qualifier says why.")]
    qualifier: Qualifier
    scope: Scope
    side: Side | None
    as_of: date | None
    withheld_by: Side | None
    our_sum: Annotated[bool, Field(description="Whether we added it up from parts that were published.")]
    in_our_sum: Annotated[
        bool, Field(description="Whether it is the one of its handover and direction that may be added up.")
    ]
    note: Words | None


class Statement(Part):
    """Who said what, in the role held on that day. Without a speaker: what published reports tell."""

    key: Key
    sort: StatementSort
    speaker: Words | None
    role: Words | None
    side: Side | None
    said_on: date | None
    gist: Words | None
    topic: str | None
    stage: StageName | None
    stage_day: date | None
    stage_day_withheld_by: Side | None
    numbers: list[Number]
    categories: list[Words]
    mediators: list[Words]
    relayed_by: list[Words]
    sources: Annotated[list[Key], Field(min_length=1, description="Keys in the document's sources.")]


class TalksRound(Part):
    """A round of talks."""

    key: Key
    name: Words
    first_day: date | None
    last_day: date | None
    place: Words | None
    mediators: list[Words]
    sources: list[Key]


class OneHandover(Part):
    """One day on which people of an exchange came home."""

    key: Key
    day: date
    confirmed: Annotated[bool, Field(description="What is not confirmed is told, and never counted.")]
    place: Words | None
    categories: list[Words]
    mediators: list[Words]
    unknown: Annotated[list[What], Field(description="Directions of which we know of no number at all.")]
    statements: list[Statement]


class OneExchange(Part):
    """An exchange; one without handovers is only spoken of."""

    key: Key
    name: Words | None
    round: Key | None
    handovers: list[OneHandover]
    statements: Annotated[list[Statement], Field(description="Those about the exchange as a whole.")]


class Document(Part):
    """Exchanges of prisoners between Ukraine and Russia: who said what, when, and where it was published."""

    context: Annotated[
        dict[str, str | None], Field(alias="@context", description="JSON-LD: whose terms these are.")
    ]
    type: Annotated[Literal["Dataset"], Field(alias="@type")]
    name: str
    description: str
    license: str
    version: Annotated[int, Field(ge=1, description="Of the record; every change moves it.")]
    dateModified: Annotated[datetime, Field(description="When the record came to this version.")]  # noqa: N815 - schema.org's name
    as_of: Annotated[date, Field(description="The day of the newest entry. Later events may be missing.")]
    complete_to: Annotated[date, Field(description="Up to this day the record is complete; after it, partial.")]
    checked_on: Annotated[date | None, Field(description="When somebody last looked for news.")]
    coverage: Words
    inLanguage: list[str]  # noqa: N815 - schema.org's name
    exchanges: Annotated[list[OneExchange], Field(description="Oldest first.")]
    rounds: list[TalksRound]
    statements: Annotated[
        list[Statement], Field(description="Those that are of no one exchange, totals included.")
    ]
    sources: dict[str, Source]
    record: Annotated[
        list[AnyRow], Field(description="The whole record, row by row, as `obmin record import` reads it.")
    ]


def schema() -> dict[str, Any]:
    return {"$schema": SCHEMA, **Document.model_json_schema(mode="serialization")}


def document(edition: Edition) -> bytes:
    """One line for each exchange, statement and row, so that versions can be compared line by line."""
    record = edition.record
    given = list(given_of_handovers(record))
    added = {id(each.count) for each in given if in_our_sum(each)}
    of_exchanges = {claim.key for exchange in record.exchanges for claim in _claims(exchange)}
    cited = [source for claim in record.claims for source in claim.sources]
    cited += [source for round in record.rounds for source in round.sources]
    told = Document(
        context=CONTEXT,
        type="Dataset",
        name="Exchanges of prisoners between Ukraine and Russia",
        description="Who said what, when, in what role, and where it was published.",
        license=LICENCE,
        version=edition.number,
        dateModified=edition.changed_at,
        as_of=edition.as_of,
        complete_to=record.complete_to,
        checked_on=record.checked_on,
        coverage=_words(record.coverage),
        inLanguage=["uk", "en", "ru"],
        exchanges=[_exchange(exchange, given, added) for exchange in record.exchanges],
        rounds=[_round(round) for round in record.rounds],
        statements=[_statement(claim, added) for claim in record.claims if claim.key not in of_exchanges],
        sources={source.key: _source(source) for source in cited},
        record=[],
    )
    parts = told.model_dump(mode="json", by_alias=True)
    parts["record"] = [json.loads(row) for row in edition.rows]
    return "{\n{}\n}\n".replace("{}", ",\n".join(f"{_json(key)}: {_lines(parts[key])}" for key in parts)).encode()


def _lines(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(map(_json, value)) + "\n]"
    return _json(value)


def _json(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    return json.dumps(value, ensure_ascii=False)


def _claims(exchange: Exchange) -> Iterable[Claim]:
    yield from exchange.claims
    for handover in exchange.handovers:
        yield from handover.claims


def _exchange(exchange: Exchange, given: list[Given], added: set[int]) -> OneExchange:
    return OneExchange(
        key=exchange.key,
        name=_maybe(exchange.name),
        round=exchange.round.key if exchange.round else None,
        handovers=[_handover(handover, given, added) for handover in exchange.handovers],
        statements=[_statement(claim, added) for claim in exchange.claims],
    )


def _handover(handover: Handover, given: list[Given], added: set[int]) -> OneHandover:
    return OneHandover(
        key=handover.key,
        day=handover.day,
        confirmed=handover.confirmed,
        place=_maybe(handover.place),
        categories=_all(handover.categories),
        mediators=_all(handover.mediators),
        unknown=[each.what for each in given if each.handover is handover and each.what and each.count is None],
        statements=[_statement(claim, added) for claim in handover.claims],
    )


def _statement(claim: Claim, added: set[int]) -> Statement:
    stage = claim.stage
    return Statement(
        key=claim.key,
        sort=claim.sort,
        speaker=_maybe(claim.speaker),
        role=_maybe(claim.role),
        side=claim.side,
        said_on=claim.said_on,
        gist=_maybe(claim.gist),
        topic=claim.topic,
        stage=stage.stage if stage else None,
        stage_day=stage.day if stage else None,
        stage_day_withheld_by=stage.day_withheld_by if stage else None,
        numbers=[
            Number(
                what=count.what,
                value=count.value,
                qualifier=count.qualifier,
                scope=count.scope,
                side=count.side,
                as_of=count.as_of,
                withheld_by=count.withheld_by,
                our_sum=count.our_sum,
                in_our_sum=id(count) in added,
                note=_maybe(count.note),
            )
            for count in claim.counts
        ],
        categories=_all(claim.categories),
        mediators=_all(claim.mediators),
        relayed_by=_all(claim.relayed_by),
        sources=[source.key for source in claim.sources],
    )


def _round(round: Round) -> TalksRound:
    return TalksRound(
        key=round.key,
        name=_words(round.name),
        first_day=round.first_day,
        last_day=round.last_day,
        place=_maybe(round.place),
        mediators=_all(round.mediators),
        sources=[source.key for source in round.sources],
    )


def _source(cited: Cited) -> Source:
    return Source(
        key=cited.key,
        url=cited.url,
        title=cited.title,
        author=cited.author,
        publisher=_maybe(cited.publisher),
        published=cited.published,
        note=_maybe(cited.note),
    )


def _words(wording: Wording) -> Words:
    return Words.model_validate(wording.as_json())


def _maybe(wording: Wording | None) -> Words | None:
    return _words(wording) if wording else None


def _all(wordings: Iterable[Wording]) -> list[Words]:
    return [_words(wording) for wording in wordings]
