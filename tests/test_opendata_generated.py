"""Generated requests against what the server says about itself: nothing fails, and every answer is as described.

Long: `make audit-http`, or OBMIN_LONG=1.
"""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from bot.database import Database
from tests.newsstand import newsstand

EXAMPLES = "100"
"""Of each operation."""
SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"

pytestmark = pytest.mark.skipif("OBMIN_LONG" not in os.environ, reason="long: make audit-http")


async def test_generated_requests_are_answered_as_described(database: Database) -> None:
    async with newsstand(database) as stand:
        process = await asyncio.create_subprocess_exec(
            str(SCHEMATHESIS),
            "run",
            f"{stand.root}/openapi.json",
            *("--checks", "all", "--max-examples", EXAMPLES, "--no-color"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
