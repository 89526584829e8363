"""The contents of feeds and pages: windows of selected or found posts, and their entries."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from feeds.builder.archives import SIZE
from feeds.builder.feed_builder import FeedBuilder
from feeds.builder.search import FILL_SECONDS, Finished, Search
from feeds.builder.site import Site
from feeds.model.catalog import SitePost
from feeds.model.feed import Entry
from feeds.model.selection import FeedSelection
from feeds.model.window import Window, open_window


class FeedContents:
    def __init__(self, site: Site) -> None:
        self._site = site
        self.composer = FeedBuilder(site)
        self.search = Search(site.engine, self._searchable)
        self._searchable_at: dict[str, int] = {}  # by language, the site's pulse then
        self._filling = threading.Lock()

    def window(self, selection: FeedSelection, language: str) -> Window:
        site = self._site
        if selection.archive is not None:
            posts = self.composer.archives.posts(site.catalogue, selection, selection.archive)
            return self._open(posts, language, limit=SIZE, page=1)
        limit = selection.limit or site.settings.limit
        found: Iterable[SitePost] = site.catalogue.select(selection)
        if not selection.query:
            return self._open(found, language, limit=limit, page=selection.page)
        whole = self._prepare_search(language)
        found = self.search.find(found, language, selection.query)
        window = self._open(found, language, limit=limit, page=selection.page)
        return replace(window, growing=not whole)

    def newest(self, selection: FeedSelection, language: str) -> Window:
        """The window of a feed's newest posts alone: what its state and counts are about.

        A feed with gaps goes on to older posts.
        """
        limit = self._site.settings.limit
        posts = islice(self._site.catalogue.select(selection), limit)
        return self._open(posts, language, limit=limit, page=1)

    def window_of(self, post: SitePost, language: str) -> Window:
        """The window of one post's page."""
        return self._open([post], language, limit=1, page=1)

    def entries(self, window: Window, language: str) -> Iterator[Entry]:
        """The window's entries; one that cannot be made is left out, and logged."""
        yield from (e for _, e in self.composer.entries(window.slots, language, FeedSelection()))

    def title(self, selection: FeedSelection, language: str, entries: Sequence[Entry] = ()) -> str:
        return self.composer.title(selection, language, entries)

    def last_modified(self, selection: FeedSelection, window: Window) -> datetime:
        """When anything that the window shows last changed. Stored times: never goes back."""
        times = [self._site.facts.config_changed_at, self._site.catalogue.touched_at(selection)]
        stored = [slot.result.stored_at for slot in window.slots if slot.result]
        times += [datetime.fromtimestamp(epoch, UTC) for epoch in stored]
        return max(time for time in times if time)

    def _open(self, posts: Iterable[SitePost], language: str, *, limit: int, page: int) -> Window:
        site = self._site
        return open_window(
            posts,
            limit=limit,
            page=page,
            by_hand=lambda p: site.localizer.is_complete_without_machine(p.post, language),
            shown_until_translated=lambda p: site.localizer.is_shown_until_translated(p, language),
            standing=lambda p: site.standing(p, language),
            digest=lambda p: site.documents.digest(p, language),
        )

    # Searching

    def _prepare_search(self, language: str) -> bool:
        """Whether every finished text is indexed; a thread indexes the rest."""
        generation = self._site.generation
        if self._searchable_at.get(language) == generation:
            return True  # no need to ask it of each post
        if self.search.prepare(self._finished(language), language, seconds=FILL_SECONDS):
            self._searchable_at[language] = generation
            return True
        if self._filling.acquire(blocking=False):

            def fill() -> None:
                try:
                    self.search.prepare(self._finished(language), language, seconds=600.0)
                finally:
                    self._filling.release()

            threading.Thread(target=fill, name="search", daemon=True).start()
        return False

    def _finished(self, language: str) -> list[Finished]:
        """The posts that have a text in the language, and what it is made of."""
        site = self._site
        found: list[Finished] = []
        for post in site.catalogue.posts:
            result = site.standing(post, language)
            by_hand = site.localizer.is_complete_without_machine(post.post, language)
            if by_hand or result or site.localizer.is_shown_until_translated(post, language):
                digests = [post.post.digest, *(v.digest for v in post.post.versions)]
                digests.append(post.post.context)
                seq = str(result.seq) if result and not by_hand else ""
                found.append((post, " ".join([*(d[:16] for d in digests), seq])))
        return found

    def _searchable(
        self, posts: Sequence[SitePost], language: str
    ) -> Iterator[tuple[SitePost, Entry]]:
        window = self._open(posts, language, limit=len(posts), page=1)
        for slot, entry in self.composer.entries(window.slots, language, FeedSelection()):
            yield slot.post, entry
