"""The posts that are served now, as one frozen value: by link, by term, newest first."""

from __future__ import annotations

import unicodedata
from bisect import insort
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, tzinfo
from heapq import merge

from content.post import Post
from content.taxonomy import Kind, Term
from feeds.model.records import SITE, LedgerSnapshot, Record, TermKey, terms_of
from feeds.model.selection import PLURALS, Choice, FeedSelection


@dataclass(frozen=True, slots=True)
class SitePost:
    """A post as its readers know it: what the file says, and what the ledger holds fast."""

    post: Post
    record: Record

    @property
    def key(self) -> str:
        return self.record.key

    @property
    def order(self) -> tuple[datetime, str]:
        return self.record.published, self.record.key

    def __lt__(self, other: SitePost) -> bool:
        """Newest first."""
        return self.order > other.order


_Posts = SitePost | tuple[SitePost, ...]  # one, as nearly always, or several


@dataclass(frozen=True, slots=True)
class Members:
    """The posts of one term, newest first, and how they write it."""

    posts: tuple[SitePost, ...]
    written: Mapping[str, int]

    def name(self, kind: Kind) -> str:
        """As most posts write it; among equals, as the oldest does."""
        most = max(self.written.values())
        names = {name for name, count in self.written.items() if count == most}
        if len(names) == 1:
            return names.pop()
        oldest = (name for post in reversed(self.posts) for name in post.post.names(kind))
        return next(name for name in oldest if name in names)


@dataclass(slots=True)
class _Change:
    """The posts that come to and leave one term."""

    gone: list[SitePost] = field(default_factory=list)
    come: list[SitePost] = field(default_factory=list)
    written: Counter[str] = field(default_factory=Counter)  # how much more often


@dataclass(frozen=True)
class Catalog:
    """Immutable index of the served posts; `after` returns the next version.

    `after` takes over all that a change leaves alone: a hundred thousand posts are gone
    through, but only those that came, changed or went are taken into terms and orders.
    """

    page: LedgerSnapshot
    timezone: tzinfo
    posts: tuple[SitePost, ...] = ()  # newest first
    by_slug: Mapping[str, SitePost] = field(default_factory=dict)
    # Of posts whose key is not their day and slug, as that of nearly all is: see `find`.
    _by_key: Mapping[str, SitePost] = field(default_factory=dict)
    _by_permalink: Mapping[str, _Posts] = field(default_factory=dict)  # as `_spelling` says
    terms: Mapping[Kind, Mapping[str, Term]] = field(  # with posts, by slug
        default_factory=lambda: {kind: {} for kind in PLURALS}
    )
    _members: Mapping[tuple[Kind, str], Members] = field(default_factory=dict)

    @property
    def revision(self) -> int:
        return self.page.revision

    @property
    def touched(self) -> Mapping[TermKey, datetime]:
        return self.page.touched

    @property
    def places(self) -> Mapping[TermKey, int]:
        """Ever given, in the site and in each term."""
        return self.page.places

    def after(self, posts: Iterable[Post], page: LedgerSnapshot) -> Catalog:
        """Joins the posts with the ledger's page; posts it does not hold are left out."""
        by_slug: dict[str, SitePost] = {}
        come: list[SitePost] = []
        for post in posts:
            record = page.records.get(post.path)
            if record is None:
                continue
            known = self.by_slug.get(record.slug)
            if known is None or known.post is not post or known.record is not record:
                known = SitePost(post, record)
                come.append(known)
            by_slug[record.slug] = known
        gone = [known for known in self.posts if by_slug.get(known.record.slug) is not known]
        if not come and not gone:
            return replace(self, page=page)
        by_key, by_permalink = dict(self._by_key), dict(self._by_permalink)
        for known in gone:
            by_key.pop(known.key, None)
            _take(by_permalink, known)
        for known in come:
            if _slug(known.key) != known.record.slug:
                by_key[known.key] = known
            _put(by_permalink, known)
        changes = _changes(gone, come)
        members = self._regroup(changes)
        return Catalog(
            page=page,
            timezone=self.timezone,
            posts=_changed(self.posts, gone, come),
            by_slug=by_slug,
            _by_key=by_key,
            _by_permalink=by_permalink,
            terms=self._rename(members, changes),
            _members=members,
        )

    def _regroup(
        self, changes: Mapping[tuple[Kind, str], _Change]
    ) -> Mapping[tuple[Kind, str], Members]:
        members = dict(self._members)
        for key, change in changes.items():
            before = members.pop(key, None)
            posts = _changed(before.posts if before else (), change.gone, change.come)
            if posts:
                written = Counter(before.written if before else ())
                written.update(change.written)
                members[key] = Members(posts, +written)
        return members

    def _rename(
        self, members: Mapping[tuple[Kind, str], Members], changes: Iterable[tuple[Kind, str]]
    ) -> Mapping[Kind, Mapping[str, Term]]:
        terms = {kind: dict(known) for kind, known in self.terms.items()}
        for kind, slug in changes:
            found = members.get((kind, slug))
            if found is None:
                del terms[kind][slug]
            else:
                name, count = found.name(kind), len(found.posts)
                terms[kind][slug] = Term(kind=kind, slug=slug, name=name, count=count)
        return {kind: dict(sorted(known.items())) for kind, known in terms.items()}

    def find(self, key: str) -> SitePost | None:
        """The post with this key."""
        post = self.by_slug.get(_slug(key))
        return post if post and post.key == key else self._by_key.get(key)

    def at(self, path: str) -> SitePost | None:
        """The post in this file."""
        record = self.page.records.get(path)
        post = self.by_slug.get(record.slug) if record else None
        return post if post and post.post.path == path else None

    def by_permalink(self, path: str) -> SitePost | None:
        """The post at an unescaped path of the blog, in any of the spellings that servers take."""
        found = (self._by_permalink.get(spelling, ()) for spelling in _spellings(path))
        posts = (post for some in found for post in _several(some))
        return min(posts, key=lambda it: it.key, default=None)

    def knows(self, kind: Kind, slug: str) -> bool:
        """Whether the term has, or ever had, posts."""
        return (kind, slug) in self._members or (kind, slug) in self.touched

    def unknown_terms(self, selection: FeedSelection) -> list[tuple[Kind, str]]:
        return [
            (choice.kind, slug)
            for choice in selection.choices
            for slug in choice.slugs
            if not self.knows(choice.kind, slug)
        ]

    def holds(self, post: SitePost, selection: FeedSelection) -> bool:
        """Whether the post carries every term that the selection asks for."""
        return _carries(post, selection.choices)

    def select(self, selection: FeedSelection) -> Iterator[SitePost]:
        """The posts of its terms and `since`, newest first; all else is the caller's."""
        # Walk the rarest condition's posts and test the others: a term with three posts
        # costs three steps among a hundred thousand.
        wanted = [choice for choice in selection.choices if not choice.negated]
        rarest = min(wanted, key=lambda choice: sum(map(len, self._lists(choice))), default=None)
        lists = self._lists(rarest) if rarest else [self.posts]
        others = [choice for choice in selection.choices if choice != rarest]
        since = selection.since and datetime.combine(selection.since, time(), self.timezone)
        last: SitePost | None = None
        for post in lists[0] if len(lists) == 1 else merge(*lists):
            if since and post.record.published < since:
                return
            if post is not last and _carries(post, others):
                last = post  # with both of two terms that either will do for, it comes twice
                yield post

    def _lists(self, choice: Choice) -> list[Sequence[SitePost]]:
        found = (self._members.get((choice.kind, slug)) for slug in choice.slugs)
        return [members.posts for members in found if members]

    def touched_at(self, selection: FeedSelection) -> datetime | None:
        """When a post of the selection last came, changed or went."""
        keys: list[TermKey] = [
            (c.kind, slug) for c in selection.choices if not c.negated for slug in c.slugs
        ]
        times = [self.touched[key] for key in keys or [SITE] if key in self.touched]
        return max(times, default=None)


