"""The documents of posts: what the machine is to translate, and when they are made again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.blog import Blog


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(tmp_path)
    blog.write("2026-01-01-post.md", "本文です。", title="題名", tags="[AI]")
    blog.look()
    return blog


def test_a_document_has_what_no_person_wrote(blog: Blog) -> None:
    blog.write("2026-01-01-post.en.md", "By a person.")
    blog.look()
    (post,) = blog.site.catalogue.posts
    english, korean = (blog.site.documents.source(post, code) for code in ("en", "ko"))
    assert english
    assert (english.document.html, english.document.labels) == ("", ("AI",))
    assert korean
    assert korean.document.title == "題名"
    assert "本文です。" in korean.document.html
    assert blog.site.documents.source(post, "ja") is None


def test_a_document_is_made_once_until_the_post_changes(blog: Blog) -> None:
    (post,) = blog.site.catalogue.posts
    first = blog.site.documents.source(post, "en")
    assert first
    assert blog.site.documents.source(post, "en") is first
    assert blog.site.documents.digest(post, "en") == first.digest
    blog.write("2026-01-01-post.md", "別の本文です。", title="題名", tags="[AI]")
    blog.look()
    (post,) = blog.site.catalogue.posts
    assert blog.site.documents.digest(post, "en") != first.digest


def test_while_the_file_is_rewritten_the_translation_stands_for_its_text(blog: Blog) -> None:
    blog.requests.prewarm()
    blog.translate()
    path = blog.write("2026-01-01-post.md", "別の本文です。", title="題名", tags="[AI]")
    blog.look()
    (post,) = blog.site.catalogue.posts
    result = blog.site.standing(post, "en")
    path.write_text("---\ntitle: 題", "utf-8")  # before anybody has read the new text
    assert result
    assert blog.site.documents.digest(post, "en") == result.source_digest
