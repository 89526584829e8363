"""Retranslation: results made with packages, terms or rules no longer in use are made again.

A translator tells with each heartbeat what it would translate each pair with: packages,
terms, rules, human corrections. Results made with anything else are queued again, newest
posts first and a few at a time, failed ones too. Readers see the old translation until the
new one is there, and `updated` stays where it is.

What installed packages made is never replaced by starter packages this way: their folder is
away, or a restored machine gets its packages later. `flask translate run --refresh` does.
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

LOOK = 5.0  # seconds: as often as translators tell
REST = 60.0  # seconds between two looks when nothing has changed
AT_ONCE = 50  # jobs in line, counting those that are more urgent


class Retranslation:
    """Called again and again by each web worker; asking twice is once."""

    def __init__(self, site: Site, requests: TranslationRequests) -> None:
        self._site = site
        self._requests = requests
        self._next = 0.0  # when to look whether anything has changed
        self._again = 0.0  # when to look for results all the same
        self._seen: frozenset[tuple[Pair, str]] = frozenset()
        self._held: dict[tuple[str, str], int] = {}  # results not to be replaced: key and seq

    def look(self, now: float) -> int:
        """Asks for what is to be made again; returns how many jobs came into the line."""
        if now < self._next or self._site.settings.translator == "off":
            return 0
        try:
            return self._look(now)
        except SQLAlchemyError:
            log.exception("translations cannot be renewed now")
            self._next = now + REST
            return 0

    def _look(self, now: float) -> int:
        self._next = now + LOOK
        alive = self._site.translators.alive(now)
        ways = frozenset(way for one in alive for way in one.fingerprints.items())
        if not ways or (ways == self._seen and now < self._again):
            return 0
        starters = {
            f"{hop.name} {hop.version}" for one in alive for hop in one.packages if hop.starter
        }
        if ways != self._seen:
            self._held.clear()
        posts = list(islice(self._outdated(ways, starters), AT_ONCE))
        taken = self._requests.add(
            posts,
            urgency=BACKGROUND,
            limit=AT_ONCE,
            refresh=[fingerprint for _, fingerprint in ways],
        )
        if taken and ways != self._seen:
            log.info("packages, terms or rules changed: translations are made again")
        self._seen = ways
        self._again = now if posts else now + REST
        return taken

    def _outdated(
        self, ways: Collection[tuple[Pair, str]], starters: Collection[str]
    ) -> Iterator[tuple[SitePost, str]]:
        """Posts with results that were made in none of these ways, newest first."""
        site = self._site
        now: dict[str, set[str]] = {}
        for pair, fingerprint in ways:
            if pair.target in site.settings.languages:
                now.setdefault(pair.target, set()).add(fingerprint)
        known = {pair for pair, _ in ways}
        by_key = site.catalogue.by_key
        keys = site.results.outdated(now)
        found = [(by_key[key], language) for key, language in keys if key in by_key]
        found.sort(key=lambda each: each[0].record.published, reverse=True)
        for post, language in found:
            try:
                source = site.documents.source(post, language)
            except BodyGone:
                continue  # just being rewritten
            if source is None:
                continue
            way = Pair(source.document.language, language)
            if way in known and not self._is_held(post, way, ways, starters):
                yield post, language

    def _is_held(
        self,
        post: SitePost,
        pair: Pair,
        ways: Collection[tuple[Pair, str]],
        starters: Collection[str],
    ) -> bool:
        """Whether an installed package made the result and every way has new starter packages."""
        key = (post.key, pair.target)
        result = self._site.standing(post, pair.target)
        if result is None or result.state is not State.READY:
            return False
        if self._held.get(key) == result.seq:
            return True
        used = [packages_of(made_with) for one, made_with in ways if one == pair]
        if not all(set(names) & set(starters) for names in used):
            return False  # without reading the translation
        stored = self._site.results.load(*key)
        hops = stored.translation.hops if stored else ()
        known = {f"{hop.name} {hop.version}" for hop in hops}
        if all(hop.starter for hop in hops) or not all(
            (set(names) & set(starters)) - known for names in used
        ):
            return False
        self._held[key] = result.seq
        return True
