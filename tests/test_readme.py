"""The README tells the truth: every setting, every command, every file it names."""

import re
from pathlib import Path

import pytest
import typer

from bot.cli import cli
from bot.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def settings_table() -> str:
    rows = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        rows.append(f"| `{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows)


def test_the_table_of_settings_is_the_settings() -> None:
    assert settings_table() in README


def test_every_command_is_told() -> None:
    group = typer.main.get_command(cli)
    assert isinstance(group, typer.core.TyperGroup)
    for name, command in group.commands.items():
        nested = [each for each, of in getattr(command, "commands", {}).items() if not of.hidden]
        for full in [f"obmin {name} {each}" for each in nested] or [f"obmin {name}"]:
            assert f"`{full}" in README


@pytest.mark.parametrize("target", re.findall(r"docs/[\w/.-]+", README))
def test_every_picture_is_there(target: str) -> None:
    assert (ROOT / target).exists()


def test_every_file_of_the_map_is_there() -> None:
    house = README.split("## The house")[1].split("```")[1]
    names = set(re.findall(r"\b(\w+\.py|\w+/)(?=\s|$)", house))
    known = {path.name if path.is_file() else f"{path.name}/" for path in ROOT.rglob("*")}
    assert names <= known
