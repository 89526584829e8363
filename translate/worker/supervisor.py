"""The process that owns the translator: starts it, starts it again, and leaves with its parent.

`python -m translate.supervisor -- <options of python -m translate>`

gunicorn cannot own it: its arbiter reaps any child it finds, and forgets handles when it
reads its configuration again. This process is tiny instead (no database, no models). It
holds the lock of the state directory, and its child inherits the lock: even when this
process is killed, no second translator starts before the first has left.

SIGHUP starts the translator afresh, SIGTERM or the end of the pipe on stdin ends both.
"""

from __future__ import annotations

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
from dataclasses import dataclass, field
from pathlib import Path

from infra import log_format
from infra.locks import StateLock

log = logging.getLogger("translate.worker.supervisor")

FIRST_PAUSE = 0.5  # seconds before the translator is started again; doubled each time
LONGEST_PAUSE = 30.0
HEALTHY = 30.0  # seconds of life after which the pauses begin anew
GRACE = 10.0  # seconds from SIGTERM to SIGKILL


def main(arguments: Sequence[str] | None = None) -> int:
    options = list(sys.argv[1:] if arguments is None else arguments)
    if options[:1] == ["--"]:
        del options[0]
    log_format.configure("supervisor")
    Supervisor(options, StateLock(_state(options))).run()
    return 0


@dataclass
class Supervisor:
    """Keeps one translator alive until told to leave."""

    options: Sequence[str]
    lock: StateLock
    _child: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _leaving: bool = field(default=False, init=False)
    _renewing: bool = field(default=False, init=False)
    _killed_at: float | None = field(default=None, init=False)  # when its grace ends
    _started_at: float = field(default=0.0, init=False)
    _pause: float = field(default=FIRST_PAUSE, init=False)

    def run(self) -> None:
        self._listen()
        if not self.lock.acquire():
            pid, _ = self.lock.holder()
            log.info(
                "%s is held by process %d, another translator: this one starts when it ends",
                *(self.lock.path, pid),
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
                start_at = time.monotonic() + self._buried(code)
                continue
            if (self._leaving or self._renewing) and self._killed_at is None:
                self._child.terminate()
                self._killed_at = now + GRACE
            if self._killed_at is not None and now >= self._killed_at:
                log.warning("the translator does not end by itself: killed")
                self._child.kill()
                self._killed_at = now + GRACE
            self._wait(None if self._killed_at is None else self._killed_at - now)

    def _start(self) -> None:
        lock = self.lock.fileno()
        self._child = subprocess.Popen(  # noqa: S603 - this project's own module
            [sys.executable, "-m", "translate", *self.options, "--lock-fd", str(lock)],
            stdin=subprocess.PIPE,  # its end tells the child that this process is gone
            stdout=sys.stderr,  # stdout is how this process' parent knows it is alive
            pass_fds=(lock,),
        )
        self._started_at = time.monotonic()
        self._renewing = False
        self._killed_at = None
        log.info("started the translator, process %d", self._child.pid)

    def _buried(self, code: int) -> float:
        """Notes the child's end; seconds until the next one is started."""
        if self._child is not None and self._child.stdin:
            self._child.stdin.close()
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
        log.warning("the translator ended (%s): started again in %g s", _reason(code), pause)
        return pause

    def _listen(self) -> None:
        self._wakeup, wakeup = socket.socketpair()
        self._wakeup.setblocking(False)
        wakeup.setblocking(False)
        # Python writes a byte here for each signal that has a handler, and so ends a wait.
        signal.set_wakeup_fd(wakeup.detach(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._leave())
        signal.signal(signal.SIGHUP, lambda *_: self._renew())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._sources: list[int | socket.socket] = [self._wakeup]
        if sys.stdin and stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
            self._sources.append(sys.stdin.fileno())

    def _wait(self, seconds: float | None) -> None:
        """Returns after that time, or at once when something happens."""
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


def _state(options: Sequence[str]) -> Path:
    for option, value in zip(options, [*options[1:], ""], strict=True):
        if option == "--state" and value:
            return Path(value)
    raise SystemExit("translate.worker.supervisor: --state FOLDER is missing behind --")


def _reason(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


if __name__ == "__main__":
    sys.exit(main())
