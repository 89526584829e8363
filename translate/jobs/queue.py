"""The job queue: a table of requested jobs and their leases.

A row is leased, never popped: it stays until its result is stored, in one transaction. Each
lease has a unique token, so a translator that lost its lease (killed, paused for too long, or
the post changed) can no longer change the row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    FromClause,
    Row,
    case,
    delete,
    exists,
    func,
    select,
    update,
)

from infra.database import chunks, insert, next_number, reading, writing
from translate.jobs import serialize
from translate.jobs.enqueue import EnqueueOptions, Job, among, at, enqueue, plan
from translate.jobs.results import Key, record
from translate.jobs.retries import MAX_ATTEMPTS, error_pause, slow_pause
from translate.jobs.tables import pace, work
from translate.types import Document, LeaseEnd, Pair, Translation

__all__ = ["BACKGROUND", "PREWARM", "WAITED_FOR", "Claim", "Job", "Pending", "TranslationQueue"]

# Urgency of a job; lowest first.
WAITED_FOR = 0
PREWARM = 1
BACKGROUND = 2


# A lease that ends more seconds from now than this was written before the clock was set back.
_LONGEST_LEASE = 3600.0

# Name of a lock. Transactions that enqueue, claim or conclude read several rows first, so they
# run one after the other: otherwise a job that has just finished is queued once more.
_ALONE = "line"

_FREE: Mapping[str, Any] = {"lease_holder": None, "lease_token": 0, "lease_until": 0.0}
_ONE_LESS = case((work.c.attempts > 0, work.c.attempts - 1), else_=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A job and the right to finish it."""

    post_key: str
    language: str
    source_digest: str
    document: Document = field(repr=False)
    token: int
    attempt: int  # 1, 2, ...; starts again when an attempt gets further than all before it
    slow: int = 0  # number of batches that took too much processor time
    edited: float | None = None  # `Job.edited`


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """State of a queued job."""

    source_digest: str
    urgency: int
    in_work: bool  # leased; an expired lease counts until a translator takes the job over
    done: int  # sentences
    total: int  # sentences; 0: not counted yet
    error: str | None  # of the last attempt; None: none has raised


