"""Makes a backup of one moment, while others read and write the database."""

import gzip
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast

from bot import table_rows
from bot.backup import FORMAT, PURPOSE, BackupRefused, rows
from bot.backup.sealed import Sealing
from bot.database import Database, revision_of
from bot.vault import Vault, recognise

FAST = 1
"""Of gzip: half of it is sealed already and gets no smaller."""


async def make(
    database: Database, vault: Vault, file: Path, began: Callable[[int], None], advanced: Callable[[int], None]
) -> dict[str, int]:
    """Returns the rows of each table. `began` gets how many there are, `advanced` how many more are done."""
    _look(database, file)
    async with database.read() as session:
        await database.take_time(session)
        connection = await session.connection()
        revision = await connection.run_sync(revision_of)
        if revision is None:
            raise BackupRefused(f"There is nothing in {database.name}. Set DATABASE_URL to the bot's database.")
        await recognise(session, vault)
        tables = await connection.run_sync(rows.tables)
        counts = {table.name: await table_rows.count(session, table) for table in tables}
        began(sum(counts.values()))
        header = {
            "format": FORMAT,
            "revision": revision,
            "made_at": datetime.now(UTC).isoformat(),
            "columns": {table.name: table.columns.keys() for table in tables},
            "rows": counts,
        }
        with (
            _renamed_when_whole(file) as whole,
            Sealing(whole, vault, PURPOSE) as sealing,
            gzip.GzipFile(fileobj=cast(BinaryIO, sealing), mode="wb", compresslevel=FAST) as out,
        ):
            out.write(_line(header))
            for table in tables:
                async for page in rows.pages(session, table):
                    out.write(_line([table.name, page]))
                    advanced(len(page))
    return counts


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _look(database: Database, file: Path) -> None:
    if file.exists():
        raise BackupRefused(f"{file} exists already: choose another name, or remove it.")
    if database.file and not database.file.exists():
        # Opening it would create it.
        raise BackupRefused(f"There is no database {database.file}. Set DATABASE_URL to the bot's database.")


@contextmanager
def _renamed_when_whole(file: Path) -> Iterator[BinaryIO]:
    """A file with mode 600 from its first moment, which gets its name only once it is on the disk."""
    try:
        with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as unfinished:
            try:
                yield cast(BinaryIO, unfinished)
                unfinished.flush()
                os.fsync(unfinished.fileno())
                Path(unfinished.name).replace(file)
            finally:
                Path(unfinished.name).unlink(missing_ok=True)
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise BackupRefused(f"{file} cannot be written: {error.strerror}.") from error
