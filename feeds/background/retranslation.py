"""Retranslation: queues results again that were made with outdated packages, terms or rules.

Each heartbeat of a translator names the fingerprint of every pair: packages, terms, rules,
human corrections. Results with any other fingerprint are queued again, failed ones too,
newest posts first and a few at a time. Readers see the old translation until the new one is
ready, and `updated` does not change.

Starter packages do not replace results of installed packages this way: the packages' folder
may be unavailable, or a restored machine may get its packages later. `flask translate run
--refresh` replaces them.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from itertools import islice

from sqlalchemy.exc import SQLAlchemyError

from content.library.library import BodyGone
from feeds.builder.site import Site
from feeds.builder.translation_requests import TranslationRequests
from feeds.model.catalog import SitePost
from translate.jobs.queue import BACKGROUND
from translate.pipeline.cache_keys import packages_of
from translate.types import Pair, State

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 5.0  # between two checks; translators write heartbeats as often
PAUSE_SECONDS = 60.0  # between two reads of results while no fingerprint changes
MAX_QUEUED = 50  # queued jobs, more urgent ones included


class Retranslation:
    """Queues outdated results. Every web worker calls it; a job is queued once."""

    def __init__(self, site: Site, requests: TranslationRequests) -> None:
        self._site = site
        self._requests = requests
        self._next = 0.0  # when to check for changed fingerprints
        self._next_read = 0.0  # when to read results even if no fingerprint has changed
        self._seen: frozenset[tuple[Pair, str]] = frozenset()
        self._held: dict[tuple[str, str], int] = {}  # key and seq of results to leave as they are

    def queue_outdated(self, now: float) -> int:
        """Queues outdated results; returns the number of new jobs."""
        if now < self._next or self._site.settings.translator == "off":
            return 0
        try:
            return self._queue_outdated(now)
        except SQLAlchemyError:
            log.exception("outdated translations cannot be queued; retrying")
            self._next = now + PAUSE_SECONDS
            return 0

    def _queue_outdated(self, now: float) -> int:
        self._next = now + HEARTBEAT_SECONDS
        alive = self._site.translators.alive(now)
        fingerprints = frozenset(
            item for translator in alive for item in translator.fingerprints.items()
        )
        if not fingerprints or (fingerprints == self._seen and now < self._next_read):
            return 0
        starters = {
            f"{hop.name} {hop.version}"
            for translator in alive
            for hop in translator.packages
            if hop.starter
        }
        if fingerprints != self._seen:
            self._held.clear()
        posts = list(islice(self._outdated(fingerprints, starters), MAX_QUEUED))
        added = self._requests.add(
            posts,
            urgency=BACKGROUND,
            limit=MAX_QUEUED,
            refresh=[fingerprint for _, fingerprint in fingerprints],
        )
        if added and fingerprints != self._seen:
            log.info("packages, terms or rules changed: outdated translations are queued")
        self._seen = fingerprints
        self._next_read = now if posts else now + PAUSE_SECONDS
        return added

    def _outdated(
        self, fingerprints: Collection[tuple[Pair, str]], starters: Collection[str]
    ) -> Iterator[tuple[SitePost, str]]:
        """Posts and languages of results with other fingerprints, newest posts first."""
        site = self._site
        now: dict[str, set[str]] = {}
        for pair, fingerprint in fingerprints:
            if pair.target in site.settings.languages:
                now.setdefault(pair.target, set()).add(fingerprint)
        known = {pair for pair, _ in fingerprints}
        found = [
            (post, language)
            for key, language in site.results.outdated(now)
            if (post := site.catalogue.find(key))
        ]
        found.sort(key=lambda each: each[0].record.published, reverse=True)
        for post, language in found:
            try:
                source = site.documents.source(post, language)
            except BodyGone:
                continue  # the file is being rewritten
            if source is None:
                continue
            pair_of_post = Pair(source.document.language, language)
            if pair_of_post in known and not self._is_held(
                post, pair_of_post, fingerprints, starters
            ):
                yield post, language

    def _is_held(
        self,
        post: SitePost,
        pair: Pair,
        fingerprints: Collection[tuple[Pair, str]],
        starters: Collection[str],
    ) -> bool:
        """Whether only starter packages would replace a result of an installed package."""
        key = (post.key, pair.target)
        result = self._site.standing(post, pair.target)
        if result is None or result.state is not State.READY:
            return False
        if self._held.get(key) == result.seq:
            return True
        used = [packages_of(made_with) for made_for, made_with in fingerprints if made_for == pair]
        if not all(set(names) & set(starters) for names in used):
            return False  # decided without reading the translation
        stored = self._site.results.load(*key)
        hops = stored.translation.hops if stored else ()
        known = {f"{hop.name} {hop.version}" for hop in hops}
        if all(hop.starter for hop in hops) or not all(
            (set(names) & set(starters)) - known for names in used
        ):
            return False
        self._held[key] = result.seq
        return True
