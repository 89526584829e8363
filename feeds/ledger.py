"""The ledger: what was once served, for ever.

Ids, links and `published` never change once a reader has seen them, whatever happens to the
file; edits are dated by when their content was first seen, never by the file's mtime; and
every change of a term is dated, so that `Last-Modified` of its feeds never goes back. A post
has a place in the whole site and in each of its terms, in the order in which it was first
seen there, and the place stays its own when it leaves: archives are counted by places.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, count
from typing import Any

import sqlalchemy as sa

from content.post import Post, Version
from content.taxonomy import Kind, term_slug
from translate.database import chunks, next_number, reading, writing

metadata = sa.MetaData()

_posts = sa.Table(
    "ledger_posts",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),  # day:slug as first seen
    sa.Column("number", sa.Integer, nullable=False, unique=True),  # order first seen, from 1
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("slug", sa.Text, nullable=False, unique=True),  # of the URL
    sa.Column("published", sa.Float, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("edited", sa.Float, nullable=False),  # what `updated` tells; never goes back
    sa.Column("removed_at", sa.Float),  # null: still there
    sa.Column("terms", sa.Text, nullable=False),  # JSON [[kind, slug], ...]
    # JSON {language: [digest, changed_at, whole]}; no changed_at: there from the start; no
    # digest: gone; whole: it has once been all that was shown in that language
    sa.Column("versions", sa.Text, nullable=False),
)
_touched = sa.Table(
    "ledger_touched",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),  # "site" for the whole, with an empty slug
    sa.Column("slug", sa.Text, primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
)
# The whole site's are the posts' numbers.
_places = sa.Table(
    "ledger_places",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("slug", sa.Text, primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),  # from 1
    sa.Column("post_key", sa.Text, nullable=False, index=True),
    sqlite_with_rowid=False,
)
_facts = sa.Table(
    "ledger_facts",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

_ALONE = "ledger"  # what is written depends on all that was read

SITE = ("site", "")
TermKey = tuple[str, str]  # kind ("site" for everything), slug


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What the ledger knows of one post."""

    key: str
    number: int  # order first seen, from 1: what archives count by
    slug: str  # of its URL
    published: datetime
    edited: datetime  # stated in the post, else when changed content was first seen
    version_changes: Mapping[str, datetime]  # by language: when its own version came, changed, went
    once_by_hand: frozenset[str]  # languages in which a person's version has been served


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """The ledger as of one moment."""

    revision: int  # the number of the last change, among those of the results
    records: Mapping[str, Record]  # by path
    touched: Mapping[TermKey, datetime]  # every term ever seen, an emptied one too
    places: Mapping[TermKey, int]  # how many were ever given, of the site and of each term


def terms_of(post: Post) -> list[tuple[Kind, str]]:
    """The post's terms as (kind, slug)."""
    kinds: list[tuple[Kind, Sequence[str]]] = [
        ("tag", post.tags),
        ("category", post.categories),
        ("author", post.authors),
    ]
    return [(kind, term_slug(name)) for kind, names in kinds for name in names]


class Ledger:
    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def fact(self, name: str, value: str) -> str:
        """The value first recorded under `name`: `value` itself the first time."""
        statement = sa.select(_facts.c.value).where(_facts.c.name == name)
        with reading(self._engine) as db:  # the usual start needs no turn to write
            known = db.scalar(statement)
        if known is None:
            with writing(self._engine, alone=_ALONE) as db:
                known = db.scalar(statement)
                if known is None:
                    db.execute(_facts.insert().values(name=name, value=value))
        return value if known is None else str(known)

    def since(self, name: str, value: str, now: datetime) -> datetime:
        """When `name` took this value: now, if it had another one until now."""
        with reading(self._engine) as db:
            known, at = _fact_since(db, name)
        if known == value:
            return _aware(at)
        with writing(self._engine, alone=_ALONE) as db:
            known, at = _fact_since(db, name)
            if known == value:
                return _aware(at)
            at = max(now.timestamp(), at + 1)
            db.execute(_facts.delete().where(_facts.c.name == name))
            db.execute(_facts.insert().values(name=name, value=json.dumps([value, at])))
            return _aware(at)

    def revision(self) -> int:
        """The number of the ledger's last change. One row: cheap to ask."""
        with reading(self._engine) as db:
            return _revision(db)

    def read(self) -> Page:
        with reading(self._engine) as db:
            return _page(db)

    def placed(self, term: TermKey, first: int, last: int) -> list[str]:
        """The keys of the posts at these places, in their order; some may be gone by now."""
        kind, slug = term
        at, key = (_posts.c.number, _posts.c.key)
        if term != SITE:
            at, key = (_places.c.place, _places.c.post_key)
        statement = sa.select(key).where(at.between(first, last)).order_by(at)
        if term != SITE:
            statement = statement.where(_places.c.kind == kind, _places.c.slug == slug)
        with reading(self._engine) as db:
            return list(db.scalars(statement))

    def record(self, posts: Sequence[Post], now: datetime) -> Page:
        """Writes down what is new, changed or gone among `posts`, all that are to be served.

        Safe to repeat: the second call finds nothing to write. One transaction.
        """
        with writing(self._engine, alone=_ALONE) as db:
            if _Pass(db, now.timestamp()).run(posts):
                db.execute(_facts.delete().where(_facts.c.name == "revision"))
                revision = str(next_number(db, "change"))
                db.execute(_facts.insert().values(name="revision", value=revision))
            return _page(db)


