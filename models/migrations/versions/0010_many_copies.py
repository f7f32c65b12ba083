"""More copies than 32 bits can number; SQLite's integers have 64 anyway"""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE delivery ALTER COLUMN id TYPE bigint")
        op.execute("ALTER SEQUENCE delivery_id_seq AS bigint")
        op.execute("ALTER TABLE broadcast ALTER COLUMN cursor TYPE bigint")
