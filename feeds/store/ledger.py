"""Ledger: the record of every post that was ever served.

Ids never change once a reader has seen them, whatever happens to the file; a link and
`published` are always what the file and the blog's settings say. Edits are dated by when
their content was first seen, never by the file's mtime; and every change of a term is dated,
so that `Last-Modified` of its feeds never goes back. A post has a place in the whole site and
in each of its terms, in the order in which it was first seen there, and the place stays its
own when it leaves: archives are counted by places.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

import sqlalchemy as sa

from content.post import Post
from feeds.model.records import NO_RECORDS, SITE, LedgerSnapshot, Record, TermKey, terms_of
from feeds.store import ledger_tables as tables
from feeds.store.ledger_sync import Differences, Hold, Reconciliation, hold_none
from infra.database import next_number, reading, writing

__all__ = ["SITE", "Ledger", "LedgerSnapshot", "Record", "TermKey", "terms_of"]

T = TypeVar("T")

_MASS_REMOVAL = "mass_removal"
_ALONE = "ledger"  # what is written depends on all that was read
_NOTHING: Mapping[str, Any] = {}  # most posts have no versions, and share these
_NOBODY: frozenset[str] = frozenset()  # of an empty generator it would be another of 216 bytes


class Ledger:
    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        # The id that a new post had in a former feed; None: it gets a tag URI.
        self.former_id: Callable[[Post], str | None] = lambda post: post.guid

    def fact(self, name: str, value: str) -> str:
        """The value first recorded under `name`: `value` itself the first time."""
        statement = sa.select(tables.facts.c.value).where(tables.facts.c.name == name)
        with reading(self._engine) as db:  # the usual start needs no turn to write
            known = db.scalar(statement)
        if known is None:
            with writing(self._engine, alone=_ALONE) as db:
                known = db.scalar(statement)
                if known is None:
                    db.execute(tables.facts.insert().values(name=name, value=value))
        return value if known is None else str(known)

    def known_fact(self, name: str) -> str | None:
        """The value recorded under `name`; None: not recorded yet."""
        with reading(self._engine) as db:
            return _fact(db, name)

    def set_fact(self, name: str, value: str) -> None:
        """Records `value` under `name`, in place of what was there."""
        with writing(self._engine, alone=_ALONE) as db:
            _set_fact(db, name, value)

    def mass_removal(self) -> int:
        """The revision that last removed more than half of the posts; 0: none ever did."""
        return int(self.known_fact(_MASS_REMOVAL) or 0)

    def since(self, name: str, value: str, now: datetime, *, record: bool = True) -> datetime:
        """When `name` took this value: now, if it had another one until now."""
        with reading(self._engine) as db:
            known, at = _fact_since(db, name)
        if known == value:
            return _aware(at)
        if not record:
            return max(now, _aware(at + 1))
        with writing(self._engine, alone=_ALONE) as db:
            known, at = _fact_since(db, name)
            if known == value:
                return _aware(at)
            at = max(now.timestamp(), at + 1)
            _set_fact(db, name, json.dumps([value, at]))
            return _aware(at)

    def revision(self) -> int:
        """The number of the ledger's last change. One row: cheap to ask."""
        with reading(self._engine) as db:
            return _revision(db)

    def read(
        self, known: LedgerSnapshot = NO_RECORDS, posts: Iterable[Post] = ()
    ) -> LedgerSnapshot:
        """The page as it is. Of one that is `known` only what has changed is read.

        Records hold values of these posts in place of equal ones of their own.
        """
        with reading(self._engine) as db:
            return _page(db, known, posts)

    def tag_ids(self) -> int:
        """How many posts have a tag URI as the id of their original."""
        posts = tables.posts
        tagged = posts.c.former_id.is_(None) & posts.c.removed_at.is_(None)
        with reading(self._engine) as db:
            return int(db.scalar(sa.select(sa.func.count()).where(tagged)) or 0)

    def placed(self, term: TermKey, first: int, last: int) -> list[str]:
        """The keys of the posts at these places, in their order; some may be gone by now."""
        kind, slug = term
        at, key = (tables.posts.c.number, tables.posts.c.key)
        if term != SITE:
            at, key = (tables.places.c.place, tables.places.c.post_key)
        statement = sa.select(key).where(at.between(first, last)).order_by(at)
        if term != SITE:
            statement = statement.where(tables.places.c.kind == kind, tables.places.c.slug == slug)
        with reading(self._engine) as db:
            return list(db.scalars(statement))

    def record(
        self,
        posts: Sequence[Post],
        now: datetime,
        known: LedgerSnapshot = NO_RECORDS,
        *,
        hold: Hold = hold_none,
    ) -> LedgerSnapshot:
        """Writes down what is new, changed or gone among `posts`, all that are to be served.

        `hold` names the posts that stay on record although they are gone. Safe to repeat:
        the second call finds nothing to write. One transaction.
        """
        page = self.read(known)
        if not Differences(page, posts, hold):
            return page  # usual: another worker has recorded it, and no write lock is needed
        with writing(self._engine, alone=_ALONE) as db:
            return self._reconcile(db, posts, now, page, hold)

    def leads_to(self, slug: str) -> str | None:
        """The key of the post that a removed one with this slug is a translation of now."""
        posts = tables.posts
        gone = (posts.c.slug == slug) & posts.c.removed_at.is_not(None)
        with reading(self._engine) as db:
            key = db.scalar(sa.select(posts.c.leads_to).where(gone))
        return None if key is None else str(key)

    def preview(
        self,
        posts: Sequence[Post],
        now: datetime,
        known: LedgerSnapshot = NO_RECORDS,
        *,
        hold: Hold = hold_none,
    ) -> LedgerSnapshot:
        """The snapshot that `record` would return; nothing is recorded."""
        page = self.read(known)
        if not Differences(page, posts, hold):
            return page
        with writing(self._engine, alone=_ALONE) as db:
            page = self._reconcile(db, posts, now, page, hold)
            db.rollback()
        return page

    def _reconcile(
        self,
        db: sa.Connection,
        posts: Sequence[Post],
        now: datetime,
        known: LedgerSnapshot,
        hold: Hold,
    ) -> LedgerSnapshot:
        page = _page(db, known, posts)  # another process may have written meanwhile
        found = Differences(page, posts, hold)
        if not found:
            return page
        revision = next_number(db, "change")
        Reconciliation(db, page, now.timestamp(), revision, self.former_id).run(found)
        _set_fact(db, "revision", str(revision))
        if found.is_mass_removal:
            _set_fact(db, _MASS_REMOVAL, str(revision))
        return _page(db, page, posts)


