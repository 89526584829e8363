"""A poll gets what Flask would have answered, without Flask."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from flask import request, request_started
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from tests.support.blog import Blog


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(tmp_path)
    for day in range(1, 4):
        blog.write(f"2026-01-0{day}-a.md", "本文です。" * 100, tags="[最新]")
    blog.look()
    return blog


@contextmanager
def through_flask(blog: Blog) -> Iterator[list[str]]:
    """The paths that Flask is asked for meanwhile."""
    seen: list[str] = []

    def note(_: object) -> None:
        seen.append(request.path)

    with request_started.connected_to(note, blog.app):
        yield seen


def said(response: TestResponse) -> tuple[object, ...]:
    headers = [(k, v) for k, v in response.headers if k != "X-Request-ID"]
    assert len(headers) == len(response.headers) - 1
    return response.status, sorted(headers), response.data


@pytest.mark.parametrize("path", ["/ja/feed.atom", "/ja/tags/%E6%9C%80%E6%96%B0/feed.json"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Accept-Encoding": "gzip, br"},
        {"If-None-Match": '"another"'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
        {"If-Modified-Since": "Mon, 01 Jan 99999999999 00:00:00 GMT"},
    ],
)
def test_the_second_answer_is_the_first_without_flask(
    blog: Blog,
    caplog: pytest.LogCaptureFixture,
    path: str,
    method: str,
    headers: dict[str, str],
) -> None:
    with through_flask(blog) as asked:
        first = said(blog.client.open(path, method=method, headers=headers))
        assert asked
        asked.clear()
        assert said(blog.client.open(path, method=method, headers=headers)) == first
        assert said_at_once(blog, path, method=method, headers=headers) == first
        assert not asked
    assert not [each for each in caplog.records if each.exc_info]


def said_at_once(blog: Blog, path: str, **request: Any) -> tuple[object, ...]:
    """As by the worker's loop, which asks first whether that takes any waiting."""
    environ = EnvironBuilder(path, **request).get_environ()
    assert blog.fast_path.prepare(environ)
    with patch.object(blog.site, "follow", waits):
        body, status, headers = run_wsgi_app(blog.app, environ, buffered=True)
    fields = sorted((k, v) for k, v in headers if k != "X-Request-ID")
    return status, fields, b"".join(body)


def waits(*_: object) -> None:
    raise AssertionError("this may take long")


def test_requests_that_may_wait_are_not_answered_in_the_loop(blog: Blog) -> None:
    path = "/ja/feed.atom"

    def is_for_the_loop(**headers: str) -> bool:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        environ = EnvironBuilder(path, headers=named).get_environ()
        with patch.object(blog.site, "follow", waits):
            return blog.fast_path.prepare(environ)

    assert not is_for_the_loop()  # nobody has asked for it yet
    etag = blog.get(path).headers["ETag"]
    assert is_for_the_loop()
    assert is_for_the_loop(If_None_Match=etag)
    assert not is_for_the_loop(Accept_Encoding="br")  # is to be compressed first
    etag = blog.get(path, headers={"Accept-Encoding": "br"}).headers["ETag"]
    assert is_for_the_loop(Accept_Encoding="br")
    with blog.site._lock:  # a change is just being taken in
        assert is_for_the_loop()
    blog.write("2026-01-04-b.md")
    blog.look()
    assert not is_for_the_loop()  # is to be made anew
    new = blog.get(path).headers["ETag"]
    assert is_for_the_loop()
    assert not is_for_the_loop(Accept_Encoding="br", If_None_Match=etag)
    assert is_for_the_loop(Accept_Encoding="br", If_None_Match=f'{new[:-1]}-br"')
    blog.get("/en/feed.atom")
    blog.translate()
    assert not is_for_the_loop()  # another process has changed something
    blog.get(path)
    assert is_for_the_loop()
    with patch.object(blog.site._changes, "_path", None):  # PostgreSQL: who knows how far away
        assert not is_for_the_loop()


