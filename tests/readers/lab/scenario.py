"""A blog's life as a subscriber sees it: edits, a new post, a file that moves, a deletion."""

from __future__ import annotations

import time
from pathlib import Path

from tests.readers.lab.programs import Subscriber
from tests.readers.served import Served

COLUMNS = (
    "304 from poll",
    "deltas",
    "edited text",
    "changed title",
    "new post",
    "file moved",
    "post deleted",
)
OLD, NEW = "古い段落です。", "新しい段落です。"
PAUSE = 1.1  # seconds: newsboat takes two changes within one for the same


def answers(kind: type[Subscriber], folder: Path, format: str) -> tuple[str, ...]:
    """One answer for each of COLUMNS."""
    (folder / "reader").mkdir(parents=True)
    with Served(folder / "blog") as blog:
        for n in (1, 2, 3):
            _write(blog, n, OLD)
        blog.look()
        path = f"/ja/feed.{format}"
        subscriber = kind(folder / "reader", blog.url + path)
        statuses: list[int] = []

        def poll() -> list[tuple[str, str]]:
            time.sleep(PAUSE)
            blog.answers.clear()
            subscriber.poll()
            statuses.extend(status for _, status in blog.answers)
            return subscriber.entries()

        found = [_from_poll(poll, statuses)]
        statuses.clear()
        _write(blog, 2, NEW)
        blog.look()
        found.append(_edit(poll(), 3, lambda entry: NEW[:4] in entry[1]))
        _write(blog, 2, NEW, title="改めた題名")
        blog.look()
        after = poll()
        found.append(_edit(after, 3, lambda entry: "改めた題名" in entry[0]))
        before = len(after)
        _write(blog, 4, OLD)
        blog.look()
        after = poll()
        found.append(_count(len(after) - before, {1: "once"}))
        before = len(after)
        blog.remove("2026-01-01-p1.md")
        _write(blog, 1, OLD, folder="moved/")
        blog.look()
        after = poll()
        found.append(_count(len(after) - before, {0: "same entry"}))
        before = len(after)
        blog.remove("2026-01-03-p3.md")
        blog.look()
        after = poll()
        found.append(_count(len(after) - before, {0: "entry stays", -1: "entry goes"}))
        found.insert(1, "226 merged" if 226 in statuses else "no")
    return tuple(found)


def _write(blog: Served, n: int, body: str, *, title: str = "", folder: str = "") -> None:
    blog.write(f"{folder}2026-01-{n:02}-p{n}.md", body, title=title or f"題名{n}")


def _from_poll(poll, statuses) -> str:  # type: ignore[no-untyped-def]
    for n in range(1, 5):
        statuses.clear()
        poll()
        if statuses == [304]:
            return str(n)
    return "never"


def _edit(entries, expected: int, taken_over) -> str:  # type: ignore[no-untyped-def]
    new = sum(map(taken_over, entries))
    if len(entries) > expected:
        return "second entry"
    return "taken over" if new else "old one stays"


def _count(more: int, words: dict[int, str]) -> str:
    return words.get(more, f"{more:+} entries")
