"""The counts of workers that have ended: added up in one file, and read once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from feeds.server.dead_workers import fold

# What a worker counts: three requests and how long they took.
WORKER = """
import os
from feeds.monitoring import metrics
for _ in range(3):
    metrics.count("site", "ja", "atom", 200, 1000, 0.02)
print(os.getpid())
"""
COUNTED = 'feedglot_requests_total{format="atom",kind="site",language="ja",status="200"}'


def counted(folder: Path) -> list[str]:
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]
    return sorted(generate_latest(registry).decode().splitlines())


@pytest.fixture
def pids(tmp_path: Path) -> list[int]:
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    command = [sys.executable, "-c", WORKER]
    ran = [subprocess.run(command, env=environment, stdout=subprocess.PIPE) for _ in range(3)]
    return [int(done.stdout) for done in ran]


def test_workers_that_end_leave_their_counts_and_no_files(tmp_path: Path, pids: list[int]) -> None:
    before = counted(tmp_path)
    assert f"{COUNTED} 9.0" in before
    assert len(list(tmp_path.glob("*.db"))) == 6
    for pid in pids:
        fold(tmp_path, pid)
        fold(tmp_path, pid)  # a second time there is nothing to add
        assert counted(tmp_path) == before
    assert {path.name for path in tmp_path.glob("*.db")} == {"counter_0.db", "histogram_0.db"}


def test_a_worker_that_counted_nothing_is_no_trouble(tmp_path: Path) -> None:
    fold(tmp_path, 12345)
    assert list(tmp_path.iterdir()) == []
