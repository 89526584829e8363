"""Translation memory: decoded sentences under keys that the caller makes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Engine, case, delete, func, select
from sqlalchemy.exc import DBAPIError

from infra.database import CHUNK, chunks, counters, insert, reading, writing
from translate.jobs.tables import memory

_PAUSE = 0.5  # seconds between two tries


class MemoryStats(NamedTuple):
    """Counts of the machine's part of the memory."""

    sentences: int
    characters: int  # of JSON text
    refused: int  # sentences that stay in the original


class Memory:
    """Sentences in the database. Implements `types.TranslationMemory`."""

    def __init__(self, engine: Engine, *, patience: float = 0.0) -> None:
        """`patience`: seconds for which a write is retried while the database is away."""
        self._engine = engine
        self._patience = patience

    def get_many(self, keys: Sequence[str]) -> dict[str, str]:
        """The JSON values known, by key."""
        found: dict[str, str] = {}
        with reading(self._engine) as connection:
            for some in chunks(dict.fromkeys(keys)):
                rows = connection.execute(select(memory).where(memory.c.key.in_(some)))
                found.update((row.key, row.value) for row in rows)
        return found

    def put_many(self, items: dict[str, str]) -> None:
        """Stores values; committed when this returns. A known key takes the new value."""
        if not items:
            return
        deadline = time.monotonic() + self._patience
        while True:
            try:
                self._put(items)
            except DBAPIError:
                # Waiting costs less than decoding the sentences again.
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)
            else:
                return

    def put_batches(self, batches: Iterable[dict[str, str]], *, dry_run: bool = False) -> None:
        """Stores all batches in one transaction; with `dry_run` they are only made.

        A batch is made before it is written, so it may look up what was there before.
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
        """Adds to the counts of lookups, which all nodes share."""
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
        """What `tally` has counted: hits and misses."""
        statement = select(counters).where(counters.c.name.startswith("memory "))
        with reading(self._engine) as connection:
            counted = {row.name: int(row.value) for row in connection.execute(statement)}
        return {name: counted.get(f"memory {name}", 0) for name in ("hits", "misses")}

    def items(self, prefix: str = "") -> Iterator[tuple[str, str]]:
        """Everything under keys that begin so (letters and digits), a few at a time."""
        last = ""
        while True:
            statement = select(memory).where(memory.c.key > last).order_by(memory.c.key)
            if prefix:
                # Not LIKE: a range of the primary key is found without reading the rest,
                # and letters and digits stand in the same order in every collation.
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
        """Deletes these keys; returns how many there were."""
        deleted = 0
        for some in chunks(keys):
            with writing(self._engine) as connection:
                gone = delete(memory).where(memory.c.key.in_(some))
                deleted += connection.execute(gone).rowcount
        return deleted

    def stats(self) -> MemoryStats:
        """Counted over everything; reads all of it."""
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
