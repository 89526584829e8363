"""flask feeds list: each feed once in every language, with its address."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from feeds.cli.models import register
from tests.support.blog import SITE, Blog


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(tmp_path)
    blog.write("2026-01-01-a.md", tags="[空, 海]", categories="[旅]", author="花子")
    blog.write("2026-01-02-b.md", tags="[空]")
    register(blog.app)
    return blog


def flask(blog: Blog, *arguments: str) -> Result:
    return blog.app.test_cli_runner().invoke(args=["feeds", "list", *arguments])


def test_every_feed_is_there_and_answers(blog: Blog) -> None:
    rows = json.loads(flask(blog, "--json").stdout)
    assert [(r["kind"], r["term"], r["posts"]) for r in rows if r["language"] == "ko"] == [
        ("site", None, 2),
        ("tag", "空", 2),
        ("tag", "海", 1),
        ("category", "旅", 1),
        ("author", "花子", 1),
    ]
    assert len(rows) == 5 * 3
    for row in rows:
        assert blog.get(row["url"].removeprefix(SITE)).status_code == 200


def test_language_and_kind_narrow_it_down(blog: Blog) -> None:
    found = flask(blog, "--language", "en", "--kind", "tag", "--format", "rss")
    assert found.exit_code == 0
    first, second = found.stdout.splitlines()
    assert first.split("\t")[:3] == ["tag", "空", "en"]
    assert first.split("\t")[4] == "2"
    assert second.split("\t")[3].endswith("/feed.rss")
    assert "\x1b" not in found.stdout  # not a terminal


def test_an_unserved_language_is_rejected(blog: Blog) -> None:
    refused = flask(blog, "--language", "fr")
    assert refused.exit_code == 2
    assert "choose from ja, en, ko" in refused.output
    assert flask(blog, "--kind", "year").exit_code == 2
    assert "--kind" in flask(blog, "--help").output
