"""Who has a feed already is told so, and nobody else is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from feeds.cache import representation
from tests.support.blog import Blog, filled


class TestConditionalRequests:
    @pytest.mark.parametrize("encoding", ["", "gzip", "br", "zstd"])
    def test_a_reader_that_has_the_feed_gets_304(self, blog: Blog, encoding: str) -> None:
        filled(blog, 5)
        headers = {"Accept-Encoding": encoding} if encoding else {}
        first = blog.get("/ja/feed.atom", headers=headers)
        assert first.headers.get("Content-Encoding", "") == encoding
        etag = first.headers["ETag"]
        assert etag.startswith('"')
        for known in (etag, f'"x", {etag}', f"W/{etag}", "*"):
            again = blog.get("/ja/feed.atom", headers={**headers, "If-None-Match": known})
            assert again.status_code == 304, known
            assert again.data == b""
            assert again.headers["ETag"] == etag
            assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
            assert again.headers["Vary"] == first.headers["Vary"]

    def test_each_encoding_has_an_etag_of_its_own(self, blog: Blog) -> None:
        filled(blog, 5)
        etags = {
            blog.get("/ja/feed.atom", headers={"Accept-Encoding": encoding}).headers["ETag"]
            for encoding in ("identity", "gzip", "br", "zstd")
        }
        assert len(etags) == 4

    def test_if_none_match_wins_over_the_date(self, blog: Blog) -> None:
        filled(blog)
        modified = blog.get("/ja/feed.rss").headers["Last-Modified"]
        both = {"If-Modified-Since": modified, "If-None-Match": '"other"'}
        assert blog.get("/ja/feed.rss", headers=both).status_code == 200
        assert blog.get("/ja/feed.rss", headers={"If-Modified-Since": modified}).status_code == 304

    def test_last_modified_is_sent_after_its_second_is_over(
        self, blog: Blog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        filled(blog)
        monkeypatch.setattr(representation, "UNSETTLED", timedelta(seconds=2))
        assert "Last-Modified" not in blog.get("/ja/feed.rss").headers
        monkeypatch.setattr(representation, "UNSETTLED", timedelta(hours=-1))
        assert "Last-Modified" in blog.get("/ja/feed.rss").headers

    def test_head_has_the_headers_of_get(self, blog: Blog) -> None:
        filled(blog)
        get, head = blog.get("/ja/feed.json"), blog.client.head("/ja/feed.json")
        assert head.data == b""
        for name in ("ETag", "Content-Length", "Content-Type", "Last-Modified", "Vary"):
            assert head.headers[name] == get.headers[name]

    def test_the_same_posts_give_the_same_bytes_after_a_restart(self, blog: Blog) -> None:
        filled(blog)
        before = blog.get("/ja/feed.rss")
        blog.open()
        blog.look()
        after = blog.get("/ja/feed.rss")
        assert (after.data, after.headers["ETag"], after.headers["Last-Modified"]) == (
            before.data,
            before.headers["ETag"],
            before.headers["Last-Modified"],
        )

    def test_an_edit_elsewhere_leaves_a_feed_alone(self, blog: Blog) -> None:
        filled(blog)
        paths = ["/ja/tags/t1/feed.rss", "/ja/tags/t2/feed.rss"]
        before = [blog.get(path).headers["ETag"] for path in paths]
        blog.write("2026-01-02-post-2.md", "別の文。", tags="[AI, 最新ニュース, t2]")
        blog.look()
        after = [blog.get(path).headers["ETag"] for path in paths]
        assert after[0] == before[0]
        assert after[1] != before[1]
