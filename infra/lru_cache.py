"""LRUCache: values in memory, bounded in number and bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class LRUCache(Generic[K, V]):
    """A mapping of at most `most` values that weigh at most `most_bytes`, for many threads.

    A value may grow while it is cached: its new weight counts from its next access. The newest
    value stays whatever it weighs.
    """

    def __init__(self, *, most: int, most_bytes: int, weight: Callable[[V], int]) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._weight = weight
        self._values: OrderedDict[K, V] = OrderedDict()
        self._weights: dict[K, int] = {}
        self._total = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: K) -> V | None:
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._touch(key, value)
            return value

    def put(self, key: K, value: V) -> None:
        with self._lock:
            self._values[key] = value
            self._touch(key, value)
            while len(self._values) > self._most or (
                self._total > self._most_bytes and len(self._values) > 1
            ):
                gone, _ = self._values.popitem(last=False)
                self._total -= self._weights.pop(gone)

    def _touch(self, key: K, value: V) -> None:
        self._values.move_to_end(key)
        weight = self._weight(value)
        self._total += weight - self._weights.get(key, 0)
        self._weights[key] = weight
