"""Deletion is deletion: a month later nothing of a post's text is left."""

from __future__ import annotations

import sqlite3
import tarfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from feeds.ops.backup import backup
from feeds.store.forgetting import FORGET_SECONDS, TABLES, Forgetting
from infra.database import reading, writing
from tests.support.blog import Blog

WORD = "ひみつのことば"


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    """Two posts, translated and searched; one of them is gone."""
    blog = Blog(tmp_path / "blog")
    blog.write("2026-01-01-a.md", f"{WORD}です。")
    blog.write("2026-01-02-b.md", "残る本文。")
    blog.look()
    blog.requests.prewarm()
    blog.translate()
    for language in ("ja", "ko"):
        blog.get(f"/{language}/feed.atom?q=x")
    blog.remove("2026-01-01-a.md")
    blog.look()
    return blog


def rows(blog: Blog) -> dict[str, int]:
    statement = "SELECT count(*) FROM {} WHERE post_key = '2026-01-01:a'"
    names = ["search_posts", *(table.name for table in TABLES)]
    with reading(blog.site.engine) as db:
        return {name: int(db.scalar(text(statement.format(name))) or 0) for name in names}


def test_texts_of_posts_removed_for_a_month_are_deleted(blog: Blog, tmp_path: Path) -> None:
    now = datetime.now(UTC).timestamp()
    Forgetting(blog.site.engine).delete_due(now + FORGET_SECONDS - 60)
    before = rows(blog)
    assert {name for name, count in before.items() if count} >= {"search_posts", "results"}
    Forgetting(blog.site.engine).delete_due(now + FORGET_SECONDS + 60)
    assert not any(rows(blog).values())
    with writing(blog.site.engine) as db:
        db.execute(text("DELETE FROM memory"))  # `flask memory prune` is for that
    backup(blog.settings, tmp_path / "b.tar.gz")
    with tarfile.open(tmp_path / "b.tar.gz") as archive:
        archive.extract("feedglot.sqlite3", tmp_path, filter="data")
    data = (tmp_path / "feedglot.sqlite3").read_bytes()
    assert WORD.encode() not in data
    with closing(sqlite3.connect(tmp_path / "feedglot.sqlite3")) as copy:
        assert copy.execute("SELECT count(*) FROM search_texts").fetchone()[0] > 0


def test_a_post_that_comes_back_within_the_month_keeps_its_translations(blog: Blog) -> None:
    now = datetime.now(UTC).timestamp()
    blog.write("2026-01-01-a.md", f"{WORD}です。")
    blog.look()
    Forgetting(blog.site.engine).delete_due(now + FORGET_SECONDS + 60)
    assert rows(blog)["results"] == 2
    assert len(blog.feed("/ko/feed.atom").entries) == 2


def test_a_post_that_comes_back_later_has_its_id_and_is_translated_again(blog: Blog) -> None:
    now = datetime.now(UTC).timestamp()
    Forgetting(blog.site.engine).delete_due(now + FORGET_SECONDS + 60)
    blog.write("2026-01-01-a.md", f"{WORD}です。")
    blog.open()
    blog.look()
    blog.get("/ko/feed.atom")
    blog.translate()
    assert "2026-01-01:a" in {post.key for post in blog.site.catalogue.posts}
    assert len(blog.feed("/ko/feed.atom").entries) == 2
