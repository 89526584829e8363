"""Processes of these tests, ended with each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.translator_processes import House, until


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    for process in house.started:
        process.kill()
        process.wait()
    until(lambda: not house.processes())
