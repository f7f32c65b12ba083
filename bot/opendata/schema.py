"""What the JSON document holds, as models; its JSON Schema is made of them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.desk.rows import AnyRow, Key, Words
from models.record import Qualifier, Scope, Side, StageName, StatementSort, What

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
    confirmed: Annotated[bool, Field(description="What is not confirmed is shown, and never counted.")]
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
