"""Programs that tests use, from Debian's packages. Absent, they cost the tests that need them,
and the end of the run says which packages would bring them."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from typing import NoReturn

import pytest


def program(name: str, package: str) -> str:
    """The path of an installed program."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    return found or absent(name, package)


def absent(what: str, package: str) -> NoReturn:
    """Skips the test."""
    pytest.skip(f"{what} is not installed: apt-get install {package}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
    if not reasons:
        return
    terminalreporter.section("not tested here")
    for reason, tests in reasons.most_common():
        terminalreporter.write_line(f"{tests} test{'s' * (tests > 1)}: {reason}")
    packages = {reason.partition("apt-get install ")[2] for reason in reasons} - {""}
    if packages:
        terminalreporter.write_line(f"All of them: apt-get install {' '.join(sorted(packages))}")
