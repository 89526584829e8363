"""Notifier: wakes translators when a job is queued, so that they need not poll often.

No job depends on it: the queue is the table `work`, and after a lost notification a
translator finds the job at its next poll. Home of huey, whose storage classes carry the
notification: SQLite on one machine, Redis or PostgreSQL for several.
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

_POLL_SECONDS = 0.1
_NAME = "feedglot"

_TIMEOUT_SECONDS = 1.0  # bounds the delay of a request when the server does not answer

_ERRORS: tuple[type[Exception], ...] = (sqlite3.Error, OSError)
try:  # the clients are optional dependencies
    from redis import ConnectionPool
    from redis.backoff import NoBackoff
    from redis.exceptions import RedisError
    from redis.retry import Retry
except ImportError:
    pass
else:
    _ERRORS += (RedisError,)
try:
    import psycopg
except ImportError:
    pass
else:
    _ERRORS += (psycopg.Error,)


class Notifier:
    """Web workers call `notify` when they queue a job; translators call `wait`."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        """`connect` opens the storage. It is called at the first use, and again after errors."""
        self._connect = connect
        self._connected: Any = None
        self._has_logged = False

    def notify(self) -> None:
        """Wakes a translator. Never raises; several calls before a `wait` count as one."""
        try:
            # Two processes that check at the same time both notify, which does no harm.
            if self._storage.queue_size() == 0:
                self._storage.enqueue(b"work")
        except _ERRORS as error:
            self._log_once(error)
        else:
            self._has_logged = False

    def wait(self, timeout: float) -> bool:
        """Returns True at a notification, False after `timeout` seconds. Never raises."""
        deadline = time.monotonic() + timeout
        while not self._take_notification():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(_POLL_SECONDS, left))
        return True

    def error(self) -> str | None:
        """Why the queue's server or file is unavailable; None: it is available."""
        try:
            self._storage.queue_size()
        except _ERRORS as error:
            return str(error) or type(error).__name__
        return None

    def _take_notification(self) -> bool:
        try:
            if self._storage.dequeue() is None:
                return False
            self._storage.flush_queue()
        except _ERRORS as error:
            self._log_once(error)
            return False
        self._has_logged = False
        return True

    @property
    def _storage(self) -> Any:
        if self._connected is None:
            self._connected = self._connect()
        return self._connected

    def _log_once(self, error: Exception) -> None:
        if not self._has_logged:  # once, not ten times a second
            log.warning("the queue is unavailable, translators poll for new jobs: %s", error)
        self._has_logged = True


def open_notifier(url: str) -> Notifier:
    """The notifier of `sqlite:///path`, `redis://host:port/db` or `postgresql://...`.

    Connects at the first use, so the service starts even if the server is unavailable or the
    file damaged. Raises `ServerError` for any other address.
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
    return SqliteStorage(_NAME, filename=path, timeout=_TIMEOUT_SECONDS)


def _redis(url: str) -> RedisStorage:
    # By default redis-py waits without limit for a server that hangs, and retries for several
    # seconds if there is none. The one retry is for a stale connection.
    pool = ConnectionPool.from_url(
        url,
        socket_timeout=_TIMEOUT_SECONDS,
        socket_connect_timeout=_TIMEOUT_SECONDS,
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
        # Of two processes that create a table at the same time one fails, despite IF NOT EXISTS.
        return connect()
