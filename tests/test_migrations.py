"""Migrations lead from nothing to the models, and say so on both databases."""

import asyncio
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.answers.load import load
from bot.database import MIGRATIONS, Database, newest_schema
from models import delivery, desk, people, record, search  # noqa: F401 - the tables register themselves
from models.base import Base
from tests.conftest import PostgreSQL


def not_full_text(name: str | None, _type: str, _parents: object) -> bool:
    """The full-text index is each database's own; SQLite keeps it in tables beside ours."""
    return not (name or "").startswith("search_words")


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": not_full_text})
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


def upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def first_release(connection: Connection) -> None:
    upgrade(connection, "0001")
    for statement in (
        """INSERT INTO card (key, since, text, verified_on, sources) VALUES
        ('contacts', '2026-01-01 00:00:00', '{"original": "en", "en": "Facts"}', '2026-01-01', '[]')""",
        """INSERT INTO coverage (key, since, complete_to, note) VALUES
        ('record', '2026-01-01 00:00:00', '2025-05-31', '{"original": "en", "en": "Facts"}')""",
        "INSERT INTO record_version (id, number, changed_at) VALUES (1, 1, '2026-01-01 00:00:00')",
    ):
        connection.exec_driver_sql(statement)


async def test_what_the_first_release_kept_is_carried_over(empty_url: str) -> None:
    engine = create_async_engine(empty_url)
    async with engine.begin() as connection:
        await connection.run_sync(first_release)
    await engine.dispose()
    database = Database(empty_url)
    await database.migrate()
    async with database.read() as session:
        record = await load(session)
    await database.close()
    assert record.cards["contacts"].valid_days == 180
    assert record.checked_on is None


def posts_without_codes(connection: Connection) -> None:
    upgrade(connection, "0005")
    for _ in range(100):
        connection.exec_driver_sql("INSERT INTO post (withdrawn_at) VALUES (NULL)")
    connection.exec_driver_sql(
        """INSERT INTO post_revision (post_id, number, state, kind, importance, withdraws, to_readers, texts, why,
        facts, material, incomplete_allowed) VALUES (1, 1, 'draft', 'talks', 'ordinary', false, true, '{}', '{}',
        '{}', false, false)"""
    )


async def test_posts_of_before_are_given_codes(empty_url: str) -> None:
    database = Database(empty_url)
    async with database.write() as session:
        await (await session.connection()).run_sync(posts_without_codes)
    await database.migrate()
    async with database.read() as session:
        codes = list(await session.scalars(select(desk.Post.code)))
        draft = (await session.scalars(select(desk.PostRevision))).one()
    await database.close()
    assert len(set(codes)) == 100
    assert all(len(code) == desk.CODE_LENGTH and set(code) <= set(desk.CODE_LETTERS) for code in codes)
    assert draft.post.code in codes


# While the version before it runs

BEFORE_THE_RULE = {"0006 vault_mark: mark must differ", "0007 post: code must differ"}


def schema(connection: Connection) -> dict[str, tuple[dict[str, Any], set[str]]]:
    """Of each table its columns, and what must differ between rows."""
    found = inspect(connection)
    return {
        table: (
            {column["name"]: column for column in found.get_columns(table)},
            {", ".join(map(str, index["column_names"])) for index in found.get_indexes(table) if index["unique"]}
            | {", ".join(unique["column_names"]) for unique in found.get_unique_constraints(table)},
        )
        for table in found.get_table_names()
        if not_full_text(table, "table", None)
    }


def what_breaks(connection: Connection) -> set[str]:
    """For each migration what the version before it would stumble over."""
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    revisions = [script.revision for script in reversed(list(scripts))]
    broken = set()
    upgrade(connection, revisions[0])
    before = schema(connection)
    for revision in revisions[1:]:
        upgrade(connection, revision)
        after = schema(connection)
        for table, (columns, unique) in before.items():
            if table not in after:
                broken.add(f"{revision} {table}: is gone")
                continue
            now, unique_now = after[table]
            for name in columns.keys() - now.keys():
                broken.add(f"{revision} {table}: {name} is gone")
            for name, column in now.items():
                if name in columns and str(columns[name]["type"]) != str(column["type"]):
                    broken.add(f"{revision} {table}: {name} is of another type")
                if name not in columns and not column["nullable"] and column["default"] is None:
                    broken.add(f"{revision} {table}: {name} has no default")
            for names in unique_now - unique:
                broken.add(f"{revision} {table}: {names} must differ")
        before = after
    return broken


async def test_a_migration_only_adds_to_what_the_version_before_it_knows() -> None:
    database = Database("sqlite+aiosqlite:///:memory:")
    async with database.write() as session:
        assert await (await session.connection()).run_sync(what_breaks) == BEFORE_THE_RULE
    await database.close()


async def test_a_migration_stands_in_nobodys_way(postgresql: PostgreSQL) -> None:
    url = postgresql()
    old, new = Database(url), Database(url)
    async with old.write() as session:
        await (await session.connection()).run_sync(upgrade, "0006")
        await session.execute(text("INSERT INTO post (withdrawn_at) VALUES (NULL)"))
    async with old.read() as reading:
        # Whoever reads a table keeps it from being altered; whoever comes after the migration would wait for both.
        await reading.execute(text("SELECT id FROM post"))
        migrating = asyncio.create_task(new.migrate())
        await asyncio.sleep(0.5)
        for _ in range(3):
            async with old.write() as session:
                await session.execute(text("UPDATE post SET withdrawn_at = now()"))
        assert not migrating.done()
    await asyncio.wait_for(migrating, 30)
    assert await new.schema() == newest_schema()
    await old.close()
    await new.close()
