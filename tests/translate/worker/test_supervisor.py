"""Real processes: the translator is killed, hung and stopped, and nothing is lost but time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.support.translator_processes import (
    ROOT,
    House,
    a_tenth_of_a_processor,
    is_alive,
    job,
    until,
)
from translate.pipeline import translator
from translate.types import State
from translate.worker.launcher import SupervisorHandle

pytestmark = pytest.mark.slow


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


def test_a_post_that_always_crashes_the_translator_fails_and_others_continue(house: House) -> None:
    house.ask(job("毒", rank=1), job("良い"))
    house.start("translate.worker.supervisor", "deadly")
    until(lambda: len(house.states()) == 2)
    assert house.states() == {"毒": State.FAILED, "良い": State.READY}
    assert [row.error for row in house.results.failed()] == ["crashed the translator 3 times"]


def test_a_post_that_always_hangs_it_is_given_up_and_the_rest_goes_on(house: House) -> None:
    house.ask(job("眠", rank=1), job("良い"))
    house.start(
        "translate.worker.supervisor", "sleepy", "--asleep-seconds", "2", "--look-seconds", "0.2"
    )
    until(lambda: len(house.states()) == 2)
    assert house.states() == {"眠": State.FAILED, "良い": State.READY}


def test_a_slow_post_comes_last_in_smaller_batches_until_it_is_done(house: House) -> None:
    """64 sentences, 16, then 4 at once: the engine takes all the time there is for more."""
    house.ask(job("挽", sentences=20, rank=1), job("良い"))
    house.start(
        "translate.worker.supervisor", "grinding", "--cpu-seconds", "2", "--look-seconds", "0.2"
    )
    until(lambda: house.states().get("挽"), 180)
    assert house.states() == {"挽": State.READY, "良い": State.READY}
    first, last = sorted(house.results.changes(), key=lambda row: row.completed_at)
    assert (first.post_key, last.post_key) == ("良い", "挽")


def test_with_a_tenth_of_a_processor_a_post_is_translated_by_one_process(house: House) -> None:
    """The real engine; all of it takes longer than a translator may sleep or be stopped."""
    seconds = 8.0
    house.ask(job("人工知能", sentences=400))
    house.start(
        "translate.worker.supervisor",
        "argos",
        *("--stopped-seconds", str(seconds), "--asleep-seconds", str(seconds)),
        *("--look-seconds", "0.5"),
    )
    pid = until(house.pid)
    started = time.monotonic()
    with a_tenth_of_a_processor(pid):
        until(house.states, 600)
    assert house.states() == {"人工知能": State.READY}
    assert house.pid() == pid
    assert time.monotonic() - started > seconds


def test_a_translator_stopped_for_good_is_replaced_at_no_cost_to_the_post(house: House) -> None:
    house.ask(job("人工知能", sentences=200))
    house.start(
        "translate.worker.supervisor", "slow", "--stopped-seconds", "1", "--look-seconds", "0.2"
    )
    until(lambda: len(house.memory) > 0)
    first = house.pid()
    assert first
    os.kill(first, signal.SIGSTOP)
    until(lambda: house.pid() != first)
    until(house.states)
    assert house.states() == {"人工知能": State.READY}


def test_a_stop_returns_the_job_to_the_queue(house: House) -> None:
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
    options = house.options("plain", glossary=glossary)
    done = subprocess.run(
        [sys.executable, "-m", "translate"],
        env=house.environment(options),
        capture_output=True,
        text=True,
        timeout=120,
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
    def handle(self, house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[SupervisorHandle]:
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        handle = SupervisorHandle(house.options("plain"))
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
