"""The gunicorn masters that serve one state directory, each with a folder of metrics.

Two masters share a state during an upgrade by USR2, or because somebody started a second
service. prometheus_client sums up every file of its folder, so each master has its own, and
none deletes what a living one counts. A lock in the folder tells whether its master lives.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infra.locks import FileLock
from infra.private_files import private_folder

_LOCK = "lock"


@dataclass(frozen=True, slots=True)
class Master:
    """A living master process and the addresses it listens at, as gunicorn writes them."""

    pid: int
    addresses: tuple[str, ...]


class Registration:
    """A registered master: its folder of metrics, locked until the process ends."""

    def __init__(self, folder: Path, lock: FileLock) -> None:
        self.folder = folder
        self._lock = lock

    def abandon(self) -> None:
        """Closes the lock in a forked child, so that only the master holds it."""
        self._lock.release()

    def remove(self) -> None:
        """Deletes the folder, at the end of the master."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()


def register(state: Path, addresses: tuple[str, ...]) -> Registration:
    """Registers this process; deletes the folders of masters that have ended.

    Call it once the addresses are bound: a second service that cannot bind changes nothing.
    """
    metrics = state.absolute() / "metrics"
    private_folder(state.absolute())
    private_folder(metrics)
    guard = FileLock(metrics / _LOCK)
    guard.acquire(wait=True)  # no other master deletes a folder whose lock is not taken yet
    try:
        _delete_ended(metrics)
        folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=metrics))
        lock = FileLock(folder / _LOCK)
        lock.acquire("\n".join(addresses))
    finally:
        guard.release()
    return Registration(folder, lock)


def living(state: Path) -> list[Master]:
    """The masters that serve this state directory now, this process aside."""
    found = []
    for path in sorted((state.absolute() / "metrics").glob(f"*/{_LOCK}")):
        try:
            lock = FileLock(path)
        except OSError:
            continue  # another user's, or just deleted
        if not lock.acquire():
            pid, note = lock.holder()
            if pid != os.getpid():
                found.append(Master(pid, tuple(note.splitlines())))
        lock.release()
    return found


def _delete_ended(metrics: Path) -> None:
    for path in metrics.iterdir():
        if path.suffix == ".db":  # versions before 2026-12 counted here
            path.unlink(missing_ok=True)
        elif path.is_dir():
            with suppress(OSError):
                lock = FileLock(path / _LOCK)
                if lock.acquire():
                    shutil.rmtree(path, ignore_errors=True)
                lock.release()
