"""The whole database as one sealed file, and back: from SQLite or PostgreSQL, into SQLite or PostgreSQL.

Inside the seal: gzip, JSON lines. The first describes the others; each of those is a table's name with some rows.
"""

from bot.errors import ObminError

PURPOSE = b"backup"
FORMAT = 1


class BackupRefused(ObminError):
    """It cannot be made or restored as things are."""
