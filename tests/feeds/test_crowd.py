"""Many who ask at the same time."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from blog import Blog

CROWD = 8


def rendered(blog: Blog) -> float:
    found = re.search(r'render_seconds_count{format="atom"} (\S+)', blog.get("/metrics").text)
    return float(found[1]) if found else 0.0


def test_a_feed_that_has_changed_is_made_once_for_all(tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    for day in range(1, 21):
        blog.write(f"2026-01-{day:02}-a.md", "**本文**です。\n\n" * 50)
    blog.look()
    blog.get("/ja/feed.atom")
    blog.write("2026-01-21-b.md")
    blog.look()
    before, barrier = rendered(blog), Barrier(CROWD)

    def ask() -> bytes:
        barrier.wait()
        return blog.get("/ja/feed.atom").data

    with ThreadPoolExecutor(CROWD) as crowd:
        answers = [asked.result() for asked in [crowd.submit(ask) for _ in range(CROWD)]]
    assert len(set(answers)) == 1
    assert rendered(blog) == before + 1
