"""Builds feeds as values: the window of a selection, its entries, title and links."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from itertools import islice

from content.library.library import BodyGone
from content.taxonomy import term_slug
from feeds.builder.archives import SIZE, Archives, count_archives, is_full
from feeds.builder.disclosure import disclose
from feeds.builder.search import Search
from feeds.builder.site import Site
from feeds.builder.size_limit import fit
from feeds.model.catalog import SitePost
from feeds.model.feed import FORMATS, MEDIA_TYPES, Entry, Feed, Format
from feeds.model.messages import say
from feeds.model.selection import Choice, FeedSelection
from feeds.model.site_names import author_name, site_description, site_title
from feeds.model.window import Slot, Window, open_window
from translate.jobs.results import Stored

log = logging.getLogger(__name__)

SETTLED_SECONDS = 1800  # Cache-Control of a complete feed
GROWING_SECONDS = 60

_WHOLE = FeedSelection()
Links = tuple[tuple[str, FeedSelection], ...]  # relation, and where it leads


class FeedBuilder:
    def __init__(self, site: Site) -> None:
        self._site = site
        self.search = Search(site, self._searchable)
        self._archives = Archives(site.ledger)

    # Windows

    def window(self, selection: FeedSelection, language: str, *, count: bool = False) -> Window:
        """`count` the hits of a search also where they are many."""
        site = self._site
        if selection.archive is not None:
            posts = self._archives.posts(site.catalogue, selection, selection.archive)
            return self._open(posts, language, limit=SIZE)
        limit = selection.limit or site.settings.limit
        found: Iterable[SitePost] = site.catalogue.select(selection)
        if not selection.query:
            return self._open(found, language, limit=limit, page=selection.page)
        whole = self.search.prepare(language)
        hits = self.search.find(found, language, selection.query, count=count)
        window = self._open(hits.posts, language, limit=limit, page=selection.page)
        return replace(window, growing=not whole, hits=hits.count)

    def newest(self, selection: FeedSelection, language: str) -> Window:
        """The window of a feed's newest posts alone: what its state and counts are about.

        A feed with gaps goes on to older posts.
        """
        limit = self._site.settings.limit
        posts = islice(self._site.catalogue.select(selection), limit)
        return self._open(posts, language, limit=limit)

    def window_of(self, post: SitePost, language: str) -> Window:
        """The window of one post's page."""
        return self._open([post], language, limit=1)

    def last_modified(self, selection: FeedSelection, window: Window) -> datetime:
        """When anything that the window shows last changed. Stored times: never goes back."""
        times = [self._site.facts.config_changed_at, self._site.catalogue.touched_at(selection)]
        times += [_time(slot.result.stored_at) for slot in window.slots if slot.result]
        return max(time for time in times if time)

    def _open(
        self, posts: Iterable[SitePost], language: str, *, limit: int, page: int = 1
    ) -> Window:
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

    # Entries

    def entries(
        self,
        window: Window,
        language: str,
        selection: FeedSelection = _WHOLE,
        *,
        strict: bool = False,
    ) -> Iterator[Entry]:
        """The window's entries; one that cannot be made is left out, and logged.

        The database is asked now, the entries are made as they are taken. `strict` raises
        `BodyGone` when a post's file is just being rewritten.
        """
        made = self._entries(window, language, selection, self._stored(window, language), strict)
        return (entry for _, entry in made)

    def _searchable(
        self, posts: Sequence[SitePost], language: str
    ) -> Iterator[tuple[SitePost, Entry]]:
        window = self._open(posts, language, limit=len(posts))
        return self._entries(window, language, _WHOLE, self._stored(window, language))

    def _stored(self, window: Window, language: str) -> Mapping[tuple[str, str], Stored]:
        keys = [(slot.post.key, language) for slot in window.slots if slot.result]
        return self._site.results.load_many(keys) if keys else {}

    def _entries(
        self,
        window: Window,
        language: str,
        selection: FeedSelection,
        stored: Mapping[tuple[str, str], Stored],
        strict: bool = False,
    ) -> Iterator[tuple[SitePost, Entry]]:
        unreadable = 0
        for slot in window.slots:
            try:
                entry = self._entry(slot, language, stored.get((slot.post.key, language)))
                if selection.display == "both":
                    entry = self._both(slot, entry, language)
                yield slot.post, entry if selection.full else replace(entry, html="", below="")
            except BodyGone:
                unreadable += 1
                # Nobody gets an empty feed because a mount is missing.
                if strict or unreadable == len(window.slots):
                    raise
            except Exception:  # one post must not cost the reader all others
                log.exception("%s: left out of the feeds in %s", slot.post.post.path, language)

    def _entry(self, slot: Slot, language: str, stored: Stored | None) -> Entry:
        localizer = self._site.localizer
        if slot.post.post.language == language:
            return localizer.original(slot.post, language, stored.translation if stored else None)
        if not slot.by_hand and not (stored and _covers(slot, language, stored)):
            # The original was shown in the language that it states before any attempt too.
            result = None if slot.post.post.stated_language == language else slot.result
            failed_at = _time(result.completed_at) if result else None
            taken_back = slot.post.record.version_changes.get(language)
            since = max((time for time in (failed_at, taken_back) if time), default=None)
            return localizer.original(slot.post, language, failed_at=since)
        return localizer.translated(
            slot.post,
            language,
            stored.translation if stored else None,
            _time(stored.result.completed_at) if stored else None,
        )

    def _both(self, slot: Slot, entry: Entry, language: str) -> Entry:
        """The entry with the original below it, as an entry of its own."""
        written_in = slot.post.post.language
        entry = replace(entry, id=f"{entry.id}+{written_in}")
        if entry.untranslated or written_in == language:
            return entry  # it is the original
        original = self._site.localizer.original(slot.post, written_in)
        below = (
            f'<hr><div lang="{escape(written_in)}">'
            f"<h2>{escape(original.title)}</h2>{original.html}</div>"
        )
        # The original follows an edit at once, its translation later.
        updated = max(entry.updated, original.updated)
        return replace(entry, below=below, updated=updated)

    # The feed

    def feed(
        self,
        selection: FeedSelection,
        language: str,
        format: Format,
        window: Window,
        links: Links,
        entries: Sequence[Entry],
    ) -> Feed:
        site, settings = self._site, self._site.settings
        changed = site.catalogue.touched_at(selection) or site.facts.config_changed_at
        logical = selection.logical.path(language)
        # Pages and archives hold every entry; the first page drops the oldest that do not fit.
        newest = selection.page == 1 and selection.archive is None
        fitting = fit(entries, language, drop=newest)
        place, brief = settings.disclosure, not selection.full
        shown = tuple(disclose(entry, language, place, in_summary=brief) for entry in fitting)
        return Feed(
            id=f"tag:{site.facts.authority},{site.facts.birthday}:feeds{logical}",
            title=self.title(selection, language, entries),
            subtitle=site_description(settings, language),
            language=language,
            url=settings.site_url + selection.path(language),
            self_url=self.url(selection, language, format),
            entries=shown,
            updated=max((entry.updated for entry in entries), default=changed),
            max_age=max_age(window),
            icon=settings.picture(settings.icon),
            logo=settings.picture(settings.logo),
            links=tuple((rel, self.url(to, language, format)) for rel, to in links),
            hits=window.hits,
            archived=self.is_archived(selection, window),
            hubs=self.hubs(selection),
        )

    def hubs(self, selection: FeedSelection) -> tuple[str, ...]:
        """The hubs to list. Readers poll a feed with rel=hub less often, so only feeds that are
        announced to hubs list them."""
        return self._site.settings.hubs if selection.is_announced else ()

    def url(self, selection: FeedSelection, language: str, format: Format) -> str:
        """The absolute URL of the feed."""
        shown = selection.shown_in(language, self._site.settings.language)
        return self._site.settings.site_url + shown.path(language, f"feed.{format}")

    def is_archived(self, selection: FeedSelection, window: Window) -> bool:
        """Whether the feed is an archive to which nothing will come, nor is missing in it."""
        number = selection.archive
        if number is None or window.ready < window.total:
            return False
        return is_full(self._site.catalogue, selection, number)

    def links(self, selection: FeedSelection, window: Window) -> Links:
        """Where the entries are that this feed does not show (RFC 5005)."""
        catalogue = self._site.catalogue
        number = selection.archive
        if number is not None:
            last = count_archives(catalogue, selection)
            around = [("prev-archive", number - 1), ("next-archive", number + 1)]
            return (
                ("current", selection.logical),
                *((rel, selection.in_archive(n)) for rel, n in around if 1 <= n <= last),
            )
        found: list[tuple[str, FeedSelection]] = []
        if selection.page > 1:
            found.append(("first", selection.on_page(1)))
            found.append(("previous", selection.on_page(selection.page - 1)))
        if window.more:
            found.append(("next", selection.on_page(selection.page + 1)))
        if selection.page == 1 and selection.has_archives:
            before = self._archives.before(catalogue, selection, window)
            if before is not None:
                archive = replace(selection.logical, limit=None).in_archive(before)
                found.append(("prev-archive", archive))
        return tuple(found)

    def title(self, selection: FeedSelection, language: str, entries: Sequence[Entry] = ()) -> str:
        """The selection's title in `language`; terms by the labels that the entries give them."""
        settings = self._site.settings
        named = site_title(settings, language)
        labels = {term_slug(c.term): c.label for e in reversed(entries) for c in e.categories}

        def name(choice: Choice, slug: str) -> str:
            term = self._site.catalogue.terms[choice.kind].get(slug)
            written = term.name if term else slug
            if choice.kind == "author":
                return author_name(settings, written, language)
            return labels.get(slug) or written

        choice = selection.single_term
        parts = [
            ("−" if c.negated else "") + " | ".join(name(c, slug) for slug in c.slugs)
            for c in selection.choices
        ]
        if selection.query:
            parts.append(say(language, "quoted", text=selection.query))
        if selection.since:
            parts.append(f"≥ {selection.since}")
        if not parts:
            return say(language, "site", title=named)
        if choice and len(parts) == 1:
            return say(language, choice.kind, name=parts[0], title=named)
        return say(language, "selection", name=" + ".join(parts), title=named)

    def http_links(
        self, selection: FeedSelection, language: str, format: Format, links: Links
    ) -> Iterator[tuple[str, str]]:
        """HTTP `Link` (RFC 8288): this feed, its other languages and formats, its neighbours."""

        def link(rel: str, to: FeedSelection, lang: str, fmt: Format) -> tuple[str, str]:
            url = self.url(to, lang, fmt)
            return "Link", f'<{url}>; rel="{rel}"; type="{MEDIA_TYPES[fmt]}"; hreflang="{lang}"'

        others = (x for x in self._site.settings.languages if x != language)
        yield link("self", selection, language, format)
        yield from (("Link", f'<{hub}>; rel="hub"') for hub in self.hubs(selection))
        yield from (link("alternate", selection, other, format) for other in others)
        yield from (link("alternate", selection, language, x) for x in FORMATS if x != format)
        yield from (link(rel, to, language, format) for rel, to in links)


def _covers(slot: Slot, language: str, stored: Stored) -> bool:
    """Whether the translation has all that no person wrote.

    It may have been made beside a person's version that has been taken back since; then it
    has the labels alone, and the rest would be Japanese that passes for the translation.
    """
    own = slot.post.post.version(language)
    has_title = bool(stored.translation.title or (own and own.title))
    has_text = bool(stored.translation.html or (own and own.has_body))
    return has_title and (has_text or slot.current)


def max_age(window: Window) -> int:
    return SETTLED_SECONDS if window.state == "complete" else GROWING_SECONDS


def _time(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
