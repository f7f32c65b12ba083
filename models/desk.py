"""The desk: verified staff, the posts they write and release, and the trail of what they did.

Who may do what is decided in `bot.desk`; what must never happen is refused here, by constraints and triggers.
"""

import secrets
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, enum_of


class Role(StrEnum):
    WRITER = "writer"
    REVIEWER = "reviewer"
    ADMIN = "admin"


class Kind(StrEnum):
    ANNOUNCEMENT = "announcement"
    PROGRESS = "progress"
    COMPLETED = "completed"
    TALKS = "talks"
    ADVISORY = "advisory"


class Importance(StrEnum):
    ORDINARY = "ordinary"
    URGENT = "urgent"


class State(StrEnum):
    """How far a revision has come. What is released stays released: a correction is another revision."""

    DRAFT = "draft"
    HELD = "held"
    """It holds something that may harm, and waits for a reviewer to say that it may go on."""
    SUBMITTED = "submitted"
    SCHEDULED = "scheduled"
    RELEASED = "released"
    DISCARDED = "discarded"


class StaffMember(Base):
    """A verified member of staff. The alias is chosen at the invitation and need not be a name."""

    __tablename__ = "staff_member"
    id: Mapped[int] = mapped_column(primary_key=True)
    alias: Mapped[str] = mapped_column(String(40), unique=True)
    role: Mapped[Role] = mapped_column(enum_of(Role, "role"))
    chat_index: Mapped[bytes] = mapped_column(LargeBinary(32))
    chat_sealed: Mapped[bytes] = mapped_column(LargeBinary(64))
    language: Mapped[str] = mapped_column(String(2))
    """In which the member was invited; a language chosen as a reader takes precedence."""
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary(128))
    """Of the authenticator (TOTP)."""
    enrolled: Mapped[bool] = mapped_column(default=False)
    """Whether a first code has shown that the authenticator works."""
    last_step: Mapped[int] = mapped_column(default=0)
    """Of the last code that was taken: no code counts twice."""
    wrong_codes: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    joined_on: Mapped[date]
    revoked_on: Mapped[date | None]
    asked: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What the member's next message is for: the draft's part, or the act that waits for a code."""
    __table_args__ = (
        # One person is staff once at a time, and may come back after having left.
        Index(
            "ux_staff_member_chat",
            "chat_index",
            unique=True,
            sqlite_where=text("revoked_on IS NULL"),
            postgresql_where=text("revoked_on IS NULL"),
        ),
    )


class Invitation(Base):
    """A link that makes one person staff, once. The code itself is not kept, only its hash."""

    __tablename__ = "invitation"
    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    alias: Mapped[str] = mapped_column(String(40))
    role: Mapped[Role] = mapped_column(enum_of(Role, "role"))
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    """When it was used or revoked."""


CODE_LENGTH = 8
CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32 leaves out the letters that are read as others: https://www.crockford.com/base32.html."""


def new_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


class Post(Base):
    """What readers are told of one thing; everything about it is in its revisions."""

    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(CODE_LENGTH), default=new_code, unique=True, index=True)
    """Stands under every copy, so that anybody can ask whether the post is ours."""
    withdrawn_at: Mapped[datetime | None]


class PostRevision(Base):
    __tablename__ = "post_revision"
    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    post: Mapped[Post] = relationship(lazy="joined", innerjoin=True)
    number: Mapped[int]
    state: Mapped[State] = mapped_column(enum_of(State, "state"), default=State.DRAFT)
    kind: Mapped[Kind] = mapped_column(enum_of(Kind, "kind"))
    importance: Mapped[Importance] = mapped_column(enum_of(Importance, "importance"), default=Importance.ORDINARY)
    withdraws: Mapped[bool] = mapped_column(default=False)
    """Whether this revision takes the post back instead of changing it."""
    to_readers: Mapped[bool] = mapped_column(default=True)
    """False for a change of the record that readers get no message about."""
    texts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """By language; the first one written is the original."""
    why: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """What changed and why, by language: of a correction or a withdrawal."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What the post says for the record: see `bot.desk.facts`."""
    changed: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """What its release changes in what the record had told before: see `bot.desk.difference`."""
    photo: Mapped[str | None] = mapped_column(String(200))
    """Telegram's id of the file."""
    remark: Mapped[str | None] = mapped_column(String(1000))
    """Why it was sent back."""
    written_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    """Null: it came from a file, by a command on the server."""
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    looked_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    material: Mapped[bool] = mapped_column(default=False)
    """Of a released correction: whether it says something else for the record, so that readers must be told."""
    incomplete_allowed: Mapped[bool] = mapped_column(default=False)
    """Whether the reviewer lets an urgent post go with a language missing."""
    release_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("post_id", "number"),
        CheckConstraint(
            "approved_by IS NULL OR (approved_by <> written_by AND approved_by <> changed_by)", name="two_people"
        ),
        CheckConstraint(
            "looked_by IS NULL OR (looked_by <> written_by AND looked_by <> changed_by)", name="second_look"
        ),
        CheckConstraint("approved_by IS NULL OR looked_by IS NULL OR approved_by <> looked_by", name="third_look"),
        CheckConstraint("state NOT IN ('scheduled', 'released') OR approved_by IS NOT NULL", name="approved"),
        CheckConstraint("(state = 'released') = (released_at IS NOT NULL)", name="released_when"),
        # Only one revision of a post is being worked on at a time.
        Index(
            "ux_post_revision_open",
            "post_id",
            unique=True,
            sqlite_where=text("state NOT IN ('released', 'discarded')"),
            postgresql_where=text("state NOT IN ('released', 'discarded')"),
        ),
    )


class Desk(Base):
    """One row, locked by everything that staff do: so their acts come one after another, and the trail too."""

    __tablename__ = "desk"
    id: Mapped[int] = mapped_column(primary_key=True)
    frozen_by: Mapped[str | None] = mapped_column(String(40))
    thaw_asked_by: Mapped[str | None] = mapped_column(String(40))
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)


class AuditEntry(Base):
    """An act of staff, chained to the one before by its hash."""

    __tablename__ = "audit_entry"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    told: Mapped[str] = mapped_column(Text)
    """The whole entry as one line of JSON: exactly the bytes that the hash was made of."""
    hash: Mapped[str] = mapped_column(String(64))


class Unanswered(Base):
    """How often, on a day, the bot had no answer to give; never what was asked."""

    __tablename__ = "unanswered"
    day: Mapped[date] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(32), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    count: Mapped[int]
