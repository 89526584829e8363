"""feedgen writes, feedparser and `reader` read back."""

from __future__ import annotations

import html
import json
import os
import sys
import xml.etree.ElementTree as ET
from calendar import timegm
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import feedparser
import feedparser.sgml
import pytest
from reader import make_reader

from feeds.formats.feedgen_extension import ttl_minutes, update_schedule
from feeds.formats.xml_feed import render
from feeds.model.feed import MEDIA_TYPES, Category, Feed, Format
from tests.support import example_feeds as examples
from tests.support.example_feeds import FORMATS, LANGUAGES
from tests.support.validity import complaints

# reader carries a feedparser of its own, which looks for sgmllib under the name that it had
# before feedparser 6.0.14 brought it along under another.
sys.modules.setdefault("sgmllib", feedparser.sgml.sgmllib)

GOLDEN = Path(__file__).parent / "golden"
NS = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

each_language = pytest.mark.parametrize("language", LANGUAGES)
each_format = pytest.mark.parametrize("format", FORMATS)
each_xml_format = pytest.mark.parametrize("format", ["rss", "atom"])


def parse(data: bytes) -> Any:
    """What feedparser understood, its own cleaning of HTML left out."""
    parsed = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo, parsed.get("bozo_exception")
    return parsed


def channel(feed: Feed) -> ET.Element:
    found = ET.fromstring(render(feed, "rss")).find("channel")
    assert found is not None
    return found


@each_language
@each_format
def test_the_bytes_are_the_golden_ones(language: str, format: Format) -> None:
    """After a wanted change: UPDATE_GOLDEN=1 pytest tests/feeds, then read the diff."""
    golden = GOLDEN / f"site.{language}.{format}"
    data = render(examples.site(language, format), format)
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_bytes(data)
    assert data == golden.read_bytes()


def told_by_xml(data: bytes) -> list[dict[str, Any]]:
    """What a reader learns of each entry from RSS or Atom."""
    return [
        {
            "id": entry.id,
            "url": entry.link,
            "title": entry.title,
            # RSS without a summary has the full text in its place.
            "summary": html.unescape(entry.summary) if "content" in entry else None,
            "html": entry.content[0].value if "content" in entry else entry.summary,
            "language": (entry.content[0] if "content" in entry else entry.summary_detail).language,
            "published": datetime.fromtimestamp(timegm(entry.published_parsed), UTC),
            "updated": datetime.fromtimestamp(timegm(entry.updated_parsed), UTC),
            "authors": [author.name for author in entry.get("authors", [])],
            "machine": [person.name for person in entry.get("contributors", [])],
            "tags": [tag.label or tag.term for tag in entry.get("tags", [])],
            "schemes": [tag.scheme for tag in entry.get("tags", [])],
            "image": [media["url"] for media in entry.get("media_content", [])],
            "minutes": int(entry.dcterms_extent),
            "original": [(ln.href, ln.hreflang) for ln in entry.links if ln.rel == "via"],
        }
        for entry in parse(data).entries
    ]


def told_by_json(data: bytes) -> list[dict[str, Any]]:
    return [
        {
            "id": item["id"],
            "url": item["url"],
            "title": item["title"],
            "summary": item.get("summary"),
            "html": item["content_html"],
            "language": item["language"],
            "published": datetime.fromisoformat(item["date_published"]),
            # feedparser drops fractions of a second.
            "updated": datetime.fromisoformat(item["date_modified"]).replace(microsecond=0),
            "authors": [author["name"] for author in item.get("authors", [])],
            "machine": [ours["machine"]] if "machine" in ours else [],
            "tags": item.get("tags", []),
            "schemes": [category["scheme"] for category in ours.get("categories", [])],
            "image": [item["image"]] if "image" in item else [],
            "minutes": ours["reading_time_minutes"],
            "original": [(ours["original_url"], ours["original_language"])]
            if "original_url" in ours
            else [],
        }
        for item in json.loads(data)["items"]
        for ours in [item["_feedglot"]]
    ]


@each_language
def test_the_three_formats_have_the_same_content(language: str) -> None:
    rss = told_by_xml(render(examples.site(language, "rss"), "rss"))
    atom = told_by_xml(render(examples.site(language, "atom"), "atom"))
    told = told_by_json(render(examples.site(language, "json"), "json"))
    # The last one has no summary: feedparser fills Atom's from the content.
    assert atom[-1].pop("summary") == html.unescape(atom[-1]["html"])
    del rss[-1]["summary"], told[-1]["summary"]
    joined = [entry | {"authors": [", ".join(entry["authors"])]} for entry in atom]
    assert [entry | {"authors": entry["authors"] or [""]} for entry in rss] == joined
    # JSON names the packages, XML says what they did.
    for entry, spoken in zip(told, atom, strict=True):
        for package, sentence in zip(entry.pop("machine"), spoken.pop("machine"), strict=True):
            assert sentence.endswith(f": {package}")
    assert told == atom


