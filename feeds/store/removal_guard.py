"""RemovalGuard: holds back the removal of most posts until a second look a minute later.

An empty folder is more often a mount that is not there than an author who has deleted
everything. Two looks a minute apart tell the two from each other well enough, and a removal
that turns out wrong is undone when the posts come back: ids and places stay in the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass

WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class PendingRemoval:
    """A removal of most posts that waits for its second look."""

    missing: int  # posts on record that the folder does not have
    on_record: int
    since: float  # epoch seconds of the first look


def is_mass(missing: int, on_record: int) -> bool:
    """Whether so many are all of the posts, or more than half of them."""
    return missing * 2 > on_record


class RemovalGuard:
    """The guard of one process; `wait` is in seconds."""

    def __init__(self, wait: float = WAIT_SECONDS) -> None:
        self.wait = wait
        self.pending: PendingRemoval | None = None
        self._allowed: dict[float, int] = {}  # posts removed within `wait`, by time
        self._released_at: float | None = None  # when the last mass removal was let through

    def holds(self, missing: int, on_record: int, now: float) -> bool:
        """Whether the removal of `missing` posts must wait.

        Called at each look; asked twice at one time, it answers the same.
        """
        if now == self._released_at:
            return False
        # A folder that is emptied file by file is removed in several looks.
        self._allowed = {at: n for at, n in self._allowed.items() if now - self.wait < at < now}
        before = sum(self._allowed.values())
        if not missing or not is_mass(missing + before, on_record + before):
            self.pending = None
            if missing:
                self._allowed[now] = missing
            return False
        since = min(self.pending.since, now) if self.pending else now
        self.pending = PendingRemoval(missing, on_record, since)
        if now - since < self.wait:
            return True
        self.pending = None
        self._released_at = now
        return False

    def is_due(self, now: float) -> bool:
        """Whether the second look is due."""
        return self.pending is not None and now - self.pending.since >= self.wait

    def seconds_left(self, now: float) -> int:
        """Until the second look; 0 when nothing waits."""
        if self.pending is None:
            return 0
        return max(0, round(self.pending.since + self.wait - now))
