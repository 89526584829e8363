"""Retries: how often a job is tried, and after which pauses."""

from __future__ import annotations

MAX_ATTEMPTS = 3
_AFTER = 5.0  # seconds
_SLOW_PAUSE = 600.0  # seconds at most until a slow job is tried again


def error_pause(attempts: int) -> float:
    """Seconds until a job is tried again that raised so often."""
    return _AFTER * attempts


def slow_pause(times: int) -> float:
    """Seconds until a job is tried again that was too slow so often: 5, 10, 20, ... 600."""
    return min(_AFTER * 2.0 ** min(times - 1, 10), _SLOW_PAUSE)
