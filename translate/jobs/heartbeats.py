"""Heartbeats of translator processes, with the packages that they use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Engine, delete, select

from infra.database import insert, reading, writing
from translate.jobs import serialize
from translate.jobs.tables import translators
from translate.types import Hop, Pair

ALIVE_SECONDS = 90.0  # a translator writes a heartbeat every few seconds
_FORGET_SECONDS = 7 * 86400.0


@dataclass(frozen=True, kw_only=True, slots=True)
class TranslatorStatus:
    """State of a translator process at its last heartbeat."""

    holder: str
    host: str
    pid: int
    started_at: float
    seen_at: float
    packages: tuple[Hop, ...]
    memory_bytes: int  # resident
    sentences: int  # decoded since the start
    fingerprints: Mapping[Pair, str] = field(default_factory=dict)  # see `keys.fingerprint`

    def is_alive(self, now: float) -> bool:
        return now - self.seen_at < ALIVE_SECONDS


class Heartbeats:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, translator: TranslatorStatus) -> None:
        """Stores a heartbeat."""
        fields = {
            "host": translator.host,
            "pid": translator.pid,
            "started_at": translator.started_at,
            "seen_at": translator.seen_at,
            "packages": serialize.dump_hops(translator.packages),
            "fingerprint": json.dumps(
                [[*pair, made_with] for pair, made_with in translator.fingerprints.items()]
            ),
            "memory_bytes": translator.memory_bytes,
            "sentences": translator.sentences,
        }
        with writing(self._engine) as connection:
            old = translator.seen_at - _FORGET_SECONDS
            connection.execute(delete(translators).where(translators.c.seen_at < old))
            statement = insert(connection, translators).values(holder=translator.holder, **fields)
            connection.execute(
                statement.on_conflict_do_update(index_elements=[translators.c.holder], set_=fields)
            )

    def delete(self, holder: str) -> None:
        """Deletes the row of a translator that shuts down."""
        with writing(self._engine) as connection:
            connection.execute(delete(translators).where(translators.c.holder == holder))

    def alive(self, now: float) -> list[TranslatorStatus]:
        """Translators with a heartbeat in the last `ALIVE_SECONDS`."""
        return [translator for translator in self.all() if translator.is_alive(now)]

    def all(self) -> list[TranslatorStatus]:
        """Translators that run or crashed, latest heartbeat first; `seen_at` is its time."""
        statement = select(translators).order_by(translators.c.seen_at.desc())
        with reading(self._engine) as connection:
            rows = connection.execute(statement).all()
        return [
            TranslatorStatus(
                holder=row.holder,
                host=row.host,
                pid=row.pid,
                started_at=row.started_at,
                seen_at=row.seen_at,
                packages=serialize.load_hops(row.packages),
                memory_bytes=row.memory_bytes,
                sentences=row.sentences,
                fingerprints={
                    Pair(source, target): made_with
                    for source, target, made_with in json.loads(row.fingerprint)
                },
            )
            for row in rows
        ]
