"""Opens what every command stands on: the database, and the vault with whose key it was sealed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from sqlalchemy.exc import DBAPIError

from bot.database import Database, DatabaseUnusable
from bot.desk.record import fill_if_empty
from bot.moving import refuse_if_moved
from bot.settings import Settings
from bot.vault import Vault, is_sealed, keys_from_file, keys_from_text, recognise

log = structlog.get_logger()


@asynccontextmanager
async def ready_database(url: str) -> AsyncIterator[Database]:
    """A database with the newest schema and, if it was empty, the starting record."""
    database = Database(url)
    try:
        await database.migrate()
        try:
            async with database.write(alone=True) as session:
                await refuse_if_moved(session)
                added = await fill_if_empty(session)
        except DBAPIError as error:
            raise DatabaseUnusable(database.explain(error)) from error
        if added:
            log.info("the starting record was loaded", rows=added, database=database.name)
        yield database
    finally:
        await database.close()


async def open_vault(settings: Settings, database: Database) -> Vault:
    """Raises `VaultLocked` if the key is not the one with which this database was sealed."""
    async with database.write(alone=True) as session:
        vault = Vault(*keys_of(settings, may_make=not await is_sealed(session)))
        await recognise(session, vault)
    return vault


def keys_of(settings: Settings, *, may_make: bool) -> list[bytes]:
    if settings.vault_key:
        return keys_from_text(settings.vault_key.get_secret_value(), "VAULT_KEY")
    return keys_from_file(settings.vault_key_file, may_make=may_make)
