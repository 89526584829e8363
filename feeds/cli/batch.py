"""A batch of posts to be translated now, and its progress."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from content.library.library import BodyGone
from feeds.builder.site import Site
from feeds.builder.translation_requests import TranslationRequests
from feeds.model.catalog import SitePost
from feeds.monitoring.status_report import SENTENCES_PER_POST
from translate.jobs.queue import PREWARM
from translate.jobs.results import Result
from translate.types import Pair, State

Key = tuple[str, str]  # post key, language


class TranslationBatch:
    """Queues what is missing of the posts in the languages, and follows it to its end."""

    def __init__(
        self,
        site: Site,
        requests: TranslationRequests,
        wanted: Iterable[tuple[SitePost, str]],
        *,
        retry: bool = False,
        refresh: Mapping[Pair, str] | None = None,
    ) -> None:
        """`retry` adds what was given up; `refresh` what was made otherwise than it names."""
        self._site = site
        self._requests = requests
        self._retry = retry
        self._refresh = refresh
        self._since = site.results.latest()
        self.ready: list[Key] = []  # slug and language
        self.failed: dict[Key, str] = {}  # why
        self.left: dict[Key, SitePost] = {}  # not ended yet, by post key and language
        self._digests: dict[Key, str] = {}
        self._seen: set[Key] = set()  # were queued
        self._totals: dict[Key, int] = {}  # sentences
        self._done = 0.0  # sentences of what is finished
        self._in_work = 0
        for post, language in wanted:
            try:
                digest = site.documents.digest(post, language)
            except BodyGone:
                continue
            result = site.standing(post, language)
            current = result is not None and result.source_digest == digest
            again = retry and result is not None and result.state is State.FAILED
            again = again or (refresh is not None and result is not None and self._is_old(result))
            if digest and (not current or again):
                self.left[post.key, language] = post
                self._digests[post.key, language] = digest
        self.asked = len(self.left)
        self._ask(self.left)

    @property
    def sentences(self) -> int:
        """How many are done; of posts without a count, an estimate."""
        return round(self._done) + self._in_work

    @property
    def expected(self) -> int:
        """How many there are in all, as far as known."""
        return round(self._done + sum(self._count(key) for key in self.left))

    def advance(self) -> bool:
        """Updates the progress; True when every job has ended."""
        # In this order: a job that leaves the queue has its result by then, so a job that ends
        # between the two reads does not look like a changed post.
        pending = self._site.queue.pending(self.left)
        self._site.follow()
        self._seen.update(pending)
        self._totals.update((key, row.total) for key, row in pending.items() if row.total)
        self._in_work = sum(row.done for row in pending.values())
        unasked = [key for key in [*self.left] if key not in pending and not self._settle(key)]
        # The queue is bounded: jobs that found no room are requested as it empties.
        if unasked and len(pending) < self._site.settings.queue_jobs / 2:
            self._ask(unasked)
        return not self.left

    def _settle(self, key: Key) -> bool:
        """Files a job that left the queue; False for one that was never queued."""
        post, language = self.left[key], key[1]
        result = self._site.standing(post, language)
        mine = result is not None and result.source_digest == self._digests[key]
        if (
            mine
            and result is not None
            and (self._refresh is not None or (result.state is State.FAILED and self._retry))
        ):
            # A job that ends as before changes no result: only having been queued shows it.
            mine = key in self._seen or result.seq > self._since
        if not mine and key not in self._seen:
            return False
        self._done += self._count(key)
        del self.left[key]
        name = (post.record.slug, language)
        if result is not None and mine and result.state is State.READY:
            self.ready.append(name)
        else:
            why = result.error if result is not None and mine else None
            self.failed[name] = why or "the post changed meanwhile: run it again"
        return True

    def _ask(self, keys: Iterable[Key]) -> None:
        asked = list(keys)
        self._requests.add(
            [(self.left[key], key[1]) for key in asked],
            urgency=PREWARM,
            retry=self._retry,
            refresh=None if self._refresh is None else list(self._refresh.values()),
        )
        # A job that ends as before changes no result: only having been queued shows it.
        self._seen.update(self._site.queue.pending(asked))

    def _is_old(self, result: Result) -> bool:
        return result.fingerprint not in (self._refresh or {}).values()

    def _count(self, key: Key) -> float:
        known = self._totals
        return known.get(key) or (sum(known.values()) / len(known) if known else SENTENCES_PER_POST)
