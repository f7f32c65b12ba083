"""Commands on deliveries: how a broadcast goes, and going on after a halt."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from bot.backup import unsent
from bot.backup.unsent import Decision, told
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
            how = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
            if counts[Outcome.PENDING] and settings.send_rate:
                how += f", about {-(-left // settings.send_rate // 60)} min"
            bars.add_task(
                str(post_id), total=recipients or 1, completed=recipients - left, told=how or "no readers"
            )
        bars.console.print(bars)
        if by := await frozen_by(session):
            print(f"Frozen by {by}.")
        if made_at := await lease.restored_to(session):
            print(told(await unsent.find(session, made_at), made_at))
        elif why := await lease.halted(session):
            print(f"Halted: {why}. Correct BOT_TOKEN, then: obmin delivery resume")
        due = await standing.oldest_due(session)
        if due and due < datetime.now(UTC):
            print(f"The oldest copy has been due for {int((datetime.now(UTC) - due).total_seconds())} s.")


@cli.command()
def resume(
    decision: Annotated[
        Decision | None,
        typer.Option("--unsent", help="After a restore: what to do with what was unsent in the backup."),
    ] = None,
) -> None:
    """Resume sending after a refused token, or after a restore."""
    perform(_resume(decision))


async def _resume(decision: Decision | None) -> None:
    async with ready_database(read_settings().database) as database, database.write() as session:
        await database.take_time(session)
        was_halted = await lease.halted(session) is not None
        await unsent.resume(session, decision)
        by = await frozen_by(session)
    if by:
        done = "No longer halted" if was_halted else "Nothing was halted"
        print(f"{done}, but frozen by {by}: nothing is sent until two of the staff thaw it: obmin staff thaw")
    else:
        print("Sending goes on." if was_halted else "Nothing was halted.")
