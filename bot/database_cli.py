"""Commands on the database as a whole: moving to another one."""

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot import moving
from bot.database import Database
from bot.settings import read_settings, with_driver
from bot.terminal import perform

cli = typer.Typer(help="The database as a whole.", no_args_is_help=True)


@cli.command()
def move(
    to: Annotated[
        str,
        typer.Option(
            envvar="MOVE_TO",
            help="The address of an empty PostgreSQL database; given as MOVE_TO, no list of processes shows it.",
        ),
    ],
) -> None:
    """Move everything from SQLite to an empty PostgreSQL, and compare; if it is interrupted, run it again."""
    try:
        address = with_driver(to)
    except ValueError as error:
        raise typer.BadParameter(f"--to: {error}") from None
    perform(_move(address))


async def _move(address: str) -> None:
    source, target = Database(read_settings().database), Database(address)
    try:
        moving.check(source, target)
        with Progress() as progress:
            task = progress.add_task("Copying, then comparing", total=2 * await moving.count(source))
            moved = await moving.move(source, target, lambda rows: progress.advance(task, rows))
    finally:
        await source.close()
        await target.close()
    told = Table("table", "rows", "digest in both", caption_justify="left")
    told.columns[1].justify = "right"
    for each in moved:
        told.add_row(each.table, f"{each.rows:,}", each.digest[:16])
    Console().print(told)
    print(f"All of {source.name} is in {target.name}.")
    print(
        "Set DATABASE_URL to it, keep the vault's key as it is, and start the bot. The old database is left alone."
    )
