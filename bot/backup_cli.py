"""Commands that make a backup and restore it."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.exc import DBAPIError

from bot.backup import making, restoring, unsent
from bot.database import Database, DatabaseUnusable
from bot.opening import keys_of
from bot.settings import read_settings
from bot.terminal import perform
from bot.vault import Vault


def backup(to: Annotated[Path, typer.Option(help="The file to write.")]) -> None:
    """Write the whole database into one sealed file, while the bot runs."""
    perform(_backup(to))
    print(f"Wrote {to}, {to.stat().st_size} bytes. It opens only with the vault's key: keep the key elsewhere.")


async def _backup(to: Path) -> None:
    async with _database_and_vault() as (database, vault):
        with _bar("Sealing") as (began, advanced):
            counts = await making.make(database, vault, to, began, advanced)
        kept = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()) if count)
        print(f"{database.name}: {sum(counts.values())} rows ({kept}).")


def restore(file: Annotated[Path, typer.Argument(help="What `obmin backup` wrote.")]) -> None:
    """Restore a backup into an empty database; nothing is sent until `obmin delivery resume`."""
    perform(_restore(file))


async def _restore(file: Path) -> None:
    async with _database_and_vault() as (database, vault):
        with _bar("Restoring") as (began, advanced):
            restored = await restoring.restore(database, vault, file, began, advanced)
        print(f"{database.name}: {sum(restored.rows.values())} rows were restored.")
        async with database.read() as session:
            print(unsent.told(await unsent.find(session, restored.made_at), restored.made_at))


@asynccontextmanager
async def _database_and_vault() -> AsyncIterator[tuple[Database, Vault]]:
    """Opening creates or changes neither: an older version's database is backed up as it is."""
    settings = read_settings()
    vault = Vault(*keys_of(settings, may_make=False))
    database = Database(settings.database)
    try:
        yield database, vault
    except (DBAPIError, OSError) as error:
        raise DatabaseUnusable(database.explain(error)) from error
    finally:
        await database.close()


@contextmanager
def _bar(what: str) -> Iterator[tuple[Callable[[int], None], Callable[[int], None]]]:
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(what, visible=False)

        def began(total: int) -> None:
            progress.update(task, total=total, visible=True)

        yield began, lambda rows: progress.advance(task, rows)
