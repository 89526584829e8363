"""LeaseKeeper: the thread that renews a job's lease while the job runs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from sqlalchemy.exc import SQLAlchemyError

from translate.jobs.queue import Claim, TranslationQueue

log = logging.getLogger(__name__)

_TICK = 1.0  # seconds between two checks, at most
HAND_OVER_SECONDS = 5.0  # for the current batch after a stop, less than a supervisor's grace


class LeaseKeeper:
    """Renews the lease of one claim until the block ends; use it as a context manager.

    After a stop it returns the job to the queue even if the current batch does not end, so
    that killing the process then does not count as an attempt.
    """

    def __init__(
        self,
        queue: TranslationQueue,
        claim: Claim,
        *,
        lease_seconds: float,
        clock: Callable[[], float],
        stop: threading.Event,
        beat: Callable[[], object],
    ) -> None:
        self._queue = queue
        self._claim = claim
        self._lease_seconds = lease_seconds
        self._clock = clock
        self._stop = stop
        self._beat = beat  # called at each tick
        self._ended = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)

    @property
    def is_lost(self) -> bool:
        """Whether another translator has the job, or it was returned to the queue."""
        return self._lost.is_set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        renewed = time.monotonic()
        stopped: float | None = None
        every = self._lease_seconds / 6
        while not self._ended.wait(min(_TICK, every)):
            now = time.monotonic()
            if self._stop.is_set() and stopped is None:
                stopped = now
            try:
                if stopped is not None and now - stopped >= HAND_OVER_SECONDS:
                    self._queue.give_back(self._claim)
                    self._lost.set()
                    return
                if now - renewed >= every:
                    if not self._renew():
                        self._lost.set()
                        return
                    renewed = now
                self._beat()
            except SQLAlchemyError as error:
                # The worker gets the same error at its next step and handles it.
                log.warning("cannot renew the lease of %s: %s", self._claim.post_key, error)

    def _renew(self) -> bool:
        return self._queue.renew(self._claim, lease_seconds=self._lease_seconds, now=self._clock())
