"""The rules of https://www.jsonfeed.org/version/1.1/, each field by name and type."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from feeds.formats.xml_feed import render
from tests.support import example_feeds as examples

FEED = {
    "version": str, "title": str, "home_page_url": str, "feed_url": str, "description": str,
    "icon": str, "favicon": str, "authors": list, "language": str, "hubs": list, "items": list,
}  # fmt: skip
ITEM = {
    "id": str, "url": str, "title": str, "content_html": str, "content_text": str,
    "summary": str, "image": str, "date_published": str, "date_modified": str,
    "authors": list, "tags": list, "language": str,
}  # fmt: skip

each_language = pytest.mark.parametrize("language", examples.LANGUAGES)


def check(data: bytes) -> dict[str, Any]:
    """The document, once it has proved to be a JSON Feed 1.1."""
    feed: dict[str, Any] = json.loads(data)
    check_fields(feed, FEED, required={"version", "title", "items"})
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    for hub in feed.get("hubs", []):
        assert set(hub) == {"type", "url"}
    for item in feed["items"]:
        check_fields(item, ITEM, required={"id"})
        assert {"content_html", "content_text"} & set(item)
        for date in ("date_published", "date_modified"):
            assert datetime.fromisoformat(item[date]).tzinfo is not None
        assert all(isinstance(tag, str) for tag in item.get("tags", []))
    for author in feed["authors"] + [a for item in feed["items"] for a in item.get("authors", [])]:
        assert set(author) & {"name", "url", "avatar"}
    ids = [item["id"] for item in feed["items"]]
    assert len(set(ids)) == len(ids)
    return feed


def check_fields(value: dict[str, Any], types: dict[str, type], required: set[str]) -> None:
    assert required <= set(value)
    for name, content in value.items():
        if name.startswith("_"):  # an extension: any JSON object
            assert isinstance(content, dict)
            assert "." not in name
        else:
            assert type(content) is types[name], name


@each_language
def test_it_is_a_json_feed(language: str) -> None:
    feed = examples.site(language, "json")
    document = check(render(feed, "json"))
    assert document["language"] == language
    assert document["feed_url"] == feed.self_url
    assert document["home_page_url"] == feed.url
    assert document["hubs"] == [{"type": "WebSub", "url": hub} for hub in feed.hubs]
    assert [item["id"] for item in document["items"]] == [entry.id for entry in feed.entries]
    assert [item["language"] for item in document["items"]] == [language, "ja", language]


def test_the_pictures_of_the_blog() -> None:
    """A favicon is small and square; of a timeline's icon the logo is better than none."""
    feed = replace(examples.site("ja", "json"), icon=None, logo="https://example.org/wide.png")
    document = check(render(feed, "json"))
    assert (document["icon"], document.get("favicon")) == (feed.logo, None)
    both = check(render(replace(feed, icon="https://example.org/icon.png"), "json"))
    assert both["icon"] == both["favicon"] == "https://example.org/icon.png"


@each_language
def test_an_empty_feed_has_an_empty_list_of_items(language: str) -> None:
    assert check(render(examples.empty(language, "json"), "json"))["items"] == []


def test_text_is_written_as_it_is() -> None:
    """Half the size of \\u escapes for Japanese, and legible."""
    data = render(examples.site("ja", "json"), "json")
    assert "𠮷野家".encode() in data
    assert b"\\u" not in data


def test_without_full_text_the_summary_is_the_content() -> None:
    feed = examples.site("en", "json")
    brief = replace(feed, entries=tuple(replace(entry, html="") for entry in feed.entries))
    items = check(render(brief, "json"))["items"]
    # The last one has no summary either.
    assert [item["content_text"] for item in items] == [
        feed.entries[0].summary,
        feed.entries[1].summary,
        feed.entries[2].title,
    ]


def test_the_extension_explains_itself_and_tells_the_translation() -> None:
    document = check(render(examples.site("ko", "json"), "json"))
    assert document["_feedglot"]["about"]
    translated, original, by_hand = [item["_feedglot"] for item in document["items"]]
    assert translated == {
        "reading_time_minutes": 7,
        "categories": [
            {
                "term": "最新ニュース",
                "label": "최신 뉴스",
                "scheme": "https://feeds.example.org/ja/tags/",
            },
            {
                "term": "C++ & C#",
                "label": "C++ & C#",
                "scheme": "https://feeds.example.org/ja/categories/",
            },
        ],
        "original_url": "https://blog.example.org/2026/cdata?a=1&b=2",
        "original_language": "ja",
        "machine": "starter ja_ko 0.2",
    }
    assert original["untranslated"] is True
    assert "machine" not in by_hand


def test_an_original_has_no_other() -> None:
    document = check(render(examples.site("ja", "json"), "json"))
    for item in document["items"]:
        assert not {"original_url", "machine", "untranslated"} & set(item["_feedglot"])
