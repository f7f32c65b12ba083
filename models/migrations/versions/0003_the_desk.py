"""Staff, their posts, and the trail of what they did"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

OPEN = sa.text("state NOT IN ('released', 'discarded')")
STAFF_NOW = sa.text("revoked_on IS NULL")


def upgrade() -> None:
    op.create_table(
        "staff_member",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("alias", sa.String(40), nullable=False, unique=True),
        role(),
        sa.Column("chat_index", sa.LargeBinary(32), nullable=False),
        sa.Column("chat_sealed", sa.LargeBinary(64), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(128), nullable=False),
        sa.Column("enrolled", sa.Boolean, nullable=False),
        sa.Column("last_step", sa.Integer, nullable=False),
        sa.Column("wrong_codes", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True)),
        sa.Column("joined_on", sa.Date, nullable=False),
        sa.Column("revoked_on", sa.Date),
        sa.Column("asked", sa.JSON),
    )
    op.create_index(
        "ux_staff_member_chat",
        "staff_member",
        ["chat_index"],
        unique=True,
        sqlite_where=STAFF_NOW,
        postgresql_where=STAFF_NOW,
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code_hash", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("alias", sa.String(40), nullable=False),
        role(),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "post",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "post_revision",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        choice("state", "draft", "held", "submitted", "scheduled", "released", "discarded"),
        choice("kind", "announcement", "progress", "completed", "talks", "advisory"),
        choice("importance", "ordinary", "urgent"),
        sa.Column("withdraws", sa.Boolean, nullable=False),
        sa.Column("to_readers", sa.Boolean, nullable=False),
        sa.Column("texts", sa.JSON, nullable=False),
        sa.Column("why", sa.JSON, nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("photo", sa.String(200)),
        sa.Column("remark", sa.String(1000)),
        sa.Column("written_by", sa.Integer, sa.ForeignKey("staff_member.id")),
        sa.Column("changed_by", sa.Integer, sa.ForeignKey("staff_member.id")),
        sa.Column("looked_by", sa.Integer, sa.ForeignKey("staff_member.id")),
        sa.Column("approved_by", sa.Integer, sa.ForeignKey("staff_member.id")),
        sa.Column("material", sa.Boolean, nullable=False),
        sa.Column("incomplete_allowed", sa.Boolean, nullable=False),
        sa.Column("release_at", sa.DateTime(timezone=True)),
        sa.Column("released_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("post_id", "number"),
        sa.CheckConstraint(
            "approved_by IS NULL OR (approved_by <> written_by AND approved_by <> changed_by)", name="two_people"
        ),
        sa.CheckConstraint(
            "looked_by IS NULL OR (looked_by <> written_by AND looked_by <> changed_by)", name="second_look"
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR looked_by IS NULL OR approved_by <> looked_by", name="third_look"
        ),
        sa.CheckConstraint("state NOT IN ('scheduled', 'released') OR approved_by IS NOT NULL", name="approved"),
        sa.CheckConstraint("(state = 'released') = (released_at IS NOT NULL)", name="released_when"),
    )
    op.create_index(
        "ux_post_revision_open",
        "post_revision",
        ["post_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    desk = op.create_table(
        "desk",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("frozen_by", sa.String(40)),
        sa.Column("thaw_asked_by", sa.String(40)),
        sa.CheckConstraint("id = 1", name="one_row"),
    )
    op.bulk_insert(desk, [{"id": 1}])
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "unanswered",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("topic", sa.String(32), primary_key=True),
        sa.Column("language", sa.String(2), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
    keep("audit_entry", "TRUE", "what was done stays in the trail")
    keep("post_revision", "OLD.state = 'released'", "what was released is never changed or deleted")


def keep(table: str, condition: str, refusal: str) -> None:
    """Refuses to change or delete the rows that `condition` holds of."""
    if op.get_context().dialect.name == "sqlite":
        for event in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_keeps_on_{event} BEFORE {event} ON {table} "
                f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION keep_{table}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION keep_{table}()"
    )


def choice(name: str, *values: str) -> sa.Column[str]:
    allowed = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
    return sa.Column(name, allowed, nullable=False)


def role() -> sa.Column[str]:
    return choice("role", "writer", "reviewer", "admin")
