"""The feedgen extension: elements and attributes that feedgen does not write.

An extension of feedgen is any object with these three methods; it adds its elements after
feedgen's own. feedgen's ready-made ones are of no use here: `dc` takes part in Atom too,
`media` wraps every image in a group, and `syndication` writes <sy:UpdatePeriod>, which no
reader knows (the module spells it updatePeriod).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lxml.etree import SubElement

from feeds.model.feed import MEDIA_TYPES, Entry, Feed, Format

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_FH = "http://purl.org/syndication/history/1.0"
_DCTERMS = "http://purl.org/dc/terms/"
_MEDIA = "http://search.yahoo.com/mrss/"
_OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
_SY = "http://purl.org/rss/1.0/modules/syndication/"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_PERIODS = {"hourly": 60, "daily": 24 * 60, "weekly": 7 * 24 * 60}  # minutes


def ttl_minutes(max_age: int) -> int:
    """RSS's ttl: the same promise as Cache-Control's max-age, in whole minutes."""
    return max(1, max_age // 60)


def update_schedule(ttl: int) -> tuple[str, int]:
    """sy:updatePeriod and sy:updateFrequency for a ttl in minutes: 30 is ("hourly", 2).

    The frequency is an integer: takes the shortest period that the ttl divides, or else the
    shortest that is longer than the ttl, rounded to fewer updates.
    """
    for period, minutes in _PERIODS.items():
        if minutes % ttl == 0:
            return period, minutes // ttl
    for period, minutes in _PERIODS.items():
        if ttl <= minutes:
            return period, minutes // ttl
    return "weekly", 1


@dataclass(frozen=True, slots=True)
class FeedExtension:
    """The feed: its namespaces; in RSS also author, hubs and the update schedule."""

    feed: Feed
    format: Format

    def extend_ns(self) -> dict[str, str]:
        shared = {"dcterms": _DCTERMS, "media": _MEDIA}
        if self.feed.archived:
            shared["fh"] = _FH
        if self.feed.hits is not None:
            shared["opensearch"] = _OPENSEARCH
        return shared if self.format == "atom" else shared | {"dc": _DC, "sy": _SY}

    def extend_rss(self, rss: Any) -> None:
        # <language> is the channel's by RSS; this one is every text's, by XML.
        rss.set(_XML_LANG, self.feed.language)
        channel = rss[0]
        SubElement(channel, f"{{{_DC}}}creator").text = self.feed.title
        # feedgen writes rel=self into RSS and drops every other relation.
        for hub in self.feed.hubs:
            SubElement(channel, f"{{{_ATOM}}}link", rel="hub", href=hub)
        for rel, url in self.feed.links:
            SubElement(
                channel, f"{{{_ATOM}}}link", rel=rel, href=url, type=MEDIA_TYPES[self.format]
            )
        period, frequency = update_schedule(ttl_minutes(self.feed.max_age))
        SubElement(channel, f"{{{_SY}}}updatePeriod").text = period
        SubElement(channel, f"{{{_SY}}}updateFrequency").text = str(frequency)
        self._add_more(channel)

    def extend_atom(self, feed: Any) -> None:
        """Atom has a place of its own for all but one."""
        for name in ("title", "subtitle"):
            _say_plain_text(feed.find(name))
        self._add_more(feed)

    def _add_more(self, parent: Any) -> None:
        """What is said of an archive, and of a search (OpenSearch 1.1)."""
        if self.feed.archived:
            SubElement(parent, f"{{{_FH}}}archive")
        if self.feed.hits is not None:
            SubElement(parent, f"{{{_OPENSEARCH}}}totalResults").text = str(self.feed.hits)


@dataclass(frozen=True, slots=True)
class EntryExtension:
    """An entry: languages, image, reading time, links; in RSS also what only Atom can say."""

    feed: Feed
    entry: Entry
    contributor: str | None  # who had a part in it beside the authors

    def extend_rss(self, item: Any) -> None:
        entry = self.entry
        # RSS's own <author> must be an e-mail address; dc:creator is the name alone. One for
        # all authors: of several, most readers show the first or the last (docs/readers.md).
        if entry.authors:
            SubElement(item, f"{{{_DC}}}creator").text = ", ".join(entry.authors)
        if self.contributor:
            SubElement(item, f"{{{_DC}}}contributor").text = self.contributor
        # RSS has no word for the last edit, nor for the original of a translation.
        SubElement(item, f"{{{_ATOM}}}updated").text = entry.updated.isoformat()
        self._add_via(item, f"{{{_ATOM}}}link")
        self._add_shared(item)
        self._name_language(item.find("title"), self.entry.title_language)
        self._name_language(item.find("description"), self.entry.summary_language)

    def extend_atom(self, element: Any) -> None:
        # feedgen loses rel, type and hreflang of an entry's links (its loop reuses the
        # name `link`), so here is only the alternate one, to be completed.
        alternate = element.find("link")
        alternate.set("rel", "alternate")
        alternate.set("type", "text/html")
        alternate.set("hreflang", self.entry.language)
        # feedgen declares Atom's namespace as an attribute: plain names are Atom's.
        self._add_via(element, "link")
        self._add_shared(element)
        _say_plain_text(element.find("title"))
        self._name_language(element.find("title"), self.entry.title_language)
        self._name_language(element.find("summary"), self.entry.summary_language)

    def _add_via(self, element: Any, name: str) -> None:
        if self.entry.original_url:
            via = SubElement(
                element, name, href=self.entry.original_url, rel="via", type="text/html"
            )
            if self.entry.original_language:
                via.set("hreflang", self.entry.original_language)

    def _name_language(self, element: Any, language: str | None) -> None:
        """The language of a text that is not in the entry's."""
        if language and element is not None:
            element.set(_XML_LANG, language)

    def _add_shared(self, element: Any) -> None:
        # Minutes as a bare number: that is what the W3C validator takes here, and any
        # namespace of our own would be a warning in every feed.
        extent = SubElement(element, f"{{{_DCTERMS}}}extent")
        extent.text = str(max(1, self.entry.reading_time))
        if self.entry.image:
            # No <enclosure>: it must state a length in bytes, which is unknown here.
            SubElement(element, f"{{{_MEDIA}}}content", url=self.entry.image, medium="image")
        if self.entry.language != self.feed.language:
            element.set(_XML_LANG, self.entry.language)


def _say_plain_text(title: Any) -> None:
    """Names the type that Atom has by default: a reader takes a title without one for HTML."""
    title.set("type", "text")
