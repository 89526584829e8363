"""What holds for every feed: no text breaks it, and nothing but the feed decides the bytes."""

from __future__ import annotations

import hashlib
import html
import json
import locale
import os
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.text import remove_illegal
from feeds.formats.xml_feed import render
from feeds.model.feed import Category, Entry, Feed, Format
from tests.support import example_feeds as examples
from tests.support.example_feeds import FORMATS

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"

# Everything that Python can hold in a string, what XML cannot carry more often than not.
any_text = st.text(
    st.one_of(
        st.characters(),
        st.characters(codec=None, categories=["Cc", "Cs"]),
        st.sampled_from("\ufffe\uffff\ufdd0\U0001fffe\ufeff\x85\u2028\r\n\t]>&<'\"𠮷🍜\u200d"),
    ),
    max_size=30,
)
instants = st.datetimes(
    datetime(1970, 1, 2),  # noqa: DTZ001 -- the zones come from the next argument
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC) | st.just(timezone(timedelta(hours=9))),
)
entries = st.builds(
    Entry,
    id=any_text.map("tag:example.org,2026:{}".format),
    url=any_text.map("https://example.org/{}".format),
    language=st.sampled_from(examples.LANGUAGES),
    title=any_text,
    summary=any_text,
    html=any_text,
    published=instants,
    updated=instants,
    authors=st.tuples(any_text, any_text),
    categories=st.tuples(st.builds(Category, term=any_text, label=any_text, scheme=any_text)),
    reading_time=st.integers(0, 10**6),
    image=st.none() | any_text,
    original_url=st.none() | any_text,
    original_language=st.none() | any_text,
    untranslated=st.booleans(),
    machine=st.none() | any_text,
)
feeds = st.builds(
    Feed,
    id=any_text.map("tag:example.org,2026:{}".format),
    title=any_text,
    subtitle=any_text,
    language=st.sampled_from(examples.LANGUAGES),
    url=any_text.map("https://example.org/{}".format),
    self_url=any_text.map("https://example.org/feed.{}".format),
    entries=st.lists(entries, max_size=2).map(tuple),
    updated=instants,
    max_age=st.integers(0, 10**6),
    icon=st.none() | any_text,
    logo=st.none() | any_text,
    hubs=st.lists(any_text, max_size=2).map(tuple),
    links=st.lists(st.tuples(st.just("prev-archive"), any_text), max_size=1).map(tuple),
    archived=st.booleans(),
)


@given(feeds)
def test_any_text_survives_rss(feed: Feed) -> None:
    data = render(feed, "rss")
    assert not feedparser.parse(data).bozo
    items = list(ET.fromstring(data).iter("item"))
    for entry, item in zip(feed.entries, items, strict=True):
        assert item.findtext("guid") == remove_illegal(entry.id)
        assert item.findtext("link") == remove_illegal(entry.url)
        assert item.findtext("title") == shown_title(entry)
        full = item.findtext(f"{CONTENT}encoded")
        description = item.findtext("description") or ""
        if remove_illegal(entry.summary).strip():
            assert description == html.escape(remove_illegal(entry.summary).strip(), quote=False)
            assert (full or "") == shown_text(entry)
        else:
            assert full is None
            assert description == shown_text(entry)


@given(feeds)
def test_any_text_survives_atom(feed: Feed) -> None:
    data = render(feed, "atom")
    assert not feedparser.parse(data).bozo
    found = list(ET.fromstring(data).iter(f"{ATOM}entry"))
    for entry, element in zip(feed.entries, found, strict=True):
        assert element.findtext(f"{ATOM}id") == remove_illegal(entry.id)
        assert element.findtext(f"{ATOM}title") == shown_title(entry)
        assert (element.findtext(f"{ATOM}content") or "") == shown_text(entry)
        summary = element.findtext(f"{ATOM}summary") or ""
        assert summary == html.escape(remove_illegal(entry.summary).strip(), quote=False)


@given(feeds)
def test_any_text_survives_json(feed: Feed) -> None:
    items = json.loads(render(feed, "json"))["items"]
    for entry, item in zip(feed.entries, items, strict=True):
        assert item["id"] == remove_illegal(entry.id)
        assert item["title"] == shown_title(entry)
        assert item.get("content_html", "") == shown_text(entry)
        assert item.get("summary", "") == remove_illegal(entry.summary).strip()


def shown_title(entry: Entry) -> str:
    title = remove_illegal(entry.title)
    return title if title.strip() else remove_illegal(entry.url)


def shown_text(entry: Entry) -> str:
    return remove_illegal(entry.html) if remove_illegal(entry.html).strip() else ""


def test_cleaning_follows_the_char_production() -> None:
    """XML 1.0, section 2.2, over the whole Basic Multilingual Plane."""
    kept = [c for c in map(chr, range(0x10000)) if remove_illegal(c)]
    assert kept == [
        *"\t\n\r",
        *map(chr, range(0x20, 0xD800)),
        *map(chr, range(0xE000, 0xFFFE)),
    ]


@given(st.text(st.characters(codec=None)))
def test_cleaning_takes_what_xml_forbids_and_nothing_else(text: str) -> None:
    cleaned = remove_illegal(text)
    gone = set(text) - set(cleaned)
    assert all(unicodedata.category(c) in {"Cc", "Cs"} or c in "\ufffe\uffff" for c in gone)
    assert not gone & set("\t\n\r\x7f\x85")
    assert ET.fromstring(f"<a>{html.escape(cleaned)}</a>") is not None
    assert remove_illegal(cleaned) == cleaned


def digest(language: str, format: Format) -> str:
    return hashlib.sha256(render(examples.site(language, format), format)).hexdigest()


SCRIPT = """
import locale
locale.setlocale(locale.LC_ALL, "")
from tests.feeds.formats.test_xml_feed_laws import FORMATS, digest
print(*(digest("ko", format) for format in FORMATS))
"""


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/St_Johns"])
def test_another_process_locale_and_time_zone_give_the_same_bytes(zone: str) -> None:
    environment = os.environ | {
        "TZ": zone,
        "LC_ALL": "C",
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    there = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True
    )
    assert there.stdout.split() == [digest("ko", format) for format in FORMATS]


@pytest.mark.parametrize("format", FORMATS)
def test_the_locale_is_left_alone(format: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    """setlocale is the process's: under threads, one feed would date another in French."""

    def refuse(*_: object) -> None:
        raise AssertionError("setlocale was called")

    monkeypatch.setattr(locale, "setlocale", refuse)
    assert render(examples.site("ja", format), format)


@pytest.mark.parametrize("format", FORMATS)
def test_the_time_zone_of_a_date_does_not_matter(format: Format) -> None:
    feed = examples.site("ja", format)
    zone = timezone(timedelta(hours=-3, minutes=-30))
    elsewhere = replace(
        feed,
        updated=feed.updated.astimezone(zone),
        entries=tuple(
            replace(
                entry,
                published=entry.published.astimezone(zone),
                updated=entry.updated.astimezone(zone),
            )
            for entry in feed.entries
        ),
    )
    assert render(elsewhere, format) == render(feed, format)
