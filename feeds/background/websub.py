"""WebSub publisher (https://www.w3.org/TR/websub/): pings hubs when a feed's bytes change.

It announces the feeds that readers subscribe to: the site and each term, in every language
and format. One thread of all web workers, the holder of a lease in the database, finds the
feeds that a change may affect and renders only those. Nothing of this runs within a request,
and pending pings survive restarts.
"""

from __future__ import annotations

import http.client
import logging
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import cast
from urllib.parse import urlencode, urlsplit

from content.taxonomy import Kind
from feeds.builder.feed_builder import FeedBuilder
from feeds.builder.site import Site
from feeds.cache.feed_cache import FeedCache
from feeds.model.feed import FORMATS
from feeds.model.selection import FeedSelection
from feeds.store.ledger import SITE, TermKey, terms_of
from feeds.store.websub_outbox import PendingPing, Topic, WebSubOutbox

log = logging.getLogger(__name__)

STEP_SECONDS = 1.0
LEASE_SECONDS = 60.0
SETTLE_SECONDS = 5.0  # delay after a change, so that changes that follow share its ping
INTERVAL_SECONDS = 60.0  # between two pings for one feed, while translations are finished
TIMEOUT_SECONDS = 10.0  # of each read from the hub
RESPONSE_SECONDS = 20.0  # from the connection to the end of the response
FIRST_RETRY = 30.0  # seconds, doubled with each failure
LAST_RETRY = 6 * 3600.0
MAX_REFUSALS = 5  # of one feed, until this change is dropped
BATCH = 20  # pings in one step
RECORD_BATCH = 5  # feeds of one step that are rendered only to record their digest

# Keys of processed changes that are not terms: results by number, the configuration by time.
_RESULTS: TermKey = ("results", "")
_SHAPE: TermKey = ("shape", "")
_REMOVAL: TermKey = ("removal", "")  # the ledger's revision that last removed most posts


class HubError(Exception):
    """A failed ping. `refused`: the hub is available and rejected this ping."""

    def __init__(self, what: str, *, refused: bool = False) -> None:
        self.refused = refused
        super().__init__(what)


def ping(hub: str, topic: str) -> None:
    """Notifies the hub that `topic` has new content; raises `HubError`.

    WebSub does not define this request; hubs read the topic from one of two fields. Redirects
    are not followed: they would send the POST to an address that no setting names.
    """
    parts = urlsplit(hub)
    assert parts.hostname  # noqa: S101 - settings are checked
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=TIMEOUT_SECONDS)
    # The timeout is per read: a hub that sends byte by byte would block the thread for hours.
    deadline = threading.Timer(RESPONSE_SECONDS, _close_connection, [connection])
    deadline.daemon = True
    form = urlencode({"hub.mode": "publish", "hub.url": topic, "hub.topic": topic})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "feedglot"}
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        deadline.start()
        connection.request("POST", target, form, headers)
        response = connection.getresponse()
        text = _printable(response.read(1000).decode("utf-8", "replace"))
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise HubError(_printable(f"{type(error).__name__}: {error}")) from error
    finally:
        deadline.cancel()
        connection.close()
    if 300 <= response.status < 400:
        target = _printable(response.headers.get("Location") or "nowhere")
        raise HubError(f"{response.status}: has moved to {target}")
    if not 200 <= response.status < 300:
        refused = response.status < 500 and response.status not in (408, 429)
        raise HubError(f"{response.status}: {text}", refused=refused)


def _close_connection(connection: http.client.HTTPConnection) -> None:
    if connection.sock is not None:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def _printable(text: str) -> str:
    """A hub's text as one line of printable characters, for the log."""
    line = " ".join(text[:1000].split())
    return "".join(c if c.isprintable() else "\ufffd" for c in line)[:200]


