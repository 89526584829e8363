"""The C library's allocator, from which come the blocks that are too large for Python's own."""

from __future__ import annotations

import ctypes

_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3  # of glibc, malloc.h
_LARGE = 1 << 20  # bytes


def return_freed() -> None:
    """Lets glibc keep less of what this process frees. Call it before threads start.

    glibc gives each thread an arena, which keeps what the thread has freed: in a worker with 16
    threads and 100,000 posts 50 MB after some feeds and searches. And once a large block has
    been freed, others of its size are no longer returned to the system either: 15 MB after the
    start. Other C libraries do neither.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
