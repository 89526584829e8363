"""Front matter of Hugo and Zenn: TOML, and fields that Jekyll does not have."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from content.library.body import render_body
from content.parsing.front_matter import PostError, parse, split
from content.parsing.post_parser import parse_post
from content.post import Post, Problem, Withheld

TOML = """+++
title = "題 \\"引用\\""
date = 2026-01-31T09:00:00+09:00
lastmod = 2026-02-01T09:00:00Z
draft = false
tags = ["AI", "C#"]
summary = "要約です。"
[cover]
image = "/a.png"
+++
本文です。
"""


def parsed(text: str, name: str = "2026-01-31-x.md") -> object:
    return parse_post(text.encode(), name, language="ja", timezone=UTC)


def test_toml() -> None:
    post = parsed(TOML)
    assert isinstance(post, Post)
    assert (post.title, post.tags, post.image) == ('題 "引用"', ("AI", "C#"), "/a.png")
    assert post.published == datetime(2026, 1, 31, tzinfo=UTC)
    assert post.edited == datetime(2026, 2, 1, 9, tzinfo=UTC)
    body = render_body(TOML.encode(), post.path, title=post.title, resolve=lambda stem: None)
    assert (body.html, body.excerpt) == ("<p>本文です。</p>\n", "要約です。")


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('+++\ntitle = "a"\n', 1, "front matter is not closed"),
        ('+++\ntitle = "a"\ntags = x\n+++\n', 3, "front matter is not TOML"),
        ('+++\ndate = "gestern"\ntitle = "a"\n+++\n', 2, "date: not a date"),
    ],
)
def test_what_is_wrong_with_toml_has_its_line(text: str, line: int, what: str) -> None:
    problem = parsed(text, "x.md")
    assert isinstance(problem, Problem)
    assert problem.line == line
    assert problem.what.startswith(what)


def test_deep_toml_is_one_error() -> None:
    front, _ = split("+++\na = " + "[" * 20_000 + "\n+++\n")
    with pytest.raises(PostError):
        parse(front or "")


def test_fields_of_zenn_and_hugo() -> None:
    fields = "title: 題\ntopics: [Python, AI]\ncover: /b.png\npublishDate: 2026-01-02\n"
    post = parsed(f"---\n{fields}lastmod: 2026-01-03\n---\n", "x.md")
    assert isinstance(post, Post)
    assert (post.tags, post.image) == (("Python", "AI"), "/b.png")
    assert (post.published.day, post.edited and post.edited.day) == (2, 3)


def test_a_post_that_has_expired_is_kept_out() -> None:
    held = parsed("---\ntitle: 題\nexpiryDate: 2020-01-01\n---\n")
    assert isinstance(held, Withheld)
    assert "expiryDate: 2020-01-01" in str(held.reason)
    assert isinstance(parsed("---\ntitle: 題\nexpiryDate: 2999-01-01\n---\n"), Post)


@pytest.mark.parametrize(
    ("name", "front", "day"),
    [
        ("x.md", "updated_at: 2026-05-02", 2),  # as Qiita's own program writes it
        ("x.md", "created_at: 2026-05-01\nupdated_at: 2026-05-02", 1),
        ("2026-05-03-x.md", "updated_at: 2026-05-04", 3),
        ("2026-05-03-x.md", "created: 2026-05-01", 3),
        ("x.md", "date: 2026-05-05\ncreated_at: 2026-05-01", 5),
    ],
)
def test_a_post_without_a_date_has_that_of_its_beginning(name: str, front: str, day: int) -> None:
    post = parsed(f"---\ntitle: 題\n{front}\n---\n本文です。\n", name)
    assert isinstance(post, Post)
    assert post.published == datetime(2026, 5, day, tzinfo=UTC)
