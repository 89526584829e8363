"""Processes killed at random moments while readers read and posts are edited.

Ten seconds in CI; `CHAOS_SECONDS=300 pytest tests/chaos/test_processes.py` for longer, and
`CHAOS_SEED=7` for the same order of events as another run with that seed.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.support.nodes import Reader, Web, wait_for
from tests.support.slow_clients import Crowd
from tests.support.slow_engine import PACE, RECORD

pytestmark = pytest.mark.slow

SECONDS = float(os.environ.get("CHAOS_SECONDS", "10"))
SEED = int(os.environ.get("CHAOS_SEED", "1"))
FEEDS = [f"/{language}/feed.json" for language in ("ja", "en", "ko")]
WORDS = "山川空海森林石花鳥風月雪星光音"


class Service(Web):
    """gunicorn, its workers, the supervisor and the translator, on SQLite."""

    def __init__(self, folder: Path, posts: Path) -> None:
        environment = {
            "FEEDS_POSTS_DIR": str(posts),
            "FEEDS_SITE_URL": "https://feeds.example",
            "FEEDS_ENGINE": "tests.support.slow_engine:make",
            "FEEDS_WAIT": "0.5",
            "WEB_CONCURRENCY": "2",
            RECORD: str(folder.with_name(f"{folder.name}.decoded")),
            PACE: "0.01",
        }
        super().__init__(folder, environment)

    def children(self) -> dict[int, str]:
        """Every process below gunicorn's, with its command line."""
        found: dict[int, str] = {}
        assert self.process
        parents = [self.process.pid]
        while parents:
            parent = parents.pop()
            for task in Path(f"/proc/{parent}/task").glob("*/children"):
                for pid in map(int, task.read_text().split()):
                    try:
                        line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
                    except OSError:
                        continue
                    if line.strip():
                        found[pid] = line.decode()
                        parents.append(pid)
        return found

    def serving(self) -> list[int]:
        """The web workers that have loaded everything: they have begun their other threads."""
        found = []
        for pid, command in self.children().items():
            with suppress(OSError):
                if "gunicorn" in command and len(list(Path(f"/proc/{pid}/task").iterdir())) > 1:
                    found.append(pid)
        return found

    def is_settled(self) -> bool:
        answers = [self.get(path) for path in FEEDS]
        states = {headers.get("X-Translation-State") for _, headers, _ in answers}
        return {status for status, _, _ in answers} == {200} and states == {"complete"}

    def entries(self) -> dict[str, list[dict[str, Any]]]:
        """What the feeds say, times of completion aside."""
        found = {}
        for path in FEEDS:
            items = json.loads(self.get(path)[2])["items"]
            found[path] = [{k: v for k, v in i.items() if k != "date_modified"} for i in items]
        return found


def write(posts: Path, number: int, version: int) -> None:
    words = "".join(WORDS[(number * 7 + version * 3 + n) % len(WORDS)] for n in range(4))
    text = f"---\ntitle: 第{words}話\n---\n\n{words}について書いた。"
    new = posts / f".{number}.new"
    new.write_text(text, "utf-8")
    new.rename(posts / f"2026-01-{number + 1:02}-post-{number}.md")


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    folder = tmp_path / "posts"
    folder.mkdir()
    for number in range(8):
        write(folder, number, 0)
    return folder


@pytest.fixture
def service(tmp_path: Path, posts: Path) -> Iterator[Service]:
    service = Service(tmp_path / "disturbed", posts)
    service.start()
    wait_for(service.is_settled, 60, [service])
    yield service
    service.stop()


def no_entry_twice(body: bytes) -> None:
    ids = [item["id"] for item in json.loads(body)["items"]]
    assert len(ids) == len(set(ids))


def name_of(command: str) -> str:
    for module in ("translate.worker.supervisor", "translate", "gunicorn"):
        if module in command:
            return module
    return command


def is_a_dropped_connection(complaint: str) -> bool:
    """What a reader sees of a worker that was killed at work on the request itself."""
    dropped = ("RemoteDisconnected", "ConnectionResetError", "IncompleteRead")
    return any(name in complaint for name in dropped)


def test_randomly_killed_processes_leave_the_feeds_unchanged(
    service: Service, posts: Path, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    end = time.monotonic() + SECONDS
    killed: Counter[str] = Counter()
    ended: set[int] = set()  # some of these take a while
    with Reader([service], FEEDS, no_entry_twice) as reader:
        while time.monotonic() < end:
            write(posts, chance.randrange(8), chance.randrange(1000))
            time.sleep(chance.uniform(0.1, 1.0))
            children = service.children()
            # One at a time: when all are killed at once, readers wait for the next to load.
            if len(serving := set(service.serving()) - ended) == 1:
                children.pop(serving.pop(), None)
            if children:
                victim = chance.choice(sorted(children))
                number = chance.choice((signal.SIGTERM, signal.SIGKILL))
                try:
                    os.kill(victim, number)
                except ProcessLookupError:
                    continue
                ended.add(victim)
                killed[f"{name_of(children[victim])} {number.name}"] += 1
        wait_for(service.is_settled, 90, [service])
    print(  # noqa: T201 - shown with -s
        f"seed {SEED}, {SECONDS:g} s: {reader.answers.total()} requests, "
        f"{sum(killed.values())} kills {dict(killed)}, answers {dict(reader.answers)}, "
        f"slowest {reader.slowest:.2f} s"
    )
    assert killed.total() >= SECONDS / 3
    assert [c for c in reader.complaints if not is_a_dropped_connection(c)] == []
    assert len(reader.complaints) <= killed.total()
    undisturbed = Service(tmp_path / "undisturbed", posts)
    undisturbed.start()
    try:
        wait_for(undisturbed.is_settled, 60, [undisturbed])
        assert service.entries() == undisturbed.entries()
    finally:
        undisturbed.stop()


def lift(service: Service, kind: int) -> None:
    for pid in service.children():
        _, hard = resource.prlimit(pid, kind)
        resource.prlimit(pid, kind, (hard, hard))


def test_readers_are_served_while_the_disk_is_full(service: Service, posts: Path) -> None:
    """No file of any process can grow: neither databases nor logs."""
    with Reader([service], FEEDS, no_entry_twice) as reader:
        for pid in service.children():
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, hard))
        write(posts, 1, 77)
        time.sleep(4)
        lift(service, resource.RLIMIT_FSIZE)
        wait_for(service.is_settled, 60, [service])
    assert reader.complaints == []
    assert reader.slowest < 5


def test_clients_leave_file_handles_for_files_and_the_database(tmp_path: Path, posts: Path) -> None:
    """More silent clients than a process has handles: readers and edits get theirs."""
    service = Service(tmp_path / "narrow", posts)
    service.start("prlimit", "--nofile=128:")
    try:
        wait_for(service.is_settled, 60, [service])
        crowd = Crowd("silence", service.port, 300, "")
        with Reader([service], FEEDS, no_entry_twice) as reader, crowd:
            write(posts, 1, 79)
            time.sleep(4)
            wait_for(service.is_settled, 60, [service])
    finally:
        service.stop()
    assert reader.complaints == []
    assert reader.slowest < 5
