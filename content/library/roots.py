"""Roots: the folders whose files may be published, wherever symbolic links lead."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


class OutsideError(OSError):
    """A file that lies outside the roots."""

    def __init__(self, path: str) -> None:
        super().__init__(0, "leads out of the posts' folder", path)


class Roots:
    """The posts' `folder`, and `linked` ones that links in it may lead to.

    A folder may itself be a link, which a deployment moves from one release to the next.
    """

    def __init__(self, folder: Path, linked: Iterable[Path] = ()) -> None:
        self._folders = (folder, *linked)
        self._real: tuple[str, ...] = ()

    def hold(self, real: str) -> bool:
        """Whether a path without links is one of the roots or lies beneath one."""
        if self._within(real):
            return True
        # Not for each file: this takes longer than reading one.
        self._real = tuple(os.path.realpath(folder) for folder in self._folders)
        return self._within(real)

    def check_open(self, descriptor: int, path: str) -> None:
        """Raises `OutsideError` when the file that is open is elsewhere.

        Asked of the open file: between a look and an open a link may have been changed.
        """
        try:
            real = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - asked of each file
        except OSError:  # not Linux
            real = os.path.realpath(path)
        if not self.hold(real):
            raise OutsideError(path)

    def _within(self, real: str) -> bool:
        return any(real == root or real.startswith(f"{root}/") for root in self._real)
