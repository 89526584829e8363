"""Feeds stay below the size at which readers give up (many at 2 to 5 MB, some count time)."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import replace

from feeds.builder.disclosure import disclosure
from feeds.model.feed import Entry
from feeds.model.messages import say

MAX_FEED = 2_000_000  # bytes, before any encoding
MAX_ENTRY = 500_000

_HEAD = 20_000  # the feed's own elements, with room to spare
_ENTRY = 2_000  # an entry's elements, without its texts

# Additional bytes that XML or JSON need at most to escape each of these characters.
_ESCAPED = {"<": 3, ">": 3, "&": 5, '"': 1, "\\": 1, "\n": 1, "\t": 1, "\r": 4}


def fit(entries: Sequence[Entry], language: str, *, drop: bool) -> tuple[Entry, ...]:
    """The entries that one feed can hold, newest first; a huge one as its summary with a link.

    `drop`: when they are too many, the oldest are left out. Else the oldest are shortened
    too: for documents that together hold every entry. Decided by a bound for all formats,
    so that the three say the same.
    """
    kept: list[Entry] = []
    room = MAX_FEED - _HEAD
    if not drop:
        room -= sum(_bound(_shortened(entry, language), language) for entry in entries)
    for entry in entries:
        size = _bound(entry, language)
        if len(entry.html) + len(entry.below) > 1_000 and size > MAX_ENTRY:
            entry = _shortened(entry, language)
            size = _bound(entry, language)
        if not drop:
            size -= _bound(_shortened(entry, language), language)
        if size > room:
            if drop:
                break
            entry, size = _shortened(entry, language), 0
        room -= size
        kept.append(entry)
    return tuple(kept)


def _bound(entry: Entry, language: str) -> int:
    """The entry's size in bytes in whichever format it is longest."""
    # The title and summary stand in JSON Feed's text or in Atom's summary, escaped twice.
    line = disclosure(entry, language)
    texts = (entry.html, entry.below, line, entry.title, html.escape(entry.summary), *entry.authors)
    labels = sum(len(f"{c.term}{c.label}{c.scheme}".encode()) * 2 for c in entry.categories)
    return _ENTRY + labels + sum(_text_bound(text) for text in texts)


def _text_bound(text: str) -> int:
    return len(text.encode()) + sum(text.count(sign) * more for sign, more in _ESCAPED.items())


def _shortened(entry: Entry, language: str) -> Entry:
    if not entry.html:
        return entry
    more = say(language, "read_on")
    link = f'<p><a href="{html.escape(entry.url)}">{more}</a></p>'
    return replace(entry, html=f"<p>{html.escape(entry.summary)}</p>{link}", below="")
