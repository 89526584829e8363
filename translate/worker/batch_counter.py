"""Counter of finished batches, shared by the translator and its supervisor through a file.

The supervisor creates the file and the translator inherits its descriptor, so that progress
is known without the database.
"""

from __future__ import annotations

import os
import struct
import tempfile
from pathlib import Path
from typing import NamedTuple, Self

_LAYOUT = struct.Struct("=QQ")


class Progress(NamedTuple):
    """Progress of the translator."""

    steps: int  # grows with each job started and each batch finished
    in_job: bool


class BatchCounter:
    """One translator's progress; written by the translator, read by the supervisor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._progress = Progress(0, in_job=False)

    @classmethod
    def create(cls, folder: Path) -> Self:
        """A counter in an unlinked file of this folder, at 0."""
        with tempfile.TemporaryFile(dir=folder) as file:
            counter = cls(os.dup(file.fileno()))
        counter._write(Progress(0, in_job=False))
        return counter

    def fileno(self) -> int:
        return self._descriptor

    def close(self) -> None:
        os.close(self._descriptor)

    def job_started(self) -> None:
        self._write(Progress(self._progress.steps + 1, in_job=True))

    def batch_finished(self) -> None:
        self._write(Progress(self._progress.steps + 1, in_job=self._progress.in_job))

    def job_ended(self) -> None:
        self._write(Progress(self._progress.steps + 1, in_job=False))

    def read(self) -> Progress:
        """The progress last written by any process."""
        steps, in_job = _LAYOUT.unpack(os.pread(self._descriptor, _LAYOUT.size, 0))
        return Progress(steps, bool(in_job))

    def _write(self, progress: Progress) -> None:
        self._progress = progress
        os.pwrite(self._descriptor, _LAYOUT.pack(*progress), 0)
