"""Starts the supervisor from the web side: gunicorn's configuration and `flask run`.

Imports little beside the standard library, because gunicorn's arbiter imports it.
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
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from infra.child_environment import minimal_environment

log = logging.getLogger(__name__)

_AGAIN = 1.0  # seconds before a supervisor that died is replaced
_GRACE = 12.0  # seconds: a little more than the supervisor gives its translator


class TranslatorSettings(Protocol):
    """What of the service's settings the translator is told."""

    @property
    def state_dir(self) -> Path: ...
    @property
    def database_url(self) -> str: ...
    @property
    def queue_url(self) -> str: ...
    @property
    def packages(self) -> Path: ...
    @property
    def language(self) -> str: ...
    @property
    def languages(self) -> tuple[str, ...]: ...
    @property
    def glossary(self) -> Path | None: ...
    @property
    def engine(self) -> str: ...
    @property
    def log(self) -> str: ...
    @property
    def preferences(self) -> Mapping[str, str]: ...
    @property
    def translate_threads(self) -> int: ...
    @property
    def translate_batch(self) -> int: ...
    @property
    def translate_memory(self) -> int: ...
    @property
    def translate_compute(self) -> str: ...


def command(settings: TranslatorSettings) -> list[str]:
    """The command line of the supervisor for these settings."""
    options = [
        *("--state", str(settings.state_dir)),
        *("--packages", str(settings.packages)),
        *("--language", settings.language),
        *("--languages", ",".join(settings.languages)),
        *("--engine", settings.engine),
        *("--threads", str(settings.translate_threads)),
        *("--batch-tokens", str(settings.translate_batch)),
        *("--memory", str(settings.translate_memory)),
        *("--compute", settings.translate_compute),
    ]
    for language, words in settings.preferences.items():
        options += ["--prefer", f"{language}={words}"]
    if settings.glossary is not None:
        options += ["--glossary", str(settings.glossary)]
    return [sys.executable, "-m", "translate.worker.supervisor", "--", *options]


def environment(settings: TranslatorSettings) -> dict[str, str]:
    """What goes beside the command line, which everybody can read: these may hold passwords."""
    return {
        "FEEDS_DATABASE_URL": settings.database_url,
        "FEEDS_QUEUE_URL": settings.queue_url,
        "FEEDS_LOG": settings.log,
    }


def start_supervisor(settings: TranslatorSettings) -> SupervisorHandle:
    """Starts it; it is started again when it dies, and leaves when this process is gone."""
    handle = SupervisorHandle(command(settings), environment(settings))
    handle.start()
    return handle


class SupervisorHandle:
    """A running supervisor, as its parent holds it."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self._started_as = (list(arguments), dict(environment))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process else None

    def start(self) -> None:
        arguments, environment = self._started_as
        process = subprocess.Popen(  # noqa: S603 - this project's own module
            arguments,
            env=minimal_environment(database=True) | environment,
            stdin=subprocess.PIPE,  # closed, by us or by our death: it leaves
            stdout=subprocess.PIPE,  # closed: it is gone
            start_new_session=True,  # Ctrl-C in the terminal is for the web server
        )
        self._process = process
        threading.Thread(
            target=self._watch, args=(process,), name="supervisor", daemon=True
        ).start()

    def reload(self, settings: TranslatorSettings) -> None:
        """Starts the translator afresh, with settings that may be others."""
        process = self._process
        wanted = (command(settings), environment(settings))
        if wanted != self._started_as:
            self._started_as = wanted
            self._process = None
            _close(process)  # leaves by itself; the new one waits until it has
            self.start()
        elif process is not None:
            with contextlib.suppress(ProcessLookupError):
                # Not Popen.send_signal: it asks waitpid first, which gunicorn answers.
                os.kill(process.pid, signal.SIGHUP)

    def stop(self) -> None:
        """Ends supervisor and translator; waits for them, but not for ever."""
        process, self._process = self._process, None
        _close(process)
        if process is not None:
            try:
                process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                log.warning("the translator does not leave; process %d is left behind", process.pid)

    def abandon(self) -> None:
        """For a forked child: lets go of the pipe, so that the parent's end of it counts."""
        process, self._process = self._process, None
        _close(process)

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """Replaces the supervisor when it dies by itself (killed, out of memory)."""
        assert process.stdout is not None  # noqa: S101 - asked for
        with contextlib.suppress(OSError, ValueError):
            while os.read(process.stdout.fileno(), 1024):
                pass
        if self._process is process:
            log.error("the translator's supervisor ended unasked: started again")
            process.wait()
            time.sleep(_AGAIN)
        if self._process is process:
            _close(process)
            self.start()


def _close(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None and process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
