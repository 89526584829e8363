"""Archives: all that was ever posted, in documents that never reshuffle (RFC 5005 section 4).

Archive 1 holds the first 50 places, archive 2 the next 50. A place is given when a post is
first seen in the whole site or in a term, and stays its own: a post that is taken back, or
loses the term, leaves a hole, and one that is backdated or gains the term comes last. So who
follows the archives while posts arrive meets each entry in one archive, always the same.
"""

from __future__ import annotations

from feeds.model.catalog import Catalog, SitePost
from feeds.model.selection import FeedSelection
from feeds.model.window import Window
from feeds.store.ledger import SITE, Ledger, TermKey
from infra.lru_cache import LRUCache

SIZE = 50  # places

_Keys = tuple[str, ...]


class Archives:
    """The archives of the site and of single terms."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        # Places never change, so what was read once stays true.
        self._read: LRUCache[tuple[TermKey, int, int], _Keys] = LRUCache(
            most=500, most_bytes=4_000_000, weight=lambda keys: 80 * len(keys) + 200
        )

    def posts(self, catalogue: Catalog, selection: FeedSelection, number: int) -> list[SitePost]:
        """The posts of an archive that are still there, the one seen last first."""
        term = _term(selection)
        last = min(number * SIZE, catalogue.places.get(term, 0))
        asked = (term, number, last)
        keys = self._read.get(asked)
        if keys is None:
            keys = tuple(self._ledger.placed(term, (number - 1) * SIZE + 1, last))
            self._read.put(asked, keys)
        found = (catalogue.find(key) for key in reversed(keys))
        return [post for post in found if post and catalogue.holds(post, selection)]

    def before(self, catalogue: Catalog, selection: FeedSelection, window: Window) -> int | None:
        """The archive that goes before the feed: the newest with a post that it does not show.

        The last one, as long as it is not full, counts only while the feed is too short to
        show all of it: else nobody who is new would ever see what has left the feed and is
        in no full archive yet.
        """
        count = count_archives(catalogue, selection)
        shown = {slot.post.key for slot in window.slots}
        shown.update(post.key for post in window.missing)  # it will, once they are translated
        if count and not is_full(catalogue, selection, count):
            posts = self.posts(catalogue, selection, count)
            if all(post.key in shown for post in posts):
                count -= 1
        return count or None


def count_archives(catalogue: Catalog, selection: FeedSelection) -> int:
    """How many archives there are; the last one may not be full."""
    return -(-catalogue.places.get(_term(selection), 0) // SIZE)


def is_full(catalogue: Catalog, selection: FeedSelection, number: int) -> bool:
    """Whether no further entry will come to the archive."""
    return number * SIZE <= catalogue.places.get(_term(selection), 0)


def _term(selection: FeedSelection) -> TermKey:
    choice = selection.single_term
    return (choice.kind, choice.slugs[0]) if choice else SITE
