"""Translation memory: decoded sentences in the database, under keys that the caller computes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Engine, case, delete, func, select
from sqlalchemy.exc import DBAPIError

from infra.database import CHUNK, chunks, counters, insert, reading, writing
from translate.jobs.tables import memory

_PAUSE = 0.5  # seconds between retries


class MemoryStats(NamedTuple):
    """Counts of the machine's part of the memory."""

    sentences: int
    characters: int  # of JSON text
    refused: int  # sentences left in the original


class Memory:
    """The translation memory. Implements `types.TranslationMemory`."""

    def __init__(self, engine: Engine, *, retry_seconds: float = 0.0) -> None:
        """`retry_seconds`: how long a write is retried while the database is unavailable."""
        self._engine = engine
        self._retry_seconds = retry_seconds

    def get_many(self, keys: Sequence[str]) -> dict[str, str]:
        """The stored JSON values, by key."""
        found: dict[str, str] = {}
        with reading(self._engine) as connection:
            for some in chunks(dict.fromkeys(keys)):
                rows = connection.execute(select(memory).where(memory.c.key.in_(some)))
                found.update((row.key, row.value) for row in rows)
        return found

    def put_many(self, items: dict[str, str]) -> None:
        """Stores values and commits; replaces the value of a known key."""
        if not items:
            return
        deadline = time.monotonic() + self._retry_seconds
        while True:
            try:
                self._put(items)
            except DBAPIError:
                # Waiting takes less time than decoding the sentences again.
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)
            else:
                return

    def put_batches(self, batches: Iterable[dict[str, str]], *, dry_run: bool = False) -> None:
        """Stores all batches in one transaction; `dry_run` only iterates over them.

        Each batch is made just before it is written, so its generator reads the older values.
        """
        if dry_run:
            for _ in batches:
                pass
            return
        with writing(self._engine) as connection:
            for items in batches:
                _write(connection, items)

    def _put(self, items: dict[str, str]) -> None:
        with writing(self._engine) as connection:
            _write(connection, items)

    def tally(self, hits: int, misses: int) -> None:
        """Adds to the counts of look-ups, which all processes share."""
        counted = {"memory hits": hits, "memory misses": misses}
        rows = [{"name": name, "value": n} for name, n in sorted(counted.items()) if n]
        if not rows:
            return
        with writing(self._engine) as connection:
            statement = insert(connection, counters)
            more = {"value": counters.c.value + statement.excluded.value}
            connection.execute(
                statement.on_conflict_do_update(index_elements=[counters.c.name], set_=more), rows
            )

    def lookups(self) -> dict[str, int]:
        """The counts of look-ups: hits and misses."""
        statement = select(counters).where(counters.c.name.startswith("memory "))
        with reading(self._engine) as connection:
            counted = {row.name: int(row.value) for row in connection.execute(statement)}
        return {name: counted.get(f"memory {name}", 0) for name in ("hits", "misses")}

    def items(self, prefix: str = "") -> Iterator[tuple[str, str]]:
        """All rows whose keys start with `prefix` (letters and digits), read in chunks."""
        last = ""
        while True:
            statement = select(memory).where(memory.c.key > last).order_by(memory.c.key)
            if prefix:
                # Not LIKE: the database finds a range of the primary key without a scan, and
                # letters and digits have the same order in every collation.
                end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
                statement = statement.where(memory.c.key >= prefix, memory.c.key < end)
            with reading(self._engine) as connection:
                rows = connection.execute(statement.limit(CHUNK)).all()
            if not rows:
                return
            last = rows[-1].key
            for row in rows:
                yield row.key, row.value

    def delete_many(self, keys: Iterable[str]) -> int:
        """Deletes these keys; returns how many existed."""
        deleted = 0
        for some in chunks(keys):
            with writing(self._engine) as connection:
                gone = delete(memory).where(memory.c.key.in_(some))
                deleted += connection.execute(gone).rowcount
        return deleted

    def stats(self) -> MemoryStats:
        """The counts; reads the whole table."""
        values = memory.c.value
        kept = func.sum(case((values.like('%"kept":true%'), 1), else_=0))
        machine = ~memory.c.key.startswith("hand")
        size = func.coalesce(func.sum(func.length(values)), 0)
        statement = select(func.count(), size, func.coalesce(kept, 0)).where(machine)
        with reading(self._engine) as connection:
            return MemoryStats(*connection.execute(statement).one())

    def __len__(self) -> int:
        with reading(self._engine) as connection:
            return connection.execute(select(func.count()).select_from(memory)).scalar_one()


def _write(connection: Connection, items: dict[str, str]) -> None:
    # In the order of keys, so that two writers lock rows in the same order.
    for some in chunks(sorted(items.items())):
        statement = insert(connection, memory)
        statement = statement.on_conflict_do_update(
            index_elements=[memory.c.key], set_={"value": statement.excluded.value}
        )
        connection.execute(statement, [{"key": k, "value": v} for k, v in some])
