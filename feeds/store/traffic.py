"""Traffic: feed requests by the hour, and the subscribers that readers report.

Each web worker counts in memory and writes every few seconds from a thread of its own, so
that no request waits for it. A worker that is killed takes its last seconds with it.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from infra.database import insert, reading, writing

log = logging.getLogger(__name__)

FLUSH_SECONDS = 5.0
HOURS_KEPT = 7 * 24
READERS_KEPT = 2_000  # rows; while so many readers send requests, no new one is counted
READERS_OF_FEED = 50
AGENT = 500  # characters of a User-Agent that are read
FORGET_SECONDS = 14 * 86400.0  # readers without requests
MAX_WAITING = 5_000  # readers between two writes; invented names must not fill the memory

metadata = sa.MetaData()

_hours = sa.Table(
    "traffic_hours",
    metadata,
    sa.Column("hour", sa.BigInteger, primary_key=True, autoincrement=False),  # since the epoch
    sa.Column("requests", sa.BigInteger, nullable=False),
    sa.Column("not_modified", sa.BigInteger, nullable=False),
)
_readers = sa.Table(
    "traffic_readers",
    metadata,
    sa.Column("feed", sa.Text, primary_key=True),  # canonical path, "/ja/feed.atom"
    sa.Column("reader", sa.Text, primary_key=True),  # "Feedly"
    sa.Column("subscribers", sa.BigInteger, nullable=False),
    sa.Column("seen_at", sa.Float, nullable=False),
)

_KEY = (_readers.c.feed, _readers.c.reader)

# "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 16 subscribers; ...)",
# "Feedbin feed-id:1296379 - 1 subscribers", "NewsBlur Feed Fetcher - 3 subscribers - http..."
_SUBSCRIBERS = re.compile(r"\b(\d{1,9})\s+(?:subscriber|reader|user)s?\b", re.I)
_NAME = re.compile(r"[^/(;:]{1,60}?(?=\s*(?:[/(;:]|$| - | feed-id| feed fetcher))", re.I)


@dataclass(frozen=True, slots=True)
class Hour:
    hour: int  # hours since the epoch
    requests: int
    not_modified: int


@dataclass(frozen=True, slots=True)
class Reader:
    feed: str
    reader: str
    subscribers: int
    seen_at: float


def reported(user_agent: str) -> tuple[str, int] | None:
    """The reader's name and how many people it says it fetches for; None: it does not say."""
    return _reported(user_agent[:AGENT])


@lru_cache(maxsize=1024)  # a reader says the same each time
def _reported(user_agent: str) -> tuple[str, int] | None:
    found = _SUBSCRIBERS.search(user_agent)
    name = _NAME.match(user_agent.strip())
    if not found or not name:
        return None
    return name[0].strip(), int(found[1])


class Traffic:
    """Counts in memory, writes to the database, and reads the sums of all workers."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._counted: Counter[tuple[int, bool]] = Counter()  # (hour, not modified)
        self._reported: dict[tuple[str, str], tuple[int, float]] = {}
        self._known: set[tuple[str, str]] = set()  # readers whose rows are written
        self._thread: threading.Thread | None = None

    def saw(self, feed: str, status: int, user_agent: str, now: float) -> None:
        """One answered request for a feed."""
        report = reported(user_agent)
        with self._lock:
            self._counted[int(now // 3600), status == 304] += 1
            if report:
                key = feed, report[0]
                if key in self._known or len(self._reported) < MAX_WAITING:
                    self._reported[key] = (report[1], now)
            if self._thread is None:  # not before the fork: threads do not survive it
                self._thread = threading.Thread(target=self._run, name="traffic", daemon=True)
                self._thread.start()

    def flush(self, now: float) -> None:
        """Writes what was counted since the last time; nothing to write costs nothing."""
        with self._lock:
            counted, self._counted = self._counted, Counter()
            reports, self._reported = self._reported, {}
        if not counted and not reports:
            return
        try:
            with writing(self._engine) as db:
                self._write(db, counted, reports, now)
        except SQLAlchemyError:
            log.exception("feed requests could not be counted")

    def hours(self, now: float, hours: int = 24) -> list[Hour]:
        """The last `hours` hours, the present one last, those without requests included."""
        last = int(now // 3600)
        first = last - hours + 1
        with reading(self._engine) as db:
            known = {
                row.hour: Hour(row.hour, row.requests, row.not_modified)
                for row in db.execute(sa.select(_hours).where(_hours.c.hour >= first))
            }
        return [known.get(hour, Hour(hour, 0, 0)) for hour in range(first, last + 1)]

    def readers(self, now: float) -> list[Reader]:
        """The last report of each reader for each feed, most subscribers first."""
        statement = (
            sa.select(_readers)
            .where(_readers.c.seen_at >= now - FORGET_SECONDS)
            .order_by(_readers.c.subscribers.desc(), _readers.c.feed, _readers.c.reader)
        )
        with reading(self._engine) as db:
            return [Reader(*row) for row in db.execute(statement)]

    def _run(self) -> None:
        while True:
            time.sleep(FLUSH_SECONDS)
            self.flush(time.time())

    def _write(
        self,
        db: sa.Connection,
        counted: Counter[tuple[int, bool]],
        reports: dict[tuple[str, str], tuple[int, float]],
        now: float,
    ) -> None:
        for hour in sorted({hour for hour, _ in counted}):
            fresh, same = counted[hour, False], counted[hour, True]
            db.execute(
                insert(db, _hours)
                .values(hour=hour, requests=fresh + same, not_modified=same)
                .on_conflict_do_update(
                    index_elements=[_hours.c.hour],
                    set_={
                        "requests": _hours.c.requests + fresh + same,
                        "not_modified": _hours.c.not_modified + same,
                    },
                )
            )
        db.execute(sa.delete(_hours).where(_hours.c.hour < int(now // 3600) - HOURS_KEPT))
        db.execute(sa.delete(_readers).where(_readers.c.seen_at < now - FORGET_SECONDS))
        known = {(row.feed, row.reader) for row in db.execute(sa.select(*_KEY))}
        admitted = dict(_admitted(known, reports))
        self._known = known | admitted.keys()
        for (feed, reader), (subscribers, seen_at) in admitted.items():
            values = {"subscribers": subscribers, "seen_at": seen_at}
            db.execute(
                insert(db, _readers)
                .values(feed=feed, reader=reader, **values)
                .on_conflict_do_update(
                    index_elements=[_readers.c.feed, _readers.c.reader], set_=values
                )
            )


_Reports = dict[tuple[str, str], tuple[int, float]]


def _admitted(
    known: Collection[tuple[str, str]], reports: _Reports
) -> Iterator[tuple[tuple[str, str], tuple[int, float]]]:
    """The reports of readers that are known already, and of new ones while there is room.

    A name is whatever a stranger writes: those that are invented push no reader out.
    """
    of_feed = Counter(feed for feed, _ in known)
    total = len(known)
    for key, report in sorted(reports.items()):
        if key not in known:
            if total >= READERS_KEPT or of_feed[key[0]] >= READERS_OF_FEED:
                continue
            total += 1
            of_feed[key[0]] += 1
        yield key, report
