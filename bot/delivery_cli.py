"""Commands on deliveries: how a broadcast goes, and going on after a halt."""

from datetime import UTC, datetime

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from bot.delivery import lease, standing
from bot.desk.staff import frozen_by
from bot.opening import ready_database
from bot.settings import read_settings
from bot.terminal import perform
from models.delivery import Outcome

cli = typer.Typer(help="How broadcasts go.", no_args_is_help=True)

SHOWN = 5
"""Posts."""


@cli.command()
def status() -> None:
    """Print the latest posts with a bar each, what became of their copies, and what holds anything up."""
    perform(_status())


async def _status() -> None:
    settings = read_settings()
    bars = Progress(
        TextColumn("post {task.description}"),
        BarColumn(),
        TextColumn("{task.fields[told]}"),
        console=Console(width=120),
    )
    async with ready_database(settings.database) as database, database.read() as session:
        for post_id in reversed(await standing.latest_posts(session, SHOWN)):
            counts = await standing.counts(session, post_id)
            recipients, left = sum(counts.values()), await standing.left(session, post_id)
            told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
            if counts[Outcome.PENDING] and settings.send_rate:
                told += f", about {-(-left // settings.send_rate // 60)} min"
            bars.add_task(
                str(post_id), total=recipients or 1, completed=recipients - left, told=told or "no readers"
            )
        bars.refresh()
        if by := await frozen_by(session):
            print(f"Frozen by {by}.")
        if why := await lease.halted(session):
            print(f"Halted: {why}. Mend BOT_TOKEN, then: obmin delivery resume")
        due = await standing.oldest_due(session)
        if due and due < datetime.now(UTC):
            print(f"The oldest copy has been due for {int((datetime.now(UTC) - due).total_seconds())} s.")


@cli.command()
def resume() -> None:
    """Go on after Telegram had refused the token."""
    perform(_resume())


async def _resume() -> None:
    async with ready_database(read_settings().database) as database, database.write() as session:
        await lease.resume(session)
    print("Sending goes on.")
