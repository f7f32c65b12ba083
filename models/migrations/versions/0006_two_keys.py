"""Two keys of the vault, while it is changed"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.drop_table("vault_mark")
    op.create_table(
        "vault_mark",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("mark", sa.LargeBinary(32), nullable=False, unique=True),
    )
