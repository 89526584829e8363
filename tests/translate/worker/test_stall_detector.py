"""When a translator counts as hung: an injected clock and process table."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from translate.worker.batch_counter import BatchCounter, Progress
from translate.worker.stall_detector import ProcessUsage, Stall, StallDetector, process_usage


@dataclass
class Machine:
    """A clock, a process table with one process, and that process's counter."""

    now: float = 0.0
    cpu: float = 0.0
    runnable: bool = True
    stopped: bool = False
    progress: Progress = field(default_factory=lambda: Progress(1, in_job=True))
    detector: StallDetector = field(init=False)

    def __post_init__(self) -> None:
        self.detector = StallDetector(
            usage=lambda: ProcessUsage(
                cpu_seconds=self.cpu, runnable=self.runnable, stopped=self.stopped
            ),
            progress=lambda: self.progress,
            clock=lambda: self.now,
        )
        self.detector.check()

    def after(self, seconds: float, *, share: float = 0.0, look: float = 5.0) -> Stall | None:
        """The first verdict within that time; the process gets this share of a processor."""
        for _ in range(round(seconds / look)):
            self.now += look
            self.cpu += look * share
            if stall := self.detector.check():
                return stall
        return None

    def finish_batch(self) -> None:
        self.progress = Progress(self.progress.steps + 1, in_job=True)


DAY = 86_400.0


def test_runnable_and_starved_is_never_hung() -> None:
    assert Machine().after(DAY) is None


def test_asleep_between_two_checks_and_computing_is_not_hung() -> None:
    """The state is that of one instant; the processor time tells of all the time between."""
    machine = Machine(runnable=False)
    for _ in range(100):
        assert machine.after(60, share=0.01) is None
        machine.finish_batch()


def test_120_seconds_of_processor_time_without_a_batch_is_slow() -> None:
    machine = Machine()
    assert machine.after(115, share=1.0) is None
    assert machine.after(10, share=1.0) is Stall.SLOW


def test_a_tenth_of_a_processor_gives_it_ten_times_as_long() -> None:
    machine = Machine()
    assert machine.after(1190, share=0.1) is None
    assert machine.after(20, share=0.1) is Stall.SLOW


def test_each_finished_batch_starts_the_count_again() -> None:
    machine = Machine()
    for _ in range(50):
        assert machine.after(110, share=1.0) is None
        machine.finish_batch()


def test_without_a_job_nothing_is_judged() -> None:
    machine = Machine(runnable=False, progress=Progress(0, in_job=False))
    assert machine.after(DAY / 24) is None
    machine.runnable = True
    assert machine.after(1000, share=1.0) is None
    machine.progress = Progress(1, in_job=True)
    assert machine.after(115, share=1.0) is None


def test_asleep_for_minutes_without_processor_time_is_hung() -> None:
    machine = Machine(runnable=False)
    assert machine.after(175) is None
    assert machine.after(10) is Stall.ASLEEP


def test_stopped_for_a_minute_is_hung() -> None:
    machine = Machine(runnable=False, stopped=True)
    assert machine.after(55) is None
    assert machine.after(10) is Stall.STOPPED


def test_stopped_and_continued_is_not_hung() -> None:
    machine = Machine(runnable=False, stopped=True)
    for _ in range(100):
        assert machine.after(55) is None
        machine.cpu += 0.01
        machine.finish_batch()


def test_a_gap_between_checks_counts_as_two_checks_at_most() -> None:
    """Supervisor and translator were frozen together for a day (cgroup freezer, a pause)."""
    machine = Machine(runnable=False)
    assert machine.after(DAY, look=DAY) is None
    assert machine.after(160) is None
    assert machine.after(20) is Stall.ASLEEP


def test_a_process_that_is_gone_is_not_judged() -> None:
    detector = StallDetector(usage=lambda: None, progress=lambda: Progress(1, in_job=True))
    assert detector.check() is None


def test_the_counter_is_read_by_the_process_that_made_it(tmp_path: Path) -> None:
    counter = BatchCounter.create(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert counter.read() == Progress(0, in_job=False)
    program = (
        "import sys; from translate.worker.batch_counter import BatchCounter\n"
        "counter = BatchCounter(int(sys.argv[1]))\n"
        "counter.job_started(); counter.batch_finished()"
    )
    command = [sys.executable, "-c", program, str(counter.fileno())]
    subprocess.run(command, pass_fds=[counter.fileno()], check=True)
    assert counter.read() == Progress(2, in_job=True)
    counter.close()


class TestProcessTable:
    def test_this_process_runs_and_uses_processor_time(self) -> None:
        before = process_usage(os.getpid())
        end = time.process_time() + 0.05
        while time.process_time() < end:
            pass
        after = process_usage(os.getpid())
        assert before
        assert after
        assert after.cpu_seconds > before.cpu_seconds
        assert after.runnable

    def test_a_thread_that_runs_beside_a_waiting_main_thread_is_runnable(self) -> None:
        program = (
            "import threading\ndef burn():\n while True: pass\n"
            "threading.Thread(target=burn, daemon=True).start()\n"
            "print(flush=True)\nthreading.Event().wait()"
        )
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            usage = process_usage(process.pid)
            process.kill()
        assert usage
        assert (usage.runnable, usage.stopped) == (True, False)

    def test_asleep_stopped_and_gone(self) -> None:
        process = subprocess.Popen(["sleep", "600"])
        try:
            states = []
            for number in (signal.SIGCONT, signal.SIGSTOP):
                process.send_signal(number)
                time.sleep(0.3)
                usage = process_usage(process.pid)
                assert usage
                states.append((usage.runnable, usage.stopped))
            assert states == [(False, False), (False, True)]
        finally:
            process.kill()
            process.wait()
        assert process_usage(process.pid) is None
