"""The fuzzers' seeds, among them everything they ever found."""

from importlib import import_module
from pathlib import Path

import pytest

SEEDS = Path(__file__).parent / "fuzz" / "seeds"


@pytest.mark.parametrize("name", sorted(folder.name for folder in SEEDS.iterdir()))
def test_what_fuzzers_begin_with_and_found_breaks_nothing(name: str) -> None:
    with import_module(f"tests.fuzz.{name}").target() as fuzz:
        for seed in sorted((SEEDS / name).iterdir()):
            fuzz(seed.read_bytes())
