"""What clients say without meaning it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.blog import Blog


@pytest.mark.parametrize(
    ("agent", "status"),
    [("feedparser/6.0.10 +https://github.com/kurtmckee/feedparser/", 200), ("mine/1.0", 226)],
)
def test_only_new_entries_are_not_for_programs_that_ask_without_knowing(
    tmp_path: Path, agent: str, status: int
) -> None:
    """feedparser asks for them in the name of rss2email, which takes 226 for an error."""
    blog = Blog(tmp_path)
    blog.write("2026-01-01-a.md")
    blog.look()
    etag = blog.get("/ja/feed.atom").headers["ETag"]
    blog.write("2026-01-02-b.md")
    blog.look()
    headers = {"A-IM": "feed", "If-None-Match": etag, "User-Agent": agent}
    assert blog.get("/ja/feed.atom", headers=headers).status_code == status
