"""Real processes: the translator is killed, hung and stopped, and nothing is lost but time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from infra.database import open_database
from translate.jobs.heartbeats import Heartbeats
from translate.jobs.queue import BACKGROUND, Job, TranslationQueue
from translate.jobs.results import Results
from translate.memory.memory import Memory
from translate.pipeline import translator
from translate.types import Document, State
from translate.worker.launcher import SupervisorHandle

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


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

    def command(self, module: str, engine: str, *options: str) -> list[str]:
        given = [
            "--state",
            str(self.state),
            "--engine",
            f"tests.support.odd_engines:{engine}",
            *options,
        ]
        between = ["--"] if module == "translate.worker.supervisor" else []
        return [sys.executable, "-m", module, *between, *given]

    @property
    def environment(self) -> dict[str, str]:
        return {"PYTHONPATH": str(ROOT), "ENGINE_LOG": str(self.log)}

    def start(self, module: str, engine: str, *options: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            self.command(module, engine, *options),
            env=os.environ | self.environment,
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
                if words[1:3] == ["-m", "translate"] and str(self.state) in words:
                    found.add(int(path.parent.name))
        return {pid for pid in found if is_alive(pid)}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    for process in house.started:
        process.kill()
        process.wait()
    until(lambda: not house.processes())


def test_killed_in_the_middle_of_a_post_it_goes_on_where_it_was(house: House) -> None:
    house.ask(job("人工知能", sentences=200))
    house.start("translate.worker.supervisor", "slow")
    until(lambda: len(house.memory) >= 40)
    first = house.pid()
    os.kill(first, signal.SIGKILL)
    until(house.states)
    assert house.states() == {"人工知能": State.READY}
    lines = [line.split("\t") for line in house.log.read_text().splitlines()]
    assert {int(pid) for pid, _ in lines} == {first, house.pid()}
    twice = [sentence for sentence, times in house.decoded().items() if times > 1]
    assert len(twice) <= translator.BATCH  # the one in work
    assert sum(house.decoded().values()) - len(twice) == len(house.memory)


def test_a_post_that_always_kills_it_is_given_up_and_the_rest_goes_on(house: House) -> None:
    house.ask(job("毒", rank=1), job("良い"))
    house.start("translate.worker.supervisor", "deadly")
    until(lambda: len(house.states()) == 2)
    assert house.states() == {"毒": State.FAILED, "良い": State.READY}
    assert [row.error for row in house.results.failed()] == [
        "killed or hung the translator 3 times"
    ]


def test_a_post_that_always_hangs_it_is_given_up_and_the_rest_goes_on(house: House) -> None:
    house.ask(job("眠", rank=1), job("良い"))
    house.start("translate.worker.supervisor", "sleepy", "--stall", "1")
    until(lambda: len(house.states()) == 2)
    assert house.states() == {"眠": State.FAILED, "良い": State.READY}


def test_asked_to_stop_it_hands_back_what_it_is_at(house: House) -> None:
    house.ask(job("人工知能", sentences=200))
    translator = house.start("translate", "slow")
    until(lambda: len(house.memory) > 0)
    translator.terminate()
    assert translator.wait(60) == 0
    claim = house.queue.claim("next", lease_seconds=90, now=time.time())
    assert claim
    assert claim.attempt == 1
    assert house.translators.all() == []


def test_a_glossary_with_an_error_is_named_and_nothing_is_translated_without_it(
    house: House,
) -> None:
    glossary = house.state / "terms.yml"
    glossary.write_text("- nonsense\n")
    command = house.command("translate", "plain", "--glossary", str(glossary))
    done = subprocess.run(
        command, env=os.environ | house.environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2
    assert "the glossary cannot be used, nothing is translated: terms.yml:1: " in done.stderr


def test_stopping_the_supervisor_stops_the_translator(house: House) -> None:
    supervisor = house.start("translate.worker.supervisor", "plain")
    translator = until(house.pid)
    supervisor.terminate()
    assert supervisor.wait(60) == 0
    assert not is_alive(translator)


def test_it_leaves_when_its_parent_lets_go_of_the_pipe(house: House) -> None:
    supervisor = house.start("translate.worker.supervisor", "plain")
    until(house.pid)
    assert supervisor.stdin
    supervisor.stdin.close()
    assert supervisor.wait(60) == 0
    assert not house.processes()


def test_the_translator_leaves_when_its_supervisor_is_killed(house: House) -> None:
    house.ask(job("人工知能", sentences=200))
    supervisor = house.start("translate.worker.supervisor", "slow")
    until(lambda: len(house.memory) > 0)
    supervisor.kill()
    until(lambda: not house.processes())
    assert not house.is_at_work()  # handed back


def test_two_supervisors_have_one_translator(house: House) -> None:
    first = house.start("translate.worker.supervisor", "plain")
    one = until(house.pid)
    second = house.start("translate.worker.supervisor", "plain")
    time.sleep(2)
    assert house.processes() == {one}
    first.terminate()
    until(lambda: house.processes() - {one} and len(house.processes()) == 1)
    assert second.poll() is None


def test_an_orphan_that_does_not_leave_yet_keeps_its_place(house: House) -> None:
    first = house.start("translate.worker.supervisor", "plain")
    orphan = until(house.pid)
    os.kill(orphan, signal.SIGSTOP)
    try:
        first.kill()
        house.start("translate.worker.supervisor", "plain")
        time.sleep(2)
        assert house.processes() == {orphan}
    finally:
        os.kill(orphan, signal.SIGCONT)
    until(lambda: house.processes() - {orphan} and len(house.processes()) == 1)


def test_a_translator_started_by_hand_waits_its_turn(house: House) -> None:
    supervisor = house.start("translate.worker.supervisor", "plain")
    until(house.pid)
    by_hand = house.start("translate", "plain")
    time.sleep(2)
    assert house.pid() != by_hand.pid
    supervisor.terminate()
    until(lambda: house.pid() == by_hand.pid)


def test_hup_starts_the_translator_afresh(house: House) -> None:
    supervisor = house.start("translate.worker.supervisor", "plain")
    before = until(house.pid)
    supervisor.send_signal(signal.SIGHUP)
    until(lambda: house.pid() not in (None, before))
    assert not is_alive(before)


class TestHandle:
    @pytest.fixture
    def handle(self, house: House) -> Iterator[SupervisorHandle]:
        command = house.command("translate.worker.supervisor", "plain")
        handle = SupervisorHandle(command, house.environment)
        handle.start()
        until(house.pid)
        yield handle
        handle.stop()

    def test_stop_ends_all(self, house: House, handle: SupervisorHandle) -> None:
        handle.stop()
        assert not house.processes()
        handle.stop()  # again is harmless

    def test_a_supervisor_that_dies_is_replaced(
        self, house: House, handle: SupervisorHandle
    ) -> None:
        first, pid = house.pid(), handle.pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        until(lambda: house.pid() not in (None, first))
        assert handle.pid != pid
