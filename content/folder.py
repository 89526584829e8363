"""A folder of posts on disk: which files it has, and whether they are still the same."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import NamedTuple

from content.post import EXTENSIONS, MAX_BYTES, Problem

MAX_FOLDERS_DEEP = 16


class Signature(NamedTuple):
    """What changes whenever a file does, as far as can be told without reading it."""

    modified: int  # nanoseconds
    size: int
    inode: int


def _signature(status: os.stat_result) -> Signature:
    return Signature(status.st_mtime_ns, status.st_size, status.st_ino)


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
    """Fills `found` with the post files below `folder`, in the order of their paths.

    Returns the prefixes of paths that could not be looked at.
    """
    unseen: list[str] = []
    folders = [(folder, "", 0)]
    visited: set[tuple[int, int]] = set()
    while folders:
        current, prefix, depth = folders.pop()
        try:
            status = current.stat()
            if (status.st_dev, status.st_ino) in visited:
                continue  # a symbolic link back up
            visited.add((status.st_dev, status.st_ino))
            with os.scandir(current) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            unseen.append(prefix)
            what = f"the folder cannot be read: {error.strerror}"
            remedy = "check that it exists and that the server may read it"
            path = prefix.rstrip("/") or str(folder)
            faults.append(Problem(path=path, line=1, what=what, remedy=remedy))
            continue
        for entry in entries:
            _sort_in(entry, prefix, depth, folders, found, faults)
    return unseen


def _sort_in(
    entry: os.DirEntry[str],
    prefix: str,
    depth: int,
    folders: list[tuple[Path, str, int]],
    found: dict[str, Signature],
    faults: list[Problem],
) -> None:
    name = entry.name
    # What begins with a dot or underscore is hidden, as in Jekyll, save for the posts' folder.
    if name[0] in "._#" and name != "_posts":
        return
    try:
        if entry.is_dir():
            if depth < MAX_FOLDERS_DEEP:
                folders.append((Path(entry.path), f"{prefix}{name}/", depth + 1))
            return
        # Also sorts out what editors leave: x.md~, x.md.swp, x.md.tmp, x.md.part.
        if os.path.splitext(name)[1].lower() not in EXTENSIONS:  # noqa: PTH122
            return
        status = entry.stat()
    except OSError:
        return  # gone since it was listed, or a link to nothing
    if not stat.S_ISREG(status.st_mode):
        return
    if not name.isprintable():
        shown = name.encode(errors="surrogateescape").decode(errors="replace")
        shown = "".join(c if c.isprintable() else "\ufffd" for c in shown)
        what = "a file name that is not UTF-8 or holds control characters"
        faults.append(Problem(path=prefix + shown, line=1, what=what, remedy="rename the file"))
        return
    found[prefix + name] = _signature(status)
