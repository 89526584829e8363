"""A list of feeds, as a reader imports it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from content.text import remove_illegal
from feeds.formats.opml import Group, Subscription, render_opml, unique_names

UPDATED = datetime(2026, 3, 5, 23, 59, 59, tzinfo=UTC)


def subscription(title: str, language: str, path: str = "") -> Subscription:
    base = f"https://feeds.example.org/{language}/{path}"
    return Subscription(
        title=title,
        xml_url=f"{base}feed.rss?a=1&b=2",
        html_url=base,
        language=language,
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
    assert (opml.findtext("head/title") or "").splitlines() == remove_illegal(text).splitlines()
    assert {outline.get("text") for outline in opml.iter("outline")} == {remove_illegal(text)}


def test_feeds_whose_names_an_importer_takes_for_one_say_what_they_are() -> None:
    tags = [("c", "C"), ("c%2B%2B", "C++"), ("c%23", "C#"), ("go", "Go")]
    feeds = [
        subscription("ブログ", "ja"),
        subscription("ブログ", "ko"),
        *(subscription(f"タグ「{name}」", "ja", f"tags/{slug}/") for slug, name in tags),
    ]
    assert unique_names(feeds) == [
        "ブログ (ja)",
        "ブログ (ko)",
        "タグ「C」 (ja/tags/c)",
        "タグ「C++」 (ja/tags/c%2B%2B)",
        "タグ「C#」 (ja/tags/c%23)",
        "タグ「Go」",
    ]


def test_names_do_not_depend_on_the_order_of_the_feeds() -> None:
    feeds = [subscription(name, "ja", f"tags/{n}/") for n, name in enumerate(("C++", "C#", "D"))]
    named = dict(zip(feeds, unique_names(feeds), strict=True))
    assert dict(zip(feeds[::-1], unique_names(feeds[::-1]), strict=True)) == named


@given(
    st.lists(
        st.builds(
            subscription,
            st.text("aB1 _.-+#「」ゝ日", max_size=4),
            st.sampled_from(("ja", "ko")),
            st.text("ab1-_/%", max_size=4),
        ),
        max_size=12,
    )
)
def test_no_two_names_are_equal_without_their_signs(feeds: list[Subscription]) -> None:
    """Whether an importer takes signs out, or puts "-" for them as rss2email does."""
    names = unique_names(feeds)
    for instead in ("", "-"):
        assert len({re.sub(r"[^\w.-]+", instead, name) for name in names}) == len(feeds)