class Publisher:
    """Announces feeds; `send` and `clock` are handed in by tests."""

    def __init__(
        self,
        site: Site,
        builder: FeedBuilder,
        feeds: FeedCache,
        *,
        send: Callable[[str, str], None] = ping,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._site = site
        self._builder = builder
        self._feeds = feeds
        self._send = send
        self._clock = clock
        self._hubs = site.settings.hubs
        self._pings = WebSubOutbox(site.engine) if self._hubs else None
        self._holder = uuid.uuid4().hex
        self._generation = -1
        self._removal = 0
        self._failures: dict[str, int] = {}  # of hubs that do not answer
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def start(self) -> None:
        """Starts the thread if the settings name hubs; does nothing the second time."""
        if self._thread is not None or self._pings is None:
            return
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="websub", daemon=True)
                self._thread.start()

    def step(self) -> None:
        """One step: queues pings for feeds that may have changed, and sends the due ones."""
        if self._pings is None or not self._may_announce():
            return
        self._queue_changed_feeds(self._pings)
        now = self._clock()
        due_pings = self._pings.due(now, BATCH)
        due_pings += self._pings.due(now, RECORD_BATCH, record_only=True)
        unreachable: set[str] = set()
        for pending in due_pings:
            if pending.hub not in unreachable and not self._ping_if_changed(self._pings, pending):
                unreachable.add(pending.hub)
            if not self._may_announce():
                return

    def _may_announce(self) -> bool:
        assert self._pings is not None  # noqa: S101 - `step` returns before
        return self._pings.claim(self._holder, self._clock(), LEASE_SECONDS)

    def _run(self) -> None:
        while True:
            try:
                self.step()
            except Exception:  # an error in one step must not end the thread
                log.exception("announcing feeds failed; retrying")
            time.sleep(STEP_SECONDS)

    def _queue_changed_feeds(self, pings: WebSubOutbox) -> None:
        """Queues pings for the feeds that changes may affect, without rendering any."""
        site = self._site
        site.follow()
        if site.generation == self._generation:
            return
        removal = site.ledger.mass_removal()
        if removal > site.catalogue.revision:
            return  # the catalogue does not have the removal yet; the next step handles it
        generation, followed = site.generation, site.followed
        seen = pings.seen()
        now = {key: at.timestamp() for key, at in site.catalogue.touched.items()}
        now[_SHAPE] = site.facts.config_changed_at.timestamp()
        languages = site.settings.languages
        changed_feeds: dict[tuple[TermKey, str], None] = {}
        if not seen:  # the first start: there are no subscribers yet
            changed_feeds.update(dict.fromkeys((key, x) for key in now for x in languages))
            pings.delete_other_hubs(self._hubs)
        else:
            if seen.get(_SHAPE) != now[_SHAPE]:
                changed_feeds.update(dict.fromkeys((key, x) for key in now for x in languages))
            for key, at in now.items():
                if seen.get(key) != at:
                    changed_feeds.update(dict.fromkeys((key, language) for language in languages))
            for result in site.results.changes(after=int(seen[_RESULTS])):
                post = site.catalogue.find(result.post_key)
                followed = max(followed, result.seq)
                for key in (SITE, *terms_of(post.post)) if post else ():
                    changed_feeds[key, result.language] = None
        now[_RESULTS] = float(followed)
        if seen and removal > seen.get(_REMOVAL, 0.0):
            # Most posts are removed, perhaps by mistake. Readers keep their entries: no ping.
            changed_feeds.clear()
            pings.delete_pending()
        now[_REMOVAL] = float(removal)
        self._removal = removal
        changed = {key: at for key, at in now.items() if seen.get(key) != at}
        due = self._clock() + SETTLE_SECONDS
        pings.add_topics(_topics(changed_feeds), self._hubs, due, changed, record_only=not seen)
        self._generation = generation

    def _ping_if_changed(self, pings: WebSubOutbox, pending: PendingPing) -> bool:
        """Sends one ping if the feed has changed; False if the hub is unavailable."""
        now = self._clock()
        if pending.hub not in self._hubs:
            pings.delete_other_hubs(self._hubs)
            return False
        if now < pending.sent_at + INTERVAL_SECONDS:
            pings.postpone(pending, pending.sent_at + INTERVAL_SECONDS)
            return True
        topic = pending.topic
        selection = _selection(topic)
        served = self._feeds.peek(selection, topic.language, topic.format)
        if served.window.growing:  # a post is being rewritten at this moment
            pings.postpone(pending, now + SETTLE_SECONDS)
            return True
        digest = served.representation.digest
        if digest == pending.digest:
            pings.clear(pending)
            return True
        if not pending.changes:
            # Otherwise an edit that is not queued yet would count as known to the hub.
            if self._site.generation == self._generation:
                pings.mark_sent(pending, digest, 0.0)
            return True
        if self._site.ledger.mass_removal() != self._removal:
            pings.postpone(pending, now + SETTLE_SECONDS)
            return True
        url = self._builder.url(selection, topic.language, topic.format)
        try:
            self._send(pending.hub, url)
        except HubError as error:
            return self._failed(pings, pending, url, error)
        pings.mark_sent(pending, digest, self._clock())
        if self._failures.pop(pending.hub, 0):
            log.info("%s is available again", pending.hub)
        return True

    def _failed(self, pings: WebSubOutbox, pending: PendingPing, url: str, error: HubError) -> bool:
        now = self._clock()
        if error.refused and pending.attempts + 1 >= MAX_REFUSALS:
            log.warning("%s refuses pings for %s, dropped: %s", pending.hub, url, error)
            pings.clear(pending)
            return True
        if error.refused:
            pings.postpone(pending, now + _pause(pending.attempts), failed=True)
            return True
        failures = self._failures.get(pending.hub, pending.attempts)
        if pending.hub not in self._failures:
            log.warning("%s: %s: retrying later", pending.hub, error)
        self._failures[pending.hub] = failures + 1
        pings.postpone(pending, now + _pause(failures), failed=True)
        pings.postpone_hub(pending.hub, now + _pause(failures))
        return False


def _pause(failures: int) -> float:
    return min(FIRST_RETRY * 2.0 ** min(failures, 30), LAST_RETRY)


def _topics(changed_feeds: Iterable[tuple[TermKey, str]]) -> list[Topic]:
    return [
        Topic(kind, slug, language, format)
        for (kind, slug), language in changed_feeds
        if kind not in (_SHAPE[0], _RESULTS[0], _REMOVAL[0])
        for format in FORMATS
    ]


def _selection(topic: Topic) -> FeedSelection:
    if topic.kind == SITE[0]:
        return FeedSelection()
    return FeedSelection.term(cast("Kind", topic.kind), topic.slug)
