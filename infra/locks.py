"""One translator per state directory, and the name by which its leases are known."""

from __future__ import annotations

import fcntl
import os
import socket
import uuid
from pathlib import Path


class StateLock:
    """An exclusive lock on a state directory, held as long as any process has it open.

    flock belongs to the open file, not to the process: a child that inherits the
    descriptor holds the lock even when its parent is killed.
    """

    def __init__(self, state: Path) -> None:
        state.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(state / "translator.lock", os.O_RDWR | os.O_CREAT, 0o644)

    def fileno(self) -> int:
        return self._descriptor

    def acquire(self) -> bool:
        """Tries once; False: somebody else holds it."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Gives it up, unless a child still has it."""
        os.close(self._descriptor)


def holder_of(state: Path) -> str:
    """The name for leases taken from this state directory, the same after every restart.

    Only for whoever has the lock. With it a translator knows at its start which leases its
    predecessor left behind.
    """
    path = state / "translator.id"
    try:
        name = path.read_text("ascii").strip()
    except FileNotFoundError:
        name = uuid.uuid4().hex[:12]
        path.write_text(f"{name}\n", "ascii")
    return f"{socket.gethostname()}-{name}"