@each_language
@each_xml_format
def test_entries_are_read_back_as_they_were(language: str, format: Format) -> None:
    feed = examples.site(language, format)
    told = told_by_xml(render(feed, format))
    assert [entry["id"] for entry in told] == [entry.id for entry in feed.entries]
    for entry, read in zip(feed.entries, told, strict=True):
        assert read["title"] == entry.title
        assert read["html"] == entry.html
        assert read["url"] == entry.url
        assert read["published"] == entry.published
        assert read["updated"] == entry.updated.replace(microsecond=0)
        assert ", ".join(read["authors"]) == ", ".join(entry.authors)
        assert read["language"] == entry.language
        assert read["minutes"] >= 1
    assert told[0]["summary"] == feed.entries[0].summary


@each_format
def test_edits_within_one_second_stay_apart(format: Format) -> None:
    """Two equal times are a warning of the W3C validator's, and no order for readers."""
    feed = examples.site("ja", format)
    instant = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    close = (
        replace(feed.entries[0], updated=instant.replace(microsecond=250_000)),
        replace(feed.entries[1], updated=instant),
    )
    data = render(replace(feed, entries=close), format).decode()
    assert "2026-03-04T05:06:07.250000+00:00" in data
    assert "2026-03-04T05:06:07+00:00" in data


@each_language
@each_format
def test_reader_accepts_it(language: str, format: Format, tmp_path: Path) -> None:
    feed = examples.site(language, format)
    (tmp_path / f"feed.{format}").write_bytes(render(feed, format))
    reader = make_reader(":memory:", feed_root=str(tmp_path))
    reader.add_feed(f"feed.{format}")
    reader.update_feeds()
    subscribed = reader.get_feed(f"feed.{format}")
    assert subscribed.last_exception is None
    assert (subscribed.title, subscribed.link) == (feed.title, feed.url)
    read = {entry.id: entry for entry in reader.get_entries()}
    assert set(read) == {entry.id for entry in feed.entries}
    for entry in feed.entries:
        assert read[entry.id].title == entry.title
        assert read[entry.id].link == entry.url
        assert read[entry.id].published == entry.published
        updated = read[entry.id].updated
        assert updated is not None
        assert updated.replace(microsecond=0) == entry.updated.replace(microsecond=0)


@each_language
@each_xml_format
def test_the_feed_says_what_and_where_it_is(language: str, format: Format) -> None:
    feed = examples.site(language, format)
    read = parse(render(feed, format)).feed
    assert (read.title, read.subtitle, read.language) == (feed.title, feed.subtitle, language)
    links = [(link.rel, link.href) for link in read.links]
    assert sorted(links) == sorted(
        [
            ("alternate", feed.url),
            ("self", feed.self_url),
            *(("hub", hub) for hub in feed.hubs),
        ]
    )
    assert [link.type for link in read.links if link.rel == "self"] == [MEDIA_TYPES[format]]
    assert read.link == feed.url
    assert timegm(read.updated_parsed) == int(feed.updated.timestamp())


@each_xml_format
def test_every_entry_has_one_alternate_link(format: Format) -> None:
    """Readers disagree on several: the original of a translation is rel=via."""
    for entry in parse(render(examples.site("ko", format), format)).entries:
        assert sorted(link.rel for link in entry.links) == ["alternate", "via"]


def test_atom_links_say_what_they_lead_to() -> None:
    feed = examples.site("ko", "atom")
    shown_in_original = parse(render(feed, "atom")).entries[1]
    assert [(link.rel, link.type, link.hreflang) for link in shown_in_original.links] == [
        ("alternate", "text/html", "ja"),
        ("via", "text/html", "ja"),
    ]


@each_xml_format
def test_only_an_entry_in_another_language_says_so(format: Format) -> None:
    root = ET.fromstring(render(examples.site("ko", format), format))
    entries = root.findall("atom:entry", NS) or root.findall("channel/item")
    assert root.get(XML_LANG) == "ko"
    assert [entry.get(XML_LANG) for entry in entries] == [None, "ja", None]


