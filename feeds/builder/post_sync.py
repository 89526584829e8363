"""PostSync: joins the posts of the folder with the ledger into the catalogue of one process.

A process records what is new, changed or gone only from its own look at the folder (`record`).
What others record it takes over (`follow`), except that others take back its posts: a node
whose checkout lags, or a process with another folder, must not empty the site for all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from content.library.library import Library
from content.post import Post
from feeds.model.catalog import Catalog
from feeds.model.records import NO_RECORDS, LedgerSnapshot, Record
from feeds.store.ledger import Ledger
from feeds.store.removal_guard import RemovalGuard

log = logging.getLogger(__name__)

# Until a post that another process took back is recorded again. Long enough for a deletion
# that this process merely sees later: a file must be gone for half a second to count.
PUT_BACK = timedelta(seconds=5)

_Note = Callable[..., LedgerSnapshot]  # `Ledger.record` or `Ledger.preview`


class PostSync:
    """Not to be called from two threads at once."""

    def __init__(self, library: Library, ledger: Ledger, timezone: tzinfo) -> None:
        self.catalogue = Catalog(NO_RECORDS, timezone)
        self.removals = RemovalGuard()
        self.recorded = 0  # the version of the library's snapshot that the ledger has
        self._library = library
        self._ledger = ledger
        self._page = NO_RECORDS
        self._next_at: datetime | None = None  # when the next post appears or expires
        self._put_back_at: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Whether there is something to record."""
        times = (self._next_at, self._put_back_at)
        return (
            self._library.snapshot.version != self.recorded
            or any(at is not None and at <= now for at in times)
            or self.removals.is_due(now.timestamp())
        )

    def record(self, now: datetime) -> None:
        """Records what is new, changed or gone. Raises `SQLAlchemyError`."""
        snapshot = self._library.snapshot
        put_back = self._put_back_at is not None and self._put_back_at <= now
        if put_back and snapshot.version == self.recorded:
            # Other posts may be missing here because this checkout is the one that lags.
            self._build(now, self._ledger.record, _hold_all)
            self._put_back_at = None
            return
        self._build(now, self._ledger.record, self._hold(now))
        self._put_back_at = None
        changes = (at for post in snapshot.posts for at in (post.published, post.expires))
        self._next_at = min((at for at in changes if at is not None and at > now), default=None)
        self.recorded = snapshot.version

    def preview(self, now: datetime) -> None:
        """Shows what `record` would make of the folder, and records nothing."""
        self._build(now, self._ledger.preview, self._hold(now))

    def follow(self, now: datetime) -> None:
        """Takes over what others have recorded; a post of the folder that they took back stays.

        Does not record: this process may not have seen yet what the other one has, and would
        take back a deletion that is on record already.
        """
        self._build(now, None, _hold_all)

    def _build(
        self,
        now: datetime,
        note: _Note | None,
        hold: Callable[[Mapping[str, Record], int], Collection[str]],
    ) -> None:
        before = self.catalogue
        page = self._ledger.read(self._page, self._library.snapshot.posts)
        # What was served once stays, even when its date is moved into the future.
        config = self._library.config
        live = [
            post
            for post in self._library.snapshot.posts
            if (post.expires is None or post.expires > now)
            and (
                config.future
                or post.published <= now
                or post.path in page.records
                or before.at(post.path)
            )
        ]
        live = live[: config.limit_posts or None]
        shown = page
        if note is not None:
            shown = note(live, now, page, hold=hold)
        # A preview is on record for nobody.
        self._page = page if note == self._ledger.preview else shown
        if note is None:
            shown = self._with_taken_back(live, shown, now)
        if self.removals.pending or self._library.snapshot.unseen:
            live += self._held(live, shown)
        self.catalogue = before.after(live, shown)

    def _hold(self, now: datetime) -> Callable[[Mapping[str, Record], int], Collection[str]]:
        unseen = self._library.snapshot.unseen

        def hold(removed: Mapping[str, Record], on_record: int) -> Collection[str]:
            out_of_sight = {path for path in removed if path.startswith(unseen)} if unseen else ()
            waited = self.removals.pending is not None
            if not self.removals.holds(
                len(removed) - len(out_of_sight), on_record, now.timestamp()
            ):
                return out_of_sight
            if not waited:
                log.error(
                    "%d of %d posts on record are not in the posts' folder: they stay; "
                    "it is looked at again in %g s",
                    len(removed) - len(out_of_sight),
                    on_record,
                    self.removals.wait,
                )
            return removed.keys()

        return hold

    def _held(self, live: Sequence[Post], page: LedgerSnapshot) -> Iterable[Post]:
        """Posts on record that this process knows and the folder lacks."""
        here = {post.path for post in live}
        return [
            known.post
            for known in self.catalogue.posts
            if known.post.path not in here and known.post.path in page.records
        ]

    def _with_taken_back(
        self, live: Sequence[Post], page: LedgerSnapshot, now: datetime
    ) -> LedgerSnapshot:
        """The page with the records of this process's posts that others have taken back."""
        at = self.catalogue.at
        lost = [
            known for post in live if post.path not in page.records and (known := at(post.path))
        ]
        if not lost:
            self._put_back_at = None
            return page
        keys = {record.key for record in page.records.values()}
        records = {known.post.path: known.record for known in lost if known.key not in keys}
        if not records:  # they have been renamed
            return page
        if self._put_back_at is None:
            self._put_back_at = now + PUT_BACK
            log.warning(
                "another process took back %d posts that are in this folder: "
                "they are put back in %g s",
                len(records),
                PUT_BACK.total_seconds(),
            )
        return replace(page, records={**page.records, **records})


def _hold_all(removed: Mapping[str, Record], _on_record: int) -> Collection[str]:
    return removed.keys()
