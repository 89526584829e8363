"""A selection in a language, as a feed and as bytes, kept until something in it changes."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from content.library import BodyGone
from content.taxonomy import term_slug
from feeds.catalogue import SitePost
from feeds.conditional import Representation
from feeds.languages import say
from feeds.model import MEDIA_TYPES, Entry, Feed, Format
from feeds.render import render
from feeds.selection import Choice, FeedSelection
from feeds.site import Site
from feeds.window import Window, open_window

log = logging.getLogger(__name__)

SETTLED_SECONDS = 1800  # Cache-Control of a complete feed
GROWING_SECONDS = 60
KEPT = 512  # representations per worker; a feed is about 100 kB
POLL_SECONDS = 0.1

FORMATS: tuple[Format, ...] = ("rss", "atom", "json")


@dataclass(frozen=True, slots=True)
class Served:
    window: Window
    representation: Representation


_Key = tuple[str, FeedSelection, Format]


@dataclass(slots=True)
class _Kept:
    pulse: int  # the site's when this was last known to be right
    made_of: tuple[object, ...]
    served: Served


class FeedServer:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._lock = threading.Lock()
        # At most a quarter of a worker's threads wait; the others answer at once.
        self._seats = threading.BoundedSemaphore(max(1, site.settings.threads // 4))

    def get(
        self, selection: FeedSelection, language: str, format: Format, *, wait: float
    ) -> Served:
        """The feed as it is now; where entries are missing, after up to `wait` seconds.

        What is missing is asked for, first in line.
        """
        self._site.follow()
        served = self._now(selection, language, format)
        if not served.window.missing:
            return served
        self._site.ask((post, language) for post in served.window.missing)
        if wait <= 0 or self._site.settings.translator == "off":
            return served
        if not self._seats.acquire(blocking=False):
            return served
        try:
            deadline = time.monotonic() + wait
            while served.window.missing and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
                self._site.follow()
                served = self._now(selection, language, format)
        finally:
            self._seats.release()
        return served

    def window(self, selection: FeedSelection, language: str) -> Window:
        site = self._site
        limit = selection.limit or site.settings.limit
        posts = site.catalogue.select(selection)
        return self._open(posts, language, limit=limit, page=selection.page)

    def window_of(self, post: SitePost, language: str) -> Window:
        """The window of one post's page."""
        return self._open([post], language, limit=1, page=1)

    def _open(self, posts: Iterable[SitePost], language: str, *, limit: int, page: int) -> Window:
        site = self._site

        def digest(post: SitePost) -> str | None:
            source = site.source(post, language)
            return source.digest if source else None

        return open_window(
            posts,
            limit=limit,
            page=page,
            by_hand=lambda p: site.localizer.is_complete_without_machine(p.post, language),
            standing=lambda p: site.standing(p, language),
            digest=digest,
        )

    def entries(self, window: Window, language: str) -> Iterator[Entry]:
        """The window's entries; one that cannot be made is left out, and logged."""
        site = self._site
        keys = [(slot.post.key, language) for slot in window.slots if slot.result]
        stored = site.results.load_many(keys) if keys else {}
        for slot in window.slots:
            try:
                if slot.post.post.language == language:
                    yield site.localizer.original(slot.post, language)
                    continue
                found = stored.get((slot.post.key, language))
                if found is None and not slot.by_hand:
                    failed_at = _time(slot.result.completed_at) if slot.result else None
                    yield site.localizer.original(slot.post, language, failed_at=failed_at)
                    continue
                yield site.localizer.translated(
                    slot.post,
                    language,
                    found.translation if found else None,
                    _time(found.result.completed_at) if found else None,
                    current=slot.current,
                )
            except BodyGone:
                raise
            except Exception:  # one post must not cost the reader all others
                log.exception("%s: left out of the feeds in %s", slot.post.post.path, language)

    def feed(self, selection: FeedSelection, language: str, format: Format, window: Window) -> Feed:
        site, settings = self._site, self._site.settings
        entries = tuple(self.entries(window, language))
        page = FeedSelection.path(selection, language)
        changed = site.catalogue.touched_at(selection) or site.shaped_at
        title = self.title(selection, language, entries)
        return Feed(
            id=f"tag:{site.authority},{site.birthday}:feeds{page}",
            title=title,
            subtitle=settings.site_description
            or say(language, "subtitle", title=settings.site_title),
            language=language,
            url=settings.site_url + page,
            self_url=settings.site_url + selection.path(language, f"feed.{format}"),
            entries=entries,
            updated=max((entry.updated for entry in entries), default=changed),
            max_age=max_age(window),
        )

    def title(
        self, selection: FeedSelection, language: str, entries: tuple[Entry, ...] = ()
    ) -> str:
        """The selection's title in `language`; terms by the labels that the entries give them."""
        site_title = self._site.settings.site_title
        labels = {term_slug(c.term): c.label for e in reversed(entries) for c in e.categories}

        def name(choice: Choice, slug: str) -> str:
            term = self._site.catalogue.terms[choice.kind].get(slug)
            label = labels.get(slug) if choice.kind != "author" else None
            return label or (term.name if term else slug)

        choice = selection.single_term
        if choice:
            return say(language, choice.kind, name=name(choice, choice.slugs[0]), title=site_title)
        parts = [
            ("−" if c.negated else "") + " | ".join(name(c, slug) for slug in c.slugs)
            for c in selection.choices
        ]
        if selection.query:
            parts.append(f"“{selection.query}”")
        if selection.since:
            parts.append(f"≥ {selection.since}")
        if not parts:
            return say(language, "site", title=site_title)
        return say(language, "selection", name=" + ".join(parts), title=site_title)

    def _now(self, selection: FeedSelection, language: str, format: Format) -> Served:
        key = (language, selection, format)
        pulse = self._site.pulse
        kept = self._kept.get(key)
        if kept and kept.pulse == pulse:
            return kept.served
        try:
            return self._fresh(key, selection, pulse, kept)
        except BodyGone:
            # A file is being rewritten. What was served stands until it is whole again.
            if kept:
                return kept.served
            self._site.scan(datetime.now(UTC))
            return self._fresh(key, selection, pulse, None)

    def _fresh(self, key: _Key, selection: FeedSelection, pulse: int, kept: _Kept | None) -> Served:
        language, _, format = key
        window = self.window(selection, language)
        made_of = self._made_of(selection, language, window)
        if kept and kept.made_of == made_of:
            kept.pulse = pulse
            return kept.served
        representation = self._render(selection, language, format, window, made_of)
        served = Served(window, representation)
        with self._lock:
            self._kept[key] = _Kept(pulse, made_of, served)
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return served

    def _made_of(
        self, selection: FeedSelection, language: str, window: Window
    ) -> tuple[object, ...]:
        """Everything that decides the bytes."""
        slots = tuple(
            (slot.post.key, slot.post.post.digest, slot.post.record.slug, slot.current)
            + tuple(version.digest for version in slot.post.post.versions)
            + ((slot.result.seq,) if slot.result else ())
            for slot in window.slots
        )
        title = self.title(selection, language)
        emptied = None if slots else self._site.catalogue.touched_at(selection)
        return title, slots, window.state, window.ready, window.total, emptied

    def _render(
        self,
        selection: FeedSelection,
        language: str,
        format: Format,
        window: Window,
        made_of: tuple[object, ...],
    ) -> Representation:
        feed = self.feed(selection, language, format, window)
        return Representation(
            body=render(feed, format),
            content_type=f"{MEDIA_TYPES[format]}; charset=utf-8",
            last_modified=self.last_modified(selection, window),
            cache_control=f"public, max-age={feed.max_age}",
            headers=(
                ("Content-Language", language),
                *self._links(selection, language, format),
                *translation_headers(window),
            ),
        )

    def last_modified(self, selection: FeedSelection, window: Window) -> datetime:
        """When anything that the window shows last changed. Stored times: never goes back."""
        times = [self._site.shaped_at, self._site.catalogue.touched_at(selection)]
        times += [_time(slot.result.stored_at) for slot in window.slots if slot.result]
        return max(time for time in times if time)

    def _links(
        self, selection: FeedSelection, language: str, format: Format
    ) -> Iterator[tuple[str, str]]:
        """HTTP `Link` (RFC 8288): this feed, its other languages and its other formats."""
        settings = self._site.settings

        def link(rel: str, lang: str, fmt: Format) -> tuple[str, str]:
            url = settings.site_url + selection.path(lang, f"feed.{fmt}")
            return "Link", f'<{url}>; rel="{rel}"; type="{MEDIA_TYPES[fmt]}"; hreflang="{lang}"'

        yield link("self", language, format)
        yield from (link("alternate", x, format) for x in settings.languages if x != language)
        yield from (link("alternate", language, x) for x in FORMATS if x != format)


def max_age(window: Window) -> int:
    return SETTLED_SECONDS if window.state == "complete" else GROWING_SECONDS


def translation_headers(window: Window) -> tuple[tuple[str, str], ...]:
    return (
        ("X-Translation-State", window.state),
        ("X-Translation-Ready", f"{window.ready}/{window.total}"),
    )


def _time(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
