"""Files and folders of the state that only their owner may read."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_GROUP_AND_OTHERS = 0o077


def private_folder(path: Path) -> None:
    """Makes the folder, for its owner alone; one that is there stays as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)


def private_file(path: Path) -> None:
    """Makes an empty file for its owner alone, or takes one that is there from the others."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        # Not by an open file: to close one of SQLite's would end all locks of this process.
        with suppress(OSError):  # somebody else's
            mode = path.stat().st_mode
            if mode & _GROUP_AND_OTHERS:
                path.chmod(mode & ~_GROUP_AND_OTHERS)