def _fact(db: sa.Connection, name: str) -> str | None:
    value = db.scalar(sa.select(tables.facts.c.value).where(tables.facts.c.name == name))
    return None if value is None else str(value)


def _set_fact(db: sa.Connection, name: str, value: str) -> None:
    db.execute(tables.facts.delete().where(tables.facts.c.name == name))
    db.execute(tables.facts.insert().values(name=name, value=value))


def _fact_since(db: sa.Connection, name: str) -> tuple[str | None, float]:
    text = _fact(db, name)
    value, at = json.loads(text) if text else (None, 0.0)
    return value, at


def _revision(db: sa.Connection) -> int:
    return int(_fact(db, "revision") or 0)


def _page(db: sa.Connection, known: LedgerSnapshot, posts: Iterable[Post]) -> LedgerSnapshot:
    revision = _revision(db)
    if known.revision == revision:
        return known
    table = tables.posts
    statement = sa.select(table)
    records: dict[str, Record] = {}
    if known.records and known.revision < revision:
        statement = statement.where(table.c.changed > known.revision)
        changed = set(db.scalars(statement.with_only_columns(table.c.key)))
        records = {path: it for path, it in known.records.items() if it.key not in changed}
    # When all are read: of a hundred thousand posts these values take 37 MB.
    own = {} if records else {post.path: post for post in posts}
    for row in db.execute(statement.where(table.c.removed_at.is_(None))):
        post = own.get(row.path)
        records[post.path if post else row.path] = _record(row, post)
    terms = db.execute(sa.select(tables.touched)).all()
    return LedgerSnapshot(
        revision=revision,
        records=records,
        touched={(row.kind, row.slug): _aware(row.at) for row in terms},
        places={(row.kind, row.slug): row.places for row in terms if row.places},
    )


def _record(row: sa.Row[Any], post: Post | None) -> Record:
    versions = json.loads(row.versions) if row.versions != "{}" else _NOTHING
    slug, digest, published = row.slug, row.digest, _aware(row.published)
    if post is not None:
        slug, digest = _either(post.slug, slug), _either(post.digest, digest)
        published = _either(post.published, published)
    return Record(
        key=row.key,
        number=row.number,
        slug=slug,
        published=published,
        edited=published if row.edited == row.published else _aware(row.edited),
        digest=digest,
        version_digests={lang: digest for lang, (digest, *_) in versions.items() if digest}
        or _NOTHING,
        version_changes={
            lang: _aware(at) for lang, (_, at, *_) in versions.items() if at is not None
        }
        or _NOTHING,
        terms=_terms(row.terms),
        former_id=row.former_id,
        moved_from=_moved_from(row.moved_from),
        once_by_hand=frozenset(lang for lang, (_, _, *whole) in versions.items() if any(whole))
        or _NOBODY,
    )


def _either(held: T, found: T) -> T:
    """`found`; as the object that is held already, if that is equal."""
    return held if held == found else found


@lru_cache(maxsize=1 << 14)
def _terms(text: str) -> tuple[TermKey, ...]:
    """Few terms, many posts, that need not each have their own."""
    return tuple((kind, slug) for kind, slug in json.loads(text))


def _moved_from(text: str | None) -> tuple[datetime, str] | None:
    if text is None:
        return None
    at, link = json.loads(text)
    return _aware(at), link


def _aware(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
