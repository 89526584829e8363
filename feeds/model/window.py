"""Selects the entries that a feed shows. Pure.

A feed holds finished entries only, newest first: posts written in its language, persons'
versions, finished translations, and, in the original, posts whose translation was given up
or was a person's who has taken it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from feeds.model.catalog import SitePost
from translate.jobs.results import Result
from translate.types import State

WindowState = Literal["complete", "partial", "stale"]


@dataclass(frozen=True, slots=True)
class Slot:
    """One entry of a window."""

    post: SitePost
    by_hand: bool = False  # nothing of it was left to a machine
    result: Result | None = None  # None: by hand, now or until it was taken back
    current: bool = True  # False: of an older text, shown until the new one is finished

    @property
    def failed(self) -> bool:
        return not self.by_hand and self.result is not None and self.result.state is State.FAILED


@dataclass(frozen=True, slots=True)
class Window:
    slots: tuple[Slot, ...]
    ready: int  # finished among the newest `total` posts
    total: int
    missing: tuple[SitePost, ...]  # to be asked for: not finished, or finished of an older text
    more: bool = False  # posts follow that are on no page up to this one
    growing: bool = False  # what it is chosen from is still being read (a search)
    hits: int | None = None  # of a search; None: of no search, or not counted

    @property
    def state(self) -> WindowState:
        if self.ready < self.total or self.growing:
            return "partial"
        return "complete" if all(slot.current for slot in self.slots) else "stale"


EMPTY = Window(slots=(), ready=0, total=0, missing=())


def open_window(
    posts: Iterable[SitePost],
    *,
    limit: int,
    page: int = 1,
    by_hand: Callable[[SitePost], bool],
    shown_until_translated: Callable[[SitePost], bool] = lambda post: False,
    standing: Callable[[SitePost], Result | None],
    digest: Callable[[SitePost], str | None],
) -> Window:
    """The window on `posts`, which come newest first.

    `digest` is that of the text the machine has to translate now; None: nothing. It costs
    the rendering of a body, so it is asked only of posts within the window.
    """
    slots: list[Slot] = []
    missing: list[SitePost] = []
    ready = total = 0
    more = False
    skipped = (page - 1) * limit  # finished entries on earlier pages
    for position, post in enumerate(posts):
        if len(slots) == limit:
            more = True
            break
        done_by_hand = by_hand(post)
        result = standing(post)
        # A served entry stays: it is shown in the original until its translation is ready.
        finished = done_by_hand or result is not None or shown_until_translated(post)
        within = position < page * limit
        if position >= skipped and within:
            total += 1
            ready += finished
        if finished and skipped:
            skipped -= 1
            continue
        if finished and len(slots) < limit:
            wanted = digest(post)
            current = wanted is None or (result is not None and result.source_digest == wanted)
            slots.append(Slot(post, done_by_hand, result, current or done_by_hand))
            if not current:
                missing.append(post)
        elif within and not finished:
            missing.append(post)
    return Window(tuple(slots), ready, total, tuple(missing), more)
