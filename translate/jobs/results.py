"""Results of jobs: finished translations and failures, which web workers read.

One row per post and language. It stays while a newer version of the post is translated, so
that feeds keep serving it, and is replaced in one step. A failure also replaces the
translation of an older version: the post is then shown in the original and marked, because
readers would take the translation of an older text for the current one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, func, select, tuple_, update

from infra.database import chunks, counters, insert, next_number, reading
from translate.jobs import check_stats, serialize
from translate.jobs.tables import pace, results, work
from translate.types import State, Translation

Key = tuple[str, str]  # (post key, language)
AT_ONCE = 5_000  # results read at once


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """The result of a job without the translated text."""

    seq: int  # number of the change; grows with every change of any result
    post_key: str
    language: str
    state: State  # READY or FAILED
    source_digest: str
    fingerprint: str  # of packages, terms and rules (`cache_keys.fingerprint`)
    # When this version first reached this state; moves `updated`. For a post's first result:
    # when its text was edited, because readers see a new entry.
    completed_at: float
    stored_at: float  # when the row last changed; moves `Last-Modified`
    error: str | None  # None: ready


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """A finished translation and its result."""

    result: Result
    translation: Translation


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """Counts of one language's posts by state."""

    pending: int = 0  # queued, no translator works on it
    in_work: int = 0
    ready: int = 0
    failed: int = 0


