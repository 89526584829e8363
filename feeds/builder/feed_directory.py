"""The directory of feeds: the site's and each term's, for pages, OPML, programs and commands."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from content.taxonomy import Kind
from feeds.builder.feed_builder import FeedBuilder
from feeds.builder.site import Site
from feeds.formats.opml import Group, Subscription
from feeds.model.feed import FORMATS, MEDIA_TYPES, Format
from feeds.model.messages import native_name, say
from feeds.model.selection import PLURALS, FeedSelection
from feeds.model.site_names import site_title
from feeds.model.window import EMPTY, WindowState

FeedKind = Literal["site", "category", "tag", "author"]
FEED_KINDS: tuple[FeedKind, ...] = get_args(FeedKind)


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """One selection with its addresses; `kind` is None for the whole site."""

    kind: Kind | None
    selection: FeedSelection
    name: str  # the term as written, or the site's title
    title: str  # of the feed
    count: int  # posts
    page: str  # absolute URL
    feeds: dict[Format, str]  # absolute URLs


def listing(site: Site, builder: FeedBuilder, language: str) -> list[Listed]:
    """The site first, then categories, tags and authors, each with most posts first."""
    catalogue, settings = site.catalogue, site.settings

    def listed(kind: Kind | None, name: str, selection: FeedSelection, count: int) -> Listed:
        return Listed(
            kind=kind,
            selection=selection,
            name=name,
            title=builder.title(selection, language),
            count=count,
            page=settings.site_url + selection.path(language),
            feeds={f: settings.site_url + selection.path(language, f"feed.{f}") for f in FORMATS},
        )

    name = site_title(settings, language)
    everything = [listed(None, name, FeedSelection(), len(catalogue.posts))]
    for kind in PLURALS:
        terms = catalogue.terms[kind].values()
        for term in sorted(terms, key=lambda t: (-t.count, t.slug)):
            selection = FeedSelection.term(kind, term.slug)
            everything.append(listed(kind, term.name, selection, term.count))
    return everything


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedRow:
    """One feed: a selection in a language and a format. URLs are absolute."""

    kind: FeedKind
    term: str | None  # as written in the posts; None: the whole site
    language: str
    format: Format
    media_type: str
    title: str
    url: str
    page: str
    entries: int  # posts that it is about, of which it shows the newest
    updated: datetime  # when one of its newest posts or their translations last changed
    state: WindowState
    ready: int  # finished among the newest `total` posts
    total: int


@dataclass(frozen=True, slots=True)
class Listing:
    """Every feed as of one moment."""

    generation: int  # the site's
    rows: tuple[FeedRow, ...]
    last_change: datetime  # a stored time, which never goes back


class FeedDirectory:
    """Every feed; cached until a post or a translation changes."""

    def __init__(self, site: Site, builder: FeedBuilder) -> None:
        self._site = site
        self._builder = builder
        self._lock = threading.Lock()
        self._kept: Listing | None = None

    def read(self) -> Listing:
        """Language by language: the site, then its categories, tags and authors."""
        self._site.follow()
        with self._lock:  # the first to come makes it, for all who wait
            kept, generation = self._kept, self._site.generation
            if kept is None or kept.generation != generation:
                rows = tuple(self._rows())
                site = self._builder.last_modified(FeedSelection(), EMPTY)
                kept = Listing(generation, rows, max(site, *(row.updated for row in rows)))
                self._kept = kept
            return kept

    def _rows(self) -> Iterator[FeedRow]:
        for language in self._site.settings.languages:
            for listed in listing(self._site, self._builder, language):
                window = self._builder.newest(listed.selection, language)
                updated = self._builder.last_modified(listed.selection, window)
                for format in FORMATS:
                    yield FeedRow(
                        kind=listed.kind or "site",
                        term=listed.name if listed.kind else None,
                        language=language,
                        format=format,
                        media_type=MEDIA_TYPES[format],
                        title=listed.title,
                        url=listed.feeds[format],
                        page=listed.page,
                        entries=listed.count,
                        updated=updated,
                        state=window.state,
                        ready=window.ready,
                        total=window.total,
                    )


def outlines(feeds: list[Listed], language: str) -> Group:
    """The feeds of one language as OPML folders, one subscription per selection."""

    def subscription(feed: Listed) -> Subscription:
        # One format per feed: an import of three would show every post three times.
        return Subscription(
            title=feed.title, xml_url=feed.feeds["atom"], html_url=feed.page, language=language
        )

    whole = tuple(subscription(feed) for feed in feeds if feed.kind is None)
    folders = (
        Group(
            title=say(language, plural),
            outlines=tuple(subscription(feed) for feed in feeds if feed.kind == kind),
        )
        for kind, plural in PLURALS.items()
    )
    return Group(
        title=native_name(language), outlines=(*whole, *(f for f in folders if f.outlines))
    )
