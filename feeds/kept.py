"""What a worker keeps in memory, within bounds: the least recently used goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Kept(Generic[K, V]):
    """A mapping of at most `most` values that weigh at most `most_bytes`, for many threads.

    `weight` is asked again for the value that is put in and for those that go, so values
    may grow while they are kept; the newest one stays whatever it weighs.
    """

    def __init__(self, *, most: int, most_bytes: int, weight: Callable[[V], int]) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._weight = weight
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._values)

    @property
    def bytes(self) -> int:
        with self._lock:
            return sum(map(self._weight, self._values.values()))

    def get(self, key: K) -> V | None:
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: K, value: V) -> None:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            total = sum(map(self._weight, self._values.values()))
            while len(self._values) > self._most or (
                total > self._most_bytes and len(self._values) > 1
            ):
                _, gone = self._values.popitem(last=False)
                total -= self._weight(gone)
