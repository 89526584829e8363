"""newsboat 2: RSS and Atom, kept in SQLite."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.readers.life import LifeOfAFeed, Reader
from tests.support.debian import program

pytestmark = pytest.mark.slow


class Newsboat(Reader):
    def __init__(self, folder: Path, urls: Sequence[str]) -> None:
        self._cache = folder / "cache.db"
        (folder / "urls").write_text("".join(f"{url}\n" for url in urls))
        (folder / "config").write_text("reload-threads 4\nsuppress-first-reload yes\n")
        self._command = [
            program("newsboat", "newsboat"),
            f"--url-file={folder / 'urls'}",
            f"--cache-file={self._cache}",
            f"--config-file={folder / 'config'}",
            "--execute",
        ]

    def poll(self) -> None:
        subprocess.run([*self._command, "reload"], check=True, timeout=60, capture_output=True)

    def entries(self, url: str) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(self._cache)) as db:
            rows = db.execute(
                "SELECT guid, title FROM rss_item WHERE feedurl = ? ORDER BY id", (url,)
            )
            return rows.fetchall()


class OneForEachSelection(Reader):
    """Newsboat keeps an entry once, however many of its feeds have it: one feed a language."""

    def __init__(self, folder: Path, urls: Sequence[str]) -> None:
        self._boats: list[tuple[Newsboat, Sequence[str]]] = []
        for n in range(3):
            (folder / str(n)).mkdir()
            self._boats.append((Newsboat(folder / str(n), urls[n::3]), urls[n::3]))

    def poll(self) -> None:
        for boat, _ in self._boats:
            boat.poll()

    def entries(self, url: str) -> list[tuple[str, str]]:
        return next(boat.entries(url) for boat, urls in self._boats if url in urls)


class TestNewsboat(LifeOfAFeed):
    # Its HTTP client throws an answer away whose Last-Modified is the one it knows, whatever
    # the ETag: two changes within one second, with a poll between them, look like one.
    pause = 1.1

    def subscribed(self, folder: Path, urls: Sequence[str]) -> OneForEachSelection:
        return OneForEachSelection(folder, urls)