@pytest.mark.parametrize(("language", "label"), [("en", "Not translated"), ("ko", "번역되지 않음")])
@each_format
def test_a_failed_translation_is_marked(language: str, label: str, format: Format) -> None:
    data = render(examples.site(language, format), format)
    told = told_by_json(data) if format == "json" else told_by_xml(data)
    assert told[1]["tags"] == [label]
    assert told[1]["schemes"] == ["urn:feedglot:status"]


def test_atom_categories_keep_the_term_as_written() -> None:
    tag = parse(render(examples.site("ko", "atom"), "atom")).entries[0].tags[0]
    assert (tag.term, tag.label) == ("最新ニュース", "최신 뉴스")


def test_rss_puts_the_description_before_the_full_text() -> None:
    """The W3C validator asks for it: some readers take whichever comes last."""
    item = channel(examples.site("ja", "rss"))[-3]
    names = [child.tag for child in item]
    assert names.index("description") < names.index(f"{{{NS['content']}}}encoded")


def test_rss_description_is_html_so_plain_text_is_escaped() -> None:
    feed = examples.site("en", "rss")
    description = channel(feed).findtext("item/description")
    assert description is not None
    assert "if (a &lt; b &amp;&amp; b &gt; c). &amp;amp;" in description


def test_rss_ids_are_no_permalinks_and_dates_are_in_universal_time() -> None:
    feed = examples.site("ja", "rss")
    found = channel(feed)
    assert [guid.get("isPermaLink") for guid in found.iter("guid")] == ["false"] * 3
    dates = [date.text or "" for date in found.iter("pubDate")]
    assert dates[:2] == ["Thu, 05 Mar 2026 23:59:59 +0000", "Wed, 04 Mar 2026 00:30:00 +0000"]
    assert found.findtext("lastBuildDate") == dates[0]
    assert parsedate_to_datetime(dates[1]) == feed.entries[0].published


def test_rss_authors_need_no_mail_address() -> None:
    found = channel(examples.site("ja", "rss"))
    assert not list(found.iter("author"))
    creators = [creator.text for creator in found.findall("item[1]/dc:creator", NS)]
    assert creators == ["山田 花子, Robert O’Hara <rob>"]


def test_rss_names_two_authors_in_one_element_and_atom_in_two() -> None:
    feed = examples.site("ja", "rss")
    authors = list(feed.entries[0].authors)
    assert len(authors) == 2
    assert told_by_xml(render(feed, "rss"))[0]["authors"] == [", ".join(authors)]
    assert told_by_xml(render(feed, "atom"))[0]["authors"] == authors


def test_signs_in_rss_titles_are_named_references() -> None:
    data = render(examples.site("en", "rss"), "rss").decode()
    assert "&lt;T&gt; &amp; AT&amp;T</title>" in data


@pytest.mark.parametrize("nothing", ["", " \n"])
def test_a_post_without_text_has_no_element_for_it(nothing: str) -> None:
    feed = examples.site("en", "rss")
    bare = replace(feed, entries=(replace(feed.entries[0], summary=nothing, html=nothing),))
    (item,) = channel(bare).findall("item")
    assert item.find("description") is item.find("content:encoded", NS) is None
    (entry,) = ET.fromstring(render(bare, "atom")).findall("atom:entry", NS)
    assert entry.find("atom:summary", NS) is entry.find("atom:content", NS) is None


def test_the_page_is_the_first_link_of_an_atom_entry() -> None:
    """Libraries that do not read `rel` take the first, but for one that takes the last."""
    root = ET.fromstring(render(examples.site("en", "atom"), "atom"))
    for entry in root.findall("atom:entry", NS):
        relations = [link.get("rel") for link in entry.findall("atom:link", NS)]
        assert relations in (["alternate"], ["alternate", "via"])


def test_an_image_is_announced_without_a_length_that_nobody_measured() -> None:
    found = channel(examples.site("ja", "rss"))
    assert not list(found.iter("enclosure"))
    assert found.findtext("image/url") == examples.site("ja", "rss").icon
    assert found.findtext("image/title") == found.findtext("title")
    assert found.findtext("image/link") == found.findtext("link")


