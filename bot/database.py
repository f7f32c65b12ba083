"""One engine for SQLite or PostgreSQL, short sessions to read and to write, and migrations."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from bot.errors import ObminError
from bot.together import Asked, Found, Key, Together

MIGRATIONS = Path(__file__).parent.parent / "models" / "migrations"
LOCK_TIMEOUT = 10
"""Seconds that a writer waits for another one; with SQLite `?timeout=` in the address says otherwise."""

# PostgreSQL alone; docs/operations/database.md says why so many.
POOL = 15
"""Connections; `?pool=` in the address says otherwise."""
STATEMENT_TIMEOUT = 30
"""Seconds; `?timeout=` in the address says otherwise."""
LONGEST_READING = 600
"""Seconds that a reading transaction may stay idle: someone is going through an export."""
LONGEST_HOLDING = 5
"""The same for one that writes: a process cut off in the middle of it keeps its rows locked for that long."""
CONNECTING_TIME = 10
"""Seconds, also for a connection of the pool to become free."""
UNANSWERED_FOR = 10
"""Seconds after which a connection whose other end says nothing is given up by the operating system."""
MIGRATION_LOCK_TIMEOUT = 1
"""Seconds that a migration waits for a table's lock, while everybody else queues up behind it."""
MIGRATION_PAUSE = 2
MIGRATION_PATIENCE = 120
"""Seconds in which it tries again."""
LOCK_NOT_AVAILABLE, DEADLOCK = "55P03", "40P01"

HOLD_NOT_LONG = text(f"SET LOCAL idle_in_transaction_session_timeout = '{LONGEST_HOLDING}s'")
# Any number will do, as long as nothing else in this database uses it.
TAKE_STARTING_LOCK = text("SELECT pg_advisory_xact_lock(741852963)")


class DatabaseUnusable(ObminError):
    """The database cannot be opened, written or understood."""


class Database:
    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        if self.is_sqlite:
            with_timeout = self.url.set(query={"timeout": str(LOCK_TIMEOUT), **self.url.query})
            self.engine = create_async_engine(with_timeout, hide_parameters=True)
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        else:
            self.engine = _postgresql(self.url)
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
        """Its address, without the password."""
        shown = self.url.set(drivername=self.url.get_backend_name(), query={})
        return shown.render_as_string(hide_password=True)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def file(self) -> Path | None:
        """Of SQLite, where there is one."""
        in_file = self.is_sqlite and self.url.database not in (None, ":memory:")
        return Path(str(self.url.database)) if in_file else None

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
            if not self.is_sqlite:
                await session.execute(HOLD_NOT_LONG)
                if alone:
                    await session.execute(TAKE_STARTING_LOCK)
            yield session

    async def migrate(self) -> None:
        """Brings the schema up to date, all of it or nothing.

        Raises `DatabaseUnusable`, whose text says what to do.
        """
        self.make_file()
        until = monotonic() + MIGRATION_PATIENCE
        while True:
            try:
                async with self.write() as session:
                    if not self.is_sqlite:
                        await _as_a_guest(session)
                    await (await session.connection()).run_sync(upgrade)
            except (DBAPIError, OSError) as error:
                if _was_in_the_way(error) and monotonic() < until:
                    await asyncio.sleep(MIGRATION_PAUSE)
                    continue
                raise DatabaseUnusable(self.explain(error)) from error
            return

    async def take_time(self, session: AsyncSession) -> None:
        """For what goes through whole tables: its statements may take as long as they need."""
        if not self.is_sqlite:
            for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
                await session.execute(text(f"SET LOCAL {setting} = 0"))

    def make_file(self) -> None:
        if self.file:
            _make_file(self.file)

    def explain(self, error: Exception) -> str:
        """One line for the operator."""
        cause = getattr(error, "orig", None) or error
        return f"The database {self.name} cannot be used: {cause}. Check DATABASE_URL, its rights and free space."

    async def schema(self) -> str | None:
        """The revision of the schema that the database has; None for an empty one."""
        async with self.read() as session:
            return await (await session.connection()).run_sync(revision_of)

    async def close(self) -> None:
        await self.engine.dispose()


def _postgresql(url: URL) -> AsyncEngine:
    """`?pool=`, `?timeout=` and `?pgbouncer=true` in the address are ours, the rest is the driver's."""
    own = {name: str(url.query[name]) for name in ("pool", "timeout", "pgbouncer") if name in url.query}
    session = {"application_name": "obmin"}
    arguments: dict[str, Any] = {"timeout": CONNECTING_TIME, "server_settings": session}
    if own.get("pgbouncer") == "true":
        # In transaction mode the next transaction may meet another server: nothing is prepared under a name,
        # and no setting outlasts a transaction. The role has to bring the time-outs along.
        nameless = {"prepared_statement_name_func": lambda: "", "prepared_statement_cache_size": 0}
        arguments |= {"statement_cache_size": 0, **nameless}
    else:
        session["statement_timeout"] = f"{float(own.get('timeout', STATEMENT_TIMEOUT)) * 1000:.0f}"
        session["lock_timeout"] = f"{LOCK_TIMEOUT}s"
        session["idle_in_transaction_session_timeout"] = f"{LONGEST_READING}s"
    engine = create_async_engine(
        url.difference_update_query(own),
        pool_pre_ping=True,
        pool_size=int(own.get("pool", POOL)),
        max_overflow=0,
        pool_timeout=CONNECTING_TIME,
        connect_args=arguments,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _notice_silence)
    return engine


def _notice_silence(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own type
    """Otherwise waiting for an answer over a cut line would take a quarter of an hour, or for ever."""
    # asyncpg shows its socket nowhere else.
    of_driver = connection.driver_connection._transport.get_extra_info("socket")
    of_driver.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", UNANSWERED_FOR // 2),
        ("TCP_KEEPINTVL", 1),
        ("TCP_KEEPCNT", UNANSWERED_FOR // 2),
        ("TCP_USER_TIMEOUT", UNANSWERED_FOR * 1000),
    ):
        # Not every system knows all of them.
        if (option := getattr(socket, name, None)) is not None and of_driver.family != socket.AF_UNIX:
            of_driver.setsockopt(socket.IPPROTO_TCP, option, value)


async def _as_a_guest(session: AsyncSession) -> None:
    """A migration takes the time it needs, but holds up nobody while it waits for a table."""
    for setting, value in (
        ("statement_timeout", "0"),
        ("idle_in_transaction_session_timeout", "0"),
        ("lock_timeout", f"{MIGRATION_LOCK_TIMEOUT}s"),
    ):
        await session.execute(text(f"SET LOCAL {setting} = '{value}'"))
    await session.execute(TAKE_STARTING_LOCK)


def _was_in_the_way(error: Exception) -> bool:
    cause = getattr(error, "orig", None)
    return getattr(cause, "sqlstate", None) in (LOCK_NOT_AVAILABLE, DEADLOCK)


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
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def newest_schema() -> str:
    return known_schemas()[0]


def revision_of(connection: Connection) -> str | None:
    """Of its schema; None: it has none."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection, to: str = "head") -> None:
    """Inside the caller's transaction."""
    current = revision_of(connection)
    if current is not None and current not in known_schemas():
        raise DatabaseUnusable(
            f"The database was made by a newer version of Obmin (its revision is {current}). "
            "Set DATABASE_URL to another database, or bring Obmin up to date."
        )
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


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
