"""The feed cache: rendered feeds, kept until something in them changes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain

from sqlalchemy.exc import SQLAlchemyError

from content.library.library import BodyGone
from feeds.builder.feed_builder import FeedBuilder, Links
from feeds.builder.site import Site
from feeds.builder.translation_requests import TranslationRequests
from feeds.cache import delta
from feeds.cache.representation import Representation
from feeds.formats.xml_feed import render
from feeds.model.feed import MEDIA_TYPES, Format, PostLinks
from feeds.model.selection import FeedSelection
from feeds.model.window import EMPTY, Window
from feeds.monitoring.metrics import rendering
from infra.lru_cache import LRUCache

log = logging.getLogger(__name__)

KEPT = 512  # representations per worker; a feed is about 100 kB
KEPT_BYTES = 64_000_000
POLL_SECONDS = 0.1
TURN_SECONDS = 2.0  # then a request renders its feed without waiting for the lock
BODY_SECONDS = 1.5  # wait for a post file that is being rewritten
VARY = ("Accept-Encoding", "A-IM", "Sec-Fetch-Dest")


@dataclass(frozen=True, slots=True)
class Served:
    window: Window
    representation: Representation


_Key = tuple[str, FeedSelection, Format]


@dataclass(slots=True)
class _Made:
    generation: int  # the site's when this was last known to be right
    made_of: tuple[object, ...]
    post_links: PostLinks  # of its entries
    served: Served


class FeedCache:
    def __init__(self, site: Site, builder: FeedBuilder, requests: TranslationRequests) -> None:
        self._site = site
        self._requests = requests
        self._builder = builder
        self._kept: LRUCache[_Key, _Made] = LRUCache(
            most=KEPT,
            most_bytes=KEPT_BYTES,
            weight=lambda made: made.served.representation.weight,
        )
        # Of several requests for one changed feed, the first renders it and the others wait for it.
        self._turns = [threading.Lock() for _ in range(64)]
        # Render one feed at a time: with 16 rendering threads the event loop, which answers
        # polls, waits for the GIL at every step.
        self._making = threading.Lock()
        # At most a quarter of a worker's threads wait for translations; the others answer at once.
        self._seats = threading.BoundedSemaphore(max(1, site.settings.threads // 4))

    def get(
        self, selection: FeedSelection, language: str, format: Format, *, wait: float
    ) -> Served:
        """The feed; with entries missing, after waiting up to `wait` seconds for them.

        Queues missing entries first.
        """
        # Counted from here: on a busy machine the first look at a feed takes its time too.
        deadline = time.monotonic() + wait
        self._site.follow()
        served = self._now(selection, language, format)
        if not served.window.missing:
            return served
        self._requests.add((post, language) for post in served.window.missing)
        if wait <= 0 or self._site.settings.translator == "off":
            return served
        if not self._seats.acquire(blocking=False):
            return served
        try:
            while served.window.missing and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
                self._site.follow()
                served = self._now(selection, language, format)
        finally:
            self._seats.release()
        return served

    def settled(
        self, selection: FeedSelection, language: str, format: Format, *, at_once: bool = False
    ) -> Served | None:
        """The cached feed, if it is current and no entry is missing; else None.

        `at_once`: only if this check needs no waiting either.
        """
        kept = self._kept.get((language, selection, format))
        if kept is None or kept.served.window.growing:
            return None
        if kept.served.window.missing and self._site.settings.translator != "off":
            return None
        if at_once:
            if not self._site.is_current():
                return None
        else:
            self._site.follow()
        if kept.generation != self._site.generation or self._site.catalogue.unknown_terms(
            selection
        ):
            return None
        return kept.served

    def peek(self, selection: FeedSelection, language: str, format: Format) -> Served:
        """The feed; queues no translations."""
        self._site.follow()
        return self._now(selection, language, format)

    def delta(
        self,
        served: Served,
        selection: FeedSelection,
        language: str,
        format: Format,
        etags: Iterable[str],
    ) -> Representation | None:
        """The entries that a client with one of these ETags lacks (RFC 3229); None: all entries.

        Its ETag is the whole feed's, which the client holds once it has added the entries.
        """
        known = delta.known_entries(etags)
        if known is None:
            return None
        base, has = known
        whole = served.representation
        links = self._builder.links(selection, served.window)
        entries = self._builder.entries(served.window, language, selection)
        with _turn(self._making):
            made = list(entries)
            feed = self._builder.feed(selection, language, format, served.window, links, made)
            new = tuple(entry for entry in feed.entries if delta.fingerprint(entry) not in has)
            if len(new) == len(feed.entries):
                return None
            body = render(replace(feed, entries=new), format)
        return Representation(
            body=body,
            content_type=whole.content_type,
            last_modified=whole.last_modified,
            cache_control="no-store",
            headers=(*whole.headers, ("IM", "feed"), ("Delta-Base", f'"{base}"')),
            vary=whole.vary,
            digest=whole.digest,
        )

    # Keeping it

    def _now(self, selection: FeedSelection, language: str, format: Format) -> Served:
        key = (language, selection, format)
        generation = self._site.generation
        kept = self._kept.get(key)
        if kept and kept.generation == generation and not kept.served.window.growing:
            return kept.served
        with _turn(self._turns[hash(key) % len(self._turns)]):
            return self._anew(key)

    def _anew(self, key: _Key) -> Served:
        generation = self._site.generation
        kept = self._kept.get(key)
        if kept and kept.generation == generation and not kept.served.window.growing:
            return kept.served
        language, selection, _ = key
        deadline = time.monotonic() + BODY_SECONDS
        while True:
            try:
                return self._fresh(key, generation, kept)
            except BodyGone:
                # A post file is being rewritten: serve the cached feed until it is complete.
                if kept:
                    return kept.served
                if time.monotonic() > deadline:
                    break
                time.sleep(POLL_SECONDS)
                self._site.scan(datetime.now(UTC))
                generation = self._site.generation
            except SQLAlchemyError:
                if kept:
                    log.exception("the database does not answer: serving the cached feed")
                    return kept.served
                log.exception(
                    "the database does not answer: serving entries that need no translation"
                )
                return self._without_database(key)
        # Nobody has seen the entry here yet: it comes with the next poll.
        window = self._builder.window(selection, language)
        links = self._builder.links(selection, window)
        window = replace(window, growing=True)
        return Served(window, self._render(key, window, links, strict=False)[0])

    def _without_database(self, key: _Key) -> Served:
        """The feed with originals and human translations only; the next poll gets the others.

        Raises `SQLAlchemyError` for archives and searches, whose entries only the database knows.
        """
        language, selection, _ = key
        window = self._builder.window(selection, language)
        slots = tuple(slot for slot in window.slots if slot.result is None)
        window = replace(window, slots=slots, ready=len(slots), growing=True)
        links: Links = ()
        with suppress(SQLAlchemyError):  # where the archives are is in the database
            links = self._builder.links(selection, window)
        return Served(window, self._render(key, window, links, strict=False)[0])

    def _fresh(self, key: _Key, generation: int, kept: _Made | None) -> Served:
        language, selection, _ = key
        window = self._builder.window(selection, language)
        links = self._builder.links(selection, window)
        made_of = self._made_of(selection, language, window, links)
        localizer = self._site.localizer
        if kept and kept.made_of == made_of and localizer.is_linked_as_before(kept.post_links):
            kept.generation = generation
            return kept.served
        representation, post_links = self._render(key, window, links, strict=True)
        served = Served(window, representation)
        self._kept.put(key, _Made(generation, made_of, post_links, served))
        return served

    def _made_of(
        self, selection: FeedSelection, language: str, window: Window, links: Links
    ) -> tuple[object, ...]:
        """Everything that decides the bytes."""
        slots = tuple(
            (slot.post, slot.current, self._site.localizer.addresses(slot.post))
            + ((slot.result.seq,) if slot.result else ())
            for slot in window.slots
        )
        title = self._builder.title(selection, language)
        emptied = None if slots else self._site.catalogue.touched_at(selection)
        archived = self._builder.is_archived(selection, window)
        state = window.state, window.ready, window.total, window.hits
        return self._site.facts.config_changed_at, title, slots, state, links, archived, emptied

    def _render(
        self, key: _Key, window: Window, links: Links, *, strict: bool
    ) -> tuple[Representation, PostLinks]:
        language, selection, format = key
        composed = self._builder.entries(window, language, selection, strict=strict)
        with _turn(self._making):
            entries = list(composed)
            feed = self._builder.feed(selection, language, format, window, links, entries)
            with rendering(format):
                body = render(feed, format)
            post_links = tuple(chain.from_iterable(entry.links for entry in entries))
            last_modified = self._builder.last_modified(selection, window)
            if post_links:  # another post that comes or goes may change where they lead
                whole = self._builder.last_modified(FeedSelection(), EMPTY)
                last_modified = max(last_modified, whole)
            representation = Representation(
                body=body,
                content_type=f"{MEDIA_TYPES[format]}; charset=utf-8",
                last_modified=last_modified,
                cache_control=f"public, max-age={feed.max_age}",
                headers=(
                    ("Content-Language", language),
                    *self._builder.http_links(selection, language, format, links),
                    *translation_headers(window),
                ),
                vary=VARY,
                digest=delta.digest(body, feed.entries),
            )
            return representation, post_links


@contextmanager
def _turn(line: threading.Lock) -> Iterator[None]:
    """Holds the lock; goes on without it after `TURN_SECONDS`."""
    in_turn = line.acquire(timeout=TURN_SECONDS)
    try:
        yield
    finally:
        if in_turn:
            line.release()


def translation_headers(window: Window) -> tuple[tuple[str, str], ...]:
    return (
        ("X-Translation-State", window.state),
        ("X-Translation-Ready", f"{window.ready}/{window.total}"),
    )
