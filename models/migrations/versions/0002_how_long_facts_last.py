"""How long a card's facts last, and the day on which somebody last looked for news"""

import sqlalchemy as sa
from alembic import op

from models.migrations.revisions import keep_revisions

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("card", sa.Column("valid_days", sa.Integer, nullable=False, server_default="180"))
    op.add_column("coverage", sa.Column("checked_on", sa.Date))
    keep_revisions("card", ["id", "key", "since", "text", "verified_on", "sources", "valid_days"])
    keep_revisions("coverage", ["id", "key", "since", "complete_to", "note", "checked_on"])
