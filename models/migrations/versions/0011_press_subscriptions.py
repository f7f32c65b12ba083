"""What the press follows, by whose clock, and what a release changed in the record"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("reader", sa.Column("zone", sa.String(40), nullable=False, server_default="Europe/Kyiv"))
    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("reader_id", sa.Integer, sa.ForeignKey("reader.id", ondelete="CASCADE"), nullable=False),
        sa.Column("what", sa.String(140), nullable=False),
        sa.UniqueConstraint("reader_id", "what"),
    )
    op.create_index("ix_subscription_what", "subscription", ["what"])
    op.add_column("broadcast", sa.Column("matching", sa.JSON))
    op.add_column("post_revision", sa.Column("changed", sa.JSON, nullable=False, server_default="[]"))
