"""Notifier: wakes translators when a job is queued, so that they need not poll often.

Jobs do not depend on it: the rows of `work` are the truth, and a lost notification costs the
time until a translator polls. Home of huey, whose storage classes carry the notification:
SQLite, or past one machine Redis or PostgreSQL.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from huey.storage import PostgresStorage, RedisStorage, SqliteStorage
from sqlalchemy import make_url

from infra.private_files import private_file, private_folder
from infra.urls import queue_kind

log = logging.getLogger(__name__)

_LOOK = 0.1  # seconds between two looks at the queue
_NAME = "feedglot"

_PATIENCE = 1.0  # seconds that a request may lose to a server that does not answer

_TROUBLE: tuple[type[Exception], ...] = (sqlite3.Error, OSError)
try:  # the clients are installed where they are used
    from redis import ConnectionPool
    from redis.backoff import NoBackoff
    from redis.exceptions import RedisError
    from redis.retry import Retry
except ImportError:
    pass
else:
    _TROUBLE += (RedisError,)
try:
    import psycopg
except ImportError:
    pass
else:
    _TROUBLE += (psycopg.Error,)


class Notifier:
    """`ring` is called when a job is queued; translators `wait`."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        """`connect` gives the storage. It is called at the first use, and again until it can."""
        self._connect = connect
        self._connected: Any = None
        self._silent = False

    def ring(self) -> None:
        """Wakes a translator. Never raises; many rings before anybody listens are one."""
        try:
            # Two processes may look at the same time and both ring, which does no harm.
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

    def trouble(self) -> str | None:
        """Why the queue does not answer; None: it does."""
        try:
            self._storage.queue_size()
        except _TROUBLE as error:
            return str(error) or type(error).__name__
        return None

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

    @property
    def _storage(self) -> Any:
        if self._connected is None:
            self._connected = self._connect()
        return self._connected

    def _complain(self, error: Exception) -> None:
        if not self._silent:  # once, not ten times a second
            log.warning("the queue does not answer, new jobs are found by polling: %s", error)
        self._silent = True


def open_notifier(url: str) -> Notifier:
    """The bell of `sqlite:///path`, `redis://host:port/db` or `postgresql://...`.

    A server that is away, or a file that is damaged, is no reason not to start. Raises
    `ServerError` for another address.
    """
    kind = queue_kind(url)
    if kind == "redis":
        return Notifier(partial(_redis, url))
    parsed = make_url(url)
    if kind == "postgresql":
        dsn = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        return Notifier(partial(_postgres, dsn))
    assert parsed.database is not None  # noqa: S101 - narrows the type
    return Notifier(partial(_sqlite, parsed.database))


def _sqlite(path: str) -> SqliteStorage:
    private_folder(Path(path).parent)
    private_file(Path(path))
    return SqliteStorage(_NAME, filename=path, timeout=_PATIENCE)


def _redis(url: str) -> RedisStorage:
    # Left to itself redis-py waits for ever for a server that hangs, and tries again for
    # several seconds when there is none. One more try is for a connection gone stale.
    pool = ConnectionPool.from_url(
        url,
        socket_timeout=_PATIENCE,
        socket_connect_timeout=_PATIENCE,
        retry=Retry(NoBackoff(), 1),
    )
    return RedisStorage(_NAME, blocking=False, connection_pool=pool)


def _postgres(dsn: str) -> PostgresStorage:
    connect = partial(
        PostgresStorage,
        _NAME,
        dsn=dsn,
        blocking=False,
        table_prefix=_NAME,
        connect_timeout=2,
        tcp_user_timeout=4000,
    )
    try:
        return connect()
    except psycopg.errors.UniqueViolation:
        # Of two that create a table at once one fails, in spite of IF NOT EXISTS.
        return connect()
