"""The state is for its owner alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from feeds.server import masters
from infra.database import open_database
from infra.locks import StateLock, WorkersLock, holder_of
from tests.support.blog import Blog
from translate.jobs.notify import open_notifier


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_state_is_readable_for_its_owner_only(tmp_path: Path) -> None:
    state = tmp_path / "var"
    StateLock(state).release()
    WorkersLock(state).release()
    holder_of(state)
    registration = masters.register(state, ())
    engine = open_database(f"sqlite:///{state / 'feedglot.sqlite3'}")
    open_notifier(f"sqlite:///{state / 'queue.sqlite3'}").notify()
    assert mode(state) == 0o700
    names = {path.name for path in state.iterdir()}
    assert {"feedglot.sqlite3", "feedglot.sqlite3-wal", "queue.sqlite3", "web.lock"} <= names
    for path in state.iterdir():
        assert mode(path) == (0o700 if path.is_dir() else 0o600), path.name
    engine.dispose()
    registration.remove()


def test_the_index_of_posts_too(tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    for n in range(3):
        blog.write(f"2026-01-0{n + 1}-p.md")
    blog.look()
    blog.look()  # nothing else is to be done
    assert mode(blog.settings.state_dir / "posts.index") == 0o600


def test_a_world_readable_database_becomes_private(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    path = folder / "feedglot.sqlite3"
    open_database(f"sqlite:///{path}").dispose()
    path.chmod(0o644)
    open_database(f"sqlite:///{path}").dispose()
    assert mode(path) == 0o600
    assert mode(folder) == 0o755  # whose folder it is nobody knows
