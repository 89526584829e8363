"""A batch of posts to translate now, and its progress."""

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
    """Queues missing translations and tracks them until all have ended."""

    def __init__(
        self,
        site: Site,
        requests: TranslationRequests,
        requested: Iterable[tuple[SitePost, str]],
        *,
        retry: bool = False,
        refresh: Mapping[Pair, str] | None = None,
    ) -> None:
        """`retry` adds failed translations; `refresh` those with another fingerprint."""
        self._site = site
        self._requests = requests
        self._retry = retry
        self._refresh = refresh
        self._last_change = site.results.latest()
        self.ready: list[Key] = []  # slug and language
        self.failed: dict[Key, str] = {}  # why
        self.unfinished: dict[Key, SitePost] = {}  # by post key and language
        self._digests: dict[Key, str] = {}
        self._seen: set[Key] = set()  # were queued
        self._totals: dict[Key, int] = {}  # sentences
        self._done = 0.0  # sentences of finished jobs
        self._in_work = 0
        for post, language in requested:
            try:
                digest = site.documents.digest(post, language)
            except BodyGone:
                continue
            result = site.standing(post, language)
            current = result is not None and result.source_digest == digest
            requeue = retry and result is not None and result.state is State.FAILED
            requeue = requeue or (
                refresh is not None and result is not None and self._is_old(result)
            )
            if digest and (not current or requeue):
                self.unfinished[post.key, language] = post
                self._digests[post.key, language] = digest
        self.requested_count = len(self.unfinished)
        self._queue(self.unfinished)

    @property
    def ended(self) -> int:
        """Number of translations that are ready or failed."""
        return self.requested_count - len(self.unfinished)

    @property
    def sentences(self) -> int:
        """Number of translated sentences; estimated for posts without a count."""
        return round(self._done) + self._in_work

    @property
    def expected(self) -> int:
        """Number of sentences of the batch; estimated for posts without a count."""
        return round(self._done + sum(self._count(key) for key in self.unfinished))

    def advance(self) -> bool:
        """Updates the progress; returns True when every job has ended."""
        # In this order: a job that leaves the queue has its result by then, so a job that ends
        # between the two reads does not look like a changed post.
        pending = self._site.queue.pending(self.unfinished)
        self._site.follow()
        self._seen.update(pending)
        self._totals.update((key, row.total) for key, row in pending.items() if row.total)
        self._in_work = sum(row.done for row in pending.values())
        not_queued = [
            key for key in [*self.unfinished] if key not in pending and not self._record_end(key)
        ]
        # The queue is bounded: jobs that did not fit are requested as it empties.
        if not_queued and len(pending) < self._site.settings.queue_jobs / 2:
            self._queue(not_queued)
        return not self.unfinished

    def _record_end(self, key: Key) -> bool:
        """Records the result of a job that left the queue; False: it was never queued."""
        post, language = self.unfinished[key], key[1]
        result = self._site.standing(post, language)
        is_current = result is not None and result.source_digest == self._digests[key]
        if (
            is_current
            and result is not None
            and (self._refresh is not None or (result.state is State.FAILED and self._retry))
        ):
            # A job that ends as before changes no result: `_seen` shows that it has run.
            is_current = key in self._seen or result.seq > self._last_change
        if not is_current and key not in self._seen:
            return False
        self._done += self._count(key)
        del self.unfinished[key]
        name = (post.record.slug, language)
        if result is not None and is_current and result.state is State.READY:
            self.ready.append(name)
        else:
            why = result.error if result is not None and is_current else None
            self.failed[name] = why or "the post changed meanwhile: run the command again"
        return True

    def _queue(self, keys: Iterable[Key]) -> None:
        keys = list(keys)
        self._requests.add(
            [(self.unfinished[key], key[1]) for key in keys],
            urgency=PREWARM,
            retry=self._retry,
            refresh=None if self._refresh is None else list(self._refresh.values()),
        )
        # A job that ends as before changes no result: `_seen` shows that it has run.
        self._seen.update(self._site.queue.pending(keys))

    def _is_old(self, result: Result) -> bool:
        return result.fingerprint not in (self._refresh or {}).values()

    def _count(self, key: Key) -> float:
        known = self._totals
        return known.get(key) or (sum(known.values()) / len(known) if known else SENTENCES_PER_POST)
