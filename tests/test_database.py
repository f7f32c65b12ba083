"""How connections to PostgreSQL are made: limited in number, with time-outs, also through a pooler."""

import asyncio
import socket

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, TimeoutError

from bot import database as module
from bot.database import Database
from bot.settings import Settings
from tests.conftest import PostgreSQL


async def shown(database: Database, *settings: str) -> list[str]:
    async with database.write() as session:
        return [str(await session.scalar(text(f"SHOW {setting}"))) for setting in settings]


async def test_settings_reach_the_session(postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONNECTING_TIME", 2)
    plain = postgresql().replace("+asyncpg", "")
    settings = Settings(database_url=f"{plain}?sslmode=disable", database_pool=2, database_timeout=7)
    database = Database(settings.database)
    assert database.name == plain
    names = ("application_name", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    assert await shown(database, *names) == ["obmin", "7s", "10s", "5s"]
    async with database.read() as first, database.read() as second, database.read() as third:
        for session in (first, second):
            await session.execute(text("SELECT 1"))
        with pytest.raises(TimeoutError):
            await third.execute(text("SELECT 1"))
    await database.close()


async def test_behind_pgbouncer_nothing_outlasts_a_transaction(postgresql: PostgreSQL) -> None:
    database = Database(f"{postgresql()}?pgbouncer=true")
    await database.migrate()
    assert await shown(database, "application_name", "statement_timeout") == ["obmin", "0"]
    async with database.read() as session:
        assert (await session.execute(text("SELECT name FROM pg_prepared_statements"))).all() == []
    await database.close()


async def test_a_statement_that_takes_too_long_is_ended(postgresql: PostgreSQL) -> None:
    database = Database(f"{postgresql()}?timeout=1")
    with pytest.raises(DBAPIError, match="statement timeout"):
        async with database.write() as session:
            await session.execute(text("SELECT pg_sleep(60)"))
    # The connection is as good as before.
    assert await shown(database, "server_encoding") == ["UTF8"]
    await database.close()


async def test_the_system_watches_the_line(postgresql: PostgreSQL) -> None:
    database = Database(postgresql())
    async with database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        line = driver._transport.get_extra_info("socket")
        assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == module.UNANSWERED_FOR * 1000
    await database.close()


async def test_who_writes_and_does_nothing_holds_no_row(
    postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(postgresql())
    await database.migrate()
    hold_not_long = text("SET LOCAL idle_in_transaction_session_timeout = '100ms'")
    with monkeypatch.context() as only_here:
        only_here.setattr(module, "HOLD_NOT_LONG", hold_not_long)
        with pytest.raises(DBAPIError):
            await hold(database)
    async with database.write() as session:
        assert await session.scalar(text("SELECT frozen_by FROM desk")) is None
    await database.close()


async def hold(database: Database) -> None:
    async with database.write() as session:
        await session.execute(text("UPDATE desk SET frozen_by = 'marko'"))
        await asyncio.sleep(0.5)
        await session.execute(text("SELECT 1"))
