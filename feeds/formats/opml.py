"""A list of feeds as OPML 2.0: http://opml.org/spec2.opml"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from content.text import remove_illegal


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription:
    """One feed. URLs are absolute and encoded."""

    title: str
    xml_url: str
    html_url: str
    language: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A folder of feeds: a language, a kind. Readers keep it as a folder."""

    title: str
    outlines: tuple[Group | Subscription, ...]


Outline = Group | Subscription


def render_opml(title: str, outlines: Iterable[Outline], updated: datetime) -> bytes:
    """The outlines in their order, as UTF-8 XML; the same arguments give the same bytes."""
    outlines = tuple(outlines)
    opml = Element("opml", version="2.0")
    head = SubElement(opml, "head")
    SubElement(head, "title").text = remove_illegal(title)
    SubElement(head, "dateModified").text = format_datetime(updated.astimezone(UTC))
    body = SubElement(opml, "body")
    names = iter(unique_names(tuple(_subscriptions(outlines))))
    for outline in outlines:
        _add(body, outline, names)
    document: bytes = tostring(opml, encoding="utf-8", xml_declaration=True)
    return document


def unique_names(feeds: Sequence[Subscription]) -> list[str]:
    """Their titles, made unique for importers.

    rss2email and feed2exec use the name as a key, rss2email without punctuation: C, C++ and C# are
    equal, and it then imports nothing of the list. The suffix is the language or, if that is not
    enough, the feed's path: neither depends on the order of the feeds.
    """
    names = [remove_illegal(feed.title) for feed in feeds]
    for addition in (_language, _path):
        taken = Counter(map(_key, names))
        names = [
            f"{remove_illegal(feed.title)} ({addition(feed)})" if taken[_key(name)] > 1 else name
            for feed, name in zip(feeds, names, strict=True)
        ]
    used: set[str] = set()
    for place, name in enumerate(names):
        number = 1
        while _key(names[place]) in used:  # one path within another, or signs alone
            number += 1
            names[place] = f"{name} {number}"
        used.add(_key(names[place]))
    return names


def _key(name: str) -> str:
    """What importers leave of a name, "-" put for signs or not."""
    return re.sub(r"[^\w.]+", "", name).casefold()


def _language(feed: Subscription) -> str:
    return remove_illegal(feed.language)


def _path(feed: Subscription) -> str:
    return remove_illegal(urlsplit(feed.xml_url).path.rpartition("/")[0].strip("/"))


def _subscriptions(outlines: Iterable[Outline]) -> Iterator[Subscription]:
    for outline in outlines:
        if isinstance(outline, Group):
            yield from _subscriptions(outline.outlines)
        else:
            yield outline


def _add(parent: Element, outline: Outline, names: Iterator[str]) -> None:
    if isinstance(outline, Group):
        group = SubElement(parent, "outline", text=remove_illegal(outline.title))
        for child in outline.outlines:
            _add(group, child, names)
        return
    name = next(names)
    attributes = {
        "text": name,
        "title": name,  # some readers show this one, some the other
        "type": "rss",  # of every kind of feed, Atom included
        "xmlUrl": remove_illegal(outline.xml_url),
        "htmlUrl": remove_illegal(outline.html_url),
        "language": remove_illegal(outline.language),
    }
    SubElement(parent, "outline", attributes)
