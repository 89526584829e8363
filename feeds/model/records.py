"""The ledger's content as values: one record per post, and the snapshot of all records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from content.post import Post
from content.taxonomy import Kind, term_slug

SITE = ("site", "")
TermKey = tuple[str, str]  # kind ("site" for everything), slug


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One post's row in the ledger."""

    key: str  # day and slug as first seen: its ids never move
    number: int  # order first seen, from 1: what archives count by
    slug: str  # of its URL
    published: datetime  # of the post as it was last written down
    edited: datetime  # stated in the post, else when changed content was first seen
    digest: str  # `Post.content_digest` when it was last written down
    version_digests: Mapping[str, str]  # the same of persons' versions, by language
    version_changes: Mapping[str, datetime]  # by language: when its own version came, changed, went
    once_by_hand: frozenset[str]  # languages in which a person's version has been served
    terms: tuple[TermKey, ...] = ()
    moved_from: tuple[datetime, str] | None = None  # published and link at first; None: as now
    former_id: str | None = None  # what its original had in a former feed; None: a tag URI

    def says(self, post: Post) -> bool:
        """Whether it has seen the post's files as they are."""
        return self.digest == post.content_digest and self.version_digests == {
            version.language: version.digest for version in post.versions
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerSnapshot:
    """The ledger as of one moment."""

    revision: int  # the number of the last change, among those of the results
    records: Mapping[str, Record]  # by path
    touched: Mapping[TermKey, datetime]  # every term ever seen, an emptied one too
    places: Mapping[TermKey, int]  # how many were ever given, of the site and of each term


NO_RECORDS = LedgerSnapshot(revision=-1, records={}, touched={}, places={})


def terms_of(post: Post) -> tuple[tuple[Kind, str], ...]:
    """The post's terms as (kind, slug)."""
    return _keys(post.tags, post.categories, post.authors)


@lru_cache(maxsize=1 << 14)
def _keys(
    tags: tuple[str, ...], categories: tuple[str, ...], authors: tuple[str, ...]
) -> tuple[tuple[Kind, str], ...]:
    kinds: tuple[tuple[Kind, tuple[str, ...]], ...] = (
        ("tag", tags),
        ("category", categories),
        ("author", authors),
    )
    return tuple((kind, term_slug(name)) for kind, names in kinds for name in names)
