"""What a search looks through: one row for each exchange, statement, source and released post, as they stand now.

Made from the record and the posts by `bot.search.index`, and made anew whenever they move; nothing of a person who
searches is here. The full-text index is each database's own, and stands in the migration: in SQLite the FTS5 table
`search_words`, in PostgreSQL the GIN index of that name.
"""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, enum_of


class Sort(StrEnum):
    EXCHANGE = "exchange"
    STATEMENT = "statement"
    SOURCE = "source"
    POST = "post"


class SearchEntry(Base):
    __tablename__ = "search_entry"
    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    """In the order of days, sources before all else: what was found is listed by it backwards, unsorted."""
    ref: Mapped[str] = mapped_column(String(12), unique=True)
    """A short name that stays when the row is made anew: what a button carries."""
    sort: Mapped[Sort] = mapped_column(enum_of(Sort, "sort"))
    key: Mapped[str] = mapped_column(String(120))
    """Of the exchange, statement or source; the number of a post."""
    first_day: Mapped[date | None]
    """Null: on no day that we know. The last day is in `id`."""
    words: Mapped[str] = mapped_column(Text)
    """The stems of all its words in all its languages, with a space between them: see `bot.search.words`."""


class SearchState(Base):
    """One row: from which version of the record, and after how many releases, the entries were made."""

    __tablename__ = "search_state"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    releases: Mapped[int]
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
