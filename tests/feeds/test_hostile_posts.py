"""Posts that mean harm cost nobody else anything, and do none."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser

import feedparser
import pytest
from lxml import etree

from tests.support.blog import SITE, Blog
from tests.support.hostile import GOOD, write_fronts, write_good, write_heavy, write_scripts
from tests.support.validity import complaints

pytestmark = pytest.mark.slow

LANGUAGES = ("ja", "en", "ko")
ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
WRITERS = {"scripts": write_scripts, "heavy": write_heavy, "fronts": write_fronts}
FORMATS = ("rss", "atom", "json")
FEEDS = [(kind, language, f) for kind in WRITERS for language in LANGUAGES for f in FORMATS]
# A heavy feed takes seconds to check: each format in one language.
FEEDS = [c for c in FEEDS if c[0] != "heavy" or c[1:] in zip(LANGUAGES, FORMATS, strict=True)]
SCHEMES = ("https://", "http://", "mailto:", "tel:")


class Links(HTMLParser):
    """The addresses that HTML leads to or loads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "poster", "cite"):
                self.found.append(value or "")
            elif name == "srcset":
                self.found += [part.split()[0] for part in (value or "").split(", ")]


def pages(blog: Blog, language: str, format: str, more: str = "") -> Iterator[tuple[str, bytes]]:
    """Every page of a feed that takes all posts: its address, its bytes."""
    for page in range(1, 100):
        number = f"&page={page}" if page > 1 else ""
        path = f"/{language}/feed.{format}?limit=5{number}{more}"
        response = blog.get(path)
        assert response.status_code == 200, (path, response.text[:500])
        yield SITE + path, response.data
        if b"page=" + str(page + 1).encode() not in response.data:
            return


@pytest.fixture(scope="module")
def blogs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Blog]:
    """The blog with the good posts and those of one kind, translated."""

    @cache
    def make(kind: str) -> Blog:
        blog = Blog(tmp_path_factory.mktemp(kind))
        write_good(blog.settings.posts_dir)
        WRITERS[kind](blog.settings.posts_dir)
        blog.look()
        for language in ("en", "ko"):
            blog.get(f"/{language}/feed.json?limit=100")
        blog.translate()
        return blog

    return make


@pytest.mark.parametrize(("kind", "language", "format"), FEEDS)
def test_every_feed_is_valid_and_has_the_good_posts(
    blogs: Callable[[str], Blog],
    kind: str,
    language: str,
    format: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    blog = blogs(kind)
    titles: list[str] = []
    for url, data in pages(blog, language, format):
        assert ILLEGAL.search(data.decode("utf-8")) is None
        assert complaints(data, url) == []
        if format == "json":
            items = json.loads(data)["items"]
            html = [item.get("content_html", "") for item in items]
            titles += [item["title"] for item in items]
            assert ILLEGAL.search("".join(map(str, items))) is None
        else:
            etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
            parsed = feedparser.parse(data)
            assert not parsed.bozo, parsed.bozo_exception
            html = [c.value for entry in parsed.entries for c in entry.get("content", ())]
            titles += [entry.title for entry in parsed.entries]
        for text in html:
            odd = [link for link in Links(text).found if not link.startswith(SCHEMES)]
            assert odd == []
    assert len(titles) >= len(blog.site.catalogue.posts)
    assert "left out" not in caplog.text
    if language == "ja":
        assert set(GOOD) <= set(titles)


@pytest.mark.parametrize("kind", WRITERS)
def test_every_list_and_page_is_there(
    blogs: Callable[[str], Blog], kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    blog = blogs(kind)
    for path in ("/opml.xml", "/ko/feed.atom?display=both", "/en/feed.rss?display=both&full=0"):
        response = blog.get(path)
        assert response.status_code == 200
        etree.fromstring(response.data)
    for language in LANGUAGES:
        rows = blog.get(f"/api/feeds?language={language}&format=atom").get_json()["feeds"]
        addresses = [row["url"] for row in rows[:40]] + [row["page"] for row in rows[:40]]
        addresses += [f"{SITE}/{language}/", f"{SITE}/{language}/tags/", f"{SITE}/status"]
        addresses += [blog.site.localizer.post_url(p, language) for p in blog.site.catalogue.posts]
        for address in addresses:
            response = blog.get(address.removeprefix(SITE))
            assert response.status_code == 200, (address, response.text[:300])
            response.data.decode("utf-8")
    assert [r.getMessage() for r in caplog.records if r.levelname == "ERROR"] == []
