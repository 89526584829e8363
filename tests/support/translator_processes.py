"""Translator and supervisor processes for a test, and what can be seen of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.database import open_database
from translate.jobs.heartbeats import Heartbeats
from translate.jobs.queue import BACKGROUND, Job, TranslationQueue
from translate.jobs.results import Results
from translate.memory.memory import Memory
from translate.options import TranslatorOptions
from translate.types import Document, State

ROOT = Path(__file__).parents[2]


def until(condition: Callable[[], Any], seconds: float = 120) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return found


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that is dead and not yet reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@contextmanager
def a_tenth_of_a_processor(pid: int) -> Iterator[None]:
    """Stops and continues the process in turns, as a quota of a tenth does."""
    ended = threading.Event()

    def take_turns() -> None:
        with suppress(ProcessLookupError):
            while not ended.is_set():
                os.kill(pid, signal.SIGSTOP)
                ended.wait(0.18)
                os.kill(pid, signal.SIGCONT)
                ended.wait(0.02)

    thread = threading.Thread(target=take_turns)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def job(post: str, *, sentences: int = 3, rank: int = 0) -> Job:
    text = "".join(f"{post}の話は{n}番目です。" for n in range(sentences))
    document = Document(language="ja", title=post, summary="", html=f"<p>{text}</p>")
    return Job(post_key=post, language="en", source_digest="1", document=document, rank=rank)


@dataclass
class House:
    """A state directory with the processes that a test starts for it."""

    state: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        database = open_database(f"sqlite:///{self.state}/feedglot.sqlite3")
        self.queue = TranslationQueue(database)
        self.results = Results(database)
        self.memory = Memory(database)
        self.translators = Heartbeats(database)
        self.log = self.state / "engine.log"
        self.log.touch()

    def options(self, engine: str, **options: Any) -> TranslatorOptions:
        """The options of a translator for this state, with an engine of `odd_engines`."""
        if engine != "argos":
            engine = f"tests.support.odd_engines:{engine}"
        return TranslatorOptions.of_state(self.state, engine=engine, **options)

    def environment(self, options: TranslatorOptions) -> dict[str, str]:
        own = {"PYTHONPATH": str(ROOT), "ENGINE_LOG": str(self.log)}
        return os.environ | own | options.to_environment()

    def start(self, module: str, engine: str, *arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=self.environment(self.options(engine)),
            stdin=subprocess.PIPE,
        )
        self.started.append(process)
        return process

    def ask(self, *jobs: Job) -> None:
        self.queue.request(jobs, urgency=BACKGROUND, now=time.time())

    def states(self) -> dict[str, State]:
        return {row.post_key: row.state for row in self.results.changes()}

    def pid(self) -> int | None:
        """The process that describes itself as the translator."""
        return next((status.pid for status in self.translators.all()), None)

    def is_at_work(self) -> bool:
        counts = self.results.counts().get("en")
        return bool(counts and counts.in_work)

    def decoded(self) -> Counter[str]:
        return Counter(line.partition("\t")[2] for line in self.log.read_text().splitlines())

    def processes(self) -> set[int]:
        """Every translator that works for this state, whoever started it."""
        found = set()
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                words = path.read_bytes().decode().split("\0")
                environment = path.with_name("environ").read_bytes().decode()
                if words[1:3] == ["-m", "translate"] and str(self.state) in environment:
                    found.add(int(path.parent.name))
        return {pid for pid in found if is_alive(pid)}