def test_the_log_and_the_status_page_count_both_alike(
    blog: Blog, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "feeds.access")
    for name in ("one", "two"):
        blog.get("/ja/feed.rss", headers={"X-Request-ID": name, "User-Agent": "Mine/1 (x)"})
    fields = [record.fields | {"ms": 0} for record in caplog.records]  # type: ignore[attr-defined]
    assert fields[0] == fields[1]
    assert [record.message.rpartition(" ")[2] for record in caplog.records] == ["one", "two"]
    blog.parts.traffic.flush(1.0)
    assert sum(hour.requests for hour in blog.parts.traffic.hours(time.time())) == 2


def test_a_change_is_seen_by_the_next_poll(blog: Blog) -> None:
    path = "/ja/tags/%E6%9C%80%E6%96%B0/feed.atom"
    before = {blog.get(path).headers["ETag"] for _ in range(2)}
    blog.write("2026-01-04-b.md", tags="[最新]")
    blog.look()
    after = {blog.get(path).headers["ETag"] for _ in range(2)}
    assert len(before) == len(after) == 1
    assert before != after


def test_a_node_whose_files_come_later_serves_them_when_they_are_there(tmp_path: Path) -> None:
    """What another node has recorded already is nothing new to the database."""
    early = Blog(tmp_path / "early")
    url = f"sqlite:///{early.settings.state_dir / 'feedglot.sqlite3'}"
    late = Blog(tmp_path / "late", database_url=url)
    for blog in (early, late):
        blog.look()
        assert blog.feed("/ja/feed.atom").entries == []
    for text in ("一つ目。", "二つ目。"):
        copy = early.write("2026-01-01-new.md", text)
        early.look()
        late.get("/ja/feed.atom")  # it has seen that something is new, but not what
        shutil.copy(copy, late.settings.posts_dir)
        late.look()
        (entry,) = late.feed("/ja/feed.atom").entries
        assert text in entry.content[0].value


def test_other_requested_forms_are_served(blog: Blog) -> None:
    path = "/ja/feed.atom"
    etag = [blog.get(path).headers["ETag"] for _ in range(2)][1]
    assert blog.get(path, headers={"Sec-Fetch-Dest": "document"}).mimetype == "text/html"
    assert blog.get(path + "?limit=1").headers["ETag"] != etag
    assert blog.client.post(path).status_code == 405
    blog.write("2026-01-04-b.md")
    blog.look()
    blog.get(path)
    new = blog.get(path, headers={"A-IM": "feed", "If-None-Match": etag})
    assert new.status_code == 226


def test_errors_are_reported_as_by_flask(
    blog: Blog, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    blog.app.testing = False  # Flask answers errors, as it does in the service
    first = said(blog.get("/ja/feed.atom"))

    def fail(*_: object, **__: object) -> object:
        raise RuntimeError("unforeseen")

    with monkeypatch.context() as broken:
        broken.setattr(blog.parts.feeds, "settled", fail)
        assert said(blog.get("/ja/feed.atom", headers={"X-Request-ID": "mine"})) == first
        (line,) = [each for each in caplog.records if each.exc_info]
        assert "/ja/feed.atom" in line.getMessage()
        assert "unforeseen" in str(line.exc_info)
        broken.setattr(blog.parts.feeds, "get", fail)
        response = blog.get("/ja/feed.atom", headers={"X-Request-ID": "mine"})
        assert (response.status_code, response.mimetype) == (500, "application/problem+json")
        assert response.headers["X-Request-ID"] == "mine"
    with through_flask(blog) as asked:
        assert said(blog.get("/ja/feed.atom")) == first
        assert not asked


def test_an_incomplete_feed_has_a_short_max_age(blog: Blog) -> None:
    """Who asks for it puts it in line, which Flask's way does."""
    with through_flask(blog) as asked:
        for _ in range(3):
            assert blog.get("/en/feed.atom").headers["X-Translation-State"] == "partial"
        assert len(asked) == 3
        blog.translate()
        for _ in range(3):
            assert blog.get("/en/feed.atom").headers["X-Translation-State"] == "complete"
        assert len(asked) == 4
