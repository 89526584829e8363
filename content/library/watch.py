"""Finds the changed files of a folder: from inotify, or by a stat of every file.

inotify reports every change that goes through this kernel. It reports nothing that another
machine does to a network file system, nor a write to a hard link elsewhere. So the watch still
scans every file at intervals; when a scan finds a change that inotify did not report, the watch
stops using inotify.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from content.library.roots import Roots
from content.library.scan import (
    ScanResult,
    brief,
    find_posts,
    is_hidden,
    is_post,
    is_readable,
    list_posts,
)
from content.post import Problem

log = logging.getLogger(__name__)

SURE = 30.0  # seconds between two scans of every file
_SHARE = 200  # or this many times as long as a scan takes, where that is longer
_REMOTE = ("nfs", "cifs", "smb", "9p", "ceph", "afs", "fuse", "virtiofs", "vboxsf", "glusterfs")


class Watch:
    """Watches the post files below `folder`. Not thread-safe."""

    def __init__(self, folder: Path, roots: Roots | None = None) -> None:
        self._folder = folder
        self._roots = roots
        self._notices: _Notices | None = None
        self._looks = 0
        self._whole_at = 0.0  # monotonic time of the next scan of every file
        self._root: tuple[int, int] | None = None  # the folder at the last scan
        self._unseen: list[str] = []
        self._faults: list[Problem] = []
        self._links: set[str] = set()  # inotify reports no change behind a link
        self._unreported: set[str] = set()  # changes that a scan found before inotify reported them

    def scan(self, known: Mapping[str, int], waiting: Collection[str]) -> ScanResult:
        """The state of every file, or only of those that are waiting or may have changed.

        `known` are the signatures, in brief, of the files as they were.
        """
        root = _identity(self._folder)
        reported = self._read()
        self._looks += 1
        if (
            self._looks == 2
        ):  # a command looks once, and inotify costs more than a stat of 1,000 posts
            self._notices = _open(self._folder)
        if reported is None or root != self._root or self._unseen:
            return self._scan_all(root)
        if time.monotonic() >= self._whole_at:
            scan = self._scan_all(root)
            changed = {path for path, sign in scan.found.items() if known.get(path) != brief(sign)}
            self._unreported = changed | scan.missing(known.keys())
            self._unreported -= reported | self._links | set(waiting)
            return scan
        # A link to a folder needs a full scan: inotify reports nothing behind it.
        if not reported.isdisjoint(fault.path for fault in self._faults):
            return self._scan_all(root)
        part = find_posts(self._folder, reported | self._links | set(waiting), self._roots)
        if part is None:
            return self._scan_all(root)
        self._links = self._links | part.links
        part.faults = self._faults
        return part

    def forget(self) -> None:
        """Makes the next look a scan of every file."""
        self._root = None

    def _read(self) -> set[str] | None:
        """The files that inotify reported; None: there may be more."""
        reported = self._notices.read() if self._notices else None
        if reported is not None and self._unreported - reported:
            log.info("inotify does not report every change: every file is scanned instead")
            self._notices = reported = None
        self._unreported = set()
        return reported

    def _scan_all(self, root: tuple[int, int] | None) -> ScanResult:
        started = time.monotonic()
        scan = list_posts(self._folder, self._enter, self._roots)
        if self._notices:
            self._notices.end()
        now = time.monotonic()
        self._whole_at = now + max(SURE, (now - started) * _SHARE)
        self._root, self._links = root, scan.links
        self._unseen, self._faults = scan.unseen, scan.faults
        return scan

    def _enter(self, path: str, prefix: str) -> None:
        if self._notices:
            try:
                self._notices.watch(path, prefix)
            except OSError as error:
                log.info("inotify: %s: every file is scanned instead", error.strerror)
                self._notices = None


class _Notices:
    """The inotify events of the watched folders."""

    def __init__(self) -> None:
        from inotify_simple import INotify, flags  # not on every system

        self._inotify = INotify()
        self._flags = flags
        self._mask = flags.MODIFY | flags.ATTRIB | flags.CLOSE_WRITE | flags.CREATE
        self._mask |= flags.DELETE | flags.MOVED_FROM | flags.MOVED_TO | flags.ONLYDIR
        self._of_folders = flags.ISDIR | flags.IGNORED | flags.UNMOUNT
        self._folders: dict[int, tuple[str, str]] = {}  # path and prefix by watch
        self._entered: set[int] = set()  # since the last `end`

    def watch(self, path: str, prefix: str) -> None:
        """Adds a folder. Raises `OSError` when the kernel is out of watches."""
        watch = self._inotify.add_watch(path, self._mask)
        self._folders[watch] = path, prefix
        self._entered.add(watch)

    def end(self) -> None:
        """Ends a scan: removes the watches of folders that it did not enter."""
        for watch in self._folders.keys() - self._entered:
            del self._folders[watch]
            with suppress(OSError):  # gone with its folder
                self._inotify.rm_watch(watch)
        self._entered.clear()

    def read(self) -> set[str] | None:
        """The post files with an event since the last read; None: scan every file.

        A folder has changed, or the kernel lost events.
        """
        files: set[str] = set()
        prefixes = {prefix for _, prefix in self._folders.values()}
        for event in self._inotify.read(timeout=0):
            if event.mask & self._flags.Q_OVERFLOW:
                return None
            if event.wd not in self._folders:
                continue
            path, prefix = self._folders[event.wd]
            name = event.name
            if name and is_hidden(name):
                continue
            if event.mask & self._of_folders or not is_readable(name):
                return None
            if f"{prefix}{name}/" in prefixes:
                return None  # a link to a folder, which inotify reports as a file
            if is_post(name):
                files.add(prefix + name)
            elif os.path.isdir(f"{path}/{name}"):  # noqa: PTH112 - raises nothing
                return None
        return files


def _open(folder: Path) -> _Notices | None:
    kind = _file_system(folder)
    if kind.startswith(_REMOTE):
        log.info(
            "%s is on %s, where inotify reports too little: every file is scanned instead",
            folder,
            kind,
        )
        return None
    try:
        return _Notices()
    except (ImportError, OSError) as error:
        log.info("inotify: %s: every file is scanned instead", error)
        return None


def _file_system(folder: Path) -> str:
    """The kind of file system that the folder is on (proc(5), mountinfo); "" where unknown."""
    try:
        device = folder.stat().st_dev
        mounts = Path("/proc/self/mountinfo").read_text("utf-8", errors="replace")
    except OSError:
        return ""
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in mounts.splitlines():
        mount, _, rest = line.partition(" - ")
        if mount.split()[2] == number:
            return rest.split()[0]
    return ""


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
