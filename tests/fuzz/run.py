"""Drives one target with atheris, guided by what its bytes reach; `all` takes them in turn.

    python tests/fuzz/run.py markdown -max_total_time=600 ~/corpus
    python tests/fuzz/run.py markdown crash-...        # once more what was found

Everything behind the target's name is libFuzzer's (https://llvm.org/docs/LibFuzzer.html).
The seeds in tests/fuzz/seeds are always read first.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

# What is ours, and what reads hostile text in Python for us.
with atheris.instrument_imports(
    include=["content", "feeds", "translate", "markdown_it", "mdit_py_plugins"]
):
    from tests.fuzz.targets import TARGETS

NAMES = list(TARGETS)


def any_target(data: bytes) -> None:
    """The first byte chooses: starting takes seconds, and seven starts are many."""
    if data:
        TARGETS[NAMES[data[0] % len(NAMES)]](data[1:])


def seeds(name: str) -> Path:
    if name != "all":
        return HERE / "seeds" / name
    folder = Path(tempfile.mkdtemp(prefix="feedglot-seeds-"))
    for number, one in enumerate(NAMES):
        for seed in (HERE / "seeds" / one).iterdir():
            (folder / f"{one}-{seed.name}").write_bytes(bytes([number]) + seed.read_bytes())
    return folder


name, *options = sys.argv[1:]
if not any(Path(option).is_file() for option in options):
    # What is new goes to the first folder; without one of yours, nowhere that lasts.
    if not any(Path(option).is_dir() for option in options):
        options.append(tempfile.mkdtemp(prefix="feedglot-fuzz-"))
    options.append(str(seeds(name)))
atheris.Setup([sys.argv[0], *options], any_target if name == "all" else TARGETS[name])
atheris.Fuzz()
