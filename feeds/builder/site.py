"""The site as it stands: the posts that are served and the translations there are.

Every web worker has one `Site`. What it holds is read again when the database's change
number moves, which each request asks for, so that two workers never tell different stories.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from content.parsing.blog_config import BlogConfig
from content.post import Post
from feeds.builder.documents import Documents
from feeds.builder.entries import Localizer
from feeds.builder.post_links import find_post
from feeds.builder.post_sync import PostSync
from feeds.model.catalog import Catalog, SitePost
from feeds.settings import Settings
from feeds.store.ledger_connection import open_ledger
from feeds.store.posts_folder import check_folder, open_library
from feeds.store.site_facts import SiteFacts
from infra.change_counter import ChangeCounter
from infra.garbage import uncollected
from infra.locks import is_served
from translate.jobs.heartbeats import Heartbeats
from translate.jobs.queue import TranslationQueue
from translate.jobs.results import Result, Results
from translate.jobs.standings import Standings

log = logging.getLogger(__name__)


class Site:
    def __init__(self, settings: Settings, *, wait: bool = True) -> None:
        """`wait` for a database that is away; else that is a `DatabaseAwayError`."""
        self.settings = settings
        self.engine, self.ledger = open_ledger(settings.database_url, wait=wait)
        self.queue = TranslationQueue(self.engine)
        self.results = Results(self.engine)
        self._changes = ChangeCounter(self.engine)
        self.translators = Heartbeats(self.engine)
        index = settings.state_dir / "posts.index"
        self.library = open_library(settings, link=self._link, index=index)
        self.facts = SiteFacts(self.ledger, settings)
        self.localizer = Localizer(settings, self.library, self.facts.authority, self._find_post)
        self.documents = Documents(self.library, settings.language, self.standing)
        self.ledger.former_id = self.localizer.former_id
        if settings.ids != "tag" and (with_tags := self.ledger.tag_ids()):
            log.warning(
                "FEEDS_IDS=%s holds for new posts: %d were served before, and keep their ids",
                *(settings.ids, with_tags),
            )
        self._loaded = settings
        self._config = BlogConfig()  # the blog's own settings that are taken in
        self._sync = PostSync(self.library, self.ledger, settings.timezone)
        self.removals = self._sync.removals
        self._standings = Standings(self._number)
        self._lock = threading.RLock()
        self._away = False  # the database did not answer when it was last asked
        self._generation = -1
        self.followed = -1  # the database's change number up to which all is taken in

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
    def generation(self) -> int:
        """Grows with every change of a post or a translation that this worker has seen."""
        return self._generation

    @property
    def is_recorded(self) -> bool:
        """Whether the posts that are served are those of the folder as it was last read."""
        return self._sync.recorded == self.library.snapshot.version

    def standing(self, post: SitePost, language: str) -> Result | None:
        """How the machine's translation of the post ended; None: not yet."""
        return self._standings.get(post.key, post.record.number, language)

    def given_up(self) -> Mapping[str, str]:
        """Posts whose translation was given up: "slug (language)" to the reason."""
        find = self.catalogue.find
        failed = [(each.post_key, each.language, each.error) for each in self._standings.failed()]
        return {
            f"{post.record.slug} ({language})": error or ""
            for key, language, error in sorted(failed)
            if (post := find(key)) and language in self.settings.languages
        }

    def _number(self, key: str) -> int | None:
        post = self.catalogue.find(key)
        return post.record.number if post else None

    def _link(self, post: Post) -> str:
        """Where another post's `{% post_url %}` leads."""
        known = self.catalogue.at(post.path)
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
                self._standings.put(self.results.each_change(after=self.followed))
                if self.ledger.revision() > self.catalogue.revision:
                    # Another worker saw the posts change: look now, not at the next scan. Where
                    # this worker is reading every post again, requests do not wait for that.
                    self.library.refresh(wait=False)
                    self._adopt()
                    with self._noticing():
                        self._sync.follow(datetime.now(UTC))
                self.followed = latest
                self._generation += 1
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
        self.facts.reshape(settings)
        self.localizer.settings = self.settings = settings
        self._sync.catalogue = replace(self.catalogue, timezone=settings.timezone)
        self._config = config
        self._generation += 1

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
                self.facts.record()
                self.localizer.authority = self.facts.authority
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
        with self._lock, self._noticing(), uncollected():
            self.library.refresh()
            self._adopt()
            self._sync.preview(now)
        self.follow()

    def check_folder(self, **how: bool) -> None:
        """Raises `PostsFolderError` when the posts on record come from another folder."""
        folder, moved_from = self.settings.posts_dir, self.settings.posts_moved_from
        check_folder(folder, self.ledger, moved_from=moved_from, **how)

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        """Counts a change of the posts, also of those that are new to this process alone."""
        before = self.catalogue.posts
        yield
        self._generation += self.catalogue.posts is not before
