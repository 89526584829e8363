"""Many who ask at the same time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Barrier, Event, Lock
from typing import Any

import pytest
from werkzeug.test import TestResponse

from feeds.cache import feed_cache
from tests.support.blog import Blog

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

    def begins_anew(self) -> None:
        self.begun.clear()
        self.go_on.clear()

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
    slow = Slow(feed_cache.render)
    monkeypatch.setattr(feed_cache, "render", slow)
    monkeypatch.setattr(feed_cache, "TURN_SECONDS", 60)
    return slow


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(tmp_path)
    blog.write("2026-01-01-a.md")
    blog.look()
    return blog


@contextmanager
def hanging(blog: Blog, slow: Slow, path: str) -> Iterator[None]:
    """While somebody makes that feed, and does not come to an end."""
    slow.begins_anew()
    with ThreadPoolExecutor(1) as other:
        asked = other.submit(blog.get, path)
        assert slow.begun.wait(30)
        yield
        assert not asked.done()
        slow.go_on.set()
        assert asked.result().status_code == 200


def statuses(slow: Slow, asks: Iterable[Callable[[], TestResponse]]) -> set[int]:
    """Of what is asked at once; none is made before all have been asked."""
    slow.begins_anew()
    with ThreadPoolExecutor(CROWD) as crowd:
        asked = [crowd.submit(ask) for ask in asks]
        assert slow.begun.wait(30)
        slow.go_on.set()
        return {each.result().status_code for each in asked}


def test_feeds_are_built_one_at_a_time(blog: Blog, slow: Slow) -> None:
    paths = (f"/ja/feed.atom?limit={n}" for n in range(1, CROWD + 1))
    assert statuses(slow, (partial(blog.get, path) for path in paths)) == {200}
    assert slow.most == 1


def test_so_are_deltas(blog: Blog, slow: Slow) -> None:
    slow.go_on.set()
    asking = {"A-IM": "feed", "If-None-Match": blog.get("/ja/feed.atom").headers["ETag"]}
    blog.write("2026-01-02-b.md")
    blog.look()
    blog.get("/ja/feed.atom")
    assert statuses(slow, [partial(blog.get, "/ja/feed.atom", headers=asking)] * CROWD) == {226}
    assert slow.most == 1


def test_a_poll_does_not_wait_for_the_build_of_another_feed(blog: Blog, slow: Slow) -> None:
    slow.go_on.set()
    known = {"If-None-Match": blog.get("/ja/feed.atom").headers["ETag"]}
    with hanging(blog, slow, "/ja/feed.rss"):
        assert blog.get("/ja/feed.atom", headers=known).status_code == 304


def test_a_build_that_hangs_does_not_block_others(
    blog: Blog, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_cache, "TURN_SECONDS", 0.1)
    with hanging(blog, slow, "/ja/feed.atom"):
        assert blog.get("/ja/feed.rss").status_code == 200
