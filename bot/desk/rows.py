"""The record as a file: one JSON object a line, told apart by `kind`, checked field by field before use."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from sqlalchemy import inspect

from models import record
from models.base import Wording
from models.record import Qualifier, Revision, Scope, Side, StageName, StatementSort, TermSort, What

LONGEST_TEXT = 1500
"""Characters; a claim with its attribution and links then still fits one Telegram message."""
MOST_PEOPLE = 1_000_000
LONGEST_VALID = 3650
"""Days for which a card of guidance may hold."""

Text = Annotated[
    # PostgreSQL keeps no U+0000.
    str, StringConstraints(min_length=1, max_length=LONGEST_TEXT, strip_whitespace=True, pattern=r"^[^\x00]*$")
]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=120)]
KeyOnButton = Annotated[Key, Field(max_length=40)]
"""A button carries 64 bytes."""
WebAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"/\x00][^\s<>\"\x00]*$", max_length=500)]


def _is_a_date(text: str) -> str:
    date.fromisoformat((text + "-01-01")[:10])
    return text


PartialDate = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d\d(-\d\d)?)?$"), AfterValidator(_is_a_date)]


class Words(BaseModel):
    """A text in the languages it has; `original` names the one it was first written in."""

    model_config = ConfigDict(extra="forbid")
    original: Literal["uk", "en", "ru"]
    uk: Text | None = None
    en: Text | None = None
    ru: Text | None = None

    @model_validator(mode="after")
    def _original_is_there(self) -> Self:
        if getattr(self, self.original) is None:
            raise ValueError(f"the text in the original language ({self.original}) is missing")
        return self

    def wording(self) -> Wording:
        return Wording.from_json(self.model_dump(exclude_none=True))


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: str
    key: Key

    def values(self) -> dict[str, Any]:
        """Column by column, as the table has them."""
        return {
            name: value.wording() if isinstance(value, Words) else value for name, value in self if name != "kind"
        }


class TermRow(Row):
    kind: Literal["term"]
    sort: TermSort
    name: Words


class SourceRow(Row):
    kind: Literal["source"]
    url: WebAddress | None
    title: Text | None
    author: Text | None
    publisher: Key | None
    published: PartialDate | None
    note: Words | None


class RoundRow(Row):
    kind: Literal["round"]
    name: Words
    first_day: date | None
    last_day: date | None
    place: Words | None
    mediators: list[Key]
    sources: list[Key] = Field(min_length=1)


class ExchangeRow(Row):
    kind: Literal["exchange"]
    key: KeyOnButton
    name: Words | None
    round: Key | None


class HandoverRow(Row):
    kind: Literal["handover"]
    exchange: Key
    day: date
    place: Words | None
    categories: list[Key]
    mediators: list[Key]
    confirmed: bool


class StatementRow(Row):
    kind: Literal["statement"]
    sort: StatementSort
    speaker: Key | None
    role: Words | None
    side: Side | None
    said_on: date | None
    gist: Words | None
    topic: Key | None
    exchange: Key | None
    handover: Key | None
    round: Key | None
    categories: list[Key]
    mediators: list[Key]
    relayed_by: list[Key]
    sources: list[Key] = Field(min_length=1)


class StageRow(Row):
    kind: Literal["stage"]
    stage: StageName
    day: date | None
    day_withheld_by: Side | None


class FigureRow(Row):
    kind: Literal["figure"]
    statement: Key
    what: What
    value: int | None = Field(ge=0, le=MOST_PEOPLE)
    qualifier: Qualifier
    scope: Scope
    side: Side | None
    as_of: date | None
    withheld_by: Side | None
    our_sum: bool
    note: Words | None

    @model_validator(mode="after")
    def _value_fits_qualifier(self) -> Self:
        untold = self.qualifier in (Qualifier.WITHHELD, Qualifier.NOT_STATED)
        if untold != (self.value is None):
            raise ValueError(f"the value {self.value} does not fit the qualifier {self.qualifier}")
        if (self.qualifier is Qualifier.WITHHELD) != (self.withheld_by is not None):
            raise ValueError("withheld_by stands where the qualifier is withheld, and only there")
        return self


class CoverageRow(Row):
    kind: Literal["coverage"]
    key: Literal["record"]
    complete_to: date
    checked_on: date | None = None
    note: Words


class CardRow(Row):
    kind: Literal["card"]
    key: KeyOnButton
    text: Words
    verified_on: date
    valid_days: int = Field(default=180, gt=0, le=LONGEST_VALID)
    sources: list[Key] = Field(min_length=1)


AnyRow = Annotated[
    TermRow
    | SourceRow
    | RoundRow
    | ExchangeRow
    | HandoverRow
    | StatementRow
    | StageRow
    | FigureRow
    | CoverageRow
    | CardRow,
    Field(discriminator="kind"),
]

TABLES: dict[str, type[Revision]] = {table.__tablename__: table for table in record.RECORD}

REFERENCES: dict[tuple[str, str], str] = {
    ("source", "publisher"): "term",
    ("round", "mediators"): "term",
    ("round", "sources"): "source",
    ("exchange", "round"): "round",
    ("handover", "exchange"): "exchange",
    ("handover", "categories"): "term",
    ("handover", "mediators"): "term",
    ("statement", "speaker"): "term",
    ("statement", "exchange"): "exchange",
    ("statement", "handover"): "handover",
    ("statement", "round"): "round",
    ("statement", "categories"): "term",
    ("statement", "mediators"): "term",
    ("statement", "relayed_by"): "term",
    ("statement", "sources"): "source",
    ("stage", "key"): "statement",
    ("figure", "statement"): "statement",
    ("card", "sources"): "source",
}
"""Which field holds keys of which kind. Revisions refer by key, so this is not a foreign key's work."""


def as_values(row: Revision) -> dict[str, Any]:
    """What a revision says, column by column, without when it was ours."""
    skipped = {"id", "since", "until"}
    return {
        column.key: getattr(row, column.key)
        for column in inspect(type(row)).column_attrs
        if column.key not in skipped
    }


def as_json(row: Revision) -> dict[str, Any]:
    """The line of a file that `row` would be read from."""
    return {"kind": type(row).__tablename__} | {
        name: value.as_json() if isinstance(value, Wording) else value for name, value in as_values(row).items()
    }
