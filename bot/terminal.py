"""How a command works on the terminal: it logs, runs to its end, and says in one line what it cannot do."""

import sys
from collections.abc import Coroutine
from typing import Any, NoReturn

import uvloop
from rich.console import Console

from bot import logs
from bot.settings import read_settings


def perform(work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - whatever the work gives
    settings = read_settings()
    logs.set_up(settings.log_level, settings.log_format)
    return uvloop.run(work)


def end_with(line: str) -> NoReturn:
    Console(stderr=True, soft_wrap=True, highlight=False).print(line, markup=False)
    sys.exit(1)
