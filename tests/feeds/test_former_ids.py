"""Ids that subscribers already have: `guid:` of a post, and FEEDS_IDS for a whole blog."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.support.blog import Blog

OLD = "https://old.example/?p=123"


def ids(blog: Blog, path: str = "/ja/feed.atom") -> dict[str, str]:
    return {entry.title: entry.id for entry in blog.feed(path).entries}


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    return Blog(tmp_path, blog_url="https://blog.example", permalink="/:year/:title/")


def test_a_stated_guid_is_the_id_of_the_original_alone(blog: Blog) -> None:
    blog.write("2026-11-18-moved.md", title="題", guid=OLD)
    blog.write("2026-11-18-moved.en.md", "Written by hand.", title="Moved")
    blog.look()
    for format in ("atom", "rss", "json"):
        assert OLD in blog.get(f"/ja/feed.{format}").text
    assert ids(blog) == {"題": OLD}
    assert ids(blog, "/en/feed.atom") == {"Moved": "tag:feeds.example,2026-11-18:moved/en"}
    assert f'<guid isPermaLink="false">{OLD}</guid>' in blog.get("/ja/feed.rss").text


def test_a_guid_is_recorded_once(blog: Blog) -> None:
    blog.write("2026-11-18-a.md", title="題")
    blog.look()
    before = ids(blog)
    blog.write("2026-11-18-a.md", title="題", guid=OLD)
    blog.look()
    assert ids(blog) == before
    blog.write("2026-11-19-b.md", title="次", guid=OLD + "4")
    blog.look()
    blog.write("2026-11-19-b.md", title="次")
    blog.look()
    assert ids(blog)["次"] == OLD + "4"


def test_the_second_of_two_posts_with_one_guid_is_refused_by_name(blog: Blog) -> None:
    blog.write("2026-11-18-a.md", title="題", guid=OLD)
    blog.write("2026-11-19-b.md", title="次", guid=OLD)
    blog.look()
    assert ids(blog) == {"題": OLD}
    assert [str(problem) for problem in blog.site.library.snapshot.problems] == [
        f"2026-11-19-b.md:1: the same guid as 2026-11-18-a.md: {OLD}: "
        "give it another, or remove the line"
    ]


def test_what_is_no_address_is_no_id(blog: Blog) -> None:
    blog.write("2026-11-18-a.md", title="題", guid="123")
    blog.look()
    assert ids(blog) == {"題": "tag:feeds.example,2026-11-18:a/ja"}
    assert "guid: not an address: '123'" in str(blog.site.library.snapshot.notices[0])


@pytest.mark.parametrize(
    ("kind", "id"),
    [
        ("jekyll-feed", "https://blog.example/2026/C%23%E5%85%A5%E9%96%80"),
        ("permalink", "https://blog.example/2026/C-%E5%85%A5%E9%96%80/"),
    ],
)
def test_ids_of_the_former_feed(kind: str, id: str, tmp_path: Path) -> None:
    blog = Blog(tmp_path, blog_url="https://blog.example", permalink="/:year/:title/", ids=kind)
    blog.write("2026-11-18-C#入門.md", title="題")
    blog.look()
    found = ids(blog)["題"]
    assert found.replace("#", "%23") == id
    blog.write("2026-11-18-C#入門.md", title="題", permalink="/moved/")
    blog.look()
    assert ids(blog)["題"] == found  # never computed again
    permanent = "true" if kind == "permalink" else "false"
    blog.write("2026-11-19-b.md", title="次")
    blog.look()
    rss = blog.get("/ja/feed.rss").text
    assert f'<guid isPermaLink="{permanent}">https://blog.example/2026/b' in rss


def test_an_installation_that_has_served_keeps_its_ids_and_says_so(
    blog: Blog, caplog: pytest.LogCaptureFixture
) -> None:
    blog.write("2026-11-18-a.md", title="題")
    blog.look()
    before = ids(blog)
    with caplog.at_level(logging.WARNING):
        blog.with_settings(ids="permalink")
    assert "FEEDS_IDS=permalink holds for new posts: 1 were served before" in caplog.text
    blog.write("2026-11-19-b.md", title="次")
    blog.look()
    assert ids(blog) == before | {"次": "https://blog.example/2026/b/"}


def test_pictures_are_below_the_blogs_address(tmp_path: Path) -> None:
    blog = Blog(tmp_path, blog_url="https://user.example/blog", permalink="/:title/")
    blog.write("2026-11-20-a.md", title="一", image="/assets/cover.png")
    blog.write("2026-11-20-b.md", title="二", image="/blog/assets/cover.png")
    blog.write("2026-11-20-c.md", title="三", image="https://cdn.example/cover.png")
    blog.write(
        "2026-11-20-d.md",
        "![図](a.png) ![外](https://cdn.example/b.png)",
        title="四",
        image="cover.png",
        media_subpath="/posts/2026/",
    )
    blog.write(
        "2026-11-20-e.md",
        '![一]({{ site.baseurl }}/assets/a.png) ![二]({{ "/assets/b.png" | relative_url }}) '
        "![三]({{ site.url }}{{ site.baseurl }}/assets/c.png) [四]({% link assets/f.pdf %}) "
        '[五]({{ "/assets/e.pdf" | absolute_url }})',
        title="五",
    )
    blog.look()
    items = {item["title"]: item for item in blog.get("/ja/feed.json").get_json()["items"]}
    assets = "https://user.example/blog/assets"
    assert items["一"]["image"] == items["二"]["image"] == f"{assets}/cover.png"
    assert items["三"]["image"] == "https://cdn.example/cover.png"
    assert items["四"]["image"] == "https://user.example/blog/posts/2026/cover.png"
    assert 'src="https://user.example/blog/posts/2026/a.png"' in items["四"]["content_html"]
    assert 'src="https://cdn.example/b.png"' in items["四"]["content_html"]
    for name in ("a.png", "b.png", "c.png", "f.pdf", "e.pdf"):
        assert f'"{assets}/{name}"' in items["五"]["content_html"]
