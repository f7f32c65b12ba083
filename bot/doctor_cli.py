"""`obmin doctor`: one command that says what is wrong and what to do."""

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.doctor import examine
from bot.doctor.finding import Finding, State
from bot.settings import read_settings
from bot.terminal import perform

COLOURS = {State.OK: "green", State.WARNING: "yellow", State.WRONG: "bold red"}


def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Look at everything the bot stands on, and say what to mend; exit code 1 if something is wrong."""
    findings: list[Finding] = perform(examine(read_settings()))
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        Console(width=None if sys.stdout.isatty() else 120).print(table(findings))
    if any(finding.state is State.WRONG for finding in findings):
        sys.exit(1)


def table(findings: list[Finding]) -> Table:
    shown = Table("", "", "found", "what to do", box=None, padding=(0, 2, 0, 0))
    for each in findings:
        colour = COLOURS[each.state]
        shown.add_row(f"[{colour}]{each.state}[/]", escape(each.check), escape(each.found), escape(each.mend))
    return shown
