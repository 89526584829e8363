"""What the W3C feed validator and the JSON Feed specification ask, as far as it can go wrong here.

For the bytes of any feed of ours, rendered or served: `assert complaints(data, url) == []`.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from html.parser import HTMLParser

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
DC = "{http://purl.org/dc/elements/1.1/}"

_URL = re.compile(r"https?://[^\s/]+[!-~]*")  # absolute, and all but ASCII encoded
_URI = re.compile(r"[a-z][a-z0-9+.-]*:[!-~]+")
_DANGEROUS = {
    "script", "style", "iframe", "object", "embed", "applet", "form", "input", "meta", "link",
}  # fmt: skip


def complaints(data: bytes, self_url: str) -> list[str]:
    """What is wrong with a feed that was read from `self_url`; nothing, for a good one."""
    if data.startswith(b"{"):
        return list(_json(json.loads(data), self_url))
    root = ET.fromstring(data)
    return list(_rss(root[0], self_url) if root.tag == "rss" else _atom(root, self_url))


def _rss(channel: ET.Element, self_url: str) -> Iterator[str]:
    for name in ("title", "link", "description", "language", "lastBuildDate", "ttl"):
        if len(channel.findall(name)) != 1 or not (channel.findtext(name) or "").strip():
            yield f"channel: one {name}, not empty"
    yield from _self(channel, self_url)
    items = channel.findall("item")
    if items and list(channel)[-len(items) :] != items:
        yield "channel: items come last"
    yield from _twice([item.findtext("guid") or "" for item in items])
    for date in [*channel.iter("pubDate"), *channel.iter("lastBuildDate")]:
        text = date.text or ""
        try:
            if format_datetime(parsedate_to_datetime(text)) != text:
                yield f"not as RFC 822 writes it: {text}"
        except ValueError:
            yield f"not a date: {text}"
    for image in channel.findall("image"):
        if any(image.findtext(n) != channel.findtext(n) for n in ("title", "link")):
            yield "image: title and link are the channel's"
    for item in items:
        names = [child.tag for child in item]
        where = item.findtext("guid") or "item"
        for name in ("title", "link", "guid", "pubDate", "description"):
            if names.count(name) != 1:
                yield f"{where}: one {name}"
        if CONTENT in names and names.index(CONTENT) < names.index("description"):
            yield f"{where}: description comes first"
        if not _URL.fullmatch(item.findtext("link") or ""):
            yield f"{where}: not a URL: {item.findtext('link')}"
        if any(
            not (name.text or "").strip()
            for tag in ("category", f"{DC}creator")
            for name in item.iter(tag)
        ):
            yield f"{where}: an empty name"
        yield from _html(where, item.findtext(CONTENT) or item.findtext("description") or "")


def _atom(feed: ET.Element, self_url: str) -> Iterator[str]:
    yield from _self(feed, self_url)
    entries = feed.findall(f"{ATOM}entry")
    yield from _twice([entry.findtext(f"{ATOM}id") or "" for entry in entries])
    yield from _twice([entry.findtext(f"{ATOM}updated") or "" for entry in entries])
    for element in [feed, *entries]:
        where = element.findtext(f"{ATOM}id") or element.tag
        for name in ("id", "title", "updated"):
            if len(element.findall(ATOM + name)) != 1 or not element.findtext(ATOM + name):
                yield f"{where}: one {name}, not empty"
        if not _URI.fullmatch(where):
            yield f"{where}: not a URI"
        for name in ("updated", "published"):
            for date in element.findall(ATOM + name):
                yield from _date(where, date.text or "")
        links = element.findall(f"{ATOM}link")
        if [link.get("rel") for link in links].count("alternate") != 1:
            yield f"{where}: one rel=alternate"
        for link in links:
            if not _URL.fullmatch(link.get("href", "")):
                yield f"{where}: not a URL: {link.get('href')}"
            if link.get("rel") == "alternate" and link.get("type") != "text/html":
                yield f"{where}: rel=alternate has a type"
    for entry in entries:
        where = entry.findtext(f"{ATOM}id") or "entry"
        if entry.find(f"{ATOM}author") is None and feed.find(f"{ATOM}author") is None:
            yield f"{where}: an author"
        if any(not category.get("term") for category in entry.findall(f"{ATOM}category")):
            yield f"{where}: a category without a term"
        for name in ("summary", "content"):
            for text in entry.findall(ATOM + name):
                if text.get("type") != "html":
                    yield f"{where}: {name} is typed"
                yield from _html(where, text.text or "")


def _json(feed: dict[str, object], self_url: str) -> Iterator[str]:
    items = feed.get("items")
    if feed.get("version") != "https://jsonfeed.org/version/1.1" or not feed.get("title"):
        yield "version and title"
    if feed.get("feed_url") != self_url:
        yield f"feed_url: {feed.get('feed_url')}"
    if not isinstance(items, list):
        yield "items"
        return
    yield from _twice([item.get("id", "") for item in items])
    for item in items:
        where = item.get("id", "item")
        for name in ("date_published", "date_modified"):
            yield from _date(where, item[name])
        if not _URL.fullmatch(item["url"]):
            yield f"{where}: not a URL: {item['url']}"
        if not item.get("content_html") and not item.get("content_text"):
            yield f"{where}: no content"
        yield from _html(where, item.get("content_html", ""))


def _self(element: ET.Element, self_url: str) -> Iterator[str]:
    links = [
        link.get("href") for link in element.findall(f"{ATOM}link") if link.get("rel") == "self"
    ]
    if links != [self_url]:
        yield f"rel=self: {links}, not {self_url}"


def _twice(values: list[str]) -> Iterator[str]:
    yield from (f"twice: {value}" for value, count in Counter(values).items() if count > 1)


def _date(where: str, text: str) -> Iterator[str]:
    try:
        aware = datetime.fromisoformat(text).tzinfo is not None and "T" in text
    except ValueError:
        aware = False
    if not aware:
        yield f"{where}: not an RFC 3339 date: {text}"


def _html(where: str, text: str) -> Iterator[str]:
    reader = _Content()
    reader.feed(text)
    reader.close()
    yield from (f"{where}: {found}" for found in reader.found)


class _Content(HTMLParser):
    """Finds what a reader would have to remove, or could not resolve."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DANGEROUS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.found.append(f"<{tag} {name}>")
            if name in {"href", "src", "poster", "cite"} and not _URI.match((value or "").lower()):
                self.found.append(f"relative: {value}")
