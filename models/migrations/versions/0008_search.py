"""What a search looks through, and each database's own full-text index over it"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "search_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("ref", sa.String(12), nullable=False, unique=True),
        sa.Column("sort", sa.String(32), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("first_day", sa.Date),
        sa.Column("words", sa.Text, nullable=False),
        sa.CheckConstraint("sort IN ('exchange', 'statement', 'source', 'post')", name="sort"),
    )
    op.create_table(
        "search_state",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("releases", sa.Integer, nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
    )
    if op.get_context().dialect.name == "sqlite":
        for statement in IN_SQLITE:
            op.execute(statement)
    else:
        op.execute(
            "CREATE INDEX search_words ON search_entry USING gin (array_to_tsvector(string_to_array(words, ' ')))"
        )


# It is only asked which words stand in which row, so it keeps neither their places nor a copy of them.
IN_SQLITE = (
    """
    CREATE VIRTUAL TABLE search_words USING fts5(
        words, content = 'search_entry', content_rowid = 'id', detail = 'none', columnsize = 0, prefix = '4 5 6',
        tokenize = 'unicode61 remove_diacritics 0'
    )
    """,
    "CREATE VIRTUAL TABLE search_words_known USING fts5vocab(search_words, row)",
    """
    CREATE TRIGGER search_entry_added AFTER INSERT ON search_entry BEGIN
        INSERT INTO search_words (rowid, words) VALUES (NEW.id, NEW.words);
    END
    """,
    """
    CREATE TRIGGER search_entry_deleted AFTER DELETE ON search_entry BEGIN
        INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', OLD.id, OLD.words);
    END
    """,
)
