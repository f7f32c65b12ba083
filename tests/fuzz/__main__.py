"""Fuzzes one target with Atheris: `python -m tests.fuzz typed -max_total_time=60`, with libFuzzer's options."""

import sys
from importlib import import_module
from pathlib import Path

try:
    import atheris
except ImportError:
    print("NOT FUZZED: Atheris has no wheel for this Python or machine.")
    sys.exit()

name, *options = sys.argv[1:]
with atheris.instrument_imports(include=["bot", "handlers"]):
    target = import_module(f"tests.fuzz.{name}").target

found = Path("build/fuzz") / name
found.mkdir(parents=True, exist_ok=True)
folders = [str(found), str(Path(__file__).parent / "seeds" / name)]
with target() as fuzz:
    atheris.Setup([name, f"-artifact_prefix={found}/find-", *options, *folders], fuzz)
    atheris.Fuzz()
