"""Python's collector of cyclic garbage, switched off while much is loaded."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """A block in which nothing is collected.

    Loading a hundred thousand posts makes no garbage, and looking for some again and again
    takes longer than the loading itself.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
