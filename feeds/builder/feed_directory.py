"""The directory of feeds: each feed with its state, for programs that want them all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from feeds.builder.feed_contents import FeedContents
from feeds.builder.feed_list import listing
from feeds.builder.site import Site
from feeds.model.feed import FORMATS, MEDIA_TYPES, Format
from feeds.model.selection import FeedSelection
from feeds.model.window import EMPTY, WindowState

FeedKind = Literal["site", "category", "tag", "author"]
FEED_KINDS: tuple[FeedKind, ...] = get_args(FeedKind)


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

    def __init__(self, site: Site, contents: FeedContents) -> None:
        self._site = site
        self._contents = contents
        self._lock = threading.Lock()
        self._kept: Listing | None = None

    def read(self) -> Listing:
        """Language by language: the site, then its categories, tags and authors."""
        self._site.follow()
        with self._lock:  # the first to come makes it, for all who wait
            kept, generation = self._kept, self._site.generation
            if kept is None or kept.generation != generation:
                rows = tuple(self._rows())
                site = self._contents.last_modified(FeedSelection(), EMPTY)
                kept = Listing(generation, rows, max(site, *(row.updated for row in rows)))
                self._kept = kept
            return kept

    def _rows(self) -> Iterator[FeedRow]:
        for language in self._site.settings.languages:
            for listed in listing(self._site, self._contents.composer, language):
                window = self._contents.newest(listed.selection, language)
                updated = self._contents.last_modified(listed.selection, window)
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
