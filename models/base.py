"""The declarative base, and the column types that every room shares."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, Dialect, Enum, MetaData
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator


@dataclass(frozen=True, slots=True)
class Wording:
    """One text in the languages it has, and the language in which it was first written.

    Stored as one JSON object, so that a revision of a row carries all its languages at once.
    """

    original: str
    texts: Mapping[str, str] = field(hash=False)

    def spoken(self, language: str) -> tuple[str, bool]:
        """The text for a reader of `language`, and whether it had to be the original instead."""
        if language in self.texts:
            return self.texts[language], False
        return self.texts[self.original], True

    def as_json(self) -> dict[str, str]:
        return {"original": self.original, **self.texts}

    @classmethod
    def from_json(cls, value: Mapping[str, str]) -> "Wording":
        texts = dict(value)
        return cls(original=texts.pop("original"), texts=texts)


class WordingType(TypeDecorator[Wording]):
    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Wording | None, dialect: Dialect) -> dict[str, str] | None:
        return None if value is None else value.as_json()

    def process_result_value(self, value: dict[str, str] | None, dialect: Dialect) -> Wording | None:
        return None if value is None else Wording.from_json(value)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always aware and in UTC; SQLite would hand back a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        Wording: WordingType,
        list[str]: JSON,
    }


def enum_of(kind: type[StrEnum], column: str) -> Enum:
    """Stored by value, with a CHECK on both databases that is named after the column."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=column,
        values_callable=lambda members: [member.value for member in members],
    )
