"""What the disk and the database do on bad days, while feeds are read and posts are edited."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import event

from feeds.model.messages import say
from tests.support.blog import Blog

FEEDS = [f"/{lang}/feed.{kind}" for lang in ("ja", "en", "ko") for kind in ("rss", "atom", "json")]
ENTRIES = ["/ja/feed.json", "/en/feed.json"]


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    """Three posts, translated and served."""
    blog = Blog(tmp_path)
    for number in range(3):
        blog.write(f"2026-01-0{number + 1}-post-{number}.md", f"本文{number}です。")
    blog.look()
    read(blog)
    blog.translate()
    read(blog)
    return blog


def read(blog: Blog) -> dict[str, bytes]:
    """Every feed as a reader gets it: 200, and within five seconds."""
    bodies = {}
    for path in FEEDS:
        started = time.monotonic()
        answer = blog.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        assert time.monotonic() - started < 5, path
        bodies[path] = answer.data
    return bodies


def ids(body: bytes) -> list[str]:
    return [item["id"] for item in json.loads(body)["items"]]


def database_of(blog: Blog) -> Path:
    return blog.settings.state_dir / "feedglot.sqlite3"


@contextmanager
def locked(blog: Blog) -> Iterator[None]:
    """Somebody begins to write, and does not end."""
    other = sqlite3.connect(database_of(blog), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def pragma(blog: Blog, statement: str) -> Iterator[None]:
    """SQLite itself refuses to write, as it does on such a disk."""

    def refuse(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(statement)

    blog.site.engine.dispose()
    event.listen(blog.site.engine, "connect", refuse)
    yield
    event.remove(blog.site.engine, "connect", refuse)
    blog.site.engine.dispose()


def full(blog: Blog) -> object:
    return pragma(blog, "PRAGMA max_page_count = 1")


def read_only(blog: Blog) -> object:
    return pragma(blog, "PRAGMA query_only = 1")


@pytest.mark.parametrize("trouble", [locked, full, read_only])
def test_readers_are_served_while_the_database_rejects_writes(
    blog: Blog, trouble: Callable[[Blog], object]
) -> None:
    before = read(blog)
    with trouble(blog):  # type: ignore[attr-defined]
        blog.write("2026-02-01-new.md", "新しい本文です。")
        blog.write("2026-01-01-post-0.md", "書き直した本文です。")
        blog.look()
        assert read(blog).keys() == before.keys()
        assert ids(read(blog)["/en/feed.json"]) == ids(before["/en/feed.json"])
    blog.look()
    read(blog)
    blog.translate()
    after = read(blog)
    assert len(ids(after["/en/feed.json"])) == len(ids(after["/ja/feed.json"])) == 4
    assert set(ids(before["/en/feed.json"])) < set(ids(after["/en/feed.json"]))


def test_a_worker_that_starts_while_the_database_is_locked_serves_recorded_posts(
    blog: Blog,
) -> None:
    before = read(blog)
    with locked(blog):
        blog.open()
        blog.look()
        assert read(blog) == before


def test_with_a_damaged_database_cached_feeds_are_served(blog: Blog) -> None:
    before = read(blog)
    damage(blog)
    blog.site.engine.dispose()
    assert read(blog) == before
    blog.write("2026-02-01-new.md", "新しい本文です。")
    blog.look()
    assert read(blog) == before


def test_with_a_damaged_database_original_feeds_are_served(blog: Blog) -> None:
    """Feeds that this worker has not made yet."""
    before = blog.get("/ja/feed.atom?limit=2").data
    blog.parts.feeds._kept._values.clear()
    damage(blog)
    blog.site.engine.dispose()
    answer = blog.get("/ja/feed.atom?limit=2")
    assert (answer.status_code, answer.data) == (200, before)
    answer = blog.get("/en/feed.json?limit=2")
    assert (answer.status_code, ids(answer.data)) == (200, []), "an original passed for failed"
    assert answer.headers["X-Translation-State"] == "partial"


KNOWN_TO_THE_DATABASE = ["/ja/archive/1/feed.atom", "/en/archive/1/feed.json", "/en/feed.rss?q=0"]


def test_cached_archives_and_searches_are_served_without_the_database(
    blog: Blog,
) -> None:
    before = {path: blog.get(path) for path in KNOWN_TO_THE_DATABASE}
    assert [answer.status_code for answer in before.values()] == [200] * 3
    damage(blog)
    blog.write("2026-02-01-new.md", "新しい本文です。")
    blog.look()
    for path, expected in before.items():
        assert blog.get(path).data == expected.data
        known = {"If-None-Match": expected.headers["ETag"]}
        assert blog.get(path, headers=known).status_code == 304


@pytest.mark.parametrize("path", [*KNOWN_TO_THE_DATABASE, "/en/?q=0", "/en/posts/post-0/"])
def test_uncached_archives_and_searches_are_503_without_the_database(blog: Blog, path: str) -> None:
    sound = sound_copy(blog)
    damage(blog)
    forget(blog)
    answer = blog.get(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "flask doctor" in answer.json["detail"]
    page = blog.get(path, headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["Retry-After"]) == (503, "30")
    assert say(path[1:3], "error_503_more") in page.text
    blog.site.close()
    sound()
    assert blog.get(path).status_code == 200


def test_a_feed_with_archives_is_made_without_the_database(blog: Blog) -> None:
    assert b"prev-archive" in blog.get("/ja/feed.atom?limit=2").data
    damage(blog)
    forget(blog)
    answer = blog.get("/ja/feed.json")
    assert (answer.status_code, len(ids(answer.data))) == (200, 3)


def test_a_worker_waits_until_a_damaged_database_is_restored(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot know the ids that were served; the workers that do go on meanwhile."""
    before = read(blog)
    sound = sound_copy(blog)
    waits: list[float] = []

    def put_back(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            sound()

    damage(blog)
    # Only its own: other threads sleep too.
    monkeypatch.setattr("feeds.store.ledger_connection.time", SimpleNamespace(sleep=put_back))
    blog.open()
    monkeypatch.undo()
    assert len(waits) == 2
    blog.look()
    assert read(blog) == before


def forget(blog: Blog) -> None:
    """As in a worker that has not served anything yet."""
    blog.parts.feeds._kept._values.clear()
    blog.parts.builder._archives._read._values.clear()


def sound_copy(blog: Blog) -> Callable[[], None]:
    """What puts the database back as it is now."""
    blog.site.close()  # the last one to leave brings the log into the file
    path = database_of(blog)
    sound = path.read_bytes()

    def put_back() -> None:
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        path.write_bytes(sound)

    return put_back


def damage(blog: Blog) -> None:
    """Overwrites the file behind its first hundred bytes; what is in the log goes too."""
    # SQLite shares what it knows of a file among a process's connections to it.
    blog.site.close()
    path = database_of(blog)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xa5" * (size - 100))


def gone(posts: Path) -> None:
    posts.rename(posts.with_name("elsewhere"))


def looped(posts: Path) -> None:
    gone(posts)
    posts.symlink_to(posts)


def unreadable(posts: Path) -> None:
    if os.getuid() == 0:
        # Root may read everything: a file in the place of the folder cannot be listed either.
        gone(posts)
        posts.write_text("not a folder")
    else:
        posts.chmod(0)


def put_back(posts: Path) -> None:
    elsewhere = posts.with_name("elsewhere")
    if elsewhere.exists():
        posts.unlink(missing_ok=True)
        elsewhere.rename(posts)
    posts.chmod(0o755)


@pytest.mark.parametrize("trouble", [gone, looped, unreadable])
def test_unreadable_posts_stay_as_last_served(blog: Blog, trouble: Callable[[Path], None]) -> None:
    before = read(blog)
    trouble(blog.settings.posts_dir)
    try:
        blog.look()
        assert read(blog) == before
    finally:
        put_back(blog.settings.posts_dir)
    blog.look()
    assert read(blog) == before


@pytest.mark.parametrize("trouble", [gone, looped, unreadable])
def test_a_worker_that_starts_without_posts_removes_none(
    blog: Blog, trouble: Callable[[Path], None]
) -> None:
    before = read(blog)
    trouble(blog.settings.posts_dir)
    try:
        blog.open()
        blog.look()
        read(blog)
    finally:
        put_back(blog.settings.posts_dir)
    blog.look()
    blog.look()
    assert read(blog) == before


def test_no_date_decreases_when_the_clock_goes_back(blog: Blog) -> None:
    def modified(path: str) -> str:
        return blog.get(path).headers["Last-Modified"]

    now = datetime.now(UTC)
    blog.write("2026-01-01-post-0.md", "書き直した本文です。")
    blog.look(now + timedelta(hours=1))
    before = {path: parse(modified(path)) for path in ENTRIES}
    blog.write("2026-01-01-post-0.md", "もう一度書き直した本文です。")
    blog.look(now)  # the clock was an hour fast, and has been set right
    read(blog)
    blog.translate()
    assert all(parse(modified(path)) >= before[path] for path in ENTRIES)
    assert "もう一度" in blog.get("/ja/feed.json").text


def parse(date: str) -> datetime:
    return datetime.strptime(date, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
