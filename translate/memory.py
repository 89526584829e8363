"""The translation memory: decoded sentences, kept for ever under keys made by the caller."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine, func, select

from translate.database import chunks, insert, reading, writing
from translate.schema import memory


class Memory:
    """Sentences in the database. Implements `types.TranslationMemory`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get_many(self, keys: Sequence[str]) -> dict[str, str]:
        """The JSON values known, by key."""
        found: dict[str, str] = {}
        with reading(self._engine) as connection:
            for some in chunks(dict.fromkeys(keys)):
                rows = connection.execute(select(memory).where(memory.c.key.in_(some)))
                found.update((row.key, row.value) for row in rows)
        return found

    def put_many(self, items: dict[str, str]) -> None:
        """Keeps values; committed when this returns. A key known before takes the new value."""
        if not items:
            return
        with writing(self._engine) as connection:
            # In the order of keys, so that two writers lock rows in the same order.
            for some in chunks(sorted(items.items())):
                statement = insert(connection, memory)
                statement = statement.on_conflict_do_update(
                    index_elements=[memory.c.key], set_={"value": statement.excluded.value}
                )
                connection.execute(statement, [{"key": k, "value": v} for k, v in some])

    def __len__(self) -> int:
        with reading(self._engine) as connection:
            return connection.execute(select(func.count()).select_from(memory)).scalar_one()
