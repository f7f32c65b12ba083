"""The moment of the backup that a database was restored from, while it is held back"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("courier_lease", sa.Column("restored_to", sa.DateTime(timezone=True)))
