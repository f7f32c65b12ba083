"""A short code for each post, by which anybody can check that it is ours"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def upgrade() -> None:
    # SQLite could not make the column NOT NULL later: revisions refer to the table, so it cannot be made anew.
    op.add_column("post", sa.Column("code", sa.String(8), nullable=False, server_default=""))
    post = sa.table("post", sa.column("id"), sa.column("code"))
    connection = op.get_bind()
    for number in connection.scalars(sa.select(post.c.id)).all():
        code = "".join(secrets.choice(LETTERS) for _ in range(8))
        connection.execute(sa.update(post).where(post.c.id == number).values(code=code))
    op.create_index("ix_post_code", "post", ["code"], unique=True)
