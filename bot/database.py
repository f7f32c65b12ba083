"""One engine for SQLite or PostgreSQL, short sessions to read and to write, and migrations."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from bot.errors import ObminError
from bot.together import Asked, Found, Key, Together

MIGRATIONS = Path(__file__).parent.parent / "models" / "migrations"
LOCK_TIMEOUT = "10"
"""Seconds that a writer of SQLite waits for another one; `?timeout=` in the address says otherwise."""


# Any number will do, as long as nothing else in this database uses it.
TAKE_STARTING_LOCK = text("SELECT pg_advisory_xact_lock(741852963)")


class DatabaseUnusable(ObminError):
    """The database cannot be opened, written or understood."""


class Database:
    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        if self.is_sqlite:
            with_timeout = self.url.set(query={"timeout": LOCK_TIMEOUT, **self.url.query})
            self.engine = create_async_engine(with_timeout, hide_parameters=True)
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        else:
            self.engine = create_async_engine(self.url, pool_pre_ping=True, hide_parameters=True)
        writer = self.engine.execution_options(obmin_writes=True)
        # A reader sees one moment, however many queries it makes. SQLite shows nothing else.
        reader = (
            self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )
        self._readers = async_sessionmaker(reader, expire_on_commit=False)
        self._writers = async_sessionmaker(writer, expire_on_commit=False)
        self._together = Together(self.read)

    @property
    def name(self) -> str:
        """Its address, as it may be shown."""
        return self.url.set(drivername=self.url.get_backend_name()).render_as_string(hide_password=True)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """One transaction, which shows the database as it was at its first query."""
        async with self._readers() as session:
            yield session

    def together(
        self, find: Callable[[AsyncSession, set[Key]], Awaitable[Mapping[Key, Found]]]
    ) -> Asked[Key, Found]:
        """`find` for many who ask at once, in a session with whatever else is asked."""
        return Asked(self._together, find)

    @asynccontextmanager
    async def write(self, *, alone: bool = False) -> AsyncIterator[AsyncSession]:
        """One transaction: committed at the end of the block, rolled back on any error.

        `alone` keeps other processes that start at the same time waiting; SQLite has one writer anyway.
        """
        async with self._writers.begin() as session:
            if alone and not self.is_sqlite:
                await session.execute(TAKE_STARTING_LOCK)
            yield session

    async def migrate(self) -> None:
        """Brings the schema up to date, all of it or nothing.

        Raises `DatabaseUnusable`, whose text says what to do.
        """
        if self.is_sqlite and self.url.database not in (None, ":memory:"):
            _make_file(Path(str(self.url.database)))
        try:
            async with self.write(alone=True) as session:
                await (await session.connection()).run_sync(_upgrade)
        except (DBAPIError, OSError) as error:
            raise DatabaseUnusable(self.explain(error)) from error

    def explain(self, error: Exception) -> str:
        """One line for the operator."""
        cause = getattr(error, "orig", None) or error
        return f"The database {self.name} cannot be used: {cause}. Check DATABASE_URL, its rights and free space."

    async def schema(self) -> str | None:
        """The revision of the schema that the database has; None for an empty one."""
        async with self.read() as session:
            return await (await session.connection()).run_sync(_revision)

    async def close(self) -> None:
        await self.engine.dispose()


def _make_file(file: Path) -> None:
    """Says in the system's own words why not, where SQLite would only say that it cannot."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.open("ab").close()
    except OSError as error:
        raise DatabaseUnusable(
            f"The database {file} cannot be made or written: {error.strerror}. Set DATABASE_URL."
        ) from error


@cache
def known_schemas() -> tuple[str, ...]:
    """The revisions that this program knows, the newest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return tuple(script.revision for script in ScriptDirectory.from_config(config).walk_revisions())


def newest_schema() -> str:
    return known_schemas()[0]


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    current = _revision(connection)
    if current is not None and current not in known_schemas():
        raise DatabaseUnusable(
            f"The database was made by a newer version of Obmin (its revision is {current}). "
            "Set DATABASE_URL to another database, or bring Obmin up to date."
        )
    command.upgrade(config, "head")


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own type
    # The driver must not open transactions by itself: it would begin none before DDL or SELECT.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock at once: one that read first and wrote later could not wait for another.
    writes = connection.get_execution_options().get("obmin_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
