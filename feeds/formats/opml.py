"""A list of feeds as OPML 2.0: http://opml.org/spec2.opml"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from feeds.formats.xml_text import clean


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription:
    """One feed. URLs are absolute and encoded."""

    title: str
    xml_url: str
    html_url: str
    language: str
    description: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A folder of feeds: a language, a kind. Readers keep it as a folder."""

    title: str
    outlines: tuple[Group | Subscription, ...]


Outline = Group | Subscription


def render_opml(title: str, outlines: Iterable[Outline], updated: datetime) -> bytes:
    """The outlines in their order, as UTF-8 XML; the same arguments give the same bytes."""
    opml = Element("opml", version="2.0")
    head = SubElement(opml, "head")
    SubElement(head, "title").text = clean(title)
    SubElement(head, "dateModified").text = format_datetime(updated.astimezone(UTC))
    body = SubElement(opml, "body")
    for outline in outlines:
        _add(body, outline)
    document: bytes = tostring(opml, encoding="utf-8", xml_declaration=True)
    return document


def _add(parent: Element, outline: Outline) -> None:
    title = clean(outline.title)
    if isinstance(outline, Group):
        group = SubElement(parent, "outline", text=title)
        for child in outline.outlines:
            _add(group, child)
        return
    attributes = {
        "text": title,
        "title": title,  # some readers show this one, some the other
        "type": "rss",  # of every kind of feed, Atom included
        "xmlUrl": clean(outline.xml_url),
        "htmlUrl": clean(outline.html_url),
        "language": clean(outline.language),
    }
    if outline.description:
        attributes["description"] = clean(outline.description)
    SubElement(parent, "outline", attributes)
