"""How much of a selection a feed shows: since, limit, pages, summaries, both languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.blog import SITE, Blog
from tests.support.validity import complaints

FORMATS = ["rss", "atom", "json"]


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(tmp_path)
    for n in range(1, 8):
        blog.write(f"2026-01-0{n}-p{n}.md", f"本文その{n}。", title=f"記事{n}", tags="[AI]")
    blog.look()
    return blog


def told(blog: Blog, path: str, extension: str) -> dict[str, Any]:
    """Entry numbers, self and the links of RFC 5005, from any format."""
    path = path.replace("feed", f"feed.{extension}")
    response = blog.get(path)
    assert response.status_code == 200, response.text
    assert complaints(response.data, SITE + path) == []
    if extension == "json":
        document = json.loads(response.data)
        links = dict(document["_feedglot"].get("links", {}))
        assert document.get("next_url") == (links.get("next") or links.get("prev-archive"))
        ids = [item["id"] for item in document["items"]]
    else:
        feed = blog.feed(path)
        links = {x.rel: x.href for x in feed.feed.links if x.rel not in ("self", "alternate")}
        ids = [entry.id for entry in feed.entries]
    prefix = f"{SITE}/"
    short = {
        rel: url.removeprefix(prefix).replace(f".{extension}", "") for rel, url in links.items()
    }
    return {"posts": [i.rpartition(":p")[2].partition("/")[0] for i in ids], "links": short}


@pytest.mark.parametrize("extension", FORMATS)
class TestPages:
    def test_count_from_the_newest_and_know_their_neighbours(
        self, blog: Blog, extension: str
    ) -> None:
        assert told(blog, "/ja/feed?since=2026-01-01&limit=3", extension) == {
            "posts": ["7", "6", "5"],
            "links": {"next": "ja/feed?since=2026-01-01&limit=3&page=2"},
        }
        assert told(blog, "/ja/feed?since=2026-01-01&limit=3&page=2", extension) == {
            "posts": ["4", "3", "2"],
            "links": {
                "first": "ja/feed?since=2026-01-01&limit=3",
                "previous": "ja/feed?since=2026-01-01&limit=3",
                "next": "ja/feed?since=2026-01-01&limit=3&page=3",
            },
        }
        assert told(blog, "/ja/feed?since=2026-01-01&limit=3&page=3", extension) == {
            "posts": ["1"],
            "links": {
                "first": "ja/feed?since=2026-01-01&limit=3",
                "previous": "ja/feed?since=2026-01-01&limit=3&page=2",
            },
        }

    def test_beyond_the_last_are_empty(self, blog: Blog, extension: str) -> None:
        assert told(blog, "/ja/feed?limit=3&page=9", extension)["posts"] == []

    def test_since_is_the_first_day_shown(self, blog: Blog, extension: str) -> None:
        assert told(blog, "/ja/feed?since=2026-01-06", extension)["posts"] == ["7", "6"]
        assert told(blog, "/ja/feed?since=2027-01-01", extension)["posts"] == []


def test_a_page_of_a_translation_is_asked_for_when_it_is_read(blog: Blog) -> None:
    blog.get("/ko/feed.rss?limit=2")
    assert blog.translate() == 2
    assert blog.feed("/ko/feed.rss?limit=2&page=2").entries == []
    assert blog.translate() == 2
    assert [e.id[-5:] for e in blog.feed("/ko/feed.rss?limit=2&page=2").entries] == [
        "p5/ko",
        "p4/ko",
    ]


class TestSummaries:
    def test_are_all_that_a_feed_without_full_text_holds(self, blog: Blog) -> None:
        for extension in ("rss", "atom"):
            response = blog.get(f"/ja/feed.{extension}?full=0")
            assert b"<content" not in response.data
            assert "本文その7" in response.text
            assert complaints(response.data, f"{SITE}/ja/feed.{extension}?full=0") == []
        (item, *_) = json.loads(blog.get("/ja/feed.json?full=0").data)["items"]
        assert "content_html" not in item
        assert item["content_text"] == item["summary"]

    def test_everything_combines(self, blog: Blog) -> None:
        path = "/ja/tags/ai/feed.json?q=%E6%9C%AC%E6%96%87&since=2026-01-02&limit=2&page=2&full=0"
        response = blog.get(path)
        items = json.loads(response.data)["items"]
        assert [i["id"].rpartition(":")[2] for i in items] == ["p5/ja", "p4/ja"]
        shuffled = "page=2&full=0&limit=2&since=2026-01-02&tag=AI&q=%E6%9C%AC%E6%96%87"
        moved = blog.get(f"/ja/feed.json?{shuffled}")
        assert moved.status_code == 301
        assert blog.get(moved.headers["Location"]).data == response.data


class TestBothLanguages:
    def test_stand_in_one_entry_with_an_id_of_its_own(self, blog: Blog) -> None:
        blog.get("/ko/feed.atom")
        blog.translate()
        plain = blog.feed("/ko/feed.atom").entries[0]
        both = blog.feed("/ko/feed.atom?display=both").entries[0]
        assert both.id == plain.id + "+ja"
        assert both.title == plain.title
        html = both.content[0].value
        assert html.startswith(plain.content[0].value)
        assert '<div lang="ja"><h2>記事7</h2>' in html
        assert "本文その7" in html
        data = blog.get("/ko/feed.atom?display=both").data
        assert complaints(data, f"{SITE}/ko/feed.atom?display=both") == []

    def test_the_original_does_not_stand_beside_itself(self, blog: Blog) -> None:
        response = blog.get("/ja/feed.atom?limit=5&display=both")
        assert response.status_code == 301
        assert response.headers["Location"] == "/ja/feed.atom?limit=5"
        links = blog.get("/ko/feed.atom?display=both").headers.getlist("Link")
        assert not any("/ja/" in link and "display" in link for link in links)

    def test_updated_follows_the_original_and_never_goes_back(self, blog: Blog) -> None:
        path = "/ko/feed.atom?display=both"
        blog.get(path)
        blog.translate()
        times = [blog.feed(path).entries[0].updated]
        blog.write("2026-01-07-p7.md", "別の本文。", title="記事7", tags="[AI]")
        blog.look()
        times.append(blog.feed(path).entries[0].updated)
        assert "別の本文" in blog.get(path).text
        blog.translate()
        times.append(blog.feed(path).entries[0].updated)
        assert times == sorted(set(times))
