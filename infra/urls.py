"""Addresses of databases and queues: which kinds exist, and the packages they need."""

from __future__ import annotations

import importlib.util
from typing import Literal
from urllib.parse import urlsplit

Kind = Literal["sqlite", "postgresql", "redis"]

_DATABASES = "sqlite:///path or postgresql://user:password@host/name"
_QUEUES = f"{_DATABASES} or redis://host:port/number"
_CLIENTS = {
    "postgresql": ("PostgreSQL", "psycopg", "postgres"),
    "redis": ("Redis", "redis", "redis"),
}


class ServerError(ValueError):
    """An address that cannot be used. It is not shown: it may hold a password."""


def database_kind(url: str) -> Kind:
    """What holds the state; raises `ServerError`."""
    kind = _sql(url)
    if kind is None:
        raise ServerError(f"write it as {_DATABASES}")
    return _with_client(kind)


def queue_kind(url: str) -> Kind:
    """What holds the queue; raises `ServerError`."""
    kind = "redis" if _is_redis(url) else _sql(url)
    if kind is None:
        raise ServerError(f"write it as {_QUEUES}")
    return _with_client(kind)


def _sql(url: str) -> Kind | None:
    """Read as SQLAlchemy does: a password may hold any sign."""
    from sqlalchemy import make_url  # gunicorn's own process has no use for it
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return None
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if parsed.database in (None, "", ":memory:") and not parsed.host:
            raise ServerError("processes cannot share a database in memory: name a file")
        return None if parsed.host else "sqlite"
    return "postgresql" if backend in ("postgresql", "postgres") else None


def _is_redis(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("redis", "rediss", "unix") and parts.port != 0
    except ValueError:
        return False


def _with_client(kind: Kind) -> Kind:
    if kind in _CLIENTS:
        server, library, extra = _CLIENTS[kind]
        if importlib.util.find_spec(library) is None:
            message = f"{server} needs its client library: pip install 'feedglot[{extra}]'"
            raise ServerError(message)
    return kind
