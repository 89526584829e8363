"""WebSubOutbox: one row for each feed and hub that may need a ping.

A row is written when a feed may have changed, and deleted once the ping is sent or the feed
turns out unchanged. Several changes before that share one row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from feeds.model.feed import Format
from feeds.store.ledger import TermKey
from infra.database import chunks, insert, reading, writing

metadata = sa.MetaData()


def _topic_and_hub() -> list[sa.Column[str]]:
    names = ("kind", "slug", "language", "format", "hub")
    return [sa.Column(name, sa.Text, primary_key=True) for name in names]


_pings = sa.Table(
    "websub_pings",
    metadata,
    *_topic_and_hub(),
    sa.Column("due_at", sa.Float, nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False),  # that failed
    # Changes since the last ping; 0: no ping is sent, only the digest is recorded.
    sa.Column("changes", sa.Integer, nullable=False),
)
_sent = sa.Table(
    "websub_told",
    metadata,
    *_topic_and_hub(),
    sa.Column("digest", sa.Text, nullable=False),  # of the feed's bytes
    sa.Column("at", sa.Float, nullable=False),
)
# Changes that have been processed: by term, the time of its last change.
_seen = sa.Table(
    "websub_seen",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("slug", sa.Text, primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
)
_lease = sa.Table(
    "websub_lease",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("until", sa.Float, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Topic:
    """A feed that is announced: the site (kind "site") or one term."""

    kind: str
    slug: str
    language: str
    format: Format


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingPing:
    """A ping to send, if the feed has changed since the last one."""

    topic: Topic
    hub: str
    attempts: int
    changes: int
    digest: str | None  # of the feed at the last ping; None: there was none
    sent_at: float


@dataclass(frozen=True, slots=True)
class HubBacklog:
    """The pings that wait for one hub."""

    hub: str
    waiting: int  # feeds
    failed: int  # of these: failed at least once
    due_at: float | None  # the next try; None: no ping waits


class WebSubOutbox:
    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def claim(self, holder: str, now: float, seconds: float) -> bool:
        """Takes or renews the lease of the publisher; False: another process holds it."""
        with reading(self._engine) as db:
            row = db.execute(sa.select(_lease)).one_or_none()
        if row and row.until > now:
            if row.holder != holder:
                return False
            if row.until > now + seconds / 2:
                return True
        with writing(self._engine) as db:
            mine = {"holder": holder, "until": now + seconds}
            free = (_lease.c.until <= now) | (_lease.c.holder == holder)
            statement = insert(db, _lease).values(name="publisher", **mine)
            statement = statement.on_conflict_do_update(
                index_elements=[_lease.c.name], set_=mine, where=free
            )
            return bool(db.execute(statement).rowcount)

    def seen(self) -> dict[TermKey, float]:
        """The `seen` of the last `add_topics`; empty before the first."""
        with reading(self._engine) as db:
            return {(row.kind, row.slug): row.at for row in db.execute(sa.select(_seen))}

    def add_topics(
        self,
        topics: Iterable[Topic],
        hubs: Iterable[str],
        due: float,
        seen: Mapping[TermKey, float],
        *,
        record_only: bool = False,
    ) -> None:
        """Adds a change of each topic, and records that changes up to `seen` are processed.

        `record_only`: the topics have not changed; only their digests are to be recorded, for
        comparison with later versions.
        """
        pending = {"due_at": due, "attempts": 0, "changes": 0 if record_only else 1}
        rows: list[dict[str, object]] = [
            {**_columns(topic), "hub": hub, **pending} for hub in hubs for topic in topics
        ]
        marks: list[dict[str, object]] = [
            {"kind": kind, "slug": slug, "at": at} for (kind, slug), at in seen.items()
        ]
        with writing(self._engine) as db:
            for some in chunks(rows, 100):
                statement = insert(db, _pings).values(some)
                again = {"changes": _pings.c.changes + 1}
                db.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=again))
            for few in chunks(marks):
                statement = insert(db, _seen).values(few)
                later = {"at": statement.excluded.at}
                db.execute(
                    statement.on_conflict_do_update(
                        index_elements=[_seen.c.kind, _seen.c.slug], set_=later
                    )
                )

    def due(self, now: float, limit: int, *, record_only: bool = False) -> list[PendingPing]:
        """The rows that are due, the oldest first."""
        same = sa.and_(*(_pings.c[name] == _sent.c[name] for name in _KEY))
        statement = (
            sa.select(_pings, _sent.c.digest, _sent.c.at)
            .select_from(_pings.outerjoin(_sent, same))
            .where(_pings.c.due_at <= now)
            .where(_pings.c.changes == 0 if record_only else _pings.c.changes > 0)
            .order_by(_pings.c.due_at)
            .limit(limit)
        )
        with reading(self._engine) as db:
            return [
                PendingPing(
                    topic=Topic(row.kind, row.slug, row.language, row.format),
                    hub=row.hub,
                    attempts=row.attempts,
                    changes=row.changes,
                    digest=row.digest,
                    sent_at=row.at or 0.0,
                )
                for row in db.execute(statement)
            ]

    def backlogs(self, hubs: Iterable[str]) -> list[HubBacklog]:
        """The backlog of each hub."""
        failed = sa.func.sum(sa.case((_pings.c.attempts > 0, 1), else_=0))
        statement = (
            sa.select(_pings.c.hub, sa.func.count(), failed, sa.func.min(_pings.c.due_at))
            .where(_pings.c.changes > 0)
            .group_by(_pings.c.hub)
        )
        with reading(self._engine) as db:
            backlog_of = {row[0]: HubBacklog(*row) for row in db.execute(statement)}
        return [backlog_of.get(hub, HubBacklog(hub, 0, 0, None)) for hub in hubs]

    def mark_sent(self, pending: PendingPing, digest: str, now: float) -> None:
        """Records the digest of the feed that the hub was pinged for, and clears the row."""
        values = {"digest": digest, "at": now}
        with writing(self._engine) as db:
            statement = insert(db, _sent).values(
                **_columns(pending.topic), hub=pending.hub, **values
            )
            db.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=values))
            _clear(db, pending)

    def clear(self, pending: PendingPing) -> None:
        """Deletes the row, unless another change was added meanwhile."""
        with writing(self._engine) as db:
            _clear(db, pending)

    def postpone(self, pending: PendingPing, until: float, *, failed: bool = False) -> None:
        """Moves the row to a later time; `failed` counts an attempt."""
        with writing(self._engine) as db:
            values = {"due_at": until, "attempts": pending.attempts + failed}
            db.execute(sa.update(_pings).where(_is(pending)).values(**values))

    def postpone_hub(self, hub: str, until: float) -> None:
        """Moves all rows of an unavailable hub to a later time."""
        sooner = (_pings.c.hub == hub) & (_pings.c.due_at < until)
        with writing(self._engine) as db:
            db.execute(sa.update(_pings).where(sooner).values(due_at=until))

    def delete_pending(self) -> None:
        """Deletes every pending ping; the digests of the last pings stay."""
        with writing(self._engine) as db:
            db.execute(sa.delete(_pings).where(_pings.c.changes > 0))

    def delete_other_hubs(self, hubs: Iterable[str]) -> None:
        """Deletes the rows of hubs that are no longer in the settings."""
        named = list(hubs)
        with writing(self._engine) as db:
            for table in (_pings, _sent):
                db.execute(sa.delete(table).where(table.c.hub.not_in(named)))


_KEY = ("kind", "slug", "language", "format", "hub")


def _columns(topic: Topic) -> dict[str, str]:
    return {
        "kind": topic.kind,
        "slug": topic.slug,
        "language": topic.language,
        "format": topic.format,
    }


def _is(pending: PendingPing) -> sa.ColumnElement[bool]:
    columns = _columns(pending.topic) | {"hub": pending.hub}
    return sa.and_(*(_pings.c[name] == value for name, value in columns.items()))


def _clear(db: sa.Connection, pending: PendingPing) -> None:
    known = _pings.c.changes <= pending.changes
    db.execute(sa.delete(_pings).where(_is(pending) & known))
    # A change that was added meanwhile starts without failed attempts.
    db.execute(sa.update(_pings).where(_is(pending)).values(attempts=0))
