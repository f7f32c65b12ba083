"""Migrations lead from nothing to the models, and say so on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from bot.database import Database
from models import people, record  # noqa: F401 - the tables register themselves
from models.base import Base


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Base.metadata))


async def test_migrations_lead_to_the_models(empty_url: str) -> None:
    database = Database(empty_url)
    await database.migrate()
    await database.migrate()
    await database.close()
    engine = create_async_engine(empty_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()
