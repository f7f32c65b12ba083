"""Who reads: as little as the bot can do with, and nothing that tells a person apart without the vault's key."""

from sqlalchemy import CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Reader(Base):
    """A chat that chose a language. Both forms of its id are made by `bot.vault` alone."""

    __tablename__ = "reader"
    id: Mapped[int] = mapped_column(primary_key=True)
    chat_index: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    chat_sealed: Mapped[bytes] = mapped_column(LargeBinary(64))
    language: Mapped[str] = mapped_column(String(2))
    __table_args__ = (CheckConstraint("language IN ('uk', 'en', 'ru')", name="language"),)


class VaultMark(Base):
    """One row: tells whether the key at hand is the one that this database was sealed with."""

    __tablename__ = "vault_mark"
    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[bytes] = mapped_column(LargeBinary(32))
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
