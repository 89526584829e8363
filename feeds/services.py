"""The objects that one app's routes and commands share, and the one way to reach them."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event

from flask import Flask, current_app

from feeds.background.retranslation import Retranslation
from feeds.background.watcher import Watcher
from feeds.background.websub import Publisher
from feeds.builder.feed_builder import FeedBuilder
from feeds.builder.feed_directory import FeedDirectory
from feeds.builder.site import Site
from feeds.builder.translation_requests import TranslationRequests
from feeds.cache.feed_cache import FeedCache
from feeds.cache.known_feeds import KnownFeeds
from feeds.monitoring.status_report import StatusReport
from feeds.settings import Settings
from feeds.store.traffic import Traffic

_NAME = "feedglot"


@dataclass(frozen=True, slots=True)
class Services:
    """The objects that routes and commands of one app use."""

    settings: Settings
    site: Site
    builder: FeedBuilder
    feeds: FeedCache
    translation_requests: TranslationRequests
    watcher: Watcher
    traffic: Traffic
    board: StatusReport
    directory: FeedDirectory
    retranslation: Retranslation
    publisher: Publisher
    known_feeds: KnownFeeds

    _started: Event = field(default_factory=Event)

    def start(self) -> None:
        """Loads the posts and begins to follow them and to notify hubs, once."""
        if self._started.is_set():
            return
        self.watcher.start()
        self.publisher.start()
        self._started.set()


def services(app: Flask | None = None) -> Services:
    """The services of `app`, by default of the current one."""
    found = (app or current_app).extensions[_NAME]
    assert isinstance(found, Services)  # noqa: S101 - narrows the type
    return found


def register(app: Flask, registered: Services) -> None:
    """Sets the services of an app, or replaces them."""
    app.extensions[_NAME] = registered


def start() -> None:
    """Loads the posts and starts the threads of the current app."""
    services().start()
