"""Fixtures of every test: a blog, and each kind of database and queue."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import Engine

from infra.database import open_database
from tests.support import servers
from tests.support.blog import Blog, make_database
from tests.support.debian import pytest_terminal_summary as pytest_terminal_summary

# `make check` tries a few examples of each law. No deadline: others may hold the processor.
hypothesis.settings.register_profile("whole", max_examples=150, deadline=None)
hypothesis.settings.register_profile("quick", max_examples=20, deadline=None)
hypothesis.settings.load_profile("whole")

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)]
QUEUES = [*KINDS, pytest.param("redis", marks=pytest.mark.slow)]

# Files are dealt out to processes whole, and the last one may run alone for a minute: what
# starts servers, browsers and other programs comes first, the many short files last.
FIRST = ("service", "chaos", "browser", "readers", "jekyll", "fuzz", "worker", "engines")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        return next((n for n, name in enumerate(FIRST) if name in item.path.parts), len(FIRST))

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: to look through it for garbage took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    """A blog in a temporary folder, with its service."""
    return Blog(tmp_path)


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Postgres]:
    """One server for all tests of this process."""
    server = servers.postgres()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[servers.Redis]:
    server = servers.redis_server()
    yield server
    server.remove()


def _new(kind: str, request: pytest.FixtureRequest, path: Path) -> str:
    if kind == "sqlite":
        return f"sqlite:///{path}"
    server = request.getfixturevalue({"postgres": "postgres", "redis": "redis_server"}[kind])
    url: str = server.new_database()
    return url


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new, empty database of each kind."""
    return _new(request.param, request, tmp_path / "state" / "feedglot.sqlite3")


@pytest.fixture(params=QUEUES)
def queue_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new, empty queue of each kind."""
    return _new(request.param, request, tmp_path / "state" / "queue.sqlite3")


@pytest.fixture
def open_engine() -> Iterator[Callable[[str], Engine]]:
    """Opens databases that are closed with the test."""
    engines: list[Engine] = []

    def open_one(url: str) -> Engine:
        engines.append(open_database(url))
        return engines[-1]

    yield open_one
    for engine in engines:
        engine.dispose()


@pytest.fixture
def database(database_url: str, open_engine: Callable[[str], Engine]) -> Engine:
    scheme, _, path = database_url.partition(":///")
    if scheme == "sqlite":
        make_database(Path(path))
    return open_engine(database_url)
