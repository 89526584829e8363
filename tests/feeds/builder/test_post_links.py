"""Links between posts: in a translated entry they stay in the reader's language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.blog import SITE, Blog

ELSEWHERE = "https://blog.example"


def linking(blog: Blog, link: str) -> Blog:
    """A blog with a post that links to another one; both are translated."""
    blog.write("2026-01-01-first.md", "最初の文です。\n\n## やること\n\n次の文です。")
    blog.write("2026-01-02-second.md", f"[前の記事]({link})を見てください。")
    blog.look()
    blog.get("/en/feed.atom")
    blog.translate()
    return blog


def links(blog: Blog, language: str = "en") -> list[str]:
    items = blog.get(f"/{language}/feed.json").get_json()["items"]
    (html,) = (i["content_html"] for i in items if ":second/" in i["id"])
    return re.findall(r'<a href="([^"]*)"(?! hreflang)', html)


@pytest.mark.parametrize(
    "link",
    [
        "{% post_url 2026-01-01-first %}#やること",
        "/2026/01/01/first.html#やること",
        "/2026/01/01/first#やること",
        f"{ELSEWHERE}/2026/01/01/first.html#やること",
        "http://BLOG.example/2026/01/01/first.html#やること",
        f"{SITE}/ja/posts/first/#やること",
    ],
)
def test_a_link_to_a_post_leads_to_its_page_in_the_language(tmp_path: Path, link: str) -> None:
    blog = linking(Blog(tmp_path, blog_url=ELSEWHERE), link)
    anchor = "#%E3%82%84%E3%82%8B%E3%81%93%E3%81%A8"
    assert links(blog) == [f"{SITE}/en/posts/first/{anchor}"]
    assert f'href="{SITE}/en/posts/first/{anchor}"' in blog.get("/en/posts/second/").text
    assert links(blog, "ja")[0].startswith(link[:8] if "//" in link else ELSEWHERE)


@pytest.mark.parametrize(
    "link",
    [
        "https://other.example/2026/01/01/first.html",
        f"{ELSEWHERE}/about/",
        f"{ELSEWHERE}/2026/01/01/first.html?page=2",
        f"{SITE}/ja/tags/ai/",
        f"{SITE}/fr/posts/first/",
        "mailto:someone@blog.example",
    ],
)
def test_any_other_link_stays(tmp_path: Path, link: str) -> None:
    assert links(linking(Blog(tmp_path, blog_url=ELSEWHERE), link)) == [link]


def test_on_this_service_and_under_a_prefix(tmp_path: Path) -> None:
    for number, url in enumerate((SITE, f"{SITE}/prefix")):
        blog = Blog(tmp_path / str(number), site_url=url)
        linking(blog, "{% post_url 2026-01-01-first %}")
        assert links(blog) == [f"{url}/en/posts/first/"]


def test_the_original_that_stands_in_for_a_translation_links_likewise(blog: Blog) -> None:
    blog.write("2026-01-01-first.md", "最初の文です。")
    blog.write("2026-01-02-second.md", f"See [it]({SITE}/ja/posts/first/).", lang="fr")
    blog.look()
    blog.get("/en/feed.atom")
    blog.translate()  # no package leads from French
    assert links(blog) == [f"{SITE}/en/posts/first/"]


def test_a_target_that_comes_or_goes_changes_the_feed_and_its_dates(tmp_path: Path) -> None:
    blog = Blog(tmp_path, blog_url=ELSEWHERE)
    blog.write("2026-01-02-second.md", "[次](/2026/01/03/third.html)を見る。", tags="[a]")
    blog.look()
    blog.get("/en/tags/a/feed.json")
    blog.translate()

    def answer() -> tuple[str, str, str]:
        response = blog.get("/en/tags/a/feed.json")
        (href,) = re.findall(r'<a href=\\"([^"]*third[^"]*)\\"', response.text)
        return href, response.headers["ETag"], response.headers["Last-Modified"]

    before = answer()
    assert before[0] == f"{ELSEWHERE}/2026/01/03/third.html"
    blog.write("2026-01-03-third.md", tags="[b]")
    blog.look()
    there = answer()
    assert there[0] == f"{SITE}/en/posts/third/"
    assert there[1] != before[1]
    blog.open()  # another worker says the same
    blog.look()
    assert answer() == there
    blog.remove("2026-01-03-third.md")
    blog.look()
    assert answer()[:2] == before[:2]


def test_a_feed_without_such_links_is_unchanged(blog: Blog) -> None:
    blog.write("2026-01-02-second.md", "[外](https://other.example/)を見る。", tags="[a]")
    blog.look()
    blog.get("/en/tags/a/feed.json")
    blog.translate()
    before = blog.get("/en/tags/a/feed.json").headers
    blog.write("2026-01-03-third.md", tags="[b]")
    blog.look()
    after = blog.get("/en/tags/a/feed.json").headers
    assert (after["ETag"], after["Last-Modified"]) == (before["ETag"], before["Last-Modified"])
