"""A folder of posts on disk: which files it has, and whether they are still the same."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from content.post import EXTENSIONS, MAX_BYTES, Problem

MAX_FOLDERS_DEEP = 16


# What changes whenever a file does, as far as can be told without reading it: when it was
# modified in nanoseconds, its size, its inode. Plain, for a folder may hold 100,000 of them.
Signature = tuple[int, int, int]


def _signature(status: os.stat_result) -> Signature:
    return status.st_mtime_ns, status.st_size, status.st_ino


def read_file(path: str) -> tuple[bytes, Signature]:
    """A file's bytes, no more than a post may have, and its signature after they were read."""
    # Not with `open`: its layers cost as much as the reading itself.
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        size = min(os.fstat(file).st_size, MAX_BYTES)
        data = os.read(file, size + 1)
        return data, _signature(os.fstat(file))
    finally:
        os.close(file)


def list_posts(folder: Path, found: dict[str, Signature], faults: list[Problem]) -> list[str]:
    """Fills `found` with the post files below `folder`.

    Returns the prefixes of paths that could not be looked at. Called every half second: what
    it does for each file has been weighed.
    """
    unseen: list[str] = []
    folders = [(str(folder), "", 0)]
    visited: set[tuple[int, int]] = set()
    while folders:
        current, prefix, depth = folders.pop()
        try:
            opened = os.open(current, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            unseen.append(prefix)
            faults.append(_unreadable(prefix.rstrip("/") or str(folder), error))
            continue
        try:
            status = os.fstat(opened)
            if (status.st_dev, status.st_ino) in visited:
                continue  # a symbolic link back up
            visited.add((status.st_dev, status.st_ino))
            # By its descriptor: the kernel need not find the folder anew for each file.
            with os.scandir(opened) as entries:
                for name in sorted(_look(entries, prefix, found, faults)):
                    if depth < MAX_FOLDERS_DEEP:
                        folders.append((f"{current}/{name}", f"{prefix}{name}/", depth + 1))
        except OSError as error:
            unseen.append(prefix)
            faults.append(_unreadable(prefix.rstrip("/") or str(folder), error))
        finally:
            os.close(opened)
    return unseen


def _look(
    entries: Iterable[os.DirEntry[str]],
    prefix: str,
    found: dict[str, Signature],
    faults: list[Problem],
) -> list[str]:
    """Takes in the files of one folder; returns the names of the folders in it."""
    folders: list[str] = []
    for entry in entries:
        name = entry.name
        # What begins with a dot or underscore is hidden, as in Jekyll, save for the posts' folder.
        if name[0] in "._#" and name != "_posts":
            continue
        try:
            # Also sorts out what editors leave: x.md~, x.md.swp, x.md.tmp, x.md.part.
            if not name.lower().endswith(EXTENSIONS):
                if entry.is_dir():
                    folders.append(name)
                continue
            status = entry.stat()
        except OSError:
            continue  # gone since it was listed, or a link to nothing
        if stat.S_ISDIR(status.st_mode):
            folders.append(name)
        elif not stat.S_ISREG(status.st_mode):
            continue
        elif not name.isprintable():
            shown = name.encode(errors="surrogateescape").decode(errors="replace")
            shown = "".join(c if c.isprintable() else "\ufffd" for c in shown)
            what = "a file name that is not UTF-8 or holds control characters"
            faults.append(Problem(path=prefix + shown, line=1, what=what, remedy="rename the file"))
        else:
            found[prefix + name] = _signature(status)
    return folders


def _unreadable(path: str, error: OSError) -> Problem:
    what = f"the folder cannot be read: {error.strerror}"
    remedy = "check that it exists and that the server may read it"
    return Problem(path=path, line=1, what=what, remedy=remedy)