class _Pass:
    """One reconciliation of the ledger with the posts that are there."""

    def __init__(self, db: sa.Connection, now: float) -> None:
        self.db = db
        self.now = now
        self.rows = {row["key"]: dict(row) for row in db.execute(sa.select(_posts)).mappings()}
        self.slugs = {row["slug"] for row in self.rows.values()}
        self.moments = count()
        self.gone = {row["digest"]: row for row in self.rows.values() if row["removed_at"]}
        self.number = max((row["number"] for row in self.rows.values()), default=0)
        self.touched: set[TermKey] = set()
        self.written: set[str] = set()  # paths of posts that are new or changed

    def run(self, posts: Sequence[Post]) -> bool:
        """True when anything had to be written."""
        by_path = {row["path"]: row for row in self.rows.values() if row["removed_at"] is None}
        here = {post.path for post in posts}
        missing = {path: row for path, row in by_path.items() if path not in here}
        changed = False
        for post in sorted(posts, key=_order):
            row = by_path.get(post.path) or self._moved(post, missing)
            if row is None:
                self._insert(post)
                changed = True
            else:
                changed |= self._update(row, post)
        for row in missing.values():
            self._write(row, removed_at=self.now)
            self.touched.update(_load_terms(row))
            changed = True
        if changed:
            self._touch({SITE, *self.touched})
        self._place([post for post in sorted(posts, key=_order) if post.path in self.written])
        return changed

    def _moved(self, post: Post, missing: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
        """The row of the same post under another file name, or come back after it was gone."""
        for path, row in missing.items():
            if row["digest"] == post.digest or row["key"] == _key(post):
                return missing.pop(path)
        for back in (self.rows.get(_key(post)), self.gone.get(post.digest)):
            if back and back["removed_at"] is not None:
                return back
        return None

    def _insert(self, post: Post) -> None:
        self.number += 1
        row = {
            "key": _unused(self.rows, _key(post)),
            "number": self.number,
            "path": post.path,
            "slug": _unused(self.slugs, post.slug, f"{post.day}-{post.slug}"),
            "published": post.published.timestamp(),
            "digest": post.digest,
            "edited": self._edited(post, post.published.timestamp()),
            "removed_at": None,
            "terms": json.dumps(terms_of(post), ensure_ascii=False),
            "versions": json.dumps(
                {v.language: [v.digest, None, _is_whole(v)] for v in post.versions},
                sort_keys=True,
            ),
        }
        self.written.add(post.path)
        self.rows[row["key"]] = row
        self.slugs.add(row["slug"])
        self.db.execute(_posts.insert().values(**row))
        self.touched.update(terms_of(post))

    def _update(self, row: dict[str, Any], post: Post) -> bool:
        new: dict[str, Any] = {}
        if row["path"] != post.path:
            new["path"] = post.path
        if row["removed_at"] is not None:
            new["removed_at"] = None
        if row["digest"] != post.digest:
            terms = json.dumps(terms_of(post), ensure_ascii=False)
            unstated = self.now if post.edited else self._moment()
            edited = max(row["edited"], self._edited(post, unstated))
            new |= {"digest": post.digest, "edited": edited, "terms": terms}
        versions = self._versions(row, post)
        if versions != row["versions"]:
            new["versions"] = versions
        if not new:
            return False
        self.written.add(post.path)
        self.touched.update(_load_terms(row), terms_of(post))
        self._write(row, **new)
        return True

    def _moment(self) -> float:
        """Now, a little later each time: entries updated at one time are in no order, and
        look like a mistake to validators."""
        return self.now + 2e-6 * next(self.moments)

    def _edited(self, post: Post, unstated: float) -> float:
        stated = min(post.edited.timestamp(), self.now) if post.edited else unstated
        return max(post.published.timestamp(), stated)

    def _versions(self, row: dict[str, Any], post: Post) -> str:
        known = json.loads(row["versions"])
        here = {version.language: version for version in post.versions}
        for language in known.keys() | here.keys():
            version = here.get(language)
            before, _, *whole = known.get(language, [None, None])
            digest = version.digest if version else None
            if before != digest:
                was_or_is = any(whole) or bool(version and _is_whole(version))
                known[language] = [digest, self._moment(), was_or_is]
        return json.dumps(known, sort_keys=True)

    def _write(self, row: dict[str, Any], **new: Any) -> None:
        row.update(new)
        self.db.execute(_posts.update().where(_posts.c.key == row["key"]).values(**new))

    def _place(self, posts: Sequence[Post]) -> None:
        """Gives each post a place in those of its terms where it has none yet."""
        keys = {row["path"]: row["key"] for row in self.rows.values() if not row["removed_at"]}
        taken: set[tuple[str, str, str]] = set()
        for some in chunks(keys[post.path] for post in posts):
            rows = self.db.execute(sa.select(_places).where(_places.c.post_key.in_(some)))
            taken.update((row.kind, row.slug, row.post_key) for row in rows)
        last = _count_places(self.db) if posts else {}
        new: list[dict[str, Any]] = []
        for post in posts:
            for kind, slug in terms_of(post):
                if (kind, slug, keys[post.path]) not in taken:
                    last[kind, slug] = place = last.get((kind, slug), 0) + 1
                    new.append(
                        {"kind": kind, "slug": slug, "place": place, "post_key": keys[post.path]}
                    )
        if new:
            self.db.execute(_places.insert(), new)

    def _touch(self, terms: set[TermKey]) -> None:
        known = {(row.kind, row.slug): row.at for row in self.db.execute(sa.select(_touched))}
        for kind, slug in sorted(terms):
            # A clock that went back must not take Last-Modified back with it.
            at = max(self.now, known.get((kind, slug), 0.0) + 1)
            if (kind, slug) in known:
                here = (_touched.c.kind == kind) & (_touched.c.slug == slug)
                self.db.execute(_touched.update().where(here).values(at=at))
            else:
                self.db.execute(_touched.insert().values(kind=kind, slug=slug, at=at))


def _is_whole(version: Version) -> bool:
    return bool(version.title and version.has_body)


def _order(post: Post) -> tuple[datetime, str]:
    return post.published, post.path


def _key(post: Post) -> str:
    return f"{post.day}:{post.slug}"


def _unused(taken: Container[str], *candidates: str) -> str:
    """The first candidate that is free, else the last with the first free number behind it."""
    numbered = (f"{candidates[-1]}-{n}" for n in count(2))
    return next(name for name in chain(candidates, numbered) if name not in taken)


def _load_terms(row: Mapping[str, Any]) -> list[TermKey]:
    return [(kind, slug) for kind, slug in json.loads(row["terms"])]


def _fact_since(db: sa.Connection, name: str) -> tuple[str | None, float]:
    text = db.scalar(sa.select(_facts.c.value).where(_facts.c.name == name))
    value, at = json.loads(text) if text else (None, 0.0)
    return value, at


def _revision(db: sa.Connection) -> int:
    value = db.scalar(sa.select(_facts.c.value).where(_facts.c.name == "revision"))
    return int(value or 0)


def _page(db: sa.Connection) -> Page:
    records: dict[str, Record] = {}
    for row in db.execute(sa.select(_posts).where(_posts.c.removed_at.is_(None))).mappings():
        versions = json.loads(row["versions"]).items()
        records[row["path"]] = Record(
            key=row["key"],
            number=row["number"],
            slug=row["slug"],
            published=_aware(row["published"]),
            edited=_aware(row["edited"]),
            version_changes={
                language: _aware(at) for language, (_, at, *_) in versions if at is not None
            },
            once_by_hand=frozenset(lang for lang, (_, _, *whole) in versions if any(whole)),
        )
    touched = {(row.kind, row.slug): _aware(row.at) for row in db.execute(sa.select(_touched))}
    places = _count_places(db)
    places[SITE] = db.scalar(sa.select(sa.func.max(_posts.c.number))) or 0
    return Page(revision=_revision(db), records=records, touched=touched, places=places)


def _count_places(db: sa.Connection) -> dict[TermKey, int]:
    last = sa.func.max(_places.c.place)
    statement = sa.select(_places.c.kind, _places.c.slug, last.label("last"))
    rows = db.execute(statement.group_by(_places.c.kind, _places.c.slug))
    return {(row.kind, row.slug): row.last for row in rows}


def _aware(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
