"""One reconciliation of the ledger with the posts that are there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain, count
from typing import Any

import sqlalchemy as sa

from content.post import HumanTranslation, Post
from feeds.model.records import SITE, LedgerSnapshot, Record, TermKey, terms_of
from feeds.store import ledger_tables as tables
from feeds.store.removal_guard import is_mass
from infra.database import CHUNK, chunks, insert

_posts = tables.posts


# Given the records that no post carries on, by path, and how many posts are on record:
# the paths of those that stay on record.
Hold = Callable[[Mapping[str, Record], int], Collection[str]]


def hold_none(_removed: Mapping[str, Record], _on_record: int) -> Collection[str]:
    """Every post that is gone is removed."""
    return ()


class Differences:
    """The differences between a snapshot of the ledger and `posts`, all that are to be served."""

    def __init__(self, page: LedgerSnapshot, posts: Sequence[Post], hold: Hold = hold_none) -> None:
        records = page.records
        # New or changed, oldest first. Asked of every post at every change, and so in one look.
        self.posts = [
            post
            for post in posts
            if (record := records.get(post.path)) is None
            or record.digest != post.content_digest
            or record.published != post.published  # the blog's time zone may have changed
            or record.terms != terms_of(post)  # or what it gives to posts below a path
            or ((post.versions or record.version_digests) and not record.says(post))
        ]
        self.posts.sort(key=lambda post: (post.published, post.path))
        gone = records.keys() - {post.path for post in posts}
        # What is a translation now is not removed: it leads to the post that it translates.
        self.translated = (
            {version.path: post for post in posts for version in post.versions} if gone else {}
        )
        new = [post for post in self.posts if post.path not in records]
        digests, keys = {post.content_digest for post in new}, {_key(post) for post in new}
        removed = {
            path: records[path]
            for path in sorted(gone - self.translated.keys())
            if records[path].digest not in digests and records[path].key not in keys
        }
        held = hold(removed, len(records))
        self.missing = [records[path] for path in sorted(gone) if path not in held]
        self.is_mass_removal = bool(removed) and is_mass(len(removed) - len(held), len(records))

    def __bool__(self) -> bool:
        return bool(self.posts or self.missing)


class Reconciliation:
    """Writes the differences from `page`, which is the ledger as it is, under `revision`."""

    def __init__(
        self,
        db: sa.Connection,
        page: LedgerSnapshot,
        now: float,
        revision: int,
        former_id: Callable[[Post], str | None],
    ) -> None:
        self._former_id = former_id
        self._db = db
        self._page = page
        self._now = now
        self._revision = revision
        self._moments = count()
        self._inserted: list[dict[str, Any]] = []
        self._updated: list[dict[str, Any]] = []
        self._keys: dict[str, str] = {}  # of the posts that are written, by path
        self._last = dict(page.places)
        self._touched: set[TermKey] = set()

    def run(self, found: Differences) -> None:
        records = self._page.records
        new = [post for post in found.posts if post.path not in records]
        self._missing: set[str] = set()
        self._alike: dict[str, list[str]] = {}  # keys of missing posts by digest
        for gone in found.missing:
            self._missing.add(gone.key)
            self._alike.setdefault(gone.digest, []).append(gone.key)
        keys = {_key(post) for post in new} | self._missing
        keys.update(records[post.path].key for post in found.posts if post.path in records)
        self._rows = self._load(keys)
        self._gone = self._load_gone({post.content_digest for post in new})
        self._taken_keys = _Names(self._db, _posts.c.key, (_key(post) for post in new))
        self._later = _later(new)
        slugs = chain.from_iterable(_slugs(post) for post in new)
        self._taken_slugs = _Names(self._db, _posts.c.slug, slugs)
        for post in found.posts:
            record = records.get(post.path)
            row = self._rows[record.key] if record else self._moved(post)
            if row is None:
                self._insert(post)
            else:
                self._update(row, post)
        leads = {
            records[path].key: post for path, post in found.translated.items() if path in records
        }
        for key in sorted(self._missing):
            self._touched.update(_load_terms(self._rows[key]))
            to = leads.get(key)
            to_key = self._key_of(to) if to else None
            self._updated.append(self._rows[key] | {"removed_at": self._now, "leads_to": to_key})
        self._write()
        self._place(found.posts)
        self._touch()

    def _key_of(self, post: Post) -> str | None:
        record = self._page.records.get(post.path)
        return record.key if record else self._keys.get(post.path)

    def _load(self, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for some in chunks(sorted(keys)):
            for row in self._db.execute(sa.select(_posts).where(_posts.c.key.in_(some))):
                found[row.key] = dict(row._mapping)
        return found

    def _load_gone(self, digests: Iterable[str]) -> dict[str, str]:
        """The keys of removed posts by digest."""
        found: dict[str, str] = {}
        for some in chunks(sorted(digests)):
            gone = _posts.c.removed_at.is_not(None) & _posts.c.digest.in_(some)
            for row in self._db.execute(sa.select(_posts).where(gone).order_by(_posts.c.number)):
                self._rows.setdefault(row.key, dict(row._mapping))
                found[row.digest] = row.key
        return found

    def _moved(self, post: Post) -> dict[str, Any] | None:
        """The row of the same post under another file name, or of a post that came back."""
        own = _key(post)
        if post.path in self._later:
            own = _with_hash(own, post)
        alike = sorted(self._alike.get(post.content_digest, ()), key=lambda key: key != own)
        for key in (*alike, own):
            if key in self._missing:
                self._missing.remove(key)
                return self._rows[key]
        for key in (own, self._gone.get(post.content_digest, "")):
            if key in self._rows and self._rows[key]["removed_at"] is not None:
                return self._rows[key]
        return None

    def _insert(self, post: Post) -> None:
        self._last[SITE] = number = self._last.get(SITE, 0) + 1
        key, slugs = self._names(post)
        row: dict[str, Any] = {
            "key": key,
            "number": number,
            "path": post.path,
            "slug": self._taken_slugs.take(*slugs),
            "published": post.published.timestamp(),
            "digest": post.content_digest,
            "edited": self._edited(post, post.published.timestamp()),
            "removed_at": None,
            "terms": json.dumps(terms_of(post), ensure_ascii=False),
            "versions": json.dumps(
                {v.language: [v.digest, None, _is_whole(v)] for v in post.versions},
                sort_keys=True,
            ),
            "changed": self._revision,
            "text": post.text_digest.hex() or None,
            "former_id": self._former_id(post),
            "link": post.permalink,
            "moved_from": None,
            "leads_to": None,
        }
        self._keys[post.path] = row["key"]
        self._inserted.append(row)
        if len(self._inserted) == CHUNK:  # of a hundred thousand, on the first day
            self._write()
        self._touched.update(terms_of(post))

    def _names(self, post: Post) -> tuple[str, Sequence[str]]:
        """The key of a new post, and the slugs that it may have.

        Of two with one day and slug, at different addresses, the later by path has four
        characters of its path's hash in both.
        """
        own = _key(post)
        if post.path not in self._later and self._taken_keys.is_free(own):
            return self._taken_keys.take(own), _slugs(post)
        return self._taken_keys.take(_with_hash(own, post)), [_with_hash(post.slug, post)]

    def _update(self, row: dict[str, Any], post: Post) -> None:
        self._keys[post.path] = row["key"]
        self._touched.update(_load_terms(row), terms_of(post))
        row["versions"] = self._versions(row, post)
        unstated = row["edited"]
        same_file = row["digest"].partition("+")[0] == post.digest  # another that it reads is not
        same_text = bool(post.text_digest) and row["text"] == post.text_digest.hex()
        if not same_file and not same_text:
            unstated = self._now if post.edited else self._moment()
        row["edited"] = max(row["edited"], self._edited(post, unstated))
        row |= {
            "moved_from": _moved_from(row, post),
            "link": post.permalink,
            "path": post.path,
            "published": post.published.timestamp(),
            "digest": post.content_digest,
            "text": post.text_digest.hex() or None,
            "terms": json.dumps(terms_of(post), ensure_ascii=False),
            "removed_at": None,
            "leads_to": None,
        }
        self._updated.append(row)

    def _moment(self) -> float:
        """Now, a little later each time: entries updated at one time are in no order, and
        look like a mistake to validators."""
        return self._now + 2e-6 * next(self._moments)

    def _edited(self, post: Post, unstated: float) -> float:
        stated = min(post.edited.timestamp(), self._now) if post.edited else unstated
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

    def _write(self) -> None:
        if self._inserted:
            self._db.execute(_posts.insert(), self._inserted)
            self._inserted.clear()
        if self._updated:
            changing = ["path", "published", "digest", "text", "edited", "removed_at", "terms"]
            changing += ["versions", "link", "moved_from", "leads_to"]
            self._db.execute(
                _posts.update().where(_posts.c.key == sa.bindparam("this")),
                [
                    {name: row[name] for name in changing}
                    | {"this": row["key"], "changed": self._revision}
                    for row in self._updated
                ],
            )
            self._updated.clear()

    def _place(self, posts: Sequence[Post]) -> None:
        """Gives each post a place in those of its terms where it has none yet."""
        places = tables.places
        for some in chunks(posts):
            keys = [self._keys[post.path] for post in some]
            rows = self._db.execute(sa.select(places).where(places.c.post_key.in_(keys)))
            taken = {(row.kind, row.slug, row.post_key) for row in rows}
            new: list[dict[str, Any]] = []
            for key, post in zip(keys, some, strict=True):
                for kind, slug in terms_of(post):
                    if (kind, slug, key) not in taken:
                        self._last[kind, slug] = place = self._last.get((kind, slug), 0) + 1
                        new.append({"kind": kind, "slug": slug, "place": place, "post_key": key})
            if new:
                self._db.execute(places.insert(), new)

    def _touch(self) -> None:
        rows = []
        for term in sorted({SITE, *self._touched}):
            before = self._page.touched.get(term)
            # A clock that went back must not take Last-Modified back with it.
            at = max(self._now, before.timestamp() + 1 if before else 0.0)
            places = self._last.get(term, 0)
            rows.append({"kind": term[0], "slug": term[1], "at": at, "places": places})
        statement = insert(self._db, tables.touched)
        changed = {name: statement.excluded[name] for name in ("at", "places")}
        self._db.execute(
            statement.on_conflict_do_update(index_elements=["kind", "slug"], set_=changed), rows
        )


class _Names:
    """The values of a unique column, as far as `wanted` ones may be taken."""

    def __init__(self, db: sa.Connection, column: sa.Column[Any], wanted: Iterable[str]) -> None:
        self._db = db
        self._column = column
        self._asked = set(wanted)
        self._taken: set[str] = set()
        for some in chunks(sorted(self._asked)):
            self._taken.update(db.scalars(sa.select(column).where(column.in_(some))))

    def take(self, *candidates: str) -> str:
        """The first candidate that is free, else the last with the first free number behind it."""
        numbered = (f"{candidates[-1]}-{n}" for n in count(2))
        free = next(name for name in chain(candidates, numbered) if not self._is_taken(name))
        self._taken.add(free)
        return free

    def is_free(self, name: str) -> bool:
        return not self._is_taken(name)

    def _is_taken(self, name: str) -> bool:
        if name not in self._asked:
            self._asked.add(name)
            here = sa.select(self._column).where(self._column == name)
            self._taken.update(self._db.scalars(here))
        return name in self._taken


def _moved_from(row: Mapping[str, Any], post: Post) -> str | None:
    """When and where the post was at first, if that is not when and where it is now."""
    first = row["moved_from"]
    if first is None and row["link"] is not None:
        first = json.dumps([row["published"], row["link"]])
    here = json.dumps([post.published.timestamp(), post.permalink])
    return None if first == here else first


def _is_whole(version: HumanTranslation) -> bool:
    return bool(version.title and version.has_body)


def _later(posts: Sequence[Post]) -> set[str]:
    """The paths of those whose day and slug a new post before them has, by path."""
    first: dict[str, str] = {}
    for path, key in sorted((post.path, _key(post)) for post in posts):
        first.setdefault(key, path)
    return {post.path for post in posts if first[_key(post)] != post.path}


def _with_hash(name: str, post: Post) -> str:
    return f"{name}-{hashlib.sha256(post.path.encode()).hexdigest()[:4]}"


def _key(post: Post) -> str:
    return f"{post.day}:{post.slug}"


def _slugs(post: Post) -> tuple[str, str]:
    return post.slug, f"{post.day}-{post.slug}"


def _load_terms(row: Mapping[str, Any]) -> list[TermKey]:
    return [(kind, slug) for kind, slug in json.loads(row["terms"])]
