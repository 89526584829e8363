"""The supervisor process: starts and restarts the translator, and ends with its parent.

`python -m translate.worker.supervisor`; the translator's options are in the environment.

gunicorn cannot supervise it: its arbiter reaps any child process, and loses handles when it
reads its configuration again. This process is small (no database, no models). It holds the
lock of the state directory, and its child inherits the lock: even if this process is killed,
no second translator starts before the first has ended.

It kills a translator that hangs (`stall_detector`), and passes the next one the end of its
predecessor, which decides whether that counts as an attempt for the post.

SIGHUP restarts the translator, SIGTERM or the end of the pipe on stdin ends both.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import select
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from infra import log_format
from infra.locks import StateLock
from translate.options import TranslatorOptions
from translate.types import LeaseEnd
from translate.worker import stall_detector
from translate.worker.batch_counter import BatchCounter
from translate.worker.stall_detector import Stall, StallDetector, process_usage

log = logging.getLogger("translate.worker.supervisor")

FIRST_PAUSE = 0.5  # seconds before the translator is restarted; doubled each time
LONGEST_PAUSE = 30.0
HEALTHY = 30.0  # seconds of running after which the pauses start again at the first
GRACE = 3.0  # seconds from SIGTERM to SIGKILL: the translator ends immediately
TRACE_SECONDS = 1.0  # for a hung translator to write its stacks

_STALLS = {
    Stall.SLOW: "no batch finished within {0.cpu_seconds:g} s of processor time",
    Stall.STOPPED: "stopped by a signal for {0.stopped_seconds:g} s",
    Stall.ASLEEP: "no processor time used for {0.asleep_seconds:g} s",
}
# Passed to the next translator: only a crash counts as an attempt for the post.
_ENDS = {
    Stall.SLOW: LeaseEnd.SLOW,
    Stall.STOPPED: LeaseEnd.INTERRUPTED,
    Stall.ASLEEP: LeaseEnd.CRASHED,
}


@dataclass(frozen=True, kw_only=True)
class StallLimits:
    """When a translator counts as hung, in seconds."""

    cpu_seconds: float = stall_detector.CPU_SECONDS
    stopped_seconds: float = stall_detector.STOPPED_SECONDS
    asleep_seconds: float = stall_detector.ASLEEP_SECONDS
    look_seconds: float = stall_detector.LOOK_SECONDS


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m translate.worker.supervisor")
    for name, help_text in (
        ("cpu", "processor time within one batch"),
        ("stopped", "stopped by a signal"),
        ("asleep", "without any processor time"),
        ("look", "between two checks"),
    ):
        default = getattr(StallLimits, f"{name}_seconds")
        parser.add_argument(f"--{name}-seconds", type=float, default=default, help=help_text)
    limits = StallLimits(**vars(parser.parse_args(arguments)))
    options = TranslatorOptions.from_environment(os.environ)
    log_format.configure("supervisor", options.log)
    Supervisor(options, StateLock(options.state), limits).run()
    return 0


@dataclass
class Supervisor:
    """Keeps one translator running until it is stopped."""

    options: TranslatorOptions
    lock: StateLock
    limits: StallLimits = StallLimits()
    _child: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _leaving: bool = field(default=False, init=False)
    _renewing: bool = field(default=False, init=False)
    _killed_at: float | None = field(default=None, init=False)  # when its grace ends
    _counter: BatchCounter | None = field(default=None, init=False)
    _detector: StallDetector | None = field(default=None, init=False)
    _lease_end: LeaseEnd = field(default=LeaseEnd.CRASHED, init=False)  # of the child that ends
    _looked_at: float = field(default=0.0, init=False)
    _started_at: float = field(default=0.0, init=False)
    _pause: float = field(default=FIRST_PAUSE, init=False)

    def run(self) -> None:
        self._listen()
        if not self.lock.acquire():
            pid, _ = self.lock.holder()
            log.info(
                "process %d, another translator, holds %s: this one starts when it ends",
                *(pid, self.lock.path),
            )
            while not self._leaving and not self.lock.acquire():
                self._wait(1.0)
        start_at = 0.0
        while self._child is not None or not self._leaving:
            now = time.monotonic()
            if self._child is None:
                if now >= start_at or self._renewing:
                    self._start()
                else:
                    self._wait(start_at - now)
                continue
            code = self._child.poll()
            if code is not None:
                start_at = time.monotonic() + self._record_end(code)
                continue
            if (self._leaving or self._renewing) and self._killed_at is None:
                self._child.terminate()
                self._killed_at = now + GRACE
                self._lease_end = LeaseEnd.INTERRUPTED
            if self._killed_at is not None and now >= self._killed_at:
                log.warning("the translator did not end after SIGTERM: killed")
                self._child.kill()
                self._killed_at = now + GRACE
            if self._killed_at is not None:
                self._wait(self._killed_at - now)
                continue
            if now - self._looked_at >= self.limits.look_seconds:
                self._looked_at = now
                self._kill_if_hung(self._child)
            self._wait(self._looked_at + self.limits.look_seconds - now)

    def _start(self) -> None:
        lock = self.lock.fileno()
        counter = self._counter = BatchCounter.create(self.options.state)
        inherited = {
            "--lock-fd": str(lock),
            "--counter-fd": str(counter.fileno()),
            "--lease-end": self._lease_end,
        }
        command = [sys.executable, "-m", "translate"]
        self._child = child = subprocess.Popen(  # noqa: S603 - this project's own module
            [*command, *(word for option in inherited.items() for word in option)],
            env=os.environ | self.options.to_environment(),
            stdin=subprocess.PIPE,  # closed when this process ends: the child then ends
            stdout=sys.stderr,  # stdout tells this process' parent that it runs
            pass_fds=(lock, counter.fileno()),
        )
        self._detector = StallDetector(
            usage=lambda: process_usage(child.pid),
            progress=counter.read,
            **asdict(self.limits),
        )
        self._lease_end = LeaseEnd.CRASHED
        self._looked_at = self._started_at = time.monotonic()
        self._renewing = False
        self._killed_at = None
        log.info("started the translator, process %d", self._child.pid)

    def _kill_if_hung(self, child: subprocess.Popen[bytes]) -> None:
        """Kills the translator if it hangs, after it wrote the stacks of its threads."""
        stall = self._detector.check() if self._detector else None
        if stall is None:
            return
        log.error("the translator hangs (%s): killed", _STALLS[stall].format(self.limits))
        self._lease_end = _ENDS[stall]
        if stall is not Stall.STOPPED:
            child.send_signal(signal.SIGUSR1)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(TRACE_SECONDS)
        child.kill()
        self._detector = None

    def _record_end(self, code: int) -> float:
        """Records the child's end; returns the seconds until the next one is started."""
        if self._child is not None and self._child.stdin:
            self._child.stdin.close()
        if self._counter is not None:
            self._counter.close()
            self._counter = None
        self._child = None
        if self._leaving:
            return 0.0
        if self._renewing:
            self._pause = FIRST_PAUSE
            return 0.0
        if time.monotonic() - self._started_at >= HEALTHY:
            self._pause = FIRST_PAUSE
        pause = self._pause
        self._pause = min(pause * 2, LONGEST_PAUSE)
        log.warning("the translator ended (%s): restarts in %g s", _reason(code), pause)
        return pause

    def _listen(self) -> None:
        self._wakeup, wakeup = socket.socketpair()
        self._wakeup.setblocking(False)
        wakeup.setblocking(False)
        # Python writes a byte here for each signal with a handler, which ends a wait.
        signal.set_wakeup_fd(wakeup.detach(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._leave())
        signal.signal(signal.SIGHUP, lambda *_: self._renew())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._sources: list[int | socket.socket] = [self._wakeup]
        if sys.stdin and stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
            self._sources.append(sys.stdin.fileno())

    def _wait(self, seconds: float | None) -> None:
        """Returns after that time, or earlier at a signal or the end of stdin."""
        for source in select.select(self._sources, [], [], seconds and max(0.0, seconds))[0]:
            if source is self._wakeup:
                with contextlib.suppress(BlockingIOError):
                    self._wakeup.recv(1024)
            elif not os.read(sys.stdin.fileno(), 1024):
                self._sources.remove(source)
                self._leave()

    def _leave(self) -> None:
        self._leaving = True

    def _renew(self) -> None:
        self._renewing = True


def _reason(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


if __name__ == "__main__":
    sys.exit(main())
