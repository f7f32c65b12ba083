"""Who wants to be told when an answer changes"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "watch",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("reader_id", sa.Integer, sa.ForeignKey("reader.id", ondelete="CASCADE"), nullable=False),
        sa.Column("question", sa.String(64), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("reader_id", "question"),
    )
    op.create_index("ix_watch_question", "watch", ["question", "known_at"])
