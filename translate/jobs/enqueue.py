"""Enqueueing: plans inserts and updates against the current queue, then applies them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, func, select, tuple_, update

from infra.database import insert
from translate.jobs import serialize
from translate.jobs.results import Key
from translate.jobs.tables import results, work
from translate.types import Document, State


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """The translation of one post into one language."""

    post_key: str
    language: str
    source_digest: str  # of everything in the document
    document: Document = field(repr=False)
    rank: int = 0  # higher first; the post's time of publication, in epoch seconds
    # When the text was last edited, in epoch seconds: the date of a first result, because no
    # reader has seen an older one. None: readers have seen the post in another form, so the
    # result is a change and dated when it is stored.
    edited: float | None = None

    @property
    def key(self) -> Key:
        return self.post_key, self.language


@dataclass(frozen=True, kw_only=True, slots=True)
class EnqueueOptions:
    """Options of a request for jobs."""

    urgency: int
    retry: bool = False  # queue failed jobs again
    refresh: bool = False  # queue results again that were made with other packages, terms or rules
    fingerprints: Collection[str] | None = None  # the current ones; None: not known


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Changes of the queue that a request needs."""

    new: tuple[Job, ...] = ()  # not queued
    changed: tuple[Job, ...] = ()  # queued with another version of the post
    moved_forward: tuple[Key, ...] = ()  # queued, less urgent
    obsolete: tuple[Key, ...] = ()  # queued, but the requested version is ready

    @property
    def is_empty(self) -> bool:
        return not (self.new or self.changed or self.moved_forward or self.obsolete)


def plan(connection: Connection, jobs: Sequence[Job], options: EnqueueOptions) -> Plan:
    """Compares the jobs with the queue and the results."""
    queued = _rows(connection, work, ("source_digest", "urgency"), jobs)
    ended = _rows(connection, results, ("source_digest", "state", "fingerprint"), jobs)
    new, changed, moved_forward, obsolete = [], [], [], []
    for job in jobs:
        row = queued.get(job.key)
        if row is not None and row.source_digest == job.source_digest:
            if row.urgency > options.urgency:
                moved_forward.append(job.key)
        elif _is_concluded(job, ended.get(job.key), options):
            if row is not None:
                obsolete.append(job.key)  # an edit was reverted
        elif row is not None:
            changed.append(job)
        else:
            new.append(job)
    return Plan(
        new=tuple(new),
        changed=tuple(changed),
        moved_forward=tuple(moved_forward),
        obsolete=tuple(obsolete),
    )


def enqueue(
    connection: Connection, todo: Plan, *, urgency: int, now: float, limit: int | None
) -> int:
    """Applies the plan; returns how many jobs are new in the queue."""
    for key in todo.obsolete:
        connection.execute(delete(work).where(at(work, key)))
    for key in sorted(todo.moved_forward):
        move = update(work).where(at(work, key), work.c.urgency > urgency)
        connection.execute(move.values(urgency=urgency))
    new = sorted(todo.new, key=lambda job: -job.rank)
    if limit is not None:
        ahead = select(func.count()).select_from(work).where(work.c.urgency <= urgency)
        new = new[: max(0, limit - connection.execute(ahead).scalar_one())]
    # In the order of keys, so that two requests lock rows in the same order.
    for job in sorted([*new, *todo.changed], key=lambda job: job.key):
        _put(connection, job, urgency, now)
    return len(new)


def at(table: Table, key: Key) -> Any:
    """The condition for the row of a key."""
    return (table.c.post_key == key[0]) & (table.c.language == key[1])


def among(table: Table, keys: Iterable[Key]) -> Any:
    """The condition for the rows of these keys."""
    return tuple_(table.c.post_key, table.c.language).in_(list(keys))


def _put(connection: Connection, job: Job, urgency: int, now: float) -> None:
    version = {
        "source_digest": job.source_digest,
        "document": serialize.dump(job.document),
        "rank": job.rank,
        "requested_at": now,
        "edited": job.edited,
        # A translator that works on another version of the post loses its lease.
        "lease_holder": None,
        "lease_token": 0,
        "lease_until": 0.0,
        "attempts": 0,
        "error": None,
        "sentences_done": 0,
        "sentences_total": 0,
        "slow": 0,
    }
    statement = insert(connection, work).values(
        post_key=job.post_key, language=job.language, urgency=urgency, **version
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[work.c.post_key, work.c.language],
            set_=version,
            where=work.c.source_digest != statement.excluded.source_digest,
        )
    )
    move = update(work).where(at(work, job.key), work.c.urgency > urgency)
    connection.execute(move.values(urgency=urgency))


def _is_concluded(job: Job, ended: Row[Any] | None, options: EnqueueOptions) -> bool:
    """Whether there is a result that needs no new job."""
    if ended is None or ended.source_digest != job.source_digest:
        return False
    is_outdated = options.fingerprints is not None and ended.fingerprint not in options.fingerprints
    if ended.state == State.READY:
        return not (options.refresh and is_outdated)
    return not (options.retry or is_outdated)


def _rows(
    connection: Connection, table: Table, columns: Sequence[str], jobs: Sequence[Job]
) -> dict[Key, Row[Any]]:
    wanted = (table.c.post_key, table.c.language, *(table.c[name] for name in columns))
    rows = connection.execute(select(*wanted).where(among(table, (job.key for job in jobs))))
    return {(row.post_key, row.language): row for row in rows}
