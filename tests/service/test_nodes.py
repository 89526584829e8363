"""Three web nodes and three translator nodes on one PostgreSQL and one Redis, on a bad day."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, select

from infra.database import reading
from tests.support import servers
from tests.support.nodes import Node, Reader, Translator, Web, wait_for
from tests.support.slow_engine import PACE, RECORD
from translate.jobs.tables import results, work

pytestmark = pytest.mark.slow

POSTS = 200
LANGUAGES = ("en", "ko")
FORMATS = ("rss", "atom", "json")
LEASE = 3.0
# No numeral, nor a name, nor a loop: each sentence of each post is like no other.
SYLLABLES = "山川空海森林石花鳥風月雪星光音色香味夢声"


def word(number: int) -> str:
    """A word of its own for each number."""
    text = ""
    for _ in range(3):
        number, digit = divmod(number, len(SYLLABLES))
        text += SYLLABLES[digit]
    return text


def write_posts(folder: Path) -> None:
    folder.mkdir()
    for number in range(POSTS):
        sentences = [f"{word(number * 4 + n)}について書いた。" for n in range(1, 4)]
        day = f"2026-{number // 28 + 1:02}-{number % 28 + 1:02}"
        body = f"{''.join(sentences[:2])}\n\n{sentences[2]}"
        text = f"---\ntitle: {word(number * 4)}の話\n---\n\n{body}\n"
        (folder / f"{day}-post-{number}.md").write_text(text, "utf-8")


class Town:
    """The servers, the nodes and what they wrote down."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.postgres = servers.postgres()
        stack.callback(self.postgres.remove)
        self.redis = servers.redis_server()
        stack.callback(self.redis.remove)
        self.decoded = folder / "decoded"
        write_posts(folder / "posts")
        self.database_url = self.postgres.new_database()
        everywhere = {
            "FEEDS_DATABASE_URL": self.database_url,
            "FEEDS_QUEUE_URL": self.redis.new_database(),
        }
        web = {
            **everywhere,
            "FEEDS_SITE_URL": "https://feeds.example",
            "FEEDS_POSTS_DIR": str(folder / "posts"),
            "FEEDS_LANGUAGES": "ja,en,ko",
            "FEEDS_TRANSLATOR": "external",
            "FEEDS_PREWARM": str(POSTS),
            "FEEDS_WAIT": "0.2",
        }
        pace = {RECORD: str(self.decoded), PACE: "0.02"}
        self.webs = [Web(folder / f"web-{n}", web) for n in range(3)]
        self.translators = [
            Translator(folder / f"translator-{n}", everywhere | pace) for n in range(3)
        ]
        self.nodes: list[Node] = [*self.webs, *self.translators]
        for node in self.nodes:
            stack.callback(node.stop)
        url = make_url(self.database_url).set(drivername="postgresql+psycopg")
        self.engine: Engine = create_engine(url, pool_pre_ping=True)
        stack.callback(self.engine.dispose)

    def start(self) -> None:
        for web in self.webs:
            web.start()
        for web in self.webs:
            wait_for(lambda web=web: web.get("/healthz")[0] == 200, 60, self.nodes)
        for translator in self.translators:
            translator.start(engine="tests.support.slow_engine:make", lease=float(LEASE))

    def done(self) -> int:
        with reading(self.engine) as connection:
            return len(connection.execute(select(results.c.seq)).all())

    def holds(self, translator: Translator) -> tuple[str, str] | None:
        """The job that it has in hand."""
        statement = select(work.c.post_key, work.c.language)
        with reading(self.engine) as connection:
            mine = statement.where(work.c.lease_holder.endswith(translator.name))
            row = connection.execute(mine).first()
        return (row.post_key, row.language) if row else None

    def is_done(self, key: tuple[str, str]) -> bool:
        statement = select(results.c.seq).where(
            results.c.post_key == key[0], results.c.language == key[1]
        )
        with reading(self.engine) as connection:
            return connection.execute(statement).first() is not None

    def wait_until_done(self, number: int) -> None:
        wait_for(lambda: self.done() >= number, 90, self.nodes)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with ExitStack() as stack:
        yield Town(tmp_path, stack)


def no_entry_twice(body: bytes) -> None:
    ids = Counter(item["id"] for item in json.loads(body)["items"])
    assert not ids or max(ids.values()) == 1, ids.most_common(3)


def test_readers_are_served_while_nodes_and_servers_fail(town: Town) -> None:
    town.start()
    whole = len(LANGUAGES) * POSTS
    killed, paused, _ = town.translators
    # The older half is what the translators are at while things go wrong.
    pages = ("", "?limit=100&page=2")
    feeds = [f"/{lang}/feed.json{page}" for lang in ("ja", *LANGUAGES) for page in pages]
    with Reader(town.webs, feeds, no_entry_twice) as reader:
        town.wait_until_done(whole // 10)
        dead = killed.pid
        os.kill(dead, signal.SIGKILL)

        town.wait_until_done(2 * whole // 10)
        town.redis.stop()
        town.wait_until_done(3 * whole // 10)
        town.redis.start()

        taken = wait_for(lambda: town.holds(paused), 20, town.nodes)
        sleeper = paused.pid
        os.kill(sleeper, signal.SIGSTOP)
        taken = town.holds(paused) or taken
        wait_for(lambda: town.is_done(taken), 60, town.nodes)  # by somebody else, or by itself
        time.sleep(LEASE)
        os.kill(sleeper, signal.SIGCONT)

        town.wait_until_done(6 * whole // 10)
        town.postgres.stop()
        time.sleep(2)
        assert [web.get("/ja/feed.json")[0] for web in town.webs] == [200] * 3
        town.postgres.start()

        town.wait_until_done(whole)
    assert reader.complaints == []
    assert reader.answers.total() > 50
    assert reader.slowest < 5
    assert_each_post_was_translated_once(town)
    assert_nothing_was_decoded_twice(town, excused={dead, sleeper})
    assert_every_node_serves_the_same(town)


def assert_each_post_was_translated_once(town: Town) -> None:
    logs = "".join(translator.log.read_text() for translator in town.translators)
    ready = Counter(
        line.rpartition("translator: ")[2].partition(": ready")[0]
        for line in logs.splitlines()
        if ": ready in " in line
    )
    assert len(ready) == len(LANGUAGES) * POSTS
    assert ready.most_common(1)[0][1] == 1, ready.most_common(3)


def assert_nothing_was_decoded_twice(town: Town, excused: set[int]) -> None:
    rows = [json.loads(line) for line in town.decoded.read_text().splitlines()]
    others = Counter(tuple(row[1:]) for row in rows if row[0] not in excused)
    assert [key for key, times in others.items() if times > 1] == []
    # One post each at most is what the two that were stopped have cost.
    all_of_them = Counter(tuple(row[1:]) for row in rows)
    again = sum(times - 1 for times in all_of_them.values())
    assert again <= len(excused) * 8


def assert_every_node_serves_the_same(town: Town) -> None:
    time.sleep(3)  # Last-Modified is told once nothing can share its second
    for path in (f"/{language}/feed.{kind}" for language in ("ja", "en", "ko") for kind in FORMATS):
        for query in ("", "?limit=100", "?limit=100&page=2"):
            answers = [web.get(path + query) for web in town.webs]
            assert {status for status, _, _ in answers} == {200}
            assert len({body for _, _, body in answers}) == 1, path + query
            for header in ("ETag", "Last-Modified", "X-Translation-State"):
                assert len({headers[header] for _, headers, _ in answers}) == 1, (path, header)
            assert answers[0][1]["X-Translation-State"] == "complete"
