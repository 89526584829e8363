"""A folder of posts on disk: which files it has, and whether they are still the same."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from content.library.roots import Roots
from content.parsing.post_parser import EXTENSIONS, MAX_BYTES
from content.post import Problem

MAX_FOLDERS_DEEP = 16


# Changes whenever a file does, as far as is known without reading it: time of modification in
# nanoseconds, size, inode. A plain tuple, because a folder may hold 100,000 files.
Signature = tuple[int, int, int]


def _signature(status: os.stat_result) -> Signature:
    return status.st_mtime_ns, status.st_size, status.st_ino


def brief(signature: Signature) -> int:
    """60 bits of a signature: 32 bytes in place of 150, of every file that is known."""
    return hash(signature) & 0xFFF_FFFF_FFFF_FFFF


def file_signature(path: Path) -> Signature | None:
    """The signature of a file; None: no such file."""
    try:
        return _signature(path.stat())
    except OSError:
        return None


def read_file(path: str, roots: Roots | None = None) -> tuple[bytes, Signature]:
    """A file's bytes, no more than a post may have, and its signature after they were read.

    Raises `OutsideError` for a file that lies outside the roots.
    """
    # Not with `open`: its layers cost as much as the reading itself.
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        if roots is not None:
            roots.check_open(file, path)
        size = min(os.fstat(file).st_size, MAX_BYTES)
        data = os.read(file, size + 1)
        return data, _signature(os.fstat(file))
    finally:
        os.close(file)


@dataclass
class ScanResult:
    """Post files of a folder, with problems."""

    at: Collection[str] | None = None  # paths that were checked; None: all
    found: dict[str, Signature] = field(default_factory=dict)  # post files by path
    links: set[str] = field(default_factory=set)  # symbolic links, also broken ones
    faults: list[Problem] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)  # prefixes of unreadable folders

    def missing(self, known: Collection[str]) -> set[str]:
        """The known paths that no longer exist."""
        checked = known if self.at is None else [path for path in self.at if path in known]
        missing = {path for path in checked if path not in self.found}
        unseen = tuple(self.unseen)
        return {path for path in missing if not path.startswith(unseen)} if unseen else missing


def list_posts(
    folder: Path,
    enter: Callable[[str, str], object] | None = None,
    roots: Roots | None = None,
) -> ScanResult:
    """Looks at the post files below `folder`, and behind links that stay within the roots.

    `enter` is called with the path and the prefix of each folder before its files are listed.
    Called every half second in places: what it does for each file has been weighed.
    """
    scan = ScanResult()
    folders = [(str(folder), "", 0)]
    visited: set[tuple[int, int]] = set()
    while folders:
        current, prefix, depth = folders.pop()
        try:
            opened = os.open(current, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            scan.unseen.append(prefix)
            scan.faults.append(_unreadable(prefix.rstrip("/") or str(folder), error))
            continue
        try:
            status = os.fstat(opened)
            if (status.st_dev, status.st_ino) in visited:
                continue  # a symbolic link back up
            visited.add((status.st_dev, status.st_ino))
            if enter:
                enter(current, prefix)
            # By its descriptor, so that the kernel does not resolve the path for each file.
            with os.scandir(opened) as entries:
                for name in sorted(_scan_folder(entries, current, prefix, scan, roots)):
                    if depth < MAX_FOLDERS_DEEP:
                        folders.append((f"{current}/{name}", f"{prefix}{name}/", depth + 1))
        except OSError as error:
            scan.unseen.append(prefix)
            scan.faults.append(_unreadable(prefix.rstrip("/") or str(folder), error))
        finally:
            os.close(opened)
    return scan


def find_posts(
    folder: Path, paths: Collection[str], roots: Roots | None = None
) -> ScanResult | None:
    """Checks these files only; None: one of them needs a full scan, such as a folder."""
    scan = ScanResult(at=paths)
    for path in paths:
        whole = folder / path
        try:
            if whole.is_symlink():
                if roots is not None and not roots.hold(os.path.realpath(whole)):
                    return None
                scan.links.add(path)
            status = whole.stat()
        except OSError:
            continue
        if stat.S_ISDIR(status.st_mode) or not is_readable(path):
            return None
        if stat.S_ISREG(status.st_mode) and is_post(path):
            scan.found[path] = _signature(status)
    return scan


def is_hidden(name: str) -> bool:
    """What begins with a dot or underscore is, as in Jekyll, save for the posts' folder."""
    return name[0] in "._#" and name != "_posts"


def is_readable(name: str) -> bool:
    """Whether a name is UTF-8 and without control characters: it is shown in one line."""
    if name.isprintable():
        return True
    # Not printable to Python are ideographic spaces and the joiners of emoji, too.
    others = (c for c in name if not c.isprintable())
    return all(c in "\u200c\u200d" or unicodedata.category(c) == "Zs" for c in others)


def is_post(name: str) -> bool:
    """By its name; also sorts out what editors leave: x.md~, x.md.swp, x.md.tmp, x.md.part."""
    return name.lower().endswith(EXTENSIONS)


def _scan_folder(
    entries: Iterable[os.DirEntry[str]],
    folder: str,
    prefix: str,
    scan: ScanResult,
    roots: Roots | None,
) -> list[str]:
    """Takes in the files of one folder; returns the names of the folders in it."""
    folders: list[str] = []
    for entry in entries:
        name = entry.name
        if is_hidden(name):
            continue
        try:
            if entry.is_symlink():
                if roots is not None and not roots.hold(os.path.realpath(f"{folder}/{name}")):
                    if is_post(name) or entry.is_dir():
                        scan.faults.append(_outside(prefix + name))
                    continue
                scan.links.add(prefix + name)
            if not is_post(name):
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
        elif not is_readable(name):
            shown = name.encode(errors="surrogateescape").decode(errors="replace")
            shown = "".join(c if c.isprintable() else "\ufffd" for c in shown)
            what = "a file name that is not UTF-8 or holds control characters"
            remedy = "rename the file"
            scan.faults.append(Problem(path=prefix + shown, line=1, what=what, remedy=remedy))
        else:
            scan.found[prefix + name] = _signature(status)
    return folders


def _outside(path: str) -> Problem:
    shown = "".join(c if c.isprintable() else "\ufffd" for c in path)
    what = "a symbolic link that leads out of the posts' folder"
    remedy = "copy the files into the folder, or name theirs in FEEDS_LINKED_FOLDERS"
    return Problem(path=shown, line=1, what=what, remedy=remedy)


def _unreadable(path: str, error: OSError) -> Problem:
    what = f"the folder cannot be read: {error.strerror}"
    remedy = "check that it exists and that the server may read it"
    return Problem(path=path, line=1, what=what, remedy=remedy)
