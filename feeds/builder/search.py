"""Search in the language of a feed: the posts whose text there holds every word of a query.

What is searched, and what a word is, says `feeds.model.search_text`. The texts lie in the
database with an index (`feeds.store.search_index`): a query that few texts may hold asks it
once and looks through those; one that many may hold looks through the newest texts first.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from sqlalchemy.exc import SQLAlchemyError

from feeds.builder.site import Site
from feeds.model.catalog import SitePost
from feeds.model.feed import Entry
from feeds.model.search_text import GRAM, searchable, words
from feeds.model.site_names import author_name
from feeds.store.search_index import SearchIndex
from infra.database import chunks

log = logging.getLogger(__name__)

FILL_SECONDS = 1.0  # what one request spends on texts that are not in the table yet
BATCH = 50  # texts per transaction
LOOK = 100  # texts read at once
FEW = 1000  # texts that are looked through to the last one
MANY = 20_000  # keys that are read to be counted
LARGE = 5000  # posts, beyond which the newest are looked through first
DENSE = LOOK // 4


# A post that is finished in a language, and what its text there is made of.
Finished = tuple[SitePost, tuple[object, ...]]


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
        # By language: hashes of the posts that are indexed with what their texts are made of.
        self._known: dict[str, array[int]] = {}
        self._lock = threading.Lock()  # one at a time fills

    def prepare(self, language: str) -> bool:
        """Whether every finished text is indexed; a thread indexes the rest."""
        generation = self._site.generation
        if self._complete_at.get(language) == generation:
            return True  # no need to ask it of each post
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
            deadline = time.monotonic() + seconds
            indexed = self._index.made_of(language) if language not in self._known else {}
            todo = self._outdated(self._finished(language), language)
            todo = self._take_over(language, todo, indexed)
            for some in chunks(todo, BATCH):
                if time.monotonic() > deadline:
                    return False
                self._fill(language, some)
            return True
        except SQLAlchemyError:
            if language not in self._known:
                raise
            log.exception("the texts to search cannot be read or written")
            return False
        finally:
            self._lock.release()

    def find(
        self, posts: Iterable[SitePost], language: str, query: str, *, count: bool = False
    ) -> Found:
        """Those of `posts` that hold every word, in their order.

        `count` also those of a query that many texts may hold, if the index alone can.
        """
        wanted, posts = words(query), iter(posts)
        if len(self._site.catalogue.posts) > LARGE and not count:
            # What is in every other post need not be asked of the index, which lists them all.
            newest = list(islice(posts, LOOK))
            hits = list(self._holding(newest, language, wanted))
            if len(hits) > DENSE:
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

    def _finished(self, language: str) -> Iterator[Finished]:
        site = self._site
        names = site.settings.author_names
        for known in site.catalogue.posts:
            post, result = known.post, site.standing(known, language)
            localizer = site.localizer
            if (
                result
                or localizer.is_complete_without_machine(post, language)
                or localizer.is_shown_until_translated(known, language)
            ):
                authors = post.authors
                if names:
                    authors = tuple(author_name(site.settings, a, language) for a in authors)
                versions = tuple([version.digest for version in post.versions])
                terms = (post.tags, post.categories, authors)  # a blog's settings may give them
                yield known, (post.digest, post.context, versions, terms, result and result.seq)

    def _outdated(self, finished: Iterable[Finished], language: str) -> list[Finished]:
        """Those that are not known to be indexed as they are now; forgets posts that are gone."""
        known = set(self._known.get(language, ()))
        current, todo = array("q"), []
        for post, made_of in finished:
            number = hash((post.key, made_of))
            if number in known:
                current.append(number)
            else:
                todo.append((post, made_of))
        self._known[language] = current
        return todo

    def _take_over(
        self, language: str, todo: Sequence[Finished], indexed: Mapping[str, str]
    ) -> list[Finished]:
        """Those that are not indexed, by this worker or another; the others are known now."""
        left: list[Finished] = []
        for post, made_of in todo:
            if indexed.get(post.key) == _digest(made_of):
                self._known[language].append(hash((post.key, made_of)))
            else:
                left.append((post, made_of))
        return left

    def _fill(self, language: str, some: Sequence[Finished]) -> None:
        # Other workers fill it too.
        indexed = self._index.made_of(language, [post.key for post, _ in some])
        left = self._take_over(language, some, indexed)
        if not left:
            return
        entries = self._compose([post for post, _ in left], language)
        texts = {post.key: searchable(entry) for post, entry in entries}
        # A post that cannot be shown now is not found either, until it changes.
        rows = {post.key: (_digest(made_of), texts.get(post.key, "")) for post, made_of in left}
        self._index.put(language, rows)
        self._known[language].extend(hash((post.key, made_of)) for post, made_of in left)


def _is_known_to_index(word: str) -> bool:
    """Whether the texts that have the word's gram are those that hold it."""
    return len(word) <= GRAM and word.isalnum()


def _digest(made_of: tuple[object, ...]) -> str:
    # Asked of every post when a worker first searches: json.dumps takes half as long again.
    return hashlib.sha256(repr(made_of).encode()).hexdigest()[:32]
