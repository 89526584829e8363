"""The pauses after which a job is tried again."""

from __future__ import annotations

from translate.jobs.retries import error_pause, slow_pause


def test_the_pause_after_an_error_grows_with_the_attempts() -> None:
    assert [error_pause(attempts) for attempts in (1, 2)] == [5.0, 10.0]


def test_the_pause_of_slow_jobs_grows_to_ten_minutes() -> None:
    assert [slow_pause(times) for times in (1, 2, 3, 99)] == [5.0, 10.0, 20.0, 600.0]
