"""The site as it stands: the posts that are served and the translations there are.

Every web worker has one `Site`. What it holds is read again when the database's change
number moves, which each request asks for, so that two workers never tell different stories.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from content.library.library import BodyGone, Library, Rules
from content.parsing.blog_config import BlogConfig
from content.post import Post
from feeds.builder.entries import Localizer, Source
from feeds.builder.post_links import find_post
from feeds.builder.post_sync import PostSync
from feeds.builder.rate_limit import JobRateLimit, client, client_of
from feeds.model.catalog import Catalog, SitePost
from feeds.settings import Settings
from feeds.store.ledger_connection import open_ledger
from feeds.store.posts_folder import check_folder
from feeds.store.site_facts import SiteFacts
from feeds.version import __version__
from infra.change_counter import ChangeCounter
from infra.garbage import uncollected
from infra.locks import is_served
from translate.jobs.heartbeats import Heartbeats
from translate.jobs.notify import Notifier, open_notifier
from translate.jobs.queue import PREWARM, WAITED_FOR, Job, TranslationQueue
from translate.jobs.results import Result, Results

log = logging.getLogger(__name__)

MAX_SOURCES = 500  # documents kept for comparing; about 20 kB each
MAX_DIGESTS = 50_000  # about 0.3 kB each


def open_library(
    settings: Settings,
    *,
    link: Callable[[Post], str | None] | None = None,
    index: Path | None = None,
) -> Library:
    """The posts of these settings, not looked at yet."""

    def rules(config: BlogConfig) -> Rules:
        now = settings.with_blog(config)
        # The language is the translator's too, which is started with it.
        language = settings.language
        elsewhere = now.blog_url != now.site_url
        return Rules(
            language=language,
            timezone=now.timezone,
            permalink=now.permalink,
            blog_url=now.blog_url if elsewhere else "",
        )

    return Library(
        settings.posts_dir,
        language=settings.language,
        languages=settings.languages,
        timezone=settings.timezone,
        permalink=settings.permalink,
        rules=rules,
        link=link,
        index=index,
        linked=map(Path, settings.linked_folders),
    )


_MadeOf = tuple[Post, tuple[str | None, ...]]  # a post, and where those are that it leads to


class Site:
    def __init__(self, settings: Settings, *, wait: bool = True) -> None:
        """`wait` for a database that is away; else that is a `DatabaseAwayError`."""
        self.settings = settings
        with uncollected():
            self.engine, self.ledger, page = open_ledger(settings.database_url, wait=wait)
        self.queue = TranslationQueue(self.engine)
        self.results = Results(self.engine)
        self._changes = ChangeCounter(self.engine)
        self.translators = Heartbeats(self.engine)
        self.notifier: Notifier = open_notifier(settings.queue_url)
        self.ration = JobRateLimit(settings.client_jobs)
        index = settings.state_dir / "posts.index"
        self.library = open_library(settings, link=self._link, index=index)
        host = urlsplit(settings.site_url).hostname or "localhost"
        self._facts = SiteFacts(
            self.ledger, authority=settings.id_authority, host=host, shape=_shape(settings)
        )
        self.localizer = Localizer(settings, self.library, self.authority, self._find_post)
        self.ledger.former_id = self.localizer.former_id
        if settings.ids != "tag" and (with_tags := page.with_tag_ids()):
            log.warning(
                "FEEDS_IDS=%s holds for new posts: %d were served before, and keep their ids",
                *(settings.ids, with_tags),
            )
        self._loaded = settings
        self._config = BlogConfig()  # the blog's own settings that are taken in
        self._sync = PostSync(self.library, self.ledger, page, settings.timezone)
        self.removals = self._sync.removals
        self._standing: dict[tuple[str, str], Result] = {}
        self._lock = threading.RLock()
        self._away = False  # the database did not answer when it was last asked
        self._pulse = -1
        self.followed = -1  # the database's change number up to which all is taken in
        self._digests: dict[tuple[str, str], tuple[_MadeOf, str | None]] = {}
        self._sources: dict[tuple[str, str], tuple[_MadeOf, Source | None]] = {}

    def close(self) -> None:
        """Closes this thread's database connections; the next query opens new ones."""
        self._changes.close()
        self.engine.dispose()

    # What is there

    @property
    def catalogue(self) -> Catalog:
        """The posts that are served now."""
        return self._sync.catalogue

    @property
    def authority(self) -> str:
        """The host in entry ids."""
        return self._facts.authority

    @property
    def birthday(self) -> str:
        """The day of the first start, in the ids of feeds."""
        return self._facts.birthday

    @property
    def config_changed_at(self) -> datetime:
        """When settings that shape the bytes of feeds last changed."""
        return self._facts.changed_at

    @property
    def generation(self) -> int:
        """Grows with every change of a post or a translation that this worker has seen."""
        return self._pulse

    def standing(self, post: SitePost, language: str) -> Result | None:
        """How the machine's translation of the post ended; None: not yet."""
        return self._standing.get((post.key, language))

    def addresses(self, post: SitePost) -> tuple[str | None, ...]:
        """Where the post is, and the posts that its text leads to. May raise `BodyGone`."""
        return self.localizer.original_url(post), *self.library.links(post.post)

    def source(self, post: SitePost, language: str) -> Source | None:
        """The document that the machine translates for the post; None: none."""
        made_of = post.post, self.library.links(post.post)
        kept = self._sources.get((post.key, language))
        if kept and kept[0] == made_of:
            return kept[1]
        source = self.localizer.source(post, language)
        if len(self._sources) >= MAX_SOURCES:
            self._sources.clear()
        self._sources[post.key, language] = (made_of, source)
        return source

    def digest(self, post: SitePost, language: str) -> str | None:
        """That of what the machine is to translate; None: nothing, or it cannot be read now."""
        kept = self._digests.get((post.key, language))
        try:
            made_of = post.post, self.library.links(post.post)
            if kept and kept[0] == made_of:
                return kept[1]
            source = self.source(post, language)
        except BodyGone:
            # The file is being rewritten, and a scan will soon know it. Until then the
            # translation there is stands for what it was made of.
            result = self.standing(post, language)
            return result.source_digest if result else None
        digest = source.digest if source else None
        if len(self._digests) >= MAX_DIGESTS:
            self._digests.clear()
        self._digests[post.key, language] = (made_of, digest)
        return digest

    def given_up(self) -> Mapping[str, str]:
        """Posts whose translation was given up: "slug (language)" to the reason."""
        by_key = self.catalogue.by_key
        failed = [(at, result.error) for at, result in list(self._standing.items()) if result.error]
        return {
            f"{by_key[key].record.slug} ({language})": error
            for (key, language), error in sorted(failed)
            if key in by_key and language in self.settings.languages
        }

    def _link(self, post: Post) -> str:
        """Where another post's `{% post_url %}` leads."""
        known = self.catalogue.by_path.get(post.path)
        return self.localizer.original_url(known) if known else post.permalink

    def _find_post(self, url: str) -> SitePost | None:
        return find_post(url, self.settings, self.catalogue)

    # Keeping up

    def follow(self) -> None:
        """Takes in what other processes have changed. Cheap when nothing has."""
        try:
            if self._changes.latest() == self.followed:
                self._away = False
                return
            with self._lock:
                latest = self._changes.latest()
                if latest == self.followed:
                    return  # another thread has, while this one waited
                for result in self.results.changes(after=self.followed):
                    self._standing[result.post_key, result.language] = result
                if self.ledger.revision() > self.catalogue.revision:
                    # Another worker saw the posts change: look now, not at the next scan. Where
                    # this worker is reading every post again, requests do not wait for that.
                    self.library.refresh(wait=False)
                    self._adopt()
                    with self._noticing():
                        self._sync.follow(datetime.now(UTC))
                self.followed = latest
                self._pulse += 1
        except SQLAlchemyError:
            if not self._away:  # once, not with each request
                log.exception("the database does not answer: serving the last known state")
            self._away = True
        else:
            self._away = False

    def _adopt(self) -> None:
        """Takes in what the blog's own settings say now."""
        config = self.library.config
        if config is self._config:
            return
        settings = self._loaded.with_blog(config)
        if (settings.language, settings.languages) != (
            self._loaded.language,
            self._loaded.languages,
        ):
            log.warning("the blog's new lang takes effect after a restart")
            settings = replace(
                settings, language=self._loaded.language, languages=self._loaded.languages
            )
        self._facts.reshape(_shape(settings))
        self.localizer.settings = self.settings = settings
        self._sync.catalogue = replace(self.catalogue, timezone=settings.timezone)
        self._config = config
        self._pulse += 1

    def is_current(self) -> bool:
        """Whether `follow` would find nothing; False where to know that takes waiting."""
        return self._changes.glance() == self.followed

    def scan(self, now: datetime) -> bool:
        """Looks at the folder of posts and records it; True when what is served has changed."""
        # Not under the lock: an edit of the blog's settings has every post read again.
        self.library.refresh()
        with self._lock:
            try:
                self._adopt()
            except SQLAlchemyError:
                log.exception("the ledger cannot be written: the blog's settings wait until it can")
            if not self._sync.is_due(now):
                return False
            before = self.catalogue.revision
            try:
                self._facts.record()
                self.localizer.authority = self.authority
                with self._noticing():
                    self._sync.record(now)
            except SQLAlchemyError:
                log.exception("the ledger cannot be written: new posts wait until it can")
                if not self._sync.recorded:  # this worker is new: it serves what is on record
                    with suppress(SQLAlchemyError), self._noticing():
                        self._sync.follow(now)
                return False
        self.follow()
        return self.catalogue.revision != before

    def load(self, now: datetime, *, record: bool = False) -> None:
        """Takes in the folder for a command; `record` unless a web worker does it here."""
        if record and not is_served(self.settings.state_dir):
            self.scan(now)
            return
        with self._lock, self._noticing():
            self.library.refresh()
            self._adopt()
            self._sync.preview(now)
        self.follow()

    def check_folder(self, **how: bool) -> None:
        """Raises `PostsFolderError` when the posts on record come from another folder."""
        folder, moved_from = self.settings.posts_dir, self.settings.posts_moved_from
        page = self.catalogue.page
        check_folder(folder, self.ledger, page, moved_from=moved_from, **how)

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        """Counts a change of the posts, also of those that are new to this process alone."""
        before = self.catalogue.posts
        yield
        self._pulse += self.catalogue.posts is not before

    # Asking for translations

    def ask(
        self,
        posts: Iterable[tuple[SitePost, str]],
        *,
        urgency: int = WAITED_FOR,
        limit: int | None = None,
        retry: bool = False,
        refresh: Collection[str] | None = None,
    ) -> int:
        """Queues posts, each with its language, for translation; idempotent.

        Returns how many came into the line, which holds at most `limit`; a client that has
        used up its ration adds nothing to it. `retry` is for what was given up; `refresh` for
        what was made in none of the ways that it names (`keys.fingerprint`).
        """
        if self.settings.translator == "off":
            return 0
        jobs = []
        for post, language in posts:
            try:
                source = self.source(post, language)
            except BodyGone:
                continue  # just being rewritten: asked for again by the next request
            if source:
                jobs.append(self._job(post, language, source))
        who, now = client_of(client.get()), datetime.now(UTC).timestamp()
        left = self.ration.left(who, now)
        try:
            if left is not None and left < len(jobs):
                known = self.queue.pending(job.key for job in jobs)
                jobs.sort(key=lambda job: (job.key not in known, -job.rank))
                del jobs[len(known) + max(0, left) :]
            if not jobs:
                return 0
            taken = self.queue.request(
                jobs,
                urgency=urgency,
                now=now,
                limit=self.settings.queue_jobs if limit is None else limit,
                retry=retry,
                refresh=refresh is not None,
                fingerprints=refresh,
            )
        except SQLAlchemyError:
            log.exception("translations cannot be queued: serving finished ones")
            return 0
        self.ration.spend(who, taken, now)
        if taken:
            self.notifier.ring()
        return taken

    def _job(self, post: SitePost, language: str, source: Source) -> Job:
        is_new = not self.localizer.is_shown_until_translated(post, language)
        return Job(
            post_key=post.key,
            language=language,
            source_digest=source.digest,
            document=source.document,
            rank=int(post.record.published.timestamp()),
            edited=post.record.edited.timestamp() if is_new else None,
        )

    def prewarm(self) -> None:
        """Asks for the newest posts in every language before anybody else does."""
        newest = self.catalogue.posts[: self.settings.prewarm]
        languages = self.settings.languages
        self.ask(((post, lang) for lang in languages for post in newest), urgency=PREWARM)


def _shape(settings: Settings) -> str:
    shape = [__version__, settings.site_title, settings.site_url, settings.blog_url]
    localized = (settings.site_titles, settings.site_descriptions, settings.author_names)
    shape += [settings.site_description, json.dumps(localized, sort_keys=True, default=dict)]
    return "\n".join([*shape, settings.disclosure, *settings.hubs])
