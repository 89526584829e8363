"""The canonical addresses of feeds that have been requested, with what each leads to."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Request

from feeds.model.feed import Format
from feeds.model.selection import FeedSelection
from infra.lru_cache import LRUCache

MOST = 1024  # addresses


@dataclass(frozen=True, slots=True)
class KnownFeed:
    path: str  # as it is counted and logged
    selection: FeedSelection
    language: str
    format: Format
    kind: str


class KnownFeeds:
    """Feeds by PATH_INFO, for requests that need not be routed again."""

    def __init__(self) -> None:
        self._known: LRUCache[str, KnownFeed] = LRUCache(
            most=MOST, most_bytes=MOST, weight=lambda _: 1
        )

    def learn(
        self, request: Request, selection: FeedSelection, language: str, format: Format
    ) -> None:
        """Keeps what this request's address, without its query, leads to."""
        kind = selection.choices[0].kind if selection.choices else "site"
        feed = KnownFeed(request.path, selection, language, format, kind)
        self._known.put(request.environ["PATH_INFO"], feed)

    def get(self, path: str) -> KnownFeed | None:
        return self._known.get(path)
