"""Real servers for tests, from Debian's packages: on a free port, in /tmp, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import redis

from tests.support.debian import absent, program

_START_SECONDS = 30


class Server:
    """A process that listens on a port of 127.0.0.1, and can be ended and started again."""

    def __init__(self, command: list[str], port: int, log: Path, *, user: str | None) -> None:
        self.port = port
        self.log = log
        # However this process ends, the server does not stay behind.
        self._command = [*_as_user(user, "--pdeathsig", "INT"), *command]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, is_up: Callable[[], Any]) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                is_up()
            except (psycopg.Error, redis.RedisError):
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise AssertionError(self.log.read_text()[-2000:]) from None
                time.sleep(0.05)
            else:
                return

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(30)
            self._process = None


class Postgres:
    """PostgreSQL, never as root: it refuses to."""

    def __init__(self, programs: Path) -> None:
        self._user = "postgres" if os.getuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="feedglot-postgres-", dir="/tmp"))
        if self._user:
            shutil.chown(self.folder, self._user)
        data = self.folder / "data"
        initdb = [str(programs / "initdb"), "-D", str(data), "-U", "feedglot", "-A", "trust"]
        initdb += ["--no-sync", "-E", "UTF8", "--locale", "C"]
        subprocess.run(
            [*_as_user(self._user), *initdb], cwd="/", check=True, stdout=subprocess.DEVNULL
        )
        port = free_port()
        # Without fsync a power cut would cost the data; ending the process does not.
        options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        command = [str(programs / "postgres"), "-D", str(data), "-p", str(port)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        self._server = Server(command, port, self.folder / "log", user=self._user)
        self.url = f"postgresql://feedglot@127.0.0.1:{port}/postgres"
        self._names = (f"test_{number}" for number in count())
        self.start()

    def new_database(self) -> str:
        """The URL of an empty database: a schema of its own, made at once."""
        name = next(self._names)
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        return f"{self.url}?options=-csearch_path%3D{name}"

    def start(self) -> None:
        self._server.start(lambda: psycopg.connect(self.url).close())

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends every connection at once, SIGQUIT without even writing anything down."""
        self._server.stop(number)

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)


class Redis:
    """Redis that forgets everything when it ends."""

    def __init__(self, program: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="feedglot-redis-", dir="/tmp"))
        port = free_port()
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--dir", str(self.folder), "--databases", "10000"]
        self._server = Server(command, port, self.folder / "log", user=None)
        self._numbers = count()
        self.start()

    def new_database(self) -> str:
        """The URL of an empty database."""
        return f"redis://127.0.0.1:{self._server.port}/{next(self._numbers)}"

    def start(self) -> None:
        self._server.start(redis.Redis(port=self._server.port).ping)

    def stop(self) -> None:
        self._server.stop(signal.SIGKILL)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def postgres() -> Postgres:
    """A new server; the test is skipped where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        absent("PostgreSQL", "postgresql")
    return Postgres(found[-1].parent)


def redis_server() -> Redis:
    """A new server; the test is skipped where it is not installed."""
    return Redis(program("redis-server", "redis-server"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _as_user(user: str | None, *options: str) -> list[str]:
    if user is None:
        return ["setpriv", *options] if options else []
    entry = pwd.getpwnam(user)
    ids = [f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]
    return ["setpriv", *ids, *options]
