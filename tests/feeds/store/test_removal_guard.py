"""RemovalGuard: most posts are removed only when two looks a minute apart agree."""

from __future__ import annotations

from feeds.store.removal_guard import WAIT_SECONDS, RemovalGuard

NOW = 1_800_000_000.0


def test_few_posts_are_removed_at_once() -> None:
    guard = RemovalGuard()
    assert not guard.holds(5, 10, NOW)
    assert guard.pending is None


def test_more_than_half_or_all_wait_for_a_second_look() -> None:
    for missing, on_record in ((6, 10), (10, 10), (1, 1)):
        guard = RemovalGuard()
        assert guard.holds(missing, on_record, NOW)
        assert guard.holds(missing, on_record, NOW + WAIT_SECONDS - 1)
        assert guard.seconds_left(NOW + WAIT_SECONDS - 1) == 1
        assert not guard.is_due(NOW + WAIT_SECONDS - 1)
        assert guard.is_due(NOW + WAIT_SECONDS)
        assert not guard.holds(missing, on_record, NOW + WAIT_SECONDS)
        assert not guard.holds(missing, on_record, NOW + WAIT_SECONDS)  # the same look
        assert guard.pending is None


def test_posts_that_come_back_end_the_wait() -> None:
    guard = RemovalGuard()
    assert guard.holds(10, 10, NOW)
    assert not guard.holds(0, 10, NOW + 30)
    assert guard.holds(10, 10, NOW + 70)
    assert guard.seconds_left(NOW + 70) == WAIT_SECONDS


def test_a_folder_emptied_over_several_scans_is_one_removal() -> None:
    guard = RemovalGuard()
    assert not guard.holds(4, 10, NOW)
    assert guard.holds(3, 6, NOW + 1)  # with the four: seven of ten
    assert not RemovalGuard().holds(3, 6, NOW + 1)


def test_a_clock_that_goes_back_does_not_lengthen_the_wait() -> None:
    guard = RemovalGuard()
    assert guard.holds(10, 10, NOW)
    assert guard.holds(10, 10, NOW - 3600)
    assert not guard.holds(10, 10, NOW - 3600 + WAIT_SECONDS)
