"""Reloads and new workers after an edit that is none too good: those who serve go on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.test_processes import FEEDS, Service, no_entry_twice, write
from tests.support.nodes import Reader, wait_for

pytestmark = pytest.mark.slow

# A file in the folder that gunicorn runs in, and what is wrong with it.
TROUBLES = {
    "feedglot.toml": ("feed_limit = 7\n", "feed_limit"),
    "wsgi.py": ("raise RuntimeError('half an upgrade')\n", "half an upgrade"),
}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    posts = tmp_path / "posts"
    posts.mkdir()
    write(posts, 1, 1)
    service = Service(tmp_path / "service", posts)
    yield service
    service.stop()


@pytest.mark.parametrize("name", TROUBLES)
def test_a_reload_that_cannot_start_leaves_the_old_workers(service: Service, name: str) -> None:
    service.start()
    wait_for(lambda: len(service.serving()) == 2 and service.is_settled(), 60, [service])
    before = set(service.serving())
    translator = {pid for pid, line in service.children().items() if "-m translate " in line}
    text, said = TROUBLES[name]
    (service.folder / name).write_text(text)
    with Reader([service], FEEDS, no_entry_twice) as reader:
        assert service.process
        service.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "Reload refused" in service.log.read_text(), 120, [service])
        assert said in service.log.read_text()
        assert before <= set(service.serving())
        assert translator <= service.children().keys()

        # One that dies now cannot be replaced; the other serves.
        gone = min(before)
        os.kill(gone, signal.SIGKILL)
        wait_for(lambda: service.log.read_text().count("cannot start") >= 3, 60, [service])
        assert set(service.serving()) & before == before - {gone}

        (service.folder / name).unlink()
        wait_for(lambda: len(service.serving()) == 2, 60, [service])
        service.process.send_signal(signal.SIGHUP)
        wait_for(
            lambda: len(service.serving()) == 2 and not before & set(service.serving()),
            120,
            [service],
        )
        wait_for(service.is_settled, 60, [service])
    assert len(reader.complaints) <= 1, reader.complaints  # of the one killed


@pytest.mark.parametrize("name", TROUBLES)
def test_the_first_start_with_such_an_edit_ends_at_once_and_says_why(
    service: Service, name: str
) -> None:
    text, said = TROUBLES[name]
    (service.folder / name).write_text(text)
    service.start()
    assert service.process
    assert service.process.wait(60) != 0
    wait_for(lambda: said in service.log.read_text(), 10, [service])
