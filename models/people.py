"""Who reads: as little as the bot needs, and nothing that tells a person apart without the vault's key."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base

KYIV = "Europe/Kyiv"


class Pace(StrEnum):
    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"
    """On Mondays."""


class Reader(Base):
    """A chat that chose a language. Both forms of its id are made by `bot.vault` alone."""

    __tablename__ = "reader"
    id: Mapped[int] = mapped_column(primary_key=True)
    chat_index: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    chat_sealed: Mapped[bytes] = mapped_column(LargeBinary(64))
    language: Mapped[str] = mapped_column(String(2))
    follows: Mapped[str | None] = mapped_column(String(140))
    """What updates are wanted: a key of `bot.delivery.subscriptions.FOLLOWED`, an exchange, or none."""
    pace: Mapped[str] = mapped_column(String(8), default=Pace.AT_ONCE)
    digest_hour: Mapped[int] = mapped_column(default=9)
    """For those who want updates once a day or a week."""
    quiet_from: Mapped[int | None]
    """Hours between which updates make no sound."""
    quiet_to: Mapped[int | None]
    zone: Mapped[str] = mapped_column(String(40), default=KYIV)
    """By whose clock these hours are: a name of the IANA's time zones."""
    blocked: Mapped[bool] = mapped_column(default=False)
    """Whether Telegram said that the bot cannot write here; ends when the reader comes back."""
    __table_args__ = (
        CheckConstraint("language IN ('uk', 'en', 'ru')", name="language"),
        CheckConstraint("pace IN ('at_once', 'daily', 'weekly')", name="pace"),
        CheckConstraint(
            "digest_hour BETWEEN 0 AND 23 AND quiet_from BETWEEN 0 AND 23 AND quiet_to BETWEEN 0 AND 23",
            name="hours",
        ),
    )


class Subscription(Base):
    """What a reader follows in addition to `follows`. However many of them fit a post, it makes one copy."""

    __tablename__ = "subscription"
    id: Mapped[int] = mapped_column(primary_key=True)
    reader_id: Mapped[int] = mapped_column(ForeignKey("reader.id", ondelete="CASCADE"))
    what: Mapped[str] = mapped_column(String(140))
    """A choice, written by `bot.delivery.press`: "side:russia"; of a search its stems, all words of the record."""
    __table_args__ = (
        UniqueConstraint("reader_id", "what"),
        Index("ix_subscription_what", "what"),
    )


class Watch(Base):
    """A reader who wants to be told once when the answer to a question changes."""

    __tablename__ = "watch"
    id: Mapped[int] = mapped_column(primary_key=True)
    reader_id: Mapped[int] = mapped_column(ForeignKey("reader.id", ondelete="CASCADE"))
    question: Mapped[str] = mapped_column(String(64))
    """`bot.understanding.Question.packed`: a topic, days, an official; never the words of a person."""
    known_at: Mapped[datetime]
    """The change of the record which the answer stood on: the record's time, not the reader's."""
    __table_args__ = (
        UniqueConstraint("reader_id", "question"),
        Index("ix_watch_question", "question", "known_at"),
    )


class VaultMark(Base):
    """Tells whether a key at hand is the one that this database was sealed with; two while it is changed."""

    __tablename__ = "vault_mark"
    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