def _slug(key: str) -> str:
    return key.partition(":")[2]


def _spellings(path: str) -> tuple[str, ...]:
    """What servers take for one address: /a, /a/, /a.html and /a/index.html."""
    path = unicodedata.normalize("NFC", path).removesuffix("index.html")
    path = path.rstrip("/").removesuffix(".html")
    return path, f"{path}/", f"{path}.html", f"{path}/index.html"


def _spelling(post: SitePost) -> str:
    """The permalink itself, which is held anyway, unless it is an odd spelling."""
    permalink, spellings = post.post.permalink, _spellings(post.post.permalink)
    return permalink if permalink in spellings else spellings[0]


def _put(by_permalink: dict[str, _Posts], post: SitePost) -> None:
    address = _spelling(post)
    others = by_permalink.get(address)
    several = sorted((*_several(others), post), key=lambda it: it.key) if others else ()
    by_permalink[address] = tuple(several) or post


def _take(by_permalink: dict[str, _Posts], post: SitePost) -> None:
    address = _spelling(post)
    left = tuple(each for each in _several(by_permalink[address]) if each is not post)
    if left:
        by_permalink[address] = left
    else:
        del by_permalink[address]


def _several(found: _Posts) -> tuple[SitePost, ...]:
    return found if isinstance(found, tuple) else (found,)


def _changed(
    posts: Iterable[SitePost], gone: Iterable[SitePost], come: Sequence[SitePost]
) -> tuple[SitePost, ...]:
    """`posts` without those in `gone` and with those in `come`, newest first."""
    leaving = set(map(id, gone))
    kept = [post for post in posts if id(post) not in leaving]
    if len(come) * 50 > len(kept):
        kept += come
        kept.sort(key=lambda post: post.order, reverse=True)
    else:
        for post in come:
            insort(kept, post)
    return tuple(kept)


def _changes(
    gone: Iterable[SitePost], come: Iterable[SitePost]
) -> Mapping[tuple[Kind, str], _Change]:
    changes: dict[tuple[Kind, str], _Change] = {}
    for post in gone:
        for key, name in _terms(post.post):
            change = changes.setdefault(key, _Change())
            change.gone.append(post)
            change.written[name] -= 1
    for post in come:
        for key, name in _terms(post.post):
            change = changes.setdefault(key, _Change())
            change.come.append(post)
            change.written[name] += 1
    return changes


def _terms(post: Post) -> Iterable[tuple[tuple[Kind, str], str]]:
    """The post's terms, and how it writes them."""
    return zip(terms_of(post), (*post.tags, *post.categories, *post.authors), strict=True)


def _carries(post: SitePost, choices: Iterable[Choice]) -> bool:
    terms = terms_of(post.post)
    return all(
        any((choice.kind, slug) in terms for slug in choice.slugs) != choice.negated
        for choice in choices
    )
