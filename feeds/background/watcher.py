"""Watcher: the thread of a web worker that scans the posts folder."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from feeds.builder.site import Site
from feeds.builder.translation_requests import TranslationRequests
from feeds.store.forgetting import Forgetting
from infra.garbage import uncollected

log = logging.getLogger(__name__)

SCAN_SECONDS = 0.5


class Watcher:
    """Scans the posts folder of a web worker for changes."""

    def __init__(
        self,
        site: Site,
        requests: TranslationRequests,
        on_tick: Callable[[float], object] = lambda _: None,
    ) -> None:
        self._site = site
        self._requests = requests
        self._forgetting = Forgetting(site.engine)
        self._on_tick = on_tick  # called with the time after each scan
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def start(self) -> None:
        """Loads the posts and starts the thread; does nothing the second time."""
        if self._thread is not None:
            return
        with self._starting:
            if self._thread is not None:
                return
            with uncollected():
                self._site.scan(datetime.now(UTC))
            self._requests.prewarm()
            self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        took = 0.0
        # At most half of a processor, however many posts there are.
        while not self._stop.wait(max(SCAN_SECONDS, took)):
            started = time.thread_time()
            try:
                if self._site.scan(datetime.now(UTC)):
                    self._requests.prewarm()
                self._on_tick(time.time())
                self._forgetting.delete_due(time.time())
            except Exception:  # an error in one scan must not end the thread
                log.exception("scanning the posts failed; retrying")
            took = time.thread_time() - started
