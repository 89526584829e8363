"""Upkeep: translations made by what is no longer in use are made again, beside everything else.

A translator tells with each sign of life what it would translate each pair with: packages,
terms, rules, persons' corrections. Results made with anything else are asked for again,
newest posts first and a few at a time; what failed is tried again the same way. Readers see
the old translation until the new one is there, and `updated` stays where it is.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from itertools import islice

from sqlalchemy.exc import SQLAlchemyError

from content.library.library import BodyGone
from feeds.builder.site import Site
from feeds.model.catalog import SitePost
from translate.jobs.heartbeats import ALIVE_SECONDS
from translate.jobs.queue import BACKGROUND
from translate.types import Pair

log = logging.getLogger(__name__)

LOOK = 5.0  # seconds: as often as translators tell
REST = 60.0  # seconds between two looks when nothing has changed
AT_ONCE = 50  # jobs in line, counting those that are more urgent


class Retranslation:
    """Called again and again by each web worker; asking twice is once."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._next = 0.0  # when to look whether anything has changed
        self._again = 0.0  # when to look for results all the same
        self._seen: frozenset[tuple[Pair, str]] = frozenset()

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
        ways = frozenset(
            way
            for translator in self._site.translators.all()
            if now - translator.seen_at < ALIVE_SECONDS
            for way in translator.fingerprints.items()
        )
        if not ways or (ways == self._seen and now < self._again):
            return 0
        posts = list(islice(self._outdated(ways), AT_ONCE))
        taken = self._site.ask(
            posts,
            urgency=BACKGROUND,
            limit=AT_ONCE,
            refresh=[fingerprint for _, fingerprint in ways],
        )
        if taken and ways != self._seen:
            log.info("packages, terms or rules are others now: translations are made again")
        self._seen = ways
        self._again = now if posts else now + REST
        return taken

    def _outdated(self, ways: Collection[tuple[Pair, str]]) -> Iterator[tuple[SitePost, str]]:
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
                source = site.source(post, language)
            except BodyGone:
                continue  # just being rewritten
            if source and Pair(source.document.language, language) in known:
                yield post, language
