"""Retries of jobs: maximum number of attempts and pauses between them."""

from __future__ import annotations

MAX_ATTEMPTS = 3
_AFTER = 5.0  # seconds
_SLOW_PAUSE = 600.0  # seconds: the longest pause before a slow job is retried


def error_pause(attempts: int) -> float:
    """Seconds until the retry of a job that raised `attempts` times."""
    return _AFTER * attempts


def slow_pause(times: int) -> float:
    """Seconds until the retry of a job that was too slow `times` times: 5, 10, 20, ... 600."""
    return min(_AFTER * 2.0 ** min(times - 1, 10), _SLOW_PAUSE)
