"""Commands as their operator types them, in the tests' own process: one of its own costs two seconds each time.

`obmin run` needs a process of its own, for its signals; `tests.test_program` has it, and commands in theirs.
"""

import asyncio
import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from unittest import mock

import structlog

from bot import logs
from bot.cli import main


@dataclass
class Ended:
    code: int
    out: str
    err: str


async def command(*arguments: str, given: str = "", **settings: str) -> Ended:
    return await asyncio.to_thread(_performed, arguments, given, settings)


def _performed(arguments: tuple[str, ...], given: str, settings: dict[str, str]) -> Ended:
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, {"NO_COLOR": "1", **settings}),
        mock.patch.object(sys, "argv", ["obmin", *arguments]),
        mock.patch.object(sys, "stdin", io.StringIO(given)),
        logs_of_its_own(),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as ended:
            return Ended(int(ended.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("a command ends with a code")


@contextmanager
def logs_of_its_own() -> Iterator[None]:
    """Logs are set up inside, and afterwards as they were."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level, set_up = root.handlers, root.level, logs.set_up

    def for_now(level: str, written: logs.Format) -> None:
        set_up(level, written)
        # A logger that was kept would go on in this way for ever.
        structlog.configure(cache_logger_on_first_use=False)

    try:
        with mock.patch.object(logs, "set_up", for_now):
            yield
    finally:
        root.handlers, root.level = handlers, level
        structlog.configure(**before)
