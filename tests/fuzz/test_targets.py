"""The fuzzers' targets, a little of each: seeds, what was found, Hypothesis, and atheris.

Longer by a person: `FUZZ_RUNS=1000000 pytest tests/fuzz/test_targets.py`, or one target for
as long as you like, as run.py says.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS

HERE = Path(__file__).parent
SEEDS = HERE / "seeds"
RUNS = int(os.environ.get("FUZZ_RUNS", "300"))

everything = pytest.mark.parametrize("name", TARGETS)


@everything
def test_seeds_and_what_was_found(name: str) -> None:
    seeds = sorted((SEEDS / name).iterdir())
    assert seeds
    for seed in seeds:
        TARGETS[name](seed.read_bytes())


def pieces(name: str) -> list[bytes]:
    """The words and signs of the seeds, to be put together otherwise."""
    found = set()
    for seed in sorted((SEEDS / name).iterdir()):
        text = seed.read_bytes()
        for step in (1, 3, 9):
            found |= {text[at : at + step] for at in range(0, min(len(text), 400), step)}
    return sorted(found)


@pytest.mark.slow
@everything
def test_hypothesis_finds_nothing(name: str) -> None:
    seeds = [seed.read_bytes() for seed in sorted((SEEDS / name).iterdir())]
    part = st.one_of(
        st.sampled_from(pieces(name)),
        st.sampled_from(seeds),
        st.text(max_size=8).map(str.encode),
        st.binary(max_size=4),
    )

    @settings(
        max_examples=max(50, RUNS // 6),
        deadline=None,
        derandomize=RUNS == 300,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(part, max_size=30).map(b"".join))
    def check(data: bytes) -> None:
        TARGETS[name](data)

    check()


@pytest.mark.slow
def test_atheris_finds_nothing(tmp_path: Path) -> None:
    """By coverage; a run that takes longer than libFuzzer allows is a finding too."""
    pytest.importorskip("atheris", reason="atheris is not installed: pip install atheris")
    options = [f"-runs={RUNS * 5}", "-seed=1", "-timeout=60", "-max_len=3000", "-rss_limit_mb=4096"]
    command = [sys.executable, str(HERE / "run.py"), "all", *options]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    assert f"Done {RUNS * 5} runs" in done.stderr
