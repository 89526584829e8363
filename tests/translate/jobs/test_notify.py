from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from huey.storage import BlackHoleStorage

from translate.jobs.notify import Notifier, open_notifier


def test_silence_ends_after_the_timeout(queue_url: str) -> None:
    started = time.monotonic()
    assert not open_notifier(queue_url).wait(0.2)
    assert 0.2 <= time.monotonic() - started < 2


def test_a_ring_wakes_another_process(queue_url: str) -> None:
    listener, ringer = open_notifier(queue_url), open_notifier(queue_url)
    timer = threading.Timer(0.2, ringer.notify)
    timer.start()
    started = time.monotonic()
    assert listener.wait(10)
    assert time.monotonic() - started < 5
    timer.join()


def test_a_notification_before_a_wait_is_not_lost(queue_url: str) -> None:
    open_notifier(queue_url).notify()
    assert open_notifier(queue_url).wait(0)


def test_many_rings_are_one(queue_url: str) -> None:
    notifier = open_notifier(queue_url)
    for _ in range(100):
        notifier.notify()
    assert notifier.wait(0)
    assert not notifier.wait(0)


def test_notifications_without_a_listener_use_no_space(queue_url: str) -> None:
    notifier = open_notifier(queue_url)
    for _ in range(100):
        notifier.notify()
    assert notifier._storage.queue_size() == 1


class _Gone(BlackHoleStorage):  # type: ignore[misc]
    """A queue whose server is away."""

    def queue_size(self) -> int:
        raise ConnectionRefusedError("nobody there")

    def dequeue(self) -> None:
        raise ConnectionRefusedError("nobody there")


def test_an_unavailable_queue_delays_jobs_only(caplog: pytest.LogCaptureFixture) -> None:
    notifier = Notifier(_Gone)
    notifier.notify()
    started = time.monotonic()
    assert not notifier.wait(0.3)
    assert time.monotonic() - started >= 0.3
    assert [record.getMessage() for record in caplog.records] == [
        "the queue is unavailable, translators poll for new jobs: nobody there"
    ]


def test_a_damaged_file_is_no_reason_not_to_start(tmp_path: Path) -> None:
    path = tmp_path / "queue.sqlite3"
    path.write_bytes(b"not a database, but long enough to be taken for a damaged one" * 20)
    notifier = open_notifier(f"sqlite:///{path}")
    notifier.notify()
    assert not notifier.wait(0)


def test_an_invalid_queue_url_is_rejected() -> None:
    with pytest.raises(
        ValueError, match=r"write it as sqlite:///path or .* or redis://host:port/number"
    ):
        open_notifier("mysql://localhost/queue")
