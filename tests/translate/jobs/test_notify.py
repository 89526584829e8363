from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from huey.storage import BlackHoleStorage

from translate.jobs.notify import Bell, open_bell


def test_silence_ends_after_the_timeout(queue_url: str) -> None:
    started = time.monotonic()
    assert not open_bell(queue_url).wait(0.2)
    assert 0.2 <= time.monotonic() - started < 2


def test_a_ring_wakes_another_process(queue_url: str) -> None:
    listener, ringer = open_bell(queue_url), open_bell(queue_url)
    timer = threading.Timer(0.2, ringer.ring)
    timer.start()
    started = time.monotonic()
    assert listener.wait(10)
    assert time.monotonic() - started < 5
    timer.join()


def test_a_ring_before_anybody_listens_is_kept(queue_url: str) -> None:
    open_bell(queue_url).ring()
    assert open_bell(queue_url).wait(0)


def test_many_rings_are_one(queue_url: str) -> None:
    bell = open_bell(queue_url)
    for _ in range(100):
        bell.ring()
    assert bell.wait(0)
    assert not bell.wait(0)


def test_nobody_listening_fills_nothing(queue_url: str) -> None:
    bell = open_bell(queue_url)
    for _ in range(100):
        bell.ring()
    assert bell._storage.queue_size() == 1


class _Gone(BlackHoleStorage):  # type: ignore[misc]
    """A queue whose server is away."""

    def queue_size(self) -> int:
        raise ConnectionRefusedError("nobody there")

    def dequeue(self) -> None:
        raise ConnectionRefusedError("nobody there")


def test_a_queue_that_is_away_costs_only_time(caplog: pytest.LogCaptureFixture) -> None:
    bell = Bell(_Gone)
    bell.ring()
    started = time.monotonic()
    assert not bell.wait(0.3)
    assert time.monotonic() - started >= 0.3
    assert [record.getMessage() for record in caplog.records] == [
        "the queue does not answer, new work is found a little later: nobody there"
    ]


def test_a_damaged_file_is_no_reason_not_to_start(tmp_path: Path) -> None:
    path = tmp_path / "queue.sqlite3"
    path.write_bytes(b"not a database, but long enough to be taken for a damaged one" * 20)
    bell = open_bell(f"sqlite:///{path}")
    bell.ring()
    assert not bell.wait(0)


def test_what_is_no_queue_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"write it as sqlite:///path or .* or redis://host:port/number"
    ):
        open_bell("mysql://localhost/queue")
