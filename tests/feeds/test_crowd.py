"""Many who ask at the same time."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event, Lock
from typing import Any

import pytest
from blog import Blog

from feeds import serve

CROWD = 8


def rendered(blog: Blog) -> float:
    found = re.search(r'render_seconds_count{format="atom"} (\S+)', blog.get("/metrics").text)
    return float(found[1]) if found else 0.0


def test_a_feed_that_has_changed_is_made_once_for_all(tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    for day in range(1, 21):
        blog.write(f"2026-01-{day:02}-a.md", "**本文**です。\n\n" * 50)
    blog.look()
    blog.get("/ja/feed.atom")
    blog.write("2026-01-21-b.md")
    blog.look()
    before, barrier = rendered(blog), Barrier(CROWD)

    def ask() -> bytes:
        barrier.wait()
        return blog.get("/ja/feed.atom").data

    with ThreadPoolExecutor(CROWD) as crowd:
        answers = [asked.result() for asked in [crowd.submit(ask) for _ in range(CROWD)]]
    assert len(set(answers)) == 1
    assert rendered(blog) == before + 1


class Slow:
    """Renders as usual, and takes its time; the first one until it is told to go on."""

    def __init__(self, render: Callable[..., bytes]) -> None:
        self.render = render
        self.counting = Lock()
        self.at_it = self.most = 0
        self.begun, self.go_on = Event(), Event()

    def __call__(self, *arguments: Any) -> bytes:
        with self.counting:
            self.at_it += 1
            self.most = max(self.most, self.at_it)
        if not self.begun.is_set():
            self.begun.set()
            self.go_on.wait(30)
        made = self.render(*arguments)
        with self.counting:
            self.at_it -= 1
        return made


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    slow = Slow(serve.render)
    monkeypatch.setattr(serve, "render", slow)
    return slow


def test_feeds_are_made_one_after_the_other(
    tmp_path: Path, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "TURN_SECONDS", 60)
    blog = Blog(tmp_path)
    blog.write("2026-01-01-a.md")
    blog.look()
    with ThreadPoolExecutor(CROWD) as crowd:
        asked = [crowd.submit(blog.get, f"/ja/feed.atom?limit={n}") for n in range(1, CROWD + 1)]
        assert slow.begun.wait(30)
        slow.go_on.set()
        assert {each.result().status_code for each in asked} == {200}
    assert slow.most == 1


def test_a_poll_waits_for_no_feed_that_is_made(
    tmp_path: Path, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "TURN_SECONDS", 60)
    blog = Blog(tmp_path)
    blog.write("2026-01-01-a.md")
    blog.look()
    slow.go_on.set()
    known = blog.get("/ja/feed.atom").headers["ETag"]
    slow.go_on.clear()
    slow.begun.clear()
    with ThreadPoolExecutor(1) as crowd:
        hanging = crowd.submit(blog.get, "/ja/feed.rss")
        assert slow.begun.wait(30)
        assert blog.get("/ja/feed.atom", headers={"If-None-Match": known}).status_code == 304
        assert not hanging.done()
        slow.go_on.set()
        assert hanging.result().status_code == 200


def test_one_that_hangs_does_not_keep_the_others_waiting(
    tmp_path: Path, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "TURN_SECONDS", 0.1)
    blog = Blog(tmp_path)
    blog.write("2026-01-01-a.md")
    blog.look()
    with ThreadPoolExecutor(1) as crowd:
        hanging = crowd.submit(blog.get, "/ja/feed.atom")
        assert slow.begun.wait(30)
        assert blog.get("/ja/feed.rss").status_code == 200
        assert not hanging.done()
        slow.go_on.set()
        assert hanging.result().status_code == 200
