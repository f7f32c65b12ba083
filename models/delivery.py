"""From a released post to each reader: what is to be sent, what was sent, and who is sending."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, enum_of

COPIES = BigInteger().with_variant(Integer, "sqlite")
"""A million readers and 2,148 posts are more than 32 bits can number; SQLite's integers have 64 anyway."""


LEASE = timedelta(seconds=8)
"""After that a claimed copy whose courier is gone comes due again. A courier passes over what it has in hand."""


class Outcome(StrEnum):
    """Every copy has exactly one, at every moment."""

    PENDING = "pending"
    SENT = "sent"
    BLOCKED = "blocked"
    """The reader blocked the bot, or is gone."""
    FAILED = "failed"
    """Telegram refused the message itself."""
    UNCERTAIN = "uncertain"
    """It may have arrived: twice the answer did not come."""


class Broadcast(Base):
    """The decision to deliver a revision, made in the transaction of its release; carried out reader by reader."""

    __tablename__ = "broadcast"
    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("post_revision.id"), unique=True)
    cursor: Mapped[int] = mapped_column(COPIES)
    """Of the reader, or of the copy, up to which it has been carried out."""
    done: Mapped[bool]
    matching: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """Which subscriptions the post fits, found out once, when its first copies are made."""


class Delivery(Base):
    """One post's copy for one reader or channel. `due_at` is the queue: null when there is nothing to do."""

    __tablename__ = "delivery"
    id: Mapped[int] = mapped_column(COPIES, primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    reader_id: Mapped[int | None]
    """No foreign key: who leaves takes the copies along, and nothing waits for that."""
    channel: Mapped[str | None] = mapped_column(String(2))
    """The language of a public channel, where the copy is for one."""
    language: Mapped[str] = mapped_column(String(2))
    """In which it was sent, and is corrected."""
    due_at: Mapped[datetime | None]
    outcome: Mapped[Outcome] = mapped_column(enum_of(Outcome, "outcome"))
    revision_sent: Mapped[int | None]
    """The id of the revision that the reader has."""
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int]
    """Whose outcome was unclear."""
    __table_args__ = (
        UniqueConstraint("reader_id", "post_id"),
        UniqueConstraint("channel", "post_id"),
        CheckConstraint("(reader_id IS NULL) <> (channel IS NULL)", name="one_recipient"),
        CheckConstraint("outcome <> 'pending' OR due_at IS NOT NULL", name="pending_is_due"),
        Index(
            "ix_delivery_due_at",
            "due_at",
            "id",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index("ix_delivery_post_id", "post_id", "id"),
    )


class CourierLease(Base):
    """One row: which process sends, and until when the others stand by."""

    __tablename__ = "courier_lease"
    id: Mapped[int] = mapped_column(primary_key=True)
    holder: Mapped[str | None] = mapped_column(String(64))
    until: Mapped[datetime | None]
    halted: Mapped[str | None] = mapped_column(String(200))
    """Why nothing is sent until an operator has looked: Telegram refuses the token, or a backup was restored."""
    restored_to: Mapped[datetime | None]
    """The moment of that backup, until it is decided what becomes of what was unsent then."""
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)


class TakenUpdate(Base):
    """An update of Telegram that one of several bots behind a webhook has taken. It says nothing of who wrote."""

    __tablename__ = "taken_update"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """Telegram's number of the update."""
    at: Mapped[datetime] = mapped_column(index=True)
