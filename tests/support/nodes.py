"""Web and translator nodes as processes of their own, each in its own folder."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from typing import Any

from tests.support.servers import free_port
from translate.options import TranslatorOptions
from translate.worker import launcher

ROOT = Path(__file__).parents[2]


class Node:
    """A process with a folder: its working directory, its state, its log."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.state = folder / "var"
        self.log = folder / "log"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name[:6] != "FEEDS_"},
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, command: list[str]) -> None:
        with self.log.open("ab") as log:
            # Written by another process: a node whose disk is full can still tell.
            writer = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=log)
        self.process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.PIPE,  # a node leaves when the test does
            stdout=writer.stdin,
            stderr=writer.stdin,
        )
        assert writer.stdin
        writer.stdin.close()

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Translator(Node):
    def start(self, **options: Any) -> None:
        own = {"database": self.environment["FEEDS_DATABASE_URL"]}
        own |= {"queue": self.environment["FEEDS_QUEUE_URL"]}
        told = TranslatorOptions.of_state(self.state, **own | options)
        self.environment |= told.to_environment()
        self.run(list(launcher.COMMAND))

    @property
    def pid(self) -> int:
        """Of the translator under the supervisor that was started last; 0: none yet."""
        pids = re.findall(r"started the translator, process (\d+)", self.log.read_text())
        return int(pids[-1]) if pids else 0

    @property
    def name(self) -> str:
        """How its leases end."""
        path = self.state / "translator.id"
        return path.read_text().strip() if path.exists() else "not started yet"


class Web(Node):
    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.port = free_port()
        own = {
            "PORT": str(self.port),
            "HOST": "127.0.0.1",
            "FEEDS_STATE_DIR": "var",
            "WEB_CONCURRENCY": "1",
        }
        super().__init__(folder, {**own, **environment})

    def start(self, *before: str) -> None:
        gunicorn = str(Path(sys.executable).with_name("gunicorn"))
        self.run([*before, gunicorn, "-c", str(ROOT / "gunicorn.conf.py")])

    def get(self, path: str, **headers: str) -> tuple[int, Message, bytes]:
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()


class Reader:
    """Polls feeds of every node all the time, as readers do, and notes what they must not see."""

    def __init__(self, nodes: list[Web], paths: list[str], check: Callable[[bytes], None]) -> None:
        self._targets = [(node, path) for node in nodes for path in paths]
        self._check = check
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.answers: Counter[str] = Counter()  # by status, or by what came instead of one
        self.slowest = 0.0
        self.complaints: list[str] = []

    def __enter__(self) -> Reader:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)

    def _run(self) -> None:
        etags: dict[tuple[Web, str], str] = {}
        while not self._stop.is_set():
            for node, path in self._targets:
                known = etags.get((node, path))
                started = time.monotonic()
                try:
                    status, headers, body = node.get(
                        path, **({"If-None-Match": known} if known else {})
                    )
                    self.answers[str(status)] += 1
                    if status not in (200, 304):
                        self.complaints.append(f"{path}: {status}: {body[:300]!r}")
                    if status == 200:
                        etags[node, path] = headers["ETag"]
                        self._check(body)
                except Exception as error:  # noqa: BLE001 - whatever it is, a reader saw it
                    self.complaints.append(f"{path}: {error!r}")
                    self.answers[type(error).__name__] += 1
                self.slowest = max(self.slowest, time.monotonic() - started)
            self._stop.wait(0.2)


def wait_for(condition: Callable[[], Any], seconds: float, logs: list[Node]) -> Any:
    """What the condition gives once it is true; the logs are shown when it does not become so."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            found = condition()
        except OSError:
            found = None
        if found:
            return found
        time.sleep(0.05)
    shown = "\n".join(f"--- {n.folder.name}\n{n.log.read_text()[-3000:]}" for n in logs)
    raise AssertionError(f"not within {seconds} s\n{shown}")
