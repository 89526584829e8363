"""TranslationRequests: queues translations for whoever waits for them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from content.library.library import BodyGone
from feeds.builder.documents import Source
from feeds.builder.rate_limit import JobRateLimit, client, client_of
from feeds.builder.site import Site
from feeds.model.catalog import SitePost
from translate.jobs.notify import Notifier, open_notifier
from translate.jobs.queue import PREWARM, WAITED_FOR, Job

log = logging.getLogger(__name__)


class TranslationRequests:
    """The requests of one process: what they may cost each client, and who is notified."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._rate_limit = JobRateLimit(site.settings.client_jobs)
        self.notifier: Notifier = open_notifier(site.settings.queue_url)

    def add(
        self,
        posts: Iterable[tuple[SitePost, str]],
        *,
        urgency: int = WAITED_FOR,
        limit: int | None = None,
        retry: bool = False,
        refresh: Collection[str] | None = None,
    ) -> int:
        """Queues posts, each with its language, for translation; idempotent.

        Returns how many jobs are new in the queue, which holds at most `limit`; a client over
        its rate limit adds none. `retry` is for what was given up; `refresh` for what was made
        in none of the ways that it names (`keys.fingerprint`).
        """
        site = self._site
        if site.settings.translator == "off":
            return 0
        jobs = []
        for post, language in posts:
            try:
                source = site.documents.source(post, language)
            except BodyGone:
                continue  # just being rewritten: the next request queues it
            if source:
                jobs.append(self._job(post, language, source))
        who, now = client_of(client.get()), datetime.now(UTC).timestamp()
        left = self._rate_limit.left(who, now)
        try:
            if left is not None and left < len(jobs):
                known = site.queue.pending(job.key for job in jobs)
                jobs.sort(key=lambda job: (job.key not in known, -job.rank))
                del jobs[len(known) + max(0, left) :]
            if not jobs:
                return 0
            queued = site.queue.request(
                jobs,
                urgency=urgency,
                now=now,
                limit=site.settings.queue_jobs if limit is None else limit,
                retry=retry,
                refresh=refresh is not None,
                fingerprints=refresh,
            )
        except SQLAlchemyError:
            log.exception("translations cannot be queued: serving finished ones")
            return 0
        self._rate_limit.spend(who, queued, now)
        if queued:
            self.notifier.notify()
        return queued

    def prewarm(self) -> None:
        """Queues the newest posts in every language before anybody requests them."""
        newest = self._site.catalogue.posts[: self._site.settings.prewarm]
        languages = self._site.settings.languages
        self.add(((post, lang) for lang in languages for post in newest), urgency=PREWARM)

    def _job(self, post: SitePost, language: str, source: Source) -> Job:
        is_new = not self._site.localizer.is_shown_until_translated(post, language)
        return Job(
            post_key=post.key,
            language=language,
            source_digest=source.digest,
            document=source.document,
            rank=int(post.record.published.timestamp()),
            edited=post.record.edited.timestamp() if is_new else None,
        )