@pytest.mark.parametrize(
    ("icon", "logo", "shown"),
    [
        ("icon.png?v=1", None, "icon.png?v=1"),
        ("icon.svg", None, None),
        ("icon.png", "wide.JPG", "wide.JPG"),
        ("icon.png", "wide.svg", "icon.png"),
    ],
)
def test_the_rss_image_is_of_a_kind_that_rss_knows(
    icon: str, logo: str | None, shown: str | None
) -> None:
    site, wide = f"{examples.SITE}/", f"{examples.SITE}/{logo}" if logo else None
    feed = replace(examples.site("ja", "rss"), icon=site + icon, logo=wide)
    assert channel(feed).findtext("image/url") == (site + shown if shown else None)
    assert complaints(render(feed, "rss"), feed.self_url) == []


def test_atom_has_a_place_for_both_pictures() -> None:
    feed = replace(examples.site("ja", "atom"), logo=f"{examples.SITE}/wide.png")
    root = ET.fromstring(render(feed, "atom"))
    assert root.findtext("atom:icon", namespaces=NS) == feed.icon
    assert root.findtext("atom:logo", namespaces=NS) == feed.logo
    assert complaints(render(feed, "atom"), feed.self_url) == []
    bare = ET.fromstring(render(replace(feed, icon=None, logo=None), "atom"))
    assert bare.find("atom:icon", NS) is bare.find("atom:logo", NS) is None


def test_atom_content_is_typed_html() -> None:
    root = ET.fromstring(render(examples.site("ja", "atom"), "atom"))
    assert [c.get("type") for c in root.findall("atom:entry/atom:content", NS)] == ["html"] * 3
    assert {title.get("type") for title in root.iter(f"{{{NS['atom']}}}title")} == {"text"}


@each_xml_format
def test_a_summary_alone_is_enough(format: Format) -> None:
    feed = examples.site("en", format)
    brief = replace(feed, entries=(replace(feed.entries[0], html=""),))
    (entry,) = parse(render(brief, format)).entries
    assert html.unescape(entry.summary) == feed.entries[0].summary
    assert b"content>" not in render(brief, format)


@each_language
@each_xml_format
def test_an_empty_feed_is_still_a_feed(language: str, format: Format) -> None:
    feed = examples.empty(language, format)
    read = parse(render(feed, format))
    assert read.entries == []
    assert read.feed.title == feed.title
    assert timegm(read.feed.updated_parsed) == int(feed.updated.timestamp())


@pytest.mark.parametrize("format", FORMATS)
def test_a_blank_title_is_replaced_by_the_address(format: Format) -> None:
    feed = examples.site("en", format)
    blank = replace(feed, title=" ", subtitle="", entries=(replace(feed.entries[0], title="\n"),))
    data = render(blank, format)
    told = told_by_json(data) if format == "json" else told_by_xml(data)
    assert told[0]["title"] == feed.entries[0].url
    if format == "rss":
        found = channel(blank)
        assert found.findtext("title") == found.findtext("description") == feed.url


@each_format
def test_a_name_of_nothing_but_blanks_is_left_out(format: Format) -> None:
    feed = examples.site("en", format)
    named, scheme = feed.entries[0].authors[0], f"{examples.SITE}/ja/tags/"
    entry = replace(
        feed.entries[0],
        authors=(" ", named, "\x01"),
        categories=(
            Category(term="a", label="\x02", scheme=scheme),
            Category(term=" ", label="b", scheme=scheme),
            Category(term="c", label="C", scheme=scheme),
        ),
    )
    data = render(replace(feed, entries=(entry,)), format)
    (told,) = told_by_json(data) if format == "json" else told_by_xml(data)
    assert (told["authors"], told["tags"]) == ([named], ["C"])


@pytest.mark.parametrize(
    ("max_age", "ttl", "period", "frequency"),
    [
        (60, 1, "hourly", 60),
        (1800, 30, "hourly", 2),
        (3600, 60, "hourly", 1),
        (45 * 60, 45, "daily", 32),
        (86_400, 1440, "daily", 1),
        (7 * 60, 7, "weekly", 1440),
        (11 * 60, 11, "hourly", 5),
        (30 * 86_400, 43_200, "weekly", 1),
        (0, 1, "hourly", 60),
    ],
)
def test_every_word_on_when_to_come_again_says_the_same(
    max_age: int, ttl: int, period: str, frequency: int
) -> None:
    assert ttl_minutes(max_age) == ttl
    assert update_schedule(ttl) == (period, frequency)
    found = channel(replace(examples.site("ja", "rss"), max_age=max_age))
    assert found.findtext("ttl") == str(ttl)
    assert found.findtext("sy:updatePeriod", namespaces=NS) == period
    assert found.findtext("sy:updateFrequency", namespaces=NS) == str(frequency)
