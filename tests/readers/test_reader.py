"""The `reader` library, which all three formats are read by."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import feedparser
import pytest
from reader import make_reader

from tests.readers.life import LifeOfAFeed, Reader

# reader carries a feedparser of its own, which looks for sgmllib under its old name.
sys.modules.setdefault("sgmllib", feedparser.sgml.sgmllib)

pytestmark = pytest.mark.slow


class ReaderLibrary(Reader):
    def __init__(self, folder: Path, urls: Sequence[str]) -> None:
        self._reader = make_reader(str(folder / "reader.sqlite"))
        for url in urls:
            self._reader.add_feed(url)

    def poll(self) -> None:
        # It leaves feeds alone that it has fetched within the hour, unless told to.
        self._reader.update_feeds(scheduled=False)
        for feed in self._reader.get_feeds():
            assert feed.last_exception is None, feed.last_exception

    def entries(self, url: str) -> list[tuple[str, str]]:
        found = [(e.id, e.title or "") for e in self._reader.get_entries(feed=url)]
        return found[::-1]


class TestReader(LifeOfAFeed):
    formats = ("atom", "rss", "json")

    def subscribed(self, folder: Path, urls: Sequence[str]) -> ReaderLibrary:
        return ReaderLibrary(folder, urls)