class Results:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def latest(self) -> int:
        """The number of the last change; 0 before the first. Reads one row, so polling is cheap."""
        statement = select(counters.c.value).where(counters.c.name == "change")
        with reading(self._engine) as connection:
            return int(connection.execute(statement).scalar_one())

    def changes(self, after: int = 0, *, limit: int | None = None) -> list[Result]:
        """Results that changed after that number, in the order of their numbers.

        A caller that stores the last number misses no change: numbers become visible in order.
        """
        statement = _light().where(results.c.seq > after).order_by(results.c.seq).limit(limit)
        with reading(self._engine) as connection:
            return [_result(row) for row in connection.execute(statement)]

    def each_change(self, after: int = 0) -> Iterator[Result]:
        """The same one by one, never all of them in memory."""
        while some := self.changes(after, limit=AT_ONCE):
            yield from some
            after = some[-1].seq

    def load(self, post_key: str, language: str) -> Stored | None:
        """The translation of any version of the post; None: there is none (yet)."""
        return self.load_many([(post_key, language)]).get((post_key, language))

    def load_many(self, keys: Iterable[Key]) -> dict[Key, Stored]:
        """The stored translations, by (post key, language)."""
        found: dict[Key, Stored] = {}
        with reading(self._engine) as connection:
            for some in chunks(keys):
                statement = select(results).where(
                    tuple_(results.c.post_key, results.c.language).in_(some),
                    results.c.state == State.READY,
                )
                for row in connection.execute(statement):
                    found[row.post_key, row.language] = Stored(
                        result=_result(row), translation=serialize.load_translation(row.translation)
                    )
        return found

    def failed(self) -> list[Result]:
        """Every failed result, newest first, with its error."""
        statement = _light().where(results.c.state == State.FAILED)
        with reading(self._engine) as connection:
            rows = connection.execute(statement.order_by(results.c.seq.desc()))
            return [_result(row) for row in rows]

    def outdated(self, now: Mapping[str, Collection[str]]) -> list[Key]:
        """Keys of results with a fingerprint that is not in use `now` for their language.

        Ordered by language, then newest change first. Reads every row of these languages but
        not its text.
        """
        found: list[Key] = []
        with reading(self._engine) as connection:
            for language, fingerprints in sorted(now.items()):
                other = results.c.fingerprint.not_in(list(fingerprints))
                statement = select(results.c.post_key).where(results.c.language == language, other)
                rows = connection.execute(statement.order_by(results.c.seq.desc())).scalars()
                found.extend((post_key, language) for post_key in rows)
        return found

    def counts(self) -> dict[str, Counts]:
        """The counts by language, without languages that have no rows."""
        taken = work.c.lease_holder.is_not(None)
        ended = select(results.c.language, results.c.state, func.count())
        queued = select(work.c.language, taken, func.count()).group_by(work.c.language, taken)
        table: dict[str, dict[str, int]] = {}
        with reading(self._engine) as connection:
            for language, state, count in connection.execute(
                ended.group_by(results.c.language, results.c.state)
            ):
                table.setdefault(language, {})[state] = count
            for language, is_taken, count in connection.execute(queued):
                table.setdefault(language, {})["in_work" if is_taken else "pending"] = count
        return {language: Counts(**fields) for language, fields in sorted(table.items())}

    def speed(self, now: float, *, minutes: int = 5) -> float:
        """Sentences per second of all translators together over the last whole minutes."""
        this = int(now // 60)
        statement = select(func.coalesce(func.sum(pace.c.sentences), 0)).where(
            pace.c.minute >= this - minutes, pace.c.minute < this
        )
        with reading(self._engine) as connection:
            return float(connection.execute(statement).scalar_one()) / (minutes * 60)

    def pace(self, now: float, *, minutes: int = 60) -> list[int]:
        """Sentences in each of the last minutes, the current one last; at most 60 are stored."""
        this = int(now // 60)
        statement = select(pace.c.minute, pace.c.sentences).where(pace.c.minute > this - minutes)
        with reading(self._engine) as connection:
            known = {row.minute: int(row.sentences) for row in connection.execute(statement)}
        return [known.get(minute, 0) for minute in range(this - minutes + 1, this + 1)]


def record(
    connection: Connection,
    *,
    post_key: str,
    language: str,
    source_digest: str,
    ended: Translation | str,
    fingerprint: str,
    now: float,
    edited: float | None = None,
) -> None:
    """Writes a result in the caller's transaction: a publishable translation or an error.

    `edited` (None: not known) dates the post's first result. A later result gets a new date
    only if the post was edited after the previous one. Times never decrease, even if the
    clock does.
    """
    ready = isinstance(ended, Translation)
    fields: dict[str, Any] = {
        "state": (State.READY if ready else State.FAILED).value,
        "translation": serialize.dump(ended) if isinstance(ended, Translation) else None,
        "error": None if isinstance(ended, Translation) else ended,
    }
    is_row = (results.c.post_key == post_key) & (results.c.language == language)
    before = connection.execute(select(results).where(is_row).with_for_update()).one_or_none()
    completed_at = now if edited is None else min(now, edited)
    if before is not None:
        same_version = before.source_digest == source_digest
        unchanged = same_version and all(getattr(before, k) == v for k, v in fields.items())
        # Translated again with other packages or rules: a failure does not replace a translation.
        worse = same_version and before.state == State.READY and not ready
        if unchanged or worse:
            connection.execute(update(results).where(is_row).values(fingerprint=fingerprint))
            return
        now = max(now, before.stored_at)
        completed_at = max(now, before.completed_at)
        # Not edited since: an included file or the rendering has changed.
        same_edit = edited is not None and edited <= before.completed_at
        if (same_version or same_edit) and before.state == fields["state"]:
            completed_at = before.completed_at
    fields |= {
        "seq": next_number(connection, "change"),
        "source_digest": source_digest,
        "fingerprint": fingerprint,
        "completed_at": completed_at,
        "stored_at": now,
    }
    statement = insert(connection, results).values(post_key=post_key, language=language, **fields)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[results.c.post_key, results.c.language], set_=fields
        )
    )
    check_stats.record_stats(
        connection, post_key, language, ended if isinstance(ended, Translation) else None
    )


def _light() -> Select[Any]:
    return select(*(column for column in results.c if column.name != "translation"))


def _result(row: Row[Any]) -> Result:
    return Result(
        seq=row.seq,
        post_key=row.post_key,
        language=row.language,
        state=State(row.state),
        source_digest=row.source_digest,
        fingerprint=row.fingerprint,
        completed_at=row.completed_at,
        stored_at=row.stored_at,
        error=row.error,
    )
