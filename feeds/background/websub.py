"""WebSub (https://www.w3.org/TR/websub/): hubs are told when a feed's bytes have changed.

It announces the feeds that readers subscribe to: the site and each term, in every language
and format. One thread in one of all web workers, the holder of a lease in the database,
sees which feeds a change may have touched, and looks at those alone. Nothing of this runs
within a request, and pings that are due survive restarts.
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
SETTLE_SECONDS = 5.0  # after a change: changes that follow at once go with it
INTERVAL_SECONDS = 60.0  # between two pings for one feed, while translations come in
TIMEOUT_SECONDS = 10.0  # of each wait for the hub
ANSWER_SECONDS = 20.0  # from the connection to the end of the answer
FIRST_RETRY = 30.0  # seconds, doubled with each failure
LAST_RETRY = 6 * 3600.0
REFUSALS = 5  # of one feed, until this change is dropped
BATCH = 20  # in one step
SILENT_BATCH = 5  # rendered only to compare later versions with

# Beside the terms, how far we have looked: results by number, the site's shape by time.
_RESULTS: TermKey = ("results", "")
_SHAPE: TermKey = ("shape", "")
_REMOVAL: TermKey = ("removal", "")  # the ledger's revision that last removed most posts


class HubError(Exception):
    """A ping that did not arrive. `refused`: the hub answered, and does not want this one."""

    def __init__(self, what: str, *, refused: bool = False) -> None:
        self.refused = refused
        super().__init__(what)


def ping(hub: str, topic: str) -> None:
    """Tells the hub that `topic` has new content; raises `HubError`.

    WebSub leaves this to publisher and hub; hubs take one of two names for the topic.
    Redirects are not followed: they would carry the POST to an address that no setting names.
    """
    parts = urlsplit(hub)
    assert parts.hostname  # noqa: S101 - settings are checked
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=TIMEOUT_SECONDS)
    # The timeout is of each wait: a hub that answers byte by byte would keep us for hours.
    end = threading.Timer(ANSWER_SECONDS, _hang_up, [connection])
    end.daemon = True
    form = urlencode({"hub.mode": "publish", "hub.url": topic, "hub.topic": topic})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "feedglot"}
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        end.start()
        connection.request("POST", target, form, headers)
        answer = connection.getresponse()
        text = _shown(answer.read(1000).decode("utf-8", "replace"))
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise HubError(_shown(f"{type(error).__name__}: {error}")) from error
    finally:
        end.cancel()
        connection.close()
    if 300 <= answer.status < 400:
        target = _shown(answer.headers.get("Location") or "nowhere")
        raise HubError(f"{answer.status}: has moved to {target}")
    if not 200 <= answer.status < 300:
        refused = answer.status < 500 and answer.status not in (408, 429)
        raise HubError(f"{answer.status}: {text}", refused=refused)


def _hang_up(connection: http.client.HTTPConnection) -> None:
    if connection.sock is not None:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def _shown(text: str) -> str:
    """What a hub says, as it may stand in a log: one line of characters that can be seen."""
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
        self._pulse = -1
        self._removal = 0
        self._failures: dict[str, int] = {}  # of hubs that do not answer
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def start(self) -> None:
        """Begins to announce, where hubs are named; does nothing the second time."""
        if self._thread is not None or self._pings is None:
            return
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="websub", daemon=True)
                self._thread.start()

    def work(self) -> None:
        """One step: notes which feeds a change may have touched, and tells what is due."""
        if self._pings is None or not self._may_announce():
            return
        self._notice(self._pings)
        now = self._clock()
        debts = self._pings.due(now, BATCH)
        debts += self._pings.due(now, SILENT_BATCH, silent=True)
        unwell: set[str] = set()
        for debt in debts:
            if debt.hub not in unwell and not self._pay(self._pings, debt):
                unwell.add(debt.hub)
            if not self._may_announce():
                return

    def _may_announce(self) -> bool:
        assert self._pings is not None  # noqa: S101 - asked only where hubs are named
        return self._pings.claim(self._holder, self._clock(), LEASE_SECONDS)

    def _run(self) -> None:
        while True:
            try:
                self.work()
            except Exception:  # an error in one step must not end the thread
                log.exception("announcing feeds failed; trying again")
            time.sleep(STEP_SECONDS)

    def _notice(self, pings: WebSubOutbox) -> None:
        """Finds the feeds that a change may have touched, without rendering any."""
        site = self._site
        site.follow()
        if site.generation == self._pulse:
            return
        removal = site.ledger.mass_removal()
        if removal > site.catalogue.revision:
            return  # it is followed at the next step
        generation, followed = site.generation, site.followed
        seen = pings.seen()
        now = {key: at.timestamp() for key, at in site.catalogue.touched.items()}
        now[_SHAPE] = site.facts.config_changed_at.timestamp()
        languages = site.settings.languages
        touched: dict[tuple[TermKey, str], None] = {}
        if not seen:  # the first start: nobody has subscribed to anything yet
            touched.update(dict.fromkeys((key, x) for key in now for x in languages))
            pings.forget_others(self._hubs)
        else:
            if seen.get(_SHAPE) != now[_SHAPE]:
                touched.update(dict.fromkeys((key, x) for key in now for x in languages))
            for key, at in now.items():
                if seen.get(key) != at:
                    touched.update(dict.fromkeys((key, language) for language in languages))
            for result in site.results.changes(after=int(seen[_RESULTS])):
                post = site.catalogue.by_key.get(result.post_key)
                followed = max(followed, result.seq)
                for key in (SITE, *terms_of(post.post)) if post else ():
                    touched[key, result.language] = None
        now[_RESULTS] = float(followed)
        if seen and removal > seen.get(_REMOVAL, 0.0):
            # Most posts are gone. Readers who keep their entries lose nothing by not being told.
            touched.clear()
            pings.drop_all()
        now[_REMOVAL] = float(removal)
        self._removal = removal
        changed = {key: at for key, at in now.items() if seen.get(key) != at}
        due = self._clock() + SETTLE_SECONDS
        pings.owe(_topics(touched), self._hubs, due, changed, silently=not seen)
        self._pulse = generation

    def _pay(self, pings: WebSubOutbox, debt: PendingPing) -> bool:
        """Sends one ping where it is due; False when the hub does not answer."""
        now = self._clock()
        if debt.hub not in self._hubs:
            pings.forget_others(self._hubs)
            return False
        if now < debt.told_at + INTERVAL_SECONDS:
            pings.put_off(debt, debt.told_at + INTERVAL_SECONDS)
            return True
        topic = debt.topic
        selection = _selection(topic)
        served = self._feeds.peek(selection, topic.language, topic.format)
        if served.window.growing:  # a post is just being rewritten
            pings.put_off(debt, now + SETTLE_SECONDS)
            return True
        digest = served.representation.digest
        if digest == debt.digest:
            pings.settle(debt)
            return True
        if not debt.changes:
            # An edit not noticed yet would count as known to the hub.
            if self._site.generation == self._pulse:
                pings.told(debt, digest, 0.0)
            return True
        if self._site.ledger.mass_removal() != self._removal:
            pings.put_off(debt, now + SETTLE_SECONDS)
            return True
        url = self._builder.url(selection, topic.language, topic.format)
        try:
            self._send(debt.hub, url)
        except HubError as error:
            return self._failed(pings, debt, url, error)
        pings.told(debt, digest, self._clock())
        if self._failures.pop(debt.hub, 0):
            log.info("%s answers again", debt.hub)
        return True

    def _failed(self, pings: WebSubOutbox, debt: PendingPing, url: str, error: HubError) -> bool:
        now = self._clock()
        if error.refused and debt.attempts + 1 >= REFUSALS:
            log.warning("%s is not told of %s: %s", debt.hub, url, error)
            pings.settle(debt)
            return True
        if error.refused:
            pings.put_off(debt, now + _pause(debt.attempts), failed=True)
            return True
        failures = self._failures.get(debt.hub, debt.attempts)
        if debt.hub not in self._failures:
            log.warning("%s: %s: trying again later", debt.hub, error)
        self._failures[debt.hub] = failures + 1
        pings.put_off(debt, now + _pause(failures), failed=True)
        pings.spare(debt.hub, now + _pause(failures))
        return False


def _pause(failures: int) -> float:
    return min(FIRST_RETRY * 2.0 ** min(failures, 30), LAST_RETRY)


def _topics(touched: Iterable[tuple[TermKey, str]]) -> list[Topic]:
    return [
        Topic(kind, slug, language, format)
        for (kind, slug), language in touched
        if kind not in (_SHAPE[0], _RESULTS[0], _REMOVAL[0])
        for format in FORMATS
    ]


def _selection(topic: Topic) -> FeedSelection:
    if topic.kind == SITE[0]:
        return FeedSelection()
    return FeedSelection.term(cast("Kind", topic.kind), topic.slug)
