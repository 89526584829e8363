"""One post in several files: a folder or a name for each language, or what both state."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.blog import Blog


def titles(blog: Blog, language: str) -> list[str]:
    return sorted(entry.title for entry in blog.feed(f"/{language}/feed.atom").entries)


@pytest.mark.parametrize(
    ("japanese", "english", "front"),
    [
        (("ja/2026-11-10-pair.md", ""), ("en/2026-11-10-pair.md", ""), "lang"),
        (("2026-11-08-p-ja.md", "permalink"), ("2026-11-08-p-en.md", "permalink"), "lang"),
        (("2026-11-08-a.md", "ref"), ("2026-11-09-b.md", "ref"), "lang"),
        (("2026-11-08-a.md", "translationKey"), ("2026-11-09-b.md", "translationKey"), "lang"),
        (("2026-11-08-a.md", "page_id"), ("en/2026-12-09-b.md", "page_id"), ""),
        (("2026-11-08-x-ja.md", ""), ("2026-11-08-x-en.md", ""), "lang"),
        (("2026-11-08-x.ja.md", ""), ("2026-11-08-x.en.md", ""), ""),
        (("2026-11-08-x/index.ja.md", ""), ("2026-11-08-x/index.en.md", ""), ""),
    ],
)
def test_a_post_in_another_language_is_its_human_translation(
    japanese: tuple[str, str], english: tuple[str, str], front: str, tmp_path: Path
) -> None:
    blog = Blog(tmp_path)
    for (path, key), language, title in ((japanese, "ja", "題"), (english, "en", "Hello")):
        fields = {"title": title}
        if key:
            fields[key] = "/same/"
        if front:
            fields[front] = language
        text = "本文です。" if language == "ja" else "Written by hand."
        blog.write(path, text, **fields)
    blog.look()
    blog.feed("/ko/feed.atom")
    blog.translate()
    assert not blog.site.library.snapshot.problems
    assert titles(blog, "ja") == ["題"]
    assert titles(blog, "en") == ["Hello"]
    entry = blog.feed("/en/feed.atom").entries[0]
    assert "Written by hand." in entry.content[0].value
    assert "machine" not in entry.content[0].value
    assert len(blog.feed("/ko/feed.atom").entries) == 1


def test_a_bundle_is_named_for_its_folder(tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    blog.write("2026-11-08-x/index.ja.md")
    blog.write("2026-11-08-x/index.en.md", title="Hello")
    blog.look()
    assert [post.record.key for post in blog.site.catalogue.posts] == ["2026-11-08:x"]


def test_languages_that_are_not_served_are_no_posts(tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    for language in ("ja", "de", "en"):
        blog.write(f"{language}/2026-11-10-pair.md", title=language, lang=language)
    blog.write("de/2026-11-11-alone.md", title="allein", lang="de")
    blog.look()
    posts = sorted(post.post.title for post in blog.site.catalogue.posts)
    assert posts == ["allein", "ja"]


def test_one_language_twice_is_named(tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    for path, language in (("a.md", "ja"), ("b.md", "en"), ("c.md", "en")):
        blog.write(f"2026-11-10-{path}", title=path, lang=language, ref="x")
    blog.look()
    assert [str(problem) for problem in blog.site.library.snapshot.problems] == [
        "2026-11-10-c.md:1: the same translation as 2026-11-10-b.md: "
        "remove one of them, or give it another slug"
    ]


def test_the_address_of_a_former_entry_redirects_to_the_post(tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    blog.write("2026-11-08-x-ja.md", title="題")
    blog.write("2026-11-09-y-en.md", "Written by hand.", title="Hello", lang="en")
    blog.look()
    assert blog.get("/en/posts/y-en/").status_code == 200
    blog.write("2026-11-08-x-ja.md", title="題", ref="x")
    blog.write("2026-11-09-y-en.md", "Written by hand.", title="Hello", lang="en", ref="x")
    blog.look()
    answer = blog.get("/en/posts/y-en/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/en/posts/x-ja/")
    assert "Written by hand." in blog.get("/en/posts/x-ja/").text
    assert blog.get("/en/posts/never/").status_code == 404


def test_links_to_a_translation_lead_to_the_post(tmp_path: Path) -> None:
    blog = Blog(tmp_path, blog_url="https://blog.example", permalink="/:title/")
    blog.write("2026-11-08-x-ja.md", title="題", ref="x")
    blog.write("2026-11-08-x-en.md", title="Hello", lang="en", ref="x")
    blog.write("2026-11-10-z.md", "[a]({% post_url 2026-11-08-x-en %})", title="次")
    blog.look()
    assert (
        'href="https://blog.example/x-ja/"'
        in blog.feed("/ja/feed.atom").entries[0].content[0].value
    )


def test_two_posts_of_one_day_and_name_at_two_addresses(tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    blog.write("b/2026-11-10-index.md", title="二", permalink="/b/")
    blog.write("a/2026-11-10-index.md", title="一", permalink="/a/")
    blog.look()
    assert not blog.site.library.snapshot.problems
    slugs = {post.post.path[0]: post.record.slug for post in blog.site.catalogue.posts}
    assert slugs["a"] == "index"
    head, _, digits = slugs["b"].rpartition("-")
    assert (head, len(digits)) == ("index", 4)
    blog.write("0/2026-11-10-index.md", title="零", permalink="/0/")
    blog.look()
    again = {post.post.path[0]: post.record.slug for post in blog.site.catalogue.posts}
    assert (again["a"], again["b"]) == (slugs["a"], slugs["b"])  # recorded once
    assert len(titles(blog, "ja")) == 3
    blog.write("c/2026-11-10-index.md", title="四", permalink="/a/")
    blog.look()
    assert [str(problem) for problem in blog.site.library.snapshot.problems] == [
        "c/2026-11-10-index.md:1: same day, slug and address as a/2026-11-10-index.md: "
        "give one of them another slug: or date:"
    ]
