"""Search in the language of a feed: the posts whose text there holds every word of a query.

What is searched, and what a word is, says `feeds.model.search_text`. The texts lie in the
database with an index (`feeds.store.search_index`): a query that few texts may hold asks it
once and looks through those; one that many may hold looks through the newest texts first.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from sqlalchemy.exc import SQLAlchemyError

from feeds.builder.site import Site
from feeds.model.catalog import SitePost
from feeds.model.feed import Entry
from feeds.model.search_text import GRAM, searchable, words
from feeds.model.site_names import author_name
from feeds.store.search_index import SearchIndex
from feeds.version import __version__
from infra.database import chunks

log = logging.getLogger(__name__)

FILL_SECONDS = 1.0  # what one request spends on texts that are not in the table yet
BATCH = 50  # texts per transaction
LOOK = 100  # texts read at once
FEW = 1000  # texts that are looked through to the last one
MANY = 20_000  # keys that are read to be counted
LARGE = 5000  # posts, beyond which the newest are looked through first
LOOKS = 5  # before the index lists all that may match: 500 texts take 4 ms, 10,000 keys 30


@dataclass(frozen=True, slots=True)
class Found:
    posts: Iterable[SitePost]  # in their order; what many texts may hold is read as it is taken
    count: int | None  # None: too many to be counted


class Search:
    """`compose` gives the entries of posts in a language, as their readers see them."""

    def __init__(
        self,
        site: Site,
        compose: Callable[[Sequence[SitePost], str], Iterable[tuple[SitePost, Entry]]],
    ) -> None:
        self._site = site
        self._index = SearchIndex(site.engine)
        self._compose = compose
        self._complete_at: dict[str, int] = {}  # by language, the site's generation then
        self._filling = threading.Lock()
        self._lock = threading.Lock()  # one at a time fills

    def prepare(self, language: str) -> bool:
        """Whether every finished text is indexed; a thread indexes the rest."""
        generation = self._site.generation
        if self._complete_at.get(language) == generation:
            return True
        if self._update(language, FILL_SECONDS):
            self._complete_at[language] = generation
            return True
        if self._filling.acquire(blocking=False):

            def fill() -> None:
                try:
                    self._update(language, 600.0)
                finally:
                    self._filling.release()

            threading.Thread(target=fill, name="search", daemon=True).start()
        return False

    def _update(self, language: str, seconds: float) -> bool:
        """Brings the index up to date; False: there is more to do than fits in the time.

        Raises `SQLAlchemyError` while nothing is known of the texts: none would be found.
        """
        if not self._lock.acquire(timeout=seconds):
            return False
        try:
            return self._index_changed(language, time.monotonic() + seconds)
        except SQLAlchemyError:
            if language not in self._complete_at:
                raise
            log.exception("the texts to search cannot be read or written")
            return False
        finally:
            self._lock.release()

    def _index_changed(self, language: str, deadline: float) -> bool:
        """Indexes the posts that have changed since all were indexed; False: not all of them."""
        made_with = self._made_with()
        is_recorded = self._site.is_recorded
        as_of = self._site.followed  # before the posts, which are as of then or newer
        find = self._site.catalogue.find
        changed, before = self._index.changed(language, made_with)
        posts = sorted(post for key in changed if (post := find(key)))
        # A file that another node has seen change may not have changed here yet.
        current = [post for post in posts if post.record.says(post.post)]
        whole = len(current) == len(posts)
        for some in chunks(current, BATCH):
            if time.monotonic() > deadline:
                return False
            whole = self._fill(language, some, as_of) and whole
        if whole and is_recorded and len(posts) == len(changed) and as_of > before:
            self._index.note_complete(language, made_with, as_of)
        return whole

    def find(
        self, posts: Iterable[SitePost], language: str, query: str, *, count: bool = False
    ) -> Found:
        """Those of `posts` that hold every word, in their order.

        `count` also those of a query that many texts may hold, if the index alone can.
        """
        wanted, posts = words(query), iter(posts)
        total = len(self._site.catalogue.posts)
        if total > LARGE and not count:
            newest = list(islice(posts, LOOK))
            hits = list(self._holding(newest, language, wanted))
            if len(hits) * total > FEW * LOOK:  # too many, if older posts are like the newest
                return Found(chain(hits, self._among_many(posts, language, wanted)), None)
            posts = chain(newest, posts)
        candidates = self._index.candidates(language, wanted, MANY + 1)
        if len(candidates) <= FEW:
            every = self._index.holding(language, candidates, wanted) if candidates else set()
        elif count and len(candidates) <= MANY and all(map(_is_known_to_index, wanted)):
            sure = self._index.candidates(language, wanted, long=False)
            every = sure | self._index.holding(language, candidates - sure, wanted)
        else:
            complete = candidates if len(candidates) <= MANY else None
            return Found(self._among_many(posts, language, wanted, complete), None)
        found = [post for post in posts if post.key in every] if every else []
        return Found(found, len(found))

    def _among_many(
        self,
        posts: Iterator[SitePost],
        language: str,
        wanted: list[str],
        candidates: set[str] | None = None,
    ) -> Iterator[SitePost]:
        """Those that hold every word; the newest are looked through without the index."""
        if candidates is None:
            for _ in range(LOOKS):
                yield from self._holding(islice(posts, LOOK), language, wanted)
            candidates = self._index.candidates(language, wanted)
        rest = (post for post in posts if post.key in candidates)
        while some := list(islice(rest, LOOK)):
            yield from self._holding(some, language, wanted)

    def _holding(
        self, posts: Iterable[SitePost], language: str, wanted: list[str]
    ) -> Iterator[SitePost]:
        some = list(posts)
        holding = self._index.holding(language, [post.key for post in some], wanted)
        yield from (post for post in some if post.key in holding)

    def _fill(self, language: str, some: Sequence[SitePost], as_of: int) -> bool:
        """Indexes posts as of a change; False: some have changed since, and are left out."""
        indexed = self._index.made_of(language, [post.key for post in some])
        made_of = {post.key: self._made_of(post, language) for post in some}
        left = [post for post in some if made_of[post.key] not in (None, indexed.get(post.key))]
        if not left:
            return True
        texts = {post.key: searchable(entry) for post, entry in self._compose(left, language)}
        # A post that cannot be shown now is not found either, until it changes.
        rows = {post.key: (made_of[post.key] or "", texts.get(post.key, "")) for post in left}
        return self._index.put(language, rows, as_of)

    def _made_of(self, known: SitePost, language: str) -> str | None:
        """A digest of what the post's text in a language is made of; None: it is not finished."""
        site, post = self._site, known.post
        result, localizer = site.standing(known, language), site.localizer
        if not (
            result
            or localizer.is_complete_without_machine(post, language)
            or localizer.is_shown_until_translated(known, language)
        ):
            return None
        authors = tuple(author_name(site.settings, name, language) for name in post.authors)
        versions = tuple([version.digest for version in post.versions])
        terms = (post.tags, post.categories, authors)  # a blog's settings may give them
        fields = (post.digest, post.context, versions, terms, result and result.seq)
        return hashlib.sha256(repr(fields).encode()).hexdigest()[:32]

    def _made_with(self) -> str:
        """A digest of what texts are made of beside the posts and results on record."""
        settings, config = self._site.settings, self._site.library.config
        fields = [__version__, settings.language, settings.author_names, config.digest]
        text = json.dumps(fields, sort_keys=True, default=dict)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def _is_known_to_index(word: str) -> bool:
    """Whether the texts that have the word's gram are those that hold it."""
    return len(word) <= GRAM and word.isalnum()
