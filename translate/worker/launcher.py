"""Starts the supervisor for gunicorn's configuration and `flask run`.

Imports little besides the standard library, because gunicorn's arbiter imports it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time

from infra.child_environment import minimal_environment
from translate.options import TranslatorOptions

log = logging.getLogger(__name__)

_RESTART_PAUSE = 1.0  # seconds before a dead supervisor is replaced
_GRACE = 5.0  # seconds: a little more than the supervisor gives its translator


# Its options are in the environment.
COMMAND = (sys.executable, "-m", "translate.worker.supervisor")


def start_supervisor(options: TranslatorOptions) -> SupervisorHandle:
    """Starts the supervisor; it is restarted when it dies, and ends with this process."""
    handle = SupervisorHandle(options)
    handle.start()
    return handle


class SupervisorHandle:
    """The parent's handle of a running supervisor."""

    def __init__(self, options: TranslatorOptions) -> None:
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._leaving: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process else None

    def start(self) -> None:
        process = subprocess.Popen(  # noqa: S603 - this project's own module
            COMMAND,
            env=minimal_environment(database=True) | self._options.to_environment(),
            stdin=subprocess.PIPE,  # it ends when this is closed, also by our end
            stdout=subprocess.PIPE,  # closed when it has ended
            start_new_session=True,  # Ctrl-C in the terminal is for the web server
        )
        self._process = process
        threading.Thread(
            target=self._watch, args=(process,), name="supervisor", daemon=True
        ).start()

    def reload(self, options: TranslatorOptions) -> None:
        """Restarts the translator, with options that may have changed."""
        process = self._process
        if options != self._options:
            self._options = options
            self._process = None
            _close(process)  # it ends by itself; the new one waits for that
            self.start()
        elif process is not None:
            with contextlib.suppress(ProcessLookupError):
                # Not Popen.send_signal: it calls waitpid, whose result gunicorn needs.
                os.kill(process.pid, signal.SIGHUP)

    def begin_stop(self) -> None:
        """Tells supervisor and translator to end; `stop` waits for them."""
        if self._process is not None:
            self._leaving, self._process = self._process, None
            _close(self._leaving)

    def stop(self) -> None:
        """Ends supervisor and translator; waits for them, but not without limit."""
        self.begin_stop()
        process, self._leaving = self._leaving, None
        if process is not None:
            try:
                process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                log.warning("the supervisor still runs as process %d", process.pid)

    def abandon(self) -> None:
        """For a forked child: closes the pipe, so that only the parent holds it."""
        process, self._process = self._process, None
        _close(process)

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """Restarts the supervisor when it dies (killed, out of memory)."""
        assert process.stdout is not None  # noqa: S101 - asked for
        with contextlib.suppress(OSError, ValueError):
            while os.read(process.stdout.fileno(), 1024):
                pass
        if self._process is process:
            log.error("the translator's supervisor died: restarting it")
            process.wait()
            time.sleep(_RESTART_PAUSE)
        if self._process is process:
            _close(process)
            self.start()


def _close(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None and process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
