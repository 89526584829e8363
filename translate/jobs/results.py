"""Results of jobs: finished translations and failures. The web workers read here.

One row per post and language. It stays while a newer version of the post is translated, so
that feeds keep serving it, and is replaced in one step. A failure replaces the translation
of an older version too: the post is then shown in the original and marked, because the
translation of an older text would pass for current.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, func, select, tuple_, update

from infra.database import chunks, counters, insert, next_number, reading
from translate.jobs import check_stats, serialize
from translate.jobs.tables import pace, results, work
from translate.types import State, Translation

Key = tuple[str, str]  # (post key, language)


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """How the translation of one version of a post ended. Light: without the text."""

    seq: int  # grows with every change of any result
    post_key: str
    language: str
    state: State  # READY or FAILED
    source_digest: str
    fingerprint: str  # of all that it was made with (`keys.fingerprint`)
    # When this version first ended in this state, which moves `updated`. That of a post's first
    # result is when its text was edited: its readers see an entry that is new.
    completed_at: float
    stored_at: float  # when it last changed at all; moves `Last-Modified`
    error: str | None  # None: ready


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """A finished translation with what the result says about it."""

    result: Result
    translation: Translation


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How much of one language is in which state."""

    pending: int = 0  # queued, no translator works on it
    in_work: int = 0
    ready: int = 0
    failed: int = 0


class Results:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def latest(self) -> int:
        """The number of the last change; 0 before the first. One row: cheap to poll."""
        statement = select(counters.c.value).where(counters.c.name == "change")
        with reading(self._engine) as connection:
            return int(connection.execute(statement).scalar_one())

    def changes(self, after: int = 0, *, limit: int | None = None) -> list[Result]:
        """Results that changed after that number, in the order of their numbers.

        A reader that keeps the last number seen misses nothing: numbers become visible in order.
        Deleted rows (`TranslationQueue.forget`) are not reported.
        """
        statement = _light().where(results.c.seq > after).order_by(results.c.seq).limit(limit)
        with reading(self._engine) as connection:
            return [_result(row) for row in connection.execute(statement)]

    def load(self, post_key: str, language: str) -> Stored | None:
        """The translation, of whichever version of the post; None: there is none (yet)."""
        return self.load_many([(post_key, language)]).get((post_key, language))

    def load_many(self, keys: Iterable[Key]) -> dict[Key, Stored]:
        """The translations there are, by (post key, language)."""
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
        """Every post given up, newest first, with its error."""
        statement = _light().where(results.c.state == State.FAILED)
        with reading(self._engine) as connection:
            rows = connection.execute(statement.order_by(results.c.seq.desc()))
            return [_result(row) for row in rows]

    def outdated(self, now: Mapping[str, Collection[str]]) -> list[Key]:
        """Keys of results whose fingerprint is none of those in use `now`, by target language.

        Newest first by their last change. Reads every row of these languages but its text.
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
        """By language, for the languages that have any."""
        taken = work.c.lease_holder.is_not(None)
        ended = select(results.c.language, results.c.state, func.count())
        in_line = select(work.c.language, taken, func.count()).group_by(work.c.language, taken)
        table: dict[str, dict[str, int]] = {}
        with reading(self._engine) as connection:
            for language, state, count in connection.execute(
                ended.group_by(results.c.language, results.c.state)
            ):
                table.setdefault(language, {})[state] = count
            for language, is_taken, count in connection.execute(in_line):
                table.setdefault(language, {})["in_work" if is_taken else "pending"] = count
        return {language: Counts(**fields) for language, fields in sorted(table.items())}

    def speed(self, now: float, *, minutes: int = 5) -> float:
        """Sentences per second over the last whole minutes, by all translators together."""
        this = int(now // 60)
        statement = select(func.coalesce(func.sum(pace.c.sentences), 0)).where(
            pace.c.minute >= this - minutes, pace.c.minute < this
        )
        with reading(self._engine) as connection:
            return float(connection.execute(statement).scalar_one()) / (minutes * 60)

    def pace(self, now: float, *, minutes: int = 60) -> list[int]:
        """Sentences in each of the last minutes, the present one last; at most 60 are kept."""
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
    """Writes the result: a translation fit to publish, or the error it was given up with.

    `edited` dates the post's first result, and a later one is dated anew only where it is
    later than the one before; None: it is not known. Part of the caller's
    transaction. Times never run backwards, whatever the clock does.
    """
    ready = isinstance(ended, Translation)
    fields: dict[str, Any] = {
        "state": (State.READY if ready else State.FAILED).value,
        "translation": serialize.dump(ended) if isinstance(ended, Translation) else None,
        "error": None if isinstance(ended, Translation) else ended,
    }
    here = (results.c.post_key == post_key) & (results.c.language == language)
    before = connection.execute(select(results).where(here).with_for_update()).one_or_none()
    since = now if edited is None else min(now, edited)
    if before is not None:
        same_version = before.source_digest == source_digest
        unchanged = same_version and all(getattr(before, k) == v for k, v in fields.items())
        # Translated again with other packages or rules: a failure does not replace a translation.
        worse = same_version and before.state == State.READY and not ready
        if unchanged or worse:
            connection.execute(update(results).where(here).values(fingerprint=fingerprint))
            return
        now = max(now, before.stored_at)
        since = max(now, before.completed_at)
        # Not edited since: a file that the post includes was, or the rendering is another.
        same_edit = edited is not None and edited <= before.completed_at
        if (same_version or same_edit) and before.state == fields["state"]:
            since = before.completed_at
    fields |= {
        "seq": next_number(connection, "change"),
        "source_digest": source_digest,
        "fingerprint": fingerprint,
        "completed_at": since,
        "stored_at": now,
    }
    statement = insert(connection, results).values(post_key=post_key, language=language, **fields)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[results.c.post_key, results.c.language], set_=fields
        )
    )
    check_stats.note(
        connection, post_key, language, ended if isinstance(ended, Translation) else None
    )


def _light() -> Select[Any]:
    return select(*(column for column in results.c if column.name != "translation"))


def _result(row: Row[Any]) -> Result:
    fields = dict(row._mapping)
    fields.pop("translation", None)
    fields["state"] = State(row.state)
    # Web workers hold a result of each post: strings that most of them share are interned.
    for name in ("language", "fingerprint"):
        fields[name] = sys.intern(fields[name])
    return Result(**fields)
