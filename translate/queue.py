"""The bell: tells the translators that there is work, so that they need not keep looking.

Nothing hangs on it. The rows of `work` are the truth; a ring that is lost costs the time
until a translator looks by itself. Home of huey, whose storage classes carry the ring:
SQLite, or Redis past one machine.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from pathlib import Path
from typing import Any

from huey.storage import BlackHoleStorage, RedisStorage, SqliteStorage
from sqlalchemy import make_url

log = logging.getLogger(__name__)

_LOOK = 0.1  # seconds between two looks at the queue
_NAME = "feedglot"

_TROUBLE: tuple[type[Exception], ...] = (sqlite3.Error, OSError)
try:  # the client is installed where Redis is used
    from redis.exceptions import RedisError  # type: ignore[import-not-found,unused-ignore]
except ImportError:
    pass
else:
    _TROUBLE += (RedisError,)


class Bell:
    """Rung by whoever puts work in line, waited for by whoever does it."""

    def __init__(self, storage: Any) -> None:
        self._storage = storage
        self._silent = False

    def ring(self) -> None:
        """Wakes a translator. Never raises; many rings before anybody listens are one."""
        try:
            # Two may look at the same time and both ring; nobody minds.
            if self._storage.queue_size() == 0:
                self._storage.enqueue(b"work")
        except _TROUBLE as error:
            self._complain(error)
        else:
            self._silent = False

    def wait(self, timeout: float) -> bool:
        """True as soon as it rings, False after `timeout` seconds. Never raises."""
        deadline = time.monotonic() + timeout
        while not self._has_rung():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(_LOOK, left))
        return True

    def _has_rung(self) -> bool:
        try:
            if self._storage.dequeue() is None:
                return False
            self._storage.flush_queue()
        except _TROUBLE as error:
            self._complain(error)
            return False
        self._silent = False
        return True

    def _complain(self, error: Exception) -> None:
        if not self._silent:  # once, not ten times a second
            log.warning("the queue does not answer, new work is found a little later: %s", error)
        self._silent = True


def open_bell(url: str) -> Bell:
    """The bell of `sqlite:///path` or `redis://host:port/db`."""
    if url.startswith(("redis://", "rediss://", "unix://")):
        return Bell(RedisStorage(_NAME, blocking=False, url=url))
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise ValueError(f"{url}: a queue is sqlite:///path or redis://host:port/db")
    try:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        return Bell(SqliteStorage(_NAME, filename=parsed.database))
    except _TROUBLE as error:
        log.warning("%s: %s: new work is found a little later", parsed.database, error)
        return Bell(BlackHoleStorage(_NAME))
