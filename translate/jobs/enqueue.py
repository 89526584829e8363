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
    """One post into one language."""

    post_key: str
    language: str
    source_digest: str  # of everything in the document: another text, another digest
    document: Document = field(repr=False)
    rank: int = 0  # the greater goes first; when the post was published, in epoch seconds
    # When the text was last edited, in epoch seconds: the date of a first result, which is no
    # change to anybody. None: readers have seen the post in another form, so it is one.
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
    fingerprints: Collection[str] | None = None  # of results made now; None: not known


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Changes of the queue that a request needs."""

    fresh: tuple[Job, ...] = ()  # not queued
    changed: tuple[Job, ...] = ()  # queued with another version of the post
    hurried: tuple[Key, ...] = ()  # queued, less urgent
    obsolete: tuple[Key, ...] = ()  # queued, but the requested version is ready

    @property
    def is_empty(self) -> bool:
        return not (self.fresh or self.changed or self.hurried or self.obsolete)


def plan(connection: Connection, jobs: Sequence[Job], terms: EnqueueOptions) -> Plan:
    """Compares the jobs with the queue and the results."""
    in_line = _rows(connection, work, ("source_digest", "urgency"), jobs)
    ended = _rows(connection, results, ("source_digest", "state", "fingerprint"), jobs)
    fresh, changed, hurried, obsolete = [], [], [], []
    for job in jobs:
        row = in_line.get(job.key)
        if row is not None and row.source_digest == job.source_digest:
            if row.urgency > terms.urgency:
                hurried.append(job.key)
        elif _is_settled(job, ended.get(job.key), terms):
            if row is not None:
                obsolete.append(job.key)  # an edit was reverted
        elif row is not None:
            changed.append(job)
        else:
            fresh.append(job)
    return Plan(
        fresh=tuple(fresh),
        changed=tuple(changed),
        hurried=tuple(hurried),
        obsolete=tuple(obsolete),
    )


def enqueue(
    connection: Connection, todo: Plan, *, urgency: int, now: float, limit: int | None
) -> int:
    """Applies the plan; returns how many jobs are new in the queue."""
    for key in todo.obsolete:
        connection.execute(delete(work).where(at(work, key)))
    for key in sorted(todo.hurried):
        hurry = update(work).where(at(work, key), work.c.urgency > urgency)
        connection.execute(hurry.values(urgency=urgency))
    fresh = sorted(todo.fresh, key=lambda job: -job.rank)
    if limit is not None:
        ahead = select(func.count()).select_from(work).where(work.c.urgency <= urgency)
        fresh = fresh[: max(0, limit - connection.execute(ahead).scalar_one())]
    # In the order of keys, so that two requests lock rows in the same order.
    for job in sorted([*fresh, *todo.changed], key=lambda job: job.key):
        _put(connection, job, urgency, now)
    return len(fresh)


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
    hurry = update(work).where(at(work, job.key), work.c.urgency > urgency)
    connection.execute(hurry.values(urgency=urgency))


def _is_settled(job: Job, ended: Row[Any] | None, terms: EnqueueOptions) -> bool:
    """Whether there is a result that needs no new job."""
    if ended is None or ended.source_digest != job.source_digest:
        return False
    other = terms.fingerprints is not None and ended.fingerprint not in terms.fingerprints
    if ended.state == State.READY:
        return not (terms.refresh and other)
    return not (terms.retry or other)


def _rows(
    connection: Connection, table: Table, columns: Sequence[str], jobs: Sequence[Job]
) -> dict[Key, Row[Any]]:
    wanted = (table.c.post_key, table.c.language, *(table.c[name] for name in columns))
    rows = connection.execute(select(*wanted).where(among(table, (job.key for job in jobs))))
    return {(row.post_key, row.language): row for row in rows}
