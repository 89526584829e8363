"""The posts that are served now, as one frozen value: by link, by term, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from functools import cached_property

from content.post import Post
from content.taxonomy import Kind, Term, collect
from feeds.ledger import SITE, Page, Record, TermKey, terms_of
from feeds.selection import PLURALS, Choice, FeedSelection


@dataclass(frozen=True, slots=True)
class SitePost:
    """A post as its readers know it: what the file says, and what the ledger holds fast."""

    post: Post
    record: Record

    @property
    def key(self) -> str:
        return self.record.key


@dataclass(frozen=True)
class Catalogue:
    """Everything a request needs to know of the posts; made anew when they change."""

    revision: int
    posts: tuple[SitePost, ...]  # newest first
    terms: Mapping[Kind, Mapping[str, Term]]  # with posts, by slug
    touched: Mapping[tuple[str, str], datetime]
    places: Mapping[tuple[str, str], int]  # ever given, in the site and in each term
    timezone: tzinfo

    @classmethod
    def build(cls, posts: Iterable[Post], page: Page, timezone: tzinfo) -> Catalogue:
        """Joins the posts with the ledger's page; posts it does not hold are left out."""
        known = [SitePost(p, page.records[p.path]) for p in posts if p.path in page.records]
        known.sort(key=lambda p: (p.record.published, p.key), reverse=True)
        return cls(
            revision=page.revision,
            posts=tuple(known),
            terms={kind: collect(kind, (p.post for p in known)) for kind in PLURALS},
            touched=page.touched,
            places=page.places,
            timezone=timezone,
        )

    @cached_property
    def by_slug(self) -> dict[str, SitePost]:
        return {post.record.slug: post for post in self.posts}

    @cached_property
    def by_path(self) -> dict[str, SitePost]:
        return {post.post.path: post for post in self.posts}

    @cached_property
    def by_key(self) -> dict[str, SitePost]:
        return {post.key: post for post in self.posts}

    @cached_property
    def _members(self) -> dict[tuple[Kind, str], list[int]]:
        """Positions in `posts` of each term's posts, so newest first."""
        members: dict[tuple[Kind, str], list[int]] = {}
        for position, post in enumerate(self.posts):
            for term in terms_of(post.post):
                members.setdefault(term, []).append(position)
        return members

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
        terms = set(terms_of(post.post))
        return all(
            any((choice.kind, slug) in terms for slug in choice.slugs) != choice.negated
            for choice in selection.choices
        )

    def select(self, selection: FeedSelection) -> Iterator[SitePost]:
        """The posts of its terms and `since`, newest first; all else is the caller's."""
        wanted = [c for c in selection.choices if not c.negated]
        # Walk the rarest condition's posts and test the others: a term with three posts
        # costs three steps among a hundred thousand.
        candidates: Sequence[int] = range(len(self.posts))
        rarest: Choice | None = None
        for choice in wanted:
            positions = self._positions(choice)
            if len(positions) < len(candidates):
                candidates, rarest = positions, choice
        tests = [(set(self._positions(c)), c.negated) for c in selection.choices if c != rarest]
        since = selection.since and datetime.combine(selection.since, time(), self.timezone)
        for position in candidates:
            post = self.posts[position]
            if since and post.record.published < since:
                return
            if all((position in members) != negated for members, negated in tests):
                yield post

    def _positions(self, choice: Choice) -> Sequence[int]:
        lists = [self._members.get((choice.kind, slug), []) for slug in choice.slugs]
        return lists[0] if len(lists) == 1 else sorted({p for one in lists for p in one})

    def touched_at(self, selection: FeedSelection) -> datetime | None:
        """When a post of the selection last came, changed or went."""
        keys: list[TermKey] = [
            (c.kind, slug) for c in selection.choices if not c.negated for slug in c.slugs
        ]
        times = [self.touched[key] for key in keys or [SITE] if key in self.touched]
        return max(times, default=None)
