"""Feeds stay below 2 MB and well-formed, whatever the posts weigh."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from feeds.builder.size_limit import MAX_FEED, fit
from feeds.formats.xml_feed import render
from feeds.model.feed import Entry, Format
from tests.support import example_feeds as examples
from tests.support.blog import SITE, Blog

ATOM = "{http://www.w3.org/2005/Atom}"
FORMATS: tuple[Format, ...] = ("rss", "atom", "json")

# Several hundred kB in a feed each: text, and text of which every sign becomes longer.
PLAIN = f"<p>{'長い文章です。' * 12_000}</p>"
SIGNS = "<pre>" + '&lt;&amp;&gt;"\\\n' * 6_000 + "</pre>"


def entries(count: int, text: str) -> list[Entry]:
    model = examples.entries("ja")[0]
    return [replace(model, id=f"tag:example.org:p{n}", html=text) for n in range(count, 0, -1)]


def contents(data: bytes, format: Format) -> dict[str, str]:
    if format == "json":
        return {i["id"]: i["content_html"] for i in json.loads(data)["items"]}
    names = ("guid", "{http://purl.org/rss/1.0/modules/content/}encoded")
    if format == "atom":
        names = (f"{ATOM}id", f"{ATOM}content")
    found = fromstring(data).iter("item" if format == "rss" else f"{ATOM}entry")
    return {e.findtext(names[0]) or "": e.findtext(names[1]) or "" for e in found}


@pytest.mark.parametrize("text", [PLAIN, SIGNS], ids=["plain", "signs"])
@pytest.mark.parametrize("format", FORMATS)
def test_the_oldest_are_left_out_of_the_newest_page(format: Format, text: str) -> None:
    shown = fit(entries(15, text), "ja", drop=True)
    assert 4 <= len(shown) < 15
    assert shown == tuple(entries(15, text)[: len(shown)])
    data = render(replace(examples.site("ja", format), entries=shown), format)
    assert len(data) < MAX_FEED
    assert len(contents(data, format)) == len(shown)


@pytest.mark.parametrize("text", [PLAIN, SIGNS], ids=["plain", "signs"])
@pytest.mark.parametrize("format", FORMATS)
def test_a_feed_of_everything_shortens_the_oldest_entries(format: Format, text: str) -> None:
    shown = fit(entries(100, text), "ja", drop=False)
    assert len(shown) == 100
    data = render(replace(examples.site("ja", format), entries=shown), format)
    assert len(data) < MAX_FEED
    lengths = [len(content) for content in contents(data, format).values()]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] > 20_000 > lengths[-1]


def test_a_huge_entry_does_not_displace_the_others() -> None:
    huge, short = entries(4, PLAIN * 2), entries(20, "<p>短い。</p>")
    shown = fit([*huge, *short], "ja", drop=True)
    assert [len(entry.html) > 1_000 for entry in shown] == [False] * 24


def test_what_fits_is_left_alone() -> None:
    some = tuple(entries(20, "<p>短い。</p>"))
    assert fit(some, "ja", drop=True) == fit(some, "ja", drop=False) == some


def test_a_huge_entry_is_its_summary_with_a_link(tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    blog.write("2026-02-01-huge.md", "長い文章です。" * 30_000, title="巨大", excerpt="要約です。")
    blog.write("2026-01-01-other.md", "短い文章です。")
    blog.look()
    for format in FORMATS:
        found = contents(blog.get(f"/ja/feed.{format}").data, format)
        huge = found["tag:feeds.example,2026-02-01:huge/ja"]
        assert huge.startswith("<p>要約です。</p>")
        assert f'<a href="{SITE}/ja/posts/huge/"' in huge
        assert len(found) == 2
    whole = blog.get("/ja/archive/1/feed.atom")
    assert "要約です。" in whole.text
    assert len(whole.data) < MAX_FEED
