"""What a run says of the tests that it could not make."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TESTS = """
import pytest
from tests.support.debian import program

@pytest.mark.parametrize("n", range(3))
def test_a(n): program("no-such-program", "some-package")
def test_b(): program("no-such-thing", "a-package")
def test_c(): program("sh", "dash")
"""


def test_skipped_tests_are_listed_with_their_debian_packages(tmp_path: Path) -> None:
    (tmp_path / "test_x.py").write_text(TESTS, "utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.support.debian",
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(
        [*command, "test_x.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    said = done.stdout.splitlines()
    at = next(number for number, line in enumerate(said) if "not tested here" in line)
    assert said[at + 1 : at + 4] == [
        "3 tests: no-such-program is not installed: apt-get install some-package",
        "1 test: no-such-thing is not installed: apt-get install a-package",
        "All of them: apt-get install a-package some-package",
    ]
    assert "1 passed, 4 skipped" in done.stdout
