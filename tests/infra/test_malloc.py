"""malloc: the threads of a worker share one arena."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

THREADS = """
import ctypes
from threading import Barrier, Thread
from infra.malloc import return_freed
{first}
together = Barrier(4)
def work():
    together.wait()
    held = bytearray(100_000)
    together.wait()
threads = [Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
ctypes.CDLL(None).malloc_stats()
"""


def arenas(first: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", THREADS.format(first=first)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr.count("Arena ")


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_stats"), reason="not glibc")
def test_threads_share_one_arena() -> None:
    assert arenas("") > 1
    assert arenas("return_freed()") == 1
