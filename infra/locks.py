"""Locks between processes: files under flock; those of one holder name it."""

from __future__ import annotations

import fcntl
import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from infra.private_files import private_file, private_folder

_WORKERS = "web.lock"


class FileLock:
    """An exclusive lock on a file, held as long as any process has it open.

    flock belongs to the open file, not to the process: a child that inherits the
    descriptor holds the lock even when its parent is killed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def fileno(self) -> int:
        return self._descriptor

    def acquire(self, note: str = "", *, wait: bool = False) -> bool:
        """Locks the file and writes process id and `note` into it.

        Returns False if another process holds the lock; with `wait` it waits instead.
        """
        if not _lock_alone(self._descriptor, wait=wait):
            return False
        with suppress(OSError):  # a full disk costs the note, not the lock
            os.truncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()}\n{note}".encode(), 0)
        return True

    def holder(self) -> tuple[int, str]:
        """Process id and note of the last holder; (0, "") if none wrote them."""
        pid, _, note = (
            os.pread(self._descriptor, 4096, 0).decode("utf-8", "replace").partition("\n")
        )
        return (int(pid), note) if pid.isdecimal() else (0, "")

    def release(self) -> None:
        """Closes the file: the lock is free unless a child has the file open too."""
        os.close(self._descriptor)


class StateLock(FileLock):
    """The lock of a state directory: its holder is the one translator that works for it."""

    def __init__(self, state: Path) -> None:
        private_folder(state)
        super().__init__(state / "translator.lock")


class WorkersLock:
    """A lock that web workers share, and that excludes who needs them stopped."""

    def __init__(self, state: Path) -> None:
        private_folder(state)
        self._descriptor = os.open(state / _WORKERS, os.O_RDWR | os.O_CREAT, 0o600)

    def share(self) -> None:
        """Joins the web workers until the process ends. Waits for who excludes them."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def exclude(self) -> bool:
        """Tries once to keep web workers out; False: there is one."""
        return _lock_alone(self._descriptor)

    def release(self) -> None:
        """Gives it up."""
        os.close(self._descriptor)


def is_served(state: Path) -> bool:
    """Whether a web worker runs on this state directory, as far as this user can tell."""
    try:
        descriptor = os.open(state / _WORKERS, os.O_RDWR)
    except FileNotFoundError:
        return False
    except PermissionError:
        return True  # somebody else's state
    try:
        return not _lock_alone(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def folder_lock(folder: Path, *, alone: bool = False) -> Iterator[None]:
    """A block that any number of processes share, or that excludes all others."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def _lock_alone(descriptor: int, *, wait: bool = False) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def holder_of(state: Path) -> str:
    """The name for leases taken from this state directory, the same after every restart.

    Only for the holder of the `StateLock`. With it a translator knows at its start which
    leases its predecessor left behind.
    """
    path = state / "translator.id"
    try:
        name = path.read_text("ascii").strip()
    except FileNotFoundError:
        name = uuid.uuid4().hex[:12]
        private_file(path)
        path.write_text(f"{name}\n", "ascii")
    return f"{socket.gethostname()}-{name}"
