"""The counts of workers that have ended, in one file instead of two for each.

prometheus_client keeps the files of every process for ever: each reload would add some, and
each look at /metrics read them all.
"""

from __future__ import annotations

from pathlib import Path

from prometheus_client.mmap_dict import MmapedDict

from infra.locks import folder_lock

_KINDS = ("counter", "histogram")
_ENDED = 0  # no process has this id


def fold(folder: Path, pid: int) -> None:
    """Adds what a worker that has ended counted to the sum of all of them."""
    with folder_lock(folder, alone=True):
        for kind in _KINDS:
            path = folder / f"{kind}_{pid}.db"
            if not path.is_file():
                continue
            total = MmapedDict(str(folder / f"{kind}_{_ENDED}.db"))  # type: ignore[no-untyped-call]
            counted = MmapedDict.read_all_values_from_file(str(path))  # type: ignore[no-untyped-call]
            for key, value, timestamp, _ in counted:
                known, _ = total.read_value(key)  # type: ignore[no-untyped-call]
                total.write_value(key, known + value, timestamp)  # type: ignore[no-untyped-call]
            total.close()  # type: ignore[no-untyped-call]
            path.unlink()
