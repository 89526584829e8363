"""Text that XML 1.0 can carry, and so every format: the three say the same."""

from __future__ import annotations

import re
from dataclasses import replace

from feeds.model.feed import Category, Entry, Feed

# Everything outside the Char production of XML 1.0 (section 2.2): controls, lone
# surrogates, U+FFFE and U+FFFF. One of them costs a reader the whole feed, and escaping
# it ("&#1;") does not help: XML forbids the character however it is written.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """The text without the characters that XML 1.0 forbids; all others are kept."""
    return _ILLEGAL.sub("", text)


def clean_feed(feed: Feed) -> Feed:
    """The feed with every text and URL in it cleaned."""
    return replace(
        feed,
        id=clean(feed.id),
        title=clean(feed.title),
        subtitle=clean(feed.subtitle),
        language=clean(feed.language),
        url=clean(feed.url),
        self_url=clean(feed.self_url),
        icon=_clean_optional(feed.icon),
        logo=_clean_optional(feed.logo),
        hubs=tuple(clean(hub) for hub in feed.hubs),
        links=tuple((rel, clean(url)) for rel, url in feed.links),
        entries=tuple(_clean_entry(entry) for entry in feed.entries),
    )


def _clean_entry(entry: Entry) -> Entry:
    return replace(
        entry,
        id=clean(entry.id),
        url=clean(entry.url),
        language=clean(entry.language),
        title=clean(entry.title),
        summary=clean(entry.summary),
        html=clean(entry.html),
        authors=tuple(clean(author) for author in entry.authors),
        categories=tuple(
            Category(
                term=clean(category.term),
                label=clean(category.label),
                scheme=clean(category.scheme),
            )
            for category in entry.categories
        ),
        image=_clean_optional(entry.image),
        original_url=_clean_optional(entry.original_url),
        original_language=_clean_optional(entry.original_language),
        machine=_clean_optional(entry.machine),
        title_language=_clean_optional(entry.title_language),
        summary_language=_clean_optional(entry.summary_language),
    )


def _clean_optional(text: str | None) -> str | None:
    return None if text is None else clean(text)
