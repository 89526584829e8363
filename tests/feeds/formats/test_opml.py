"""A list of feeds, as a reader imports it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from feeds.formats.opml import Group, Subscription, render_opml
from feeds.formats.xml_text import clean

UPDATED = datetime(2026, 3, 5, 23, 59, 59, tzinfo=UTC)


def subscription(title: str, language: str, path: str = "") -> Subscription:
    base = f"https://feeds.example.org/{language}/{path}"
    return Subscription(
        title=title,
        xml_url=f"{base}feed.rss?a=1&b=2",
        html_url=base,
        language=language,
        description="A & B",
    )


NEWS = subscription("最新ニュース", "ja", "tags/%E6%9C%80%E6%96%B0/")
OUTLINES = (
    Group(
        title="日本語",
        outlines=(
            subscription("すべて", "ja"),
            Group(title="タグ", outlines=(NEWS, subscription("C++ & “C#” <3", "ja", "tags/c++/"))),
        ),
    ),
    Group(title="한국어", outlines=(subscription("전체", "ko"),)),
)


def test_groups_nest_and_feeds_say_where_they_are() -> None:
    opml = ET.fromstring(render_opml("購読 & 一覧", OUTLINES, UPDATED))
    assert opml.tag == "opml"
    assert opml.get("version") == "2.0"
    assert opml.findtext("head/title") == "購読 & 一覧"
    assert opml.findtext("head/dateModified") == "Thu, 05 Mar 2026 23:59:59 +0000"
    assert [group.attrib for group in opml.findall("body/outline")] == [
        {"text": "日本語"},
        {"text": "한국어"},
    ]
    news, cpp = opml.findall("body/outline[1]/outline[2]/outline")
    assert news.attrib == {
        "text": "最新ニュース",
        "title": "最新ニュース",
        "type": "rss",
        "xmlUrl": "https://feeds.example.org/ja/tags/%E6%9C%80%E6%96%B0/feed.rss?a=1&b=2",
        "htmlUrl": "https://feeds.example.org/ja/tags/%E6%9C%80%E6%96%B0/",
        "language": "ja",
        "description": "A & B",
    }
    assert cpp.get("text") == "C++ & “C#” <3"


def test_only_feeds_have_more_than_a_text() -> None:
    """An outline with other attributes and no type is a mistake to the W3C validator."""
    opml = ET.fromstring(render_opml("", OUTLINES, UPDATED))
    for outline in opml.iter("outline"):
        assert set(outline.attrib) == {"text"} or outline.get("type") == "rss"


def test_nothing_but_the_arguments_decides_the_bytes() -> None:
    elsewhere = UPDATED.astimezone(timezone(timedelta(hours=9)))
    assert render_opml("t", OUTLINES, UPDATED) == render_opml("t", OUTLINES, elsewhere)
    assert render_opml("t", (), UPDATED).endswith(b"<body /></opml>")


@given(st.text(st.characters(codec=None)))
def test_any_text_survives(text: str) -> None:
    outlines = [Group(title=text, outlines=(subscription(text, "ja"),))]
    opml = ET.fromstring(render_opml(text, outlines, UPDATED))
    # A parser reads every end of line as "\n"; only attributes keep "\r".
    assert (opml.findtext("head/title") or "").splitlines() == clean(text).splitlines()
    assert {outline.get("text") for outline in opml.iter("outline")} == {clean(text)}
