"""Deltas: only what the client has not, told by its ETag alone (RFC 3229, `A-IM: feed`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import feedparser
import pytest

from tests.support.blog import SITE, Blog
from tests.support.validity import complaints


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(tmp_path)
    for n in range(1, 6):
        write(blog, n)
    blog.look()
    return blog


def write(blog: Blog, n: int, text: str = "本文です。") -> None:
    blog.write(f"2026-01-0{n}-p{n}.md", f"その{n}の{text}", title=f"記事{n}")


class Client:
    """Keeps an ETag, and adds up what it is sent."""

    def __init__(self, blog: Blog, path: str, **headers: str) -> None:
        self.blog, self.path, self.headers = blog, path, headers
        self.etag = ""
        self.entries: dict[str, str] = {}

    def poll(self) -> tuple[int, list[str]]:
        """The status, and which entries came."""
        headers = {"A-IM": "feed", **self.headers}
        if self.etag:
            headers["If-None-Match"] = self.etag
        response = self.blog.get(self.path, headers=headers)
        assert "A-IM" in response.headers["Vary"]
        if response.status_code == 304:
            return 304, []
        if response.status_code == 226:
            assert response.headers["IM"] == "feed"
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["Delta-Base"] == self.etag
        self.etag = response.headers["ETag"]
        assert complaints(response.data, SITE + self.path) == []
        came = self._read(response.data)
        self.entries |= came
        return response.status_code, [key.rpartition(":p")[2] for key in came]

    def _read(self, data: bytes) -> dict[str, Any]:
        if self.path.endswith("json"):
            return {i["id"]: i["content_html"] for i in json.loads(data)["items"]}
        return {e.id: e.content[0].value for e in feedparser.parse(data).entries}


@pytest.mark.parametrize("extension", ["rss", "atom", "json"])
def test_new_and_edited_posts_come_alone(blog: Blog, extension: str) -> None:
    client = Client(blog, f"/ja/feed.{extension}")
    assert client.poll() == (200, [f"{n}/ja" for n in (5, 4, 3, 2, 1)])
    assert client.poll() == (304, [])
    write(blog, 6)
    blog.look()
    assert client.poll() == (226, ["6/ja"])
    assert client.poll() == (304, [])
    write(blog, 2, "直した本文です。")
    write(blog, 7)
    blog.look()
    assert client.poll() == (226, ["7/ja", "2/ja"])
    whole = Client(blog, f"/ja/feed.{extension}")
    whole.poll()
    assert client.entries == whole.entries
    assert client.etag == whole.etag


def test_a_translation_finished_in_the_middle_of_the_feed_comes_alone(blog: Blog) -> None:
    blog.get("/ko/feed.atom")
    blog.translate()
    client = Client(blog, "/ko/feed.atom")
    client.poll()
    write(blog, 3, "直した本文です。")
    blog.look()
    assert client.poll() == (304, [])
    blog.translate()
    assert client.poll() == (226, ["3/ko"])


def test_an_old_etag_is_understood_after_a_restart(blog: Blog) -> None:
    client = Client(blog, "/ja/feed.atom")
    client.poll()
    blog.open()
    write(blog, 6)
    blog.look()
    assert client.poll() == (226, ["6/ja"])


def test_a_post_that_returns_is_not_updated(blog: Blog) -> None:
    client = Client(blog, "/ja/feed.atom")
    client.poll()
    blog.remove("2026-01-02-p2.md")
    blog.look()
    assert client.poll() == (226, [])
    assert client.poll() == (304, [])


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_deltas_are_encoded_as_the_client_likes(blog: Blog, encoding: str) -> None:
    headers = {"A-IM": "feed", "Accept-Encoding": encoding}
    first = blog.get("/ja/feed.atom", headers=headers)
    write(blog, 6, "長い本文です。" * 200)
    blog.look()
    known = {**headers, "If-None-Match": first.headers["ETag"]}
    new = blog.get("/ja/feed.atom", headers=known)
    assert new.status_code == 226
    assert new.headers["Content-Encoding"] == encoding
    whole = blog.get("/ja/feed.atom", headers=headers)
    assert new.headers["ETag"] == whole.headers["ETag"]


@pytest.mark.parametrize(
    "etag", ['"unknown"', '"0123456789abcdef0123456789abcdef"', f'"{"0" * 32}.AAAABBBB"', "x"]
)
def test_an_unknown_etag_gets_the_whole_feed(blog: Blog, etag: str) -> None:
    response = blog.get("/ja/feed.rss", headers={"A-IM": "feed", "If-None-Match": etag})
    assert response.status_code == 200
    assert "IM" not in response.headers


@pytest.mark.parametrize("manipulation", ["", "vcdiff", "feed;q=0", "feedback"])
def test_a_delta_is_sent_only_on_request(blog: Blog, manipulation: str) -> None:
    etag = blog.get("/ja/feed.rss").headers["ETag"]
    write(blog, 6)
    blog.look()
    headers = {"If-None-Match": etag} | ({"A-IM": manipulation} if manipulation else {})
    assert blog.get("/ja/feed.rss", headers=headers).status_code == 200


def test_etags_fit_into_the_columns_of_readers(tmp_path: Path) -> None:
    blog = Blog(tmp_path, limit=100)
    for n in range(100):
        blog.write(f"2026-{n // 25 + 1:02}-{n % 25 + 1:02}-p{n}.md")
    blog.look()
    for limit in (1, 50, 51, 100):
        response = blog.get(f"/ja/feed.rss?limit={limit}", headers={"Accept-Encoding": "gzip"})
        assert len(response.headers["ETag"]) < 255
