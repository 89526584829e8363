"""Decides whether a translator hangs, from its processor time and its finished batches.

Wall-clock time proves nothing: on a busy machine a translator that computes may wait
minutes for a processor. A process that can run, or that has run since the last check, never
counts as asleep.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from translate.worker.batch_counter import Progress

CPU_SECONDS = 120.0  # processor time within one batch after which it is too slow
STOPPED_SECONDS = 60.0
ASLEEP_SECONDS = 180.0
LOOK_SECONDS = 5.0  # between two checks

# A supervisor that was itself starved or stopped does not know what happened meanwhile: of a
# longer gap only this much counts.
_LONGEST_GAP = 2.0  # checks


class Stall(StrEnum):
    """Why a translator counts as hung."""

    SLOW = "slow"  # too much processor time in one batch
    STOPPED = "stopped"  # by a signal; not the post's fault
    ASLEEP = "asleep"  # waits for an event that does not happen


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessUsage:
    """An entry of the process table."""

    cpu_seconds: float  # of all threads, user and system
    runnable: bool  # a thread runs or waits for a processor
    stopped: bool


@dataclass(kw_only=True)
class StallDetector:
    """Watches one translator process."""

    usage: Callable[[], ProcessUsage | None]  # None: no such process, or no process table
    progress: Callable[[], Progress]
    clock: Callable[[], float] = time.monotonic
    cpu_seconds: float = CPU_SECONDS
    stopped_seconds: float = STOPPED_SECONDS
    asleep_seconds: float = ASLEEP_SECONDS
    look_seconds: float = LOOK_SECONDS
    _steps: int = field(default=-1, init=False)
    _cpu_at_step: float = field(default=0.0, init=False)
    _cpu: float = field(default=0.0, init=False)
    _looked: float = field(default=0.0, init=False)
    _stopped: float = field(default=0.0, init=False)  # seconds on end
    _asleep: float = field(default=0.0, init=False)  # seconds on end, stopped or not

    def check(self) -> Stall | None:
        """Why the process hangs; None: it does not, or its state is unknown."""
        usage, progress, now = self.usage(), self.progress(), self.clock()
        if usage is None:
            return None
        if not progress.in_job or progress.steps != self._steps:
            self._steps = progress.steps
            self._cpu_at_step = usage.cpu_seconds
            self._stopped = self._asleep = 0.0
        else:
            gap = min(now - self._looked, _LONGEST_GAP * self.look_seconds)
            is_idle = usage.cpu_seconds == self._cpu and not usage.runnable
            self._asleep = self._asleep + gap if is_idle else 0.0
            self._stopped = self._stopped + gap if is_idle and usage.stopped else 0.0
        self._cpu, self._looked = usage.cpu_seconds, now
        if usage.cpu_seconds - self._cpu_at_step >= self.cpu_seconds:
            return Stall.SLOW
        if self._stopped >= self.stopped_seconds:
            return Stall.STOPPED
        if self._asleep >= self.asleep_seconds and not usage.stopped:
            return Stall.ASLEEP
        return None


def process_usage(pid: int, proc: Path = Path("/proc")) -> ProcessUsage | None:
    """The process in Linux's table (proc(5)); None: it has ended, or this is not Linux."""
    try:
        whole = _fields(proc / str(pid) / "stat")
    except (OSError, IndexError):
        return None
    states = set()
    with suppress(OSError):
        for thread in (proc / str(pid) / "task").iterdir():
            # A thread may end meanwhile.
            with suppress(OSError, IndexError):
                states.add(_fields(thread / "stat")[0])
    ticks = int(whole[11]) + int(whole[12])  # utime and stime, fields 14 and 15
    return ProcessUsage(
        cpu_seconds=ticks / os.sysconf("SC_CLK_TCK"),
        runnable="R" in states,
        stopped=bool(states) and states <= {"T", "t"},
    )


def _fields(stat: Path) -> list[str]:
    """The fields after the program's name, which may have spaces and brackets: from the third."""
    return stat.read_text("ascii", errors="replace").rpartition(")")[2].split()