class TranslationQueue:
    """Job queue: jobs are requested, claimed and concluded with a result."""

    def __init__(self, engine: Engine, *, max_attempts: int = MAX_ATTEMPTS) -> None:
        self._engine = engine
        self._max_attempts = max_attempts

    def request(
        self,
        jobs: Iterable[Job],
        *,
        urgency: int,
        now: float,
        limit: int | None = None,
        retry: bool = False,
        refresh: bool = False,
        fingerprints: Collection[str] | None = None,
    ) -> int:
        """Queues jobs; returns how many were not queued before.

        Two requests enqueue one job; a more urgent request moves it forward. A job whose
        version is ready is queued only with `refresh` and when its fingerprint is not among
        `fingerprints`; a failed one with `retry`, or when its fingerprint is not among them.
        A new version of the post replaces the queued one, and a translator that works on the
        old one loses its lease.

        `limit` bounds the queued jobs of this and higher urgency, so that background jobs
        never crowd out jobs that a reader waits for.
        """
        options = EnqueueOptions(
            urgency=urgency, retry=retry, refresh=refresh, fingerprints=fingerprints
        )
        unique_jobs = sorted({job.key: job for job in jobs}.values(), key=lambda job: -job.rank)
        added = 0
        for some in chunks(unique_jobs):
            # Most requests are for jobs that are queued already, and need no write transaction.
            with reading(self._engine) as connection:
                if plan(connection, some, options).is_empty:
                    continue
            with writing(self._engine, alone=_ALONE) as connection:
                todo = plan(connection, some, options)
                added += enqueue(connection, todo, urgency=urgency, now=now, limit=limit)
        return added

    def claim(
        self,
        holder: str,
        *,
        lease_seconds: float,
        now: float,
        after: Mapping[str, str] | None = None,
        fingerprints: Mapping[Pair, str] | None = None,
    ) -> Claim | None:
        """Leases the next job: most urgent first, then newest, slow ones last; None: no job.

        `after` maps a language to its pivot language. A job in such a language waits for the
        post's job in the pivot language, which takes its place in the queue, so that sentences
        that both need are decoded once. Jobs that used up their attempts are stored as failed,
        with their pair's fingerprint.
        """
        # Most polls find an empty queue, and need no write transaction.
        with reading(self._engine) as connection:
            if connection.execute(select(work.c.rank).where(_is_free(work, now))).first() is None:
                return None
        with writing(self._engine, alone=_ALONE) as connection:
            self._give_up_exhausted(connection, now, fingerprints or {})
            row = self._next(connection, now, after or {})
            if row is None:
                return None
            token = next_number(connection, "lease")
            connection.execute(
                update(work)
                .where(at(work, (row.post_key, row.language)))
                .values(
                    lease_holder=holder,
                    lease_token=token,
                    lease_until=now + lease_seconds,
                    attempts=row.attempts + 1,
                )
            )
        return Claim(
            post_key=row.post_key,
            language=row.language,
            source_digest=row.source_digest,
            document=serialize.load_document(row.document),
            token=token,
            attempt=row.attempts + 1,
            edited=row.edited,
            slow=row.slow,
        )

    def renew(self, claim: Claim, *, lease_seconds: float, now: float) -> bool:
        """Extends the lease to `lease_seconds` from now; False: the lease is lost."""
        return self._change(claim, lease_until=now + lease_seconds)

    def progress(
        self, claim: Claim, done: int, total: int, *, lease_seconds: float, now: float
    ) -> bool:
        """Renews the lease and stores the progress; False: the lease is lost.

        An attempt that gets further than all before it counts as the first: a post is given
        up only if it crashes its translator at the same sentence again and again.
        """
        with writing(self._engine) as connection:
            statement = select(work.c.sentences_done).where(_held(claim)).with_for_update()
            before = connection.execute(statement).scalar_one_or_none()
            if before is None:
                return False
            further = done > before
            values = {
                "lease_until": now + lease_seconds,
                "sentences_done": max(done, before),
                "sentences_total": total,
            }
            if further:
                values["attempts"] = 1
                _count_sentences(connection, done - before, now)
            connection.execute(update(work).where(_held(claim)).values(values))
        return True

    def finish(
        self, claim: Claim, translation: Translation, *, now: float, fingerprint: str = ""
    ) -> bool:
        """Stores the translation and deletes the job in one transaction.

        False, and no change: the lease is lost, or the post has changed. A translation that
        is not publishable is not stored: the job fails.
        """
        if translation.publishable:
            return self._conclude(claim, translation, now, fingerprint)
        kept = sum(sentence.kept for sentence in translation.sentences)
        reason = f"{kept} of {len(translation.sentences)} sentences could not be translated"
        return self._conclude(claim, reason, now, fingerprint)

    def fail(
        self, claim: Claim, error: str, *, now: float, final: bool = False, fingerprint: str = ""
    ) -> bool:
        """Stores an attempt's error; the last attempt, or a `final` error, fails the job."""
        with reading(self._engine) as connection:
            attempts = connection.execute(
                select(work.c.attempts).where(_held(claim))
            ).scalar_one_or_none()
        if attempts is None:
            return False
        if final or attempts >= self._max_attempts:
            return self._conclude(claim, error, now, fingerprint)
        until = now + error_pause(attempts)
        return self._change(claim, **{**_FREE, "lease_until": until, "error": error})

    def give_back(self, claim: Claim) -> bool:
        """Ends the lease without counting an attempt."""
        return self._change(claim, **_FREE, attempts=_ONE_LESS)

    def release(self, holder: str, end: LeaseEnd = LeaseEnd.CRASHED, *, now: float = 0.0) -> int:
        """Ends the leases of a translator that has ended; returns how many.

        Only a crash counts as an attempt. A slow job moves to the end of the queue, with a
        growing pause, and never fails for being slow.
        """
        values: dict[str, Any] = dict(_FREE)
        if end is not LeaseEnd.CRASHED:
            values["attempts"] = _ONE_LESS
        with writing(self._engine) as connection:
            mine = work.c.lease_holder == holder
            if end is LeaseEnd.SLOW:
                statement = select(func.max(work.c.slow)).where(mine)
                times = (connection.execute(statement).scalar() or 0) + 1
                values |= {"slow": times, "lease_until": now + slow_pause(times)}
            return connection.execute(update(work).where(mine).values(values)).rowcount

    def oldest(self, languages: Sequence[str] | None = None) -> float | None:
        """When the oldest job was requested; None: the queue is empty.

        `languages` restricts it: jobs of a language that is no longer served may remain.
        """
        statement = select(func.min(work.c.requested_at))
        if languages is not None:
            statement = statement.where(work.c.language.in_(languages))
        with reading(self._engine) as connection:
            oldest: float | None = connection.scalar(statement)
        return oldest

    def pending(self, keys: Iterable[Key]) -> dict[Key, Pending]:
        """The queued jobs among these, by (post key, language)."""
        found: dict[Key, Pending] = {}
        columns = [column for column in work.c if column.name != "document"]
        with reading(self._engine) as connection:
            for some in chunks(keys):
                for row in connection.execute(select(*columns).where(among(work, some))):
                    found[row.post_key, row.language] = Pending(
                        source_digest=row.source_digest,
                        urgency=row.urgency,
                        in_work=row.lease_holder is not None,
                        done=row.sentences_done,
                        total=row.sentences_total,
                        error=row.error,
                    )
        return found

    def _next(
        self, connection: Connection, now: float, after: Mapping[str, str]
    ) -> Row[Any] | None:
        free = select(work).where(_is_free(work, now))
        other = work.alias()
        best = free
        for language, pivot in sorted(after.items()):
            pivot_in_work = exists().where(
                other.c.post_key == work.c.post_key,
                other.c.language == pivot,
                ~_is_free(other, now),
            )
            best = best.where((work.c.language != language) | ~pivot_in_work)
        best = best.order_by(
            work.c.slow, work.c.urgency, work.c.rank.desc(), work.c.post_key, work.c.language
        )
        row = connection.execute(best.limit(1).with_for_update(skip_locked=True)).one_or_none()
        if row is None or row.language not in after:
            return row
        first = (row.post_key, after[row.language])
        if connection.execute(select(work.c.language).where(at(work, first))).first() is None:
            return row
        # None: another translator claims it at the same moment.
        statement = free.where(at(work, first)).with_for_update(skip_locked=True)
        return connection.execute(statement).one_or_none()

    def _give_up_exhausted(
        self, connection: Connection, now: float, fingerprints: Mapping[Pair, str]
    ) -> None:
        statement = select(work).where(_is_free(work, now), work.c.attempts >= self._max_attempts)
        for row in connection.execute(statement.with_for_update(skip_locked=True)).all():
            pair = Pair(serialize.load_document(row.document).language, row.language)
            record(
                connection,
                post_key=row.post_key,
                language=row.language,
                source_digest=row.source_digest,
                ended=row.error or f"crashed the translator {row.attempts} times",
                fingerprint=fingerprints.get(pair, ""),
                now=now,
                edited=row.edited,
            )
            connection.execute(delete(work).where(at(work, (row.post_key, row.language))))

    def _conclude(
        self, claim: Claim, ended: Translation | str, now: float, fingerprint: str
    ) -> bool:
        with writing(self._engine, alone=_ALONE) as connection:
            if connection.execute(delete(work).where(_held(claim))).rowcount == 0:
                return False
            record(
                connection,
                post_key=claim.post_key,
                language=claim.language,
                source_digest=claim.source_digest,
                ended=ended,
                fingerprint=fingerprint,
                now=now,
                edited=claim.edited,
            )
        return True

    def _change(self, claim: Claim, **values: Any) -> bool:
        with writing(self._engine) as connection:
            return connection.execute(update(work).where(_held(claim)).values(values)).rowcount == 1


def _is_free(table: FromClause, now: float) -> Any:
    """Whether the row has no lease and no pause."""
    until = table.c.lease_until
    return (until <= now) | (until > now + _LONGEST_LEASE)


def _held(claim: Claim) -> Any:
    """The condition for the claim's row while its lease is the current one."""
    return at(work, (claim.post_key, claim.language)) & (work.c.lease_token == claim.token)


def _count_sentences(connection: Connection, sentences: int, now: float) -> None:
    minute = int(now // 60)
    connection.execute(delete(pace).where(pace.c.minute < minute - 60))
    statement = insert(connection, pace).values(minute=minute, sentences=sentences)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[pace.c.minute], set_={"sentences": pace.c.sentences + sentences}
        )
    )
