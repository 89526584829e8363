"""A feed as bytes: RSS 2.0, Atom (RFC 4287) or JSON Feed 1.1. The only home of feedgen.

The same feed gives the same bytes, whatever the time, time zone, locale or process, and
no text in it can break it: what XML cannot carry is removed first.
"""

from __future__ import annotations

import html
from dataclasses import fields, is_dataclass, replace
from datetime import UTC
from email.utils import format_datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import feedgen.entry
import feedgen.feed
from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from content.text import remove_illegal
from feeds.formats.feedgen_extension import EntryExtension, FeedExtension, ttl_minutes
from feeds.formats.json_feed import render_json
from feeds.model.feed import MEDIA_TYPES, Category, Entry, Feed, Format
from feeds.model.messages import say

# feedgen formats RSS dates under setlocale(LC_ALL, "C"), which is the whole process's
# locale: other threads see it change, and two at once may leave it changed for good.
feedgen.feed.formatRFC2822 = feedgen.entry.formatRFC2822 = format_datetime

_RSS_IMAGES = (".png", ".gif", ".jpg", ".jpeg")  # by the specification, nothing else

# The scheme of categories that speak about the entry's state, not about its subject.
STATUS_SCHEME = "urn:feedglot:status"


def render(feed: Feed, format: Format) -> bytes:
    """The feed in one of the three formats, UTF-8. Never raises for any text in it."""
    feed = _presentable(_cleaned(feed))
    if format == "json":
        return render_json(feed)
    out = _generator(feed, format)
    if format == "atom":
        atom: bytes = out.atom_str()
        return atom
    # Signs in titles stay named references (&amp;): to XML they equal the numeric ones of the
    # RSS profile, but fast-xml-parser leaves those undecoded (docs/readers.md).
    rss: bytes = out.rss_str()
    return rss


def _cleaned(value: Any) -> Any:
    """The value without the characters that XML forbids, in any text of it.

    The three formats say the same: JSON goes without them too.
    """
    if isinstance(value, str):
        return remove_illegal(value)
    if isinstance(value, tuple):
        return tuple(_cleaned(part) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _cleaned(getattr(value, f.name)) for f in fields(value)})
    return value


def _presentable(feed: Feed) -> Feed:
    """The feed with what every format needs: titles, UTC dates, the state as a category."""
    return replace(
        feed,
        title=feed.title if feed.title.strip() else feed.url,
        updated=feed.updated.astimezone(UTC),
        entries=tuple(_presentable_entry(entry, feed.language) for entry in feed.entries),
    )


def _presentable_entry(entry: Entry, language: str) -> Entry:
    categories = tuple(c for c in entry.categories if c.term.strip() and c.label.strip())
    if entry.untranslated:
        label = say(language, "not_translated")
        categories += (Category(term="untranslated", label=label, scheme=STATUS_SCHEME),)
    return replace(
        entry,
        title=entry.title if entry.title.strip() else entry.url,
        summary=entry.summary.strip(),
        html=entry.html if entry.html.strip() else "",
        published=entry.published.astimezone(UTC),
        # Fractions of a second stay: entries translated within the same one would look
        # like a mistake to the W3C validator, and be in no order to a reader.
        updated=entry.updated.astimezone(UTC),
        authors=tuple(author for author in entry.authors if author.strip()),
        categories=categories,
    )


def _generator(feed: Feed, format: Format) -> Any:
    out = FeedGenerator()
    # feedgen calls extend_ns of the feed's extension only; entries have their own below.
    out.register_extension("feedglot", partial(FeedExtension, feed, format))
    out.id(feed.id)
    out.title(feed.title)
    out.subtitle(feed.subtitle if feed.subtitle.strip() else feed.title)
    out.language(feed.language)
    # feedgen sets both to the current time by default, which would change the
    # bytes, and so the ETag, of every response. updated() sets lastBuildDate too.
    out.updated(feed.updated)
    out.pubDate(feed.updated)
    out.ttl(ttl_minutes(feed.max_age))
    # No version: an upgrade that leaves the feed alone should leave its ETag alone.
    out.generator("feedglot")
    out.docs("")  # else a link to the RSS specification, in every feed
    # An entry without authors has the feed's, which Atom requires.
    out.author(name=feed.title)
    if format == "atom":
        out.icon(feed.icon)
        out.logo(feed.logo)
    elif image := _rss_image(feed):
        out.image(url=image, title=feed.title, link=feed.url)
    out.link(href=feed.self_url, rel="self", type=MEDIA_TYPES[format])
    for hub in feed.hubs:
        out.link(href=hub, rel="hub")
    for rel, url in feed.links:
        out.link(href=url, rel=rel, type=MEDIA_TYPES[format])
    # Last: RSS's <link> becomes the last one, whatever its rel.
    out.link(href=feed.url, rel="alternate", type="text/html", hreflang=feed.language)
    for entry in feed.entries:
        # The default order is "prepend", which would turn the feed upside down.
        out.add_entry(_entry(entry, feed), order="append")
    return out


def _rss_image(feed: Feed) -> str | None:
    """The logo, or the icon where that is of a kind that RSS does not know."""
    for url in filter(None, (feed.logo, feed.icon)):
        if urlsplit(url).path.lower().endswith(_RSS_IMAGES):
            return url
    return None


def _entry(entry: Entry, feed: Feed) -> Any:
    out = FeedEntry()
    contributor = None
    if entry.machine:
        contributor = say(feed.language, "translated_by", machine=entry.machine)
        out.contributor(name=contributor)
    out.register_extension("feedglot", partial(EntryExtension, feed, entry, contributor))
    out.id(entry.id)  # and RSS's guid, isPermaLink="false"
    if entry.id == entry.url:
        out.guid(entry.id, permalink=True)
    out.title(entry.title)
    out.published(entry.published)
    out.updated(entry.updated)
    out.link(href=entry.url)  # the extension completes it, and adds rel=via
    out.author([{"name": author} for author in entry.authors])
    out.category(
        [
            # feedgen puts the label into RSS, all three into Atom.
            {"term": category.term, "label": category.label, "scheme": category.scheme}
            for category in entry.categories
        ]
    )
    if entry.summary:
        # RSS's description is HTML by its specification. Atom could say type="text", but
        # then a summary about HTML looks like a mistake (the W3C validator warns of it).
        out.summary(html.escape(entry.summary, quote=False), type="html")
    if entry.html:
        # Not type="CDATA": feedgen writes that into Atom's type attribute, where no
        # reader knows it; escaped text says the same and has no trouble with "]]>".
        out.content(entry.html, type="html")
    return out
