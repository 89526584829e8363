"""Feed requests counted beside the requests, and what readers say of their subscribers."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from feeds.store import traffic
from feeds.store.traffic import Hour, Traffic, reported
from infra.database import open_database
from tests.support.blog import Blog

NOW = 1_800_000_000.0
HOUR = int(NOW // 3600)


@pytest.fixture
def database(tmp_path: Path) -> Engine:
    return open_database(f"sqlite:///{tmp_path / 'db'}")


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Feedly/1.0 (+http://www.feedly.com/fetcher.html; 16 subscribers; x)", ("Feedly", 16)),
        ("Feedbin feed-id:1296379 - 1 subscribers", ("Feedbin", 1)),
        ("NewsBlur Feed Fetcher - 3 subscribers - https://x.example", ("NewsBlur", 3)),
        ("Inoreader/1.0 (+http://www.inoreader.com/; 2 subscribers; )", ("Inoreader", 2)),
        ("theoldreader.com (https://x.example; 1 subscriber; feed-id=1)", ("theoldreader.com", 1)),
        ("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", None),
        ("; 5 subscribers", None),
        ("", None),
    ],
)  # fmt: skip
def test_readers_tell_how_many_they_read_for(agent: str, said: tuple[str, int] | None) -> None:
    assert reported(agent) == said


def test_workers_add_up(database: Engine) -> None:
    one, other = Traffic(database), Traffic(database)
    one.saw("/ja/feed.rss", 200, "x", NOW)
    one.saw("/ja/feed.rss", 304, "x", NOW)
    other.saw("/ja/feed.rss", 304, "x", NOW - 3600)
    for worker in (one, other, one):
        worker.flush(NOW)
    hours = one.hours(NOW, 3)
    assert hours == [Hour(HOUR - 2, 0, 0), Hour(HOUR - 1, 1, 1), Hour(HOUR, 2, 1)]


def test_the_last_report_of_a_reader_counts_until_it_stops_asking(database: Engine) -> None:
    counts = Traffic(database)
    for people in (5, 7):
        counts.saw("/ja/feed.atom", 200, f"Feedly/1.0 ({people} subscribers)", NOW)
        counts.flush(NOW)
    assert [(r.feed, r.reader, r.subscribers) for r in counts.readers(NOW)] == [
        ("/ja/feed.atom", "Feedly", 7)
    ]
    assert counts.readers(NOW + traffic.FORGET_SECONDS + 1) == []


def test_invented_readers_cannot_fill_the_table_nor_replace_readers(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("READERS_KEPT", 10), ("READERS_OF_FEED", 4), ("MAX_WAITING", 20)):
        monkeypatch.setattr(traffic, name, value)
    counts = Traffic(database)
    counts.saw("/ja/feed.atom", 200, "Feedly/1.0 (16 subscribers)", NOW)
    counts.flush(NOW)
    for n in range(50):  # more than fit into memory between two writes
        counts.saw("/ja/feed.atom", 200, f"Odd{n}/1.0 (1 subscribers)", NOW + n)
    counts.saw("/ja/feed.atom", 200, "Feedly/1.0 (17 subscribers)", NOW + 50)
    counts.flush(NOW + 50)
    kept = {r.reader: r.subscribers for r in counts.readers(NOW + 50)}
    assert len(kept) == 4
    assert kept["Feedly"] == 17
    for n in range(50):
        counts.saw(f"/ja/tags/t{n}/feed.atom", 200, "Odd/1.0 (1 subscribers)", NOW + 100)
        counts.flush(NOW + 100)
    kept = {r.reader: r.subscribers for r in counts.readers(NOW + 100)}
    assert len(counts.readers(NOW + 100)) == 10
    assert kept["Feedly"] == 17
    # There is room again when those who were invented have stopped asking.
    later = NOW + 100 + traffic.FORGET_SECONDS + 1
    counts.saw("/ja/feed.atom", 200, "Feedbin feed-id:1 - 2 subscribers", later)
    counts.flush(later)
    assert [r.reader for r in counts.readers(later)] == ["Feedbin"]


def test_of_a_user_agent_only_the_beginning_is_read_and_kept() -> None:
    traffic._reported.cache_clear()
    for n in range(1200):
        assert reported(f"Odd{n}/1.0 (" + "x" * 30_000 + " 5 subscribers)") is None
    assert traffic._reported.cache_info().currsize <= 1024
    assert reported("Feedly/1.0 (16 subscribers; " + "x" * 30_000) == ("Feedly", 16)


def test_old_hours_are_forgotten(database: Engine) -> None:
    counts = Traffic(database)
    for at in (NOW - traffic.HOURS_KEPT * 3600 - 7200, NOW):
        counts.saw("/ja/feed.atom", 200, "", at)
        counts.flush(at)
    assert sum(hour.requests for hour in counts.hours(NOW, traffic.HOURS_KEPT * 2)) == 1


def test_a_reader_of_archives_is_a_reader(blog: Blog) -> None:
    blog.write("2026-01-01-a.md")
    blog.look()
    agent = "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 16 subscribers; x)"
    blog.get("/ja/archive/1/feed.atom", headers={"User-Agent": agent})
    blog.parts.traffic.flush(time.time())
    assert [reader.reader for reader in blog.parts.traffic.readers(time.time())] == ["Feedly"]
