"""Restores a backup into an empty database, all or nothing; nothing is sent until `obmin delivery resume`."""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from sqlalchemy import Connection, inspect

from bot import table_rows
from bot.backup import FORMAT, PURPOSE, BackupRefused, rows
from bot.backup.sealed import NotOpened, Opening
from bot.database import Database, known_schemas, upgrade
from bot.delivery import lease, watches
from bot.desk import audit, staff
from bot.vault import Vault, recognise


@dataclass(frozen=True, slots=True)
class Restored:
    made_at: datetime
    rows: dict[str, int]


async def restore(
    database: Database, vault: Vault, file: Path, began: Callable[[int], None], advanced: Callable[[int], None]
) -> Restored:
    """`began` gets how many rows there are, `advanced` how many more are done."""
    database.make_file()
    async with database.write(alone=True) as session:
        await database.take_time(session)
        with _opened(file, vault) as lines:
            connection = await session.connection()
            if await connection.run_sync(_has_tables):
                raise BackupRefused(
                    f"{database.name} is not empty, and nothing is ever restored over it. "
                    "Set DATABASE_URL to a new database."
                )
            header = json.loads(next(lines))
            _check(header)
            began(sum(header["rows"].values()))
            await connection.run_sync(upgrade, header["revision"])
            tables = {table.name: table for table in await connection.run_sync(rows.tables)}
            for table in tables.values():
                await rows.clear(session, table)
            for line in lines:
                name, page = json.loads(line)
                await rows.add(session, tables[name], header["columns"][name], page)
                advanced(len(page))
            for table in tables.values():
                await table_rows.number_on(session, table)
            await connection.run_sync(upgrade)
            await recognise(session, vault)
            made_at = datetime.fromisoformat(header["made_at"])
            await lease.hold(session, made_at)
            await watches.know_all(session)
            await staff.lock(session)
            await audit.note(session, staff.SERVER, "restore", "database", made_at=header["made_at"])
    return Restored(made_at, header["rows"])


def _check(header: dict[str, Any]) -> None:
    if header["format"] != FORMAT or header["revision"] not in known_schemas():
        raise BackupRefused(
            "The backup was made by a newer version of Obmin "
            f"(its revision is {header['revision']}): bring Obmin up to date."
        )


def _has_tables(connection: Connection) -> bool:
    return bool(inspect(connection).get_table_names())


@contextmanager
def _opened(file: Path, vault: Vault) -> Iterator[Iterator[bytes]]:
    """Its lines. What is wrong with it shows while they are read: nothing may be committed before their end."""
    try:
        with file.open("rb") as sealed:
            opening = cast(BinaryIO, Opening(sealed, vault, PURPOSE))
            with gzip.GzipFile(fileobj=opening, mode="rb") as lines:
                yield iter(lines)
    except NotOpened as error:
        raise BackupRefused(f"{file} cannot be restored: {error}.") from error
    except OSError as error:
        raise BackupRefused(f"{file} cannot be read: {error.strerror}.") from error
