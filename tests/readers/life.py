"""What every reader must see of a blog's life: each entry once, nothing for nothing."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

from tests.readers.served import TITLE, Served, paths


class Reader(ABC):
    """A feed reader with subscriptions, which remembers between polls."""

    @abstractmethod
    def poll(self) -> None:
        """Fetches every subscription."""

    @abstractmethod
    def entries(self, url: str) -> Sequence[tuple[str, str]]:
        """(id, title) of all that it has ever shown of one subscription."""


class LifeOfAFeed(ABC):
    """One subclass per reader."""

    formats: tuple[str, ...] = ("atom", "rss")
    pause: float = 0.0  # seconds between a poll and the next change

    @abstractmethod
    def subscribed(self, folder: Path, urls: Sequence[str]) -> Reader:
        """A new reader with these subscriptions."""

    def test_every_entry_comes_once_and_nothing_is_fetched_for_nothing(
        self, blog: Served, tmp_path: Path
    ) -> None:
        feeds = paths(*self.formats)
        reader = self.subscribed(tmp_path, [blog.url + path for path in feeds])

        def ids(path: str) -> list[str]:
            found = [id for id, _ in reader.entries(blog.url + path)]
            assert len(found) == len(set(found)), f"twice in {path}: {found}"
            return sorted(found)

        def expected(path: str, *posts: int) -> list[str]:
            language = path.split("/")[1]
            return [f"tag:127.0.0.1,2026-01-{n:02}:p{n}/{language}" for n in posts]

        def poll() -> None:
            reader.poll()
            time.sleep(self.pause)

        def polled(*statuses: int) -> None:
            poll()
            answers = blog.since()
            assert answers.keys() == set(feeds)
            # 226: only what is new, for readers that say they take it (RFC 3229).
            seen = {200 if s == 226 else s for x in answers.values() for s in x}
            assert seen <= set(statuses), answers

        # Cold: the original is there, the translations have been asked for.
        blog.fill()
        polled(200)
        for path in feeds:
            assert ids(path) == (expected(path, 1, 2, 3) if path.startswith("/ja") else [])
        # Growing, then settled: a second poll brings nothing, and costs nothing.
        blog.translate()
        polled(200, 304)
        for path in feeds:
            assert ids(path) == expected(path, 1, 2, 3), path
        polled(304)
        # An edit, and its translation: no entry comes again, and none goes.
        blog.publish(2, "書き直した段落です。")
        polled(200, 304)
        blog.translate()
        polled(200, 304)
        polled(304)
        # A new post comes when its translation does.
        blog.publish(4, "新しい記事。")
        poll()
        blog.translate()
        poll()
        for path in feeds:
            assert ids(path) == expected(path, 1, 2, 3, 4), path
        titles = [title for _, title in reader.entries(blog.url + feeds[0])]
        self.check_title(next(title for title in titles if title.endswith("3")))

    def check_title(self, title: str) -> None:
        assert title == f"{TITLE} 3"
