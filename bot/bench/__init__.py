"""How fast it is, compared with the obvious ways: each measured in a process of its own, in one run."""

import asyncio
import json
import resource
import subprocess
import sys
import time
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.app import tune_garbage_collection
from bot.bench import crowd, searches, stage
from bot.bench.ways import WAYS, Told, measured
from bot.terminal import perform

cli = typer.Typer(help="How fast it is, compared with the obvious ways.", no_args_is_help=True)

FEWER = {"aiogram": 10, "gathered": 20, "one after another": 100}
"""Slow ways are measured on this many times fewer readers."""
PACES = (30, 1000)
"""Messages a second that Telegram permits, and of a paid broadcast."""
PACED_FOR = 20
"""Seconds."""

Latency = Annotated[float, typer.Option(help="Seconds that the server takes to answer.")]


@cli.command(hidden=True)
def one(way: str, url: str, readers: int, rate: float = 0) -> None:
    """Measure one way, in this process."""
    print(json.dumps(perform(measured(way, url, readers, rate))))


@cli.command()
def delivery(
    readers: Annotated[int, typer.Option(help="Readers of the courier; slow ways get fewer.")] = 30_000,
    latency: Latency = 0.04,
    url: Annotated[str, typer.Option(envvar="BOT_API_URL", help="Another server; by default our own.")] = "",
) -> None:
    """Send a broadcast by the courier, and by the obvious ways, with no limit."""
    table = Table(
        "way", "messages a second", "CPU s per 1,000", "database s per 1,000", "memory, MB", "courier is"
    )
    with stage.lean_api(latency) as lean:
        ours = 0.0
        for way in WAYS:
            fewer = next((times for words, times in FEWER.items() if words in way), 1)
            told = _in_another_process(way, url or lean, max(100, readers // fewer))
            ours = ours or told["a_second"]
            database = f"{told['database']:.2f}" if "database" in told else ""
            figures = f"{told['a_second']:,.0f}", f"{told['cpu']:.2f}", database, f"{told['memory']:.0f}"
            table.add_row(way, *figures, f"{ours / told['a_second']:.2f} times as fast")
    Console(width=140).print(table)


@cli.command()
def pace(latency: Latency = 0.04) -> None:
    """Send at the rates that Telegram permits, to a server that refuses more."""
    table = Table("permitted a second", "sent a second", "of the rate", "refused with 429")
    for rate in PACES:
        with stage.lean_api(latency, rate) as url:
            _in_another_process(next(iter(WAYS)), url, PACED_FOR * rate, rate)
            told = stage.counts(url)
        of_rate = f"{told['a_second'] / rate:.1%}"
        table.add_row(str(rate), f"{told['a_second']:,.1f}", of_rate, f"{told['refused']:.0f}")
    Console(width=140).print(table)


@cli.command()
def fan_out(
    readers: Annotated[int, typer.Option(help="Readers who get a copy each.")] = 1_000_000,
    database: Annotated[str, typer.Option(help="An empty database; by default a SQLite file.")] = "",
) -> None:
    """Turn one released post into a copy for each of many readers, and back it all up."""
    perform(_fan_out(readers, database or None))


@cli.command()
def search(
    exchanges: Annotated[int, typer.Option(help="Exchanges in the record.")] = 10_000,
    times: Annotated[int, typer.Option(help="How often each query is run.")] = 30,
    database: Annotated[str, typer.Option(help="An empty database; by default a SQLite file.")] = "",
) -> None:
    """Search a large record, in a list and inline."""
    seconds, lists, inline = perform(searches.measured(exchanges, times, database or None))
    table = Table("milliseconds", "list, median", "95 of 100", "inline, median", "95 of 100")
    for kind in lists:
        figures = (f"{figure:.1f}" for figure in (*lists[kind], *inline[kind]))
        table.add_row(kind, *figures)
    Console(width=140).print(table)
    print(f"The entries of {exchanges:,} exchanges were made in {seconds:.1f} s.")


async def _fan_out(readers: int, url: str | None) -> None:
    async with stage.filled(readers, url) as (database, vault):
        await stage.release(database)
        start = time.perf_counter()
        await stage.fan_out(database)
        seconds = time.perf_counter() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{readers:,} copies in {seconds:.1f} s; {memory:.0f} MB at the most")
        print(f"The database is {await stage.size(database) / 2**20:,.0f} MB.")
        start = time.perf_counter()
        sealed = await stage.backup(database, vault)
        seconds = time.perf_counter() - start
        print(f"A backup is {sealed / 2**20:,.0f} MB and was made in {seconds:.0f} s.")


@cli.command(hidden=True)
def one_crowd(number: int, questions: int) -> None:
    """Ask one bot, from this process."""
    tune_garbage_collection()
    run = crowd.RUNS[number]
    told = asyncio.run(crowd.measured(run.bot, questions, polled=run.polled, free_text=run.free_text))
    print(json.dumps(asdict(told)))


@cli.command()
def load(questions: Annotated[int, typer.Option(help="Questions for each of the bots.")] = 10_000) -> None:
    """Ask as many questions as can be answered, of Obmin and of bots that only echo."""
    columns = "answers a second", "median, ms", "p95, ms", "p95 at half, ms", "CPU s per 1,000", "memory, MB"
    table = Table("bot", *columns, "first answer, s", "unanswered")
    for number, run in enumerate(crowd.RUNS):
        told = crowd.Told(**_told_by("one-crowd", str(number), str(questions)))
        figures = [f"{told.a_second:,.0f}"]
        figures += [f"{1000 * seconds:.0f}" for seconds in (told.median, told.p95, told.p95_at_half)]
        figures += [f"{told.cpu:.2f}", f"{told.memory[0]:.0f} → {told.memory[1]:.0f}", f"{told.first_answer:.1f}"]
        table.add_row(run.shown, *figures, str(told.unanswered))
    Console(width=150).print(table)


def _in_another_process(way: str, url: str, readers: int, rate: float = 0) -> Told:
    told: Told = _told_by("one", way, url, str(readers), "--rate", str(rate))
    return told


def _told_by(*command: str) -> Any:  # noqa: ANN401 - what it prints
    ran = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-m", "bot", "bench", *command], check=True, capture_output=True, text=True
    )
    return json.loads(ran.stdout.splitlines()[-1])
