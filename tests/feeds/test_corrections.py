"""A correction reaches readers: link and date follow the file, the id and the places stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from feeds.cli import models
from tests.support.blog import Blog


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    return Blog(tmp_path, blog_url="https://blog.example", permalink="/:year/:title/")


def second_worker(blog: Blog) -> Blog:
    """The same site in another process: its own caches, the same database and folder."""
    other = Blog.__new__(Blog)
    other.settings, other.engine = blog.settings, blog.engine
    other.open()
    other.look()
    return other


def entries(blog: Blog, path: str = "/ja/feed.atom") -> dict[str, Any]:
    return {entry.title: entry for entry in blog.feed(path).entries}


def archived(blog: Blog) -> list[str]:
    return [entry.id for entry in blog.feed("/ja/archive/1/feed.atom").entries]


def test_a_corrected_year_moves_link_and_date_and_keeps_the_id(blog: Blog) -> None:
    """The new post was at the bottom of the feed for ever, under a dead link."""
    blog.write("2026-10-01-older.md", title="前")
    blog.write("2026-11-28-typo.md", title="誤", date="2025-11-28 09:00:00 +0900")
    blog.look()
    before, places = entries(blog)["誤"], archived(blog)
    assert before.link == "https://blog.example/2025/typo/"
    modified = blog.get("/ja/feed.atom").headers["Last-Modified"]
    blog.write("2026-11-28-typo.md", title="誤", date="2026-11-28 09:00:00 +0900")
    blog.look()
    after = blog.feed("/ja/feed.atom").entries[0]
    assert (after.title, after.id) == ("誤", before.id)
    assert after.link == "https://blog.example/2026/typo/"
    assert after.published == "2026-11-28T00:00:00+00:00"
    assert sorted(archived(blog)) == sorted(places)
    assert blog.get("/ja/feed.atom").headers["Last-Modified"] >= modified


def test_only_another_text_moves_updated(blog: Blog) -> None:
    blog.write("2026-10-01-a.md", title="題")
    blog.look()
    before = entries(blog)["題"]
    blog.write("2026-10-01-a.md", title="題", tags="[AI]", permalink="/elsewhere/")
    blog.look()
    tagged = entries(blog)["題"]
    assert (tagged.updated, tagged.link) == (before.updated, "https://blog.example/elsewhere/")
    assert [tag.term for tag in tagged.tags] == ["AI"]
    blog.write(
        "2026-10-01-a.md", "別の本文です。", title="題", tags="[AI]", permalink="/elsewhere/"
    )
    blog.look()
    assert entries(blog)["題"].updated > before.updated


def test_a_stated_edit_moves_updated(blog: Blog) -> None:
    blog.write("2026-10-01-a.md", title="題")
    blog.look()
    blog.write("2026-10-01-a.md", title="題", last_modified_at="2026-10-05")
    blog.look()
    assert entries(blog)["題"].updated == "2026-10-05T00:00:00+00:00"


def test_workers_serve_the_same_bytes_after_a_pure_rename(blog: Blog) -> None:
    blog.write("2026-10-01-a.md", title="題")
    blog.write("2026-10-02-b.md", "[前]({% post_url 2026-10-01-a %})", title="次")
    blog.look()
    other = second_worker(blog)
    paths = [f"/ja/feed.{format}" for format in ("atom", "rss", "json")]
    assert [blog.get(p).data for p in paths] == [other.get(p).data for p in paths]
    old = blog.settings.posts_dir / "2026-10-01-a.md"
    old.rename(old.with_name("2026-10-01-renamed.md"))
    other.look()
    blog.look()
    moved = entries(blog)["題"]
    assert moved.link == "https://blog.example/2026/renamed/"
    assert moved.id == entries(other)["題"].id
    fresh = second_worker(blog)
    for path in paths:
        answers = {each.get(path).data for each in (blog, other, fresh)}
        assert len(answers) == 1, path


def test_links_to_a_post_follow_it_in_every_worker(blog: Blog) -> None:
    blog.write("2026-10-01-a.md", title="題")
    blog.write("2026-10-02-b.md", "[前]({% post_url 2026-10-01-a %})", title="次", tags="[次]")
    blog.look()
    other = second_worker(blog)
    path = "/ja/tags/次/feed.atom"
    for each in (blog, other):
        assert "https://blog.example/2026/a/" in each.feed(path).entries[0].content[0].value
    blog.write("2026-10-01-a.md", title="題", permalink="/moved/")
    other.look()
    blog.look()
    for each in (blog, other):
        assert "https://blog.example/moved/" in each.feed(path).entries[0].content[0].value
    assert blog.get(path).data == other.get(path).data


def test_content_check_names_what_moved(blog: Blog) -> None:
    blog.write("2026-11-28-typo.md", date="2025-11-28 09:00:00 +0900")
    blog.look()
    models.register(blog.app)

    def check() -> str:
        return blog.app.test_cli_runner().invoke(args=["content", "check"]).output

    assert "moved" not in check()
    blog.write("2026-11-28-typo.md", date="2026-11-28 09:00:00 +0900")
    blog.look()
    assert (
        "note: 2026-11-28-typo.md:1: moved from /2025/typo/ of 2025-11-28 00:00 UTC "
        "to /2026/typo/ of 2026-11-28 00:00 UTC: its id stays"
    ) in check()
    blog.write("2026-11-28-typo.md", date="2025-11-28 09:00:00 +0900")
    blog.look()
    assert "moved" not in check()
