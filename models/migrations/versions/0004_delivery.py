"""What readers want to be told, and the copies that go to them"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("reader") as reader:
        reader.add_column(sa.Column("follows", sa.String(140)))
        reader.add_column(sa.Column("pace", sa.String(8), nullable=False, server_default="at_once"))
        reader.add_column(sa.Column("digest_hour", sa.Integer, nullable=False, server_default="9"))
        reader.add_column(sa.Column("quiet_from", sa.Integer))
        reader.add_column(sa.Column("quiet_to", sa.Integer))
        reader.add_column(sa.Column("blocked", sa.Boolean, nullable=False, server_default=sa.false()))
        reader.create_check_constraint("pace", "pace IN ('at_once', 'daily', 'weekly')")
        reader.create_check_constraint(
            "hours", "digest_hour BETWEEN 0 AND 23 AND quiet_from BETWEEN 0 AND 23 AND quiet_to BETWEEN 0 AND 23"
        )
    op.create_table(
        "broadcast",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id"), nullable=False),
        sa.Column("revision_id", sa.Integer, sa.ForeignKey("post_revision.id"), nullable=False, unique=True),
        sa.Column("cursor", sa.Integer, nullable=False),
        sa.Column("done", sa.Boolean, nullable=False),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id"), nullable=False),
        sa.Column("reader_id", sa.Integer),
        sa.Column("channel", sa.String(2)),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column(
            "outcome",
            sa.Enum(
                "pending",
                "sent",
                "blocked",
                "failed",
                "uncertain",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("revision_sent", sa.Integer),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.UniqueConstraint("reader_id", "post_id"),
        sa.UniqueConstraint("channel", "post_id"),
        sa.CheckConstraint("(reader_id IS NULL) <> (channel IS NULL)", name="one_recipient"),
        sa.CheckConstraint("outcome <> 'pending' OR due_at IS NOT NULL", name="pending_is_due"),
    )
    op.create_index("ix_delivery_due_at", "delivery", ["due_at", "id"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_index("ix_delivery_post_id", "delivery", ["post_id", "id"])
    lease = op.create_table(
        "courier_lease",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("holder", sa.String(64)),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Column("halted", sa.String(200)),
        sa.CheckConstraint("id = 1", name="one_row"),
    )
    op.bulk_insert(lease, [{"id": 1}])
