"""The alarms and pictures made of the bot's figures: each figure exists, and each alarm rings when it should."""

import asyncio
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.database import Database
from bot.sandbox import Sandbox
from tests.watched import watched

OPERATIONS = Path(__file__).parent.parent / "docs" / "operations"


def alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((OPERATIONS / "alerts.yaml").read_text())["groups"]
    return list(group["rules"])


def expressions() -> Iterator[str]:
    for rule in alerts():
        yield rule["expr"]
    for panel in json.loads((OPERATIONS / "dashboard.json").read_text())["panels"]:
        for target in panel.get("targets", []):
            yield target["expr"]


OF_PROMETHEUS = {"up"}
"""Made by Prometheus itself."""


async def test_every_figure_that_alarms_or_is_drawn_exists(database: Database, sandbox: Sandbox) -> None:
    async with watched(database, sandbox) as eyes:
        shown = {name for name, _ in await eyes.figures()}
    used: set[str] = set()
    for expression in expressions():
        used |= set(re.findall(r"\b(?:up|(?:obmin|process)_\w+)\b(?=[\s{\[)=]|$)", expression))
    assert used - OF_PROMETHEUS <= shown
    ours = {name for name in shown if name.startswith("obmin_") and not name.endswith(("_sum", "_count"))}
    assert ours <= used
    told = re.findall(r"`(obmin_\w+)", (OPERATIONS / "eyes.md").read_text())
    assert {name.removesuffix("_bucket") for name in ours} == set(told)


def test_every_alarm_says_what_to_do() -> None:
    for rule in alerts():
        assert set(rule["annotations"]) == {"summary", "action"}
        assert rule["labels"]["severity"] in ("page", "ticket")
    told = (OPERATIONS / "alerts.test.yaml").read_text()
    fired = {rule["alert"] for rule in alerts() if f"alertname: {rule['alert']}\n        exp_alerts" in told}
    assert fired == {rule["alert"] for rule in alerts()}


PROMTOOL = shutil.which("promtool") or shutil.which("promtool", path=Path(sys.executable).parent)
"""`make test` fetches it into the folder of our Python."""


@pytest.mark.skipif(PROMTOOL is None, reason="promtool (of Debian's package prometheus) is not installed")
async def test_the_alarms_ring_when_they_should_and_only_then() -> None:
    for arguments in (["check", "rules", "alerts.yaml"], ["test", "rules", "alerts.test.yaml"]):
        process = await asyncio.create_subprocess_exec(
            str(PROMTOOL),
            *arguments,
            cwd=OPERATIONS,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, out.decode()
