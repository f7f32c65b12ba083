"""The record in revisions, its version, readers and the vault's mark"""

import sqlalchemy as sa
from alembic import op

from models.migrations.revisions import keep_revisions

revision = "0001"
down_revision = None

SIDES = ("ukraine", "russia")


def upgrade() -> None:
    record_table(
        "term", choice("sort", "person", "institution", "side", "state", "outlet", "category"), words("name")
    )
    record_table(
        "source",
        sa.Column("url", sa.String),
        sa.Column("title", sa.String),
        sa.Column("author", sa.String),
        sa.Column("publisher", sa.String),
        sa.Column("published", sa.String(10)),
        words("note", nullable=True),
    )
    record_table(
        "round",
        words("name"),
        sa.Column("first_day", sa.Date),
        sa.Column("last_day", sa.Date),
        words("place", nullable=True),
        keys("mediators"),
        keys("sources"),
    )
    record_table("exchange", words("name", nullable=True), sa.Column("round", sa.String))
    record_table(
        "handover",
        sa.Column("exchange", sa.String, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        words("place", nullable=True),
        keys("categories"),
        keys("mediators"),
        sa.Column("confirmed", sa.Boolean, nullable=False),
    )
    record_table(
        "statement",
        choice("sort", "claim", "position", "proposal", "event", "figure", "report"),
        sa.Column("speaker", sa.String),
        words("role", nullable=True),
        choice("side", *SIDES, nullable=True),
        sa.Column("said_on", sa.Date),
        words("gist", nullable=True),
        sa.Column("topic", sa.String(32)),
        sa.Column("exchange", sa.String),
        sa.Column("handover", sa.String),
        sa.Column("round", sa.String),
        keys("categories"),
        keys("mediators"),
        keys("relayed_by"),
        keys("sources"),
    )
    record_table(
        "stage",
        choice(
            "stage",
            "discussed",
            "agreed",
            "date_set",
            "preparing",
            "under_way",
            "completed",
            "postponed",
            "cancelled",
        ),
        sa.Column("day", sa.Date),
        choice("day_withheld_by", *SIDES, nullable=True),
    )
    record_table(
        "figure",
        sa.Column("statement", sa.String, nullable=False),
        choice(
            "what",
            "returned_to_ukraine",
            "returned_to_russia",
            "exchanged",
            "held_ukrainians",
            "held_russians",
            "returned_total",
        ),
        sa.Column("value", sa.Integer),
        choice("qualifier", "exact", "at_least", "up_to", "about", "withheld", "not_stated"),
        choice("scope", "each_side", "one_side", "total", "not_stated"),
        choice("side", *SIDES, nullable=True),
        sa.Column("as_of", sa.Date),
        choice("withheld_by", *SIDES, nullable=True),
        sa.Column("our_sum", sa.Boolean, nullable=False),
        words("note", nullable=True),
        sa.CheckConstraint("(qualifier IN ('withheld', 'not_stated')) = (value IS NULL)", name="value_if_known"),
        sa.CheckConstraint("(qualifier = 'withheld') = (withheld_by IS NOT NULL)", name="withheld_by_whom"),
        sa.CheckConstraint("value >= 0", name="counts_people"),
    )
    record_table("coverage", sa.Column("complete_to", sa.Date, nullable=False), words("note"))
    record_table("card", words("text"), sa.Column("verified_on", sa.Date, nullable=False), keys("sources"))
    op.create_table(
        "record_version",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
    )
    op.create_table(
        "reader",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("chat_index", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("chat_sealed", sa.LargeBinary(64), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.CheckConstraint("language IN ('uk', 'en', 'ru')", name="language"),
    )
    op.create_table(
        "vault_mark",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("mark", sa.LargeBinary(32), nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
    )


def record_table(name: str, *columns: sa.schema.SchemaItem) -> None:
    table = op.create_table(
        name,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        *columns,
        sa.CheckConstraint("until IS NULL OR until >= since", name="since_before_until"),
    )
    ours_now = sa.text("until IS NULL")
    op.create_index(f"ux_{name}_key", name, ["key"], unique=True, sqlite_where=ours_now, postgresql_where=ours_now)
    keep_revisions(name, [column.name for column in table.columns])


def words(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.JSON, nullable=nullable)


def keys(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON, nullable=False)


def choice(name: str, *values: str, nullable: bool = False) -> sa.Column[str]:
    allowed = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
    return sa.Column(name, allowed, nullable=nullable)
