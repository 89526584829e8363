"""The check that other tests hold feeds to: it accepts good ones and names what is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feeds.formats.xml_feed import render
from feeds.model.feed import Format
from tests.support import example_feeds as examples
from tests.support.example_feeds import FORMATS, LANGUAGES
from tests.support.validity import complaints


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("example", [examples.site, examples.empty])
def test_our_feeds_give_no_cause(language: str, format: Format, example: object) -> None:
    assert callable(example)
    feed = example(language, format)
    assert complaints(render(feed, format), feed.self_url) == []


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("html", "complaint"),
    [
        ('<p style="color:red">a</p>', "<p style>"),
        ("<p>a<script>b</script></p>", "<script>"),
        ('<a href="/about">a</a>', "relative: /about"),
        ('<a href="#top">a</a>', "relative: #top"),
        ('<img src="a.png" onerror="b()">', "<img onerror>"),
    ],
)
def test_content_that_readers_would_have_to_mend(format: Format, html: str, complaint: str) -> None:
    feed = examples.site("ja", format)
    bad = replace(feed, entries=(replace(feed.entries[0], html=html),))
    found = complaints(render(bad, format), feed.self_url)
    assert f"{feed.entries[0].id}: {complaint}" in found


@pytest.mark.parametrize("format", FORMATS)
def test_a_feed_that_is_not_where_it_says(format: Format) -> None:
    feed = examples.site("ja", format)
    (found,) = complaints(render(feed, format), f"{feed.self_url}?wait=30")
    assert "wait=30" in found or "feed_url" in found


@pytest.mark.parametrize("format", FORMATS)
def test_an_entry_that_is_there_twice(format: Format) -> None:
    feed = examples.site("ja", format)
    twice = replace(feed, entries=feed.entries[:1] * 2)
    assert f"twice: {feed.entries[0].id}" in complaints(render(twice, format), feed.self_url)


@pytest.mark.parametrize("format", FORMATS)
def test_a_url_with_letters_that_should_be_encoded(format: Format) -> None:
    feed = examples.site("ja", format)
    bad = replace(feed, entries=(replace(feed.entries[0], url="https://example.org/雨"),))
    (found,) = complaints(render(bad, format), feed.self_url)
    assert "not a URL" in found


@pytest.mark.parametrize(
    ("format", "good", "bad"),
    [
        ("rss", b"+0000</pubDate>", b"JST</pubDate>"),
        ("rss", b"<ttl>30</ttl>", b""),
        ("atom", b"+00:00</published>", b"</published>"),
        ("atom", b'rel="alternate" type="text/html"', b'rel="alternate"'),
        ("atom", b'rel="via"', b'rel="alternate"'),
        ("json", b'+00:00","date_modified"', b'","date_modified"'),
        ("json", b"/version/1.1", b"/version/2"),
    ],
)
def test_what_is_missing_or_misspelt(format: Format, good: bytes, bad: bytes) -> None:
    feed = examples.site("ko", format)
    data = render(feed, format)
    assert good in data
    assert complaints(data.replace(good, bad), feed.self_url) != []
