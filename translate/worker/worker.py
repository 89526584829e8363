"""Loop of the translator: claim a job, translate it, store the result."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from translate.jobs.heartbeats import Heartbeats, TranslatorStatus
from translate.jobs.notify import Notifier
from translate.jobs.queue import Claim, TranslationQueue
from translate.types import (
    Decoding,
    Document,
    Engine,
    Hop,
    Hypothesis,
    LeaseEnd,
    NoPathError,
    Pair,
    Progress,
    Translation,
)
from translate.worker.batch_counter import BatchCounter
from translate.worker.lease_keeper import LeaseKeeper

log = logging.getLogger(__name__)

_POLL_SECONDS = 1.0  # between two polls of the queue
_HEARTBEAT_SECONDS = 5.0
_LONGEST_PAUSE = 30.0  # seconds between retries while the database is unavailable


class DocumentTranslator(Protocol):
    """The methods of `translator.Translator` that the worker calls."""

    def translate(
        self,
        document: Document,
        target: str,
        progress: Progress | None = None,
        *,
        smaller: int = 0,
    ) -> Translation: ...

    def fingerprint(self, pair: Pair) -> str: ...


class _StoppedError(Exception):
    """The process must stop."""


class _LeaseLostError(Exception):
    """Another translator has the job, or the post changed."""


@dataclass(kw_only=True)
class Worker:
    """Works on queued jobs until it is stopped."""

    queue: TranslationQueue
    notifier: Notifier
    translators: Heartbeats
    engine: Engine
    make_translator: Callable[[Engine], DocumentTranslator]  # called between jobs, for each survey
    holder: str
    source: str  # the language the posts are in
    languages: Sequence[str]
    lease_seconds: float = 90.0
    counter: BatchCounter | None = None  # None: no supervisor reads it
    lease_end: LeaseEnd = LeaseEnd.CRASHED  # how this holder's last process ended
    survey_seconds: float = 5.0  # between two checks of packages and glossary
    clock: Callable[[], float] = time.time
    on_idle: Callable[[], object] = lambda: None  # called when the queue has no job
    _stop: threading.Event = field(default_factory=threading.Event, init=False)
    _claim: Claim | None = field(default=None, init=False)
    _lease: LeaseKeeper | None = field(default=None, init=False)
    _heartbeat_at: float = field(default=-_HEARTBEAT_SECONDS, init=False)  # monotonic
    _pairs: set[Pair] = field(default_factory=set, init=False)
    _unreachable: set[Pair] = field(default_factory=set, init=False)  # logged before

    def __post_init__(self) -> None:
        self._progress_engine = _ProgressEngine(self.engine, self._step, self._batch_finished)
        spoken = dict.fromkeys((self.source, *self.languages))
        self._pairs = {Pair(one, other) for one in spoken for other in self.languages}
        self._survey()
        self._started = self.clock()

    @property
    def packages(self) -> tuple[Hop, ...]:
        """The packages in use."""
        return self._packages

    def run(self, stop: threading.Event) -> None:
        """Works until `stop` is set. An error fails its job, or causes a pause."""
        self._stop = stop
        pause = 1.0
        is_new = True
        while not stop.is_set():
            try:
                if is_new:  # end the leases of the process before this one
                    self.queue.release(self.holder, self.lease_end, now=self.clock())
                    is_new = False
                self._give_back()
                self._beat()
                if not self.work_once():
                    self.on_idle()
                    self.notifier.wait(_POLL_SECONDS)
                pause = 1.0
            except SQLAlchemyError:
                log.exception("the database is unavailable; retrying in %g s", pause)
                stop.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
        self._give_back()
        self.translators.delete(self.holder)

    def abandon(self) -> None:
        """Returns the current job to the queue from another thread, before the process ends."""
        claim = self._claim
        with suppress(SQLAlchemyError):  # the lease ends by itself
            if claim is not None and self.queue.give_back(claim):
                log.info("%s (%s): returned to the queue", claim.post_key, claim.language)
            self.translators.delete(self.holder)

    def work_once(self) -> bool:
        """Does one job; False: the queue has none."""
        if time.monotonic() - self._surveyed >= self.survey_seconds:
            self._survey()
        claim = self.queue.claim(
            self.holder,
            lease_seconds=self.lease_seconds,
            now=self.clock(),
            after=self._after,
            fingerprints=self._fingerprints,
        )
        if claim is None:
            return False
        self._claim = claim
        if self.counter:
            self.counter.job_started()
        try:
            with self._keeper(claim) as self._lease:
                self._do(claim)
        finally:
            self._lease = None
            if self.counter:
                self.counter.job_ended()
        self._claim = None
        return True

    def _keeper(self, claim: Claim) -> LeaseKeeper:
        return LeaseKeeper(
            self.queue,
            claim,
            lease_seconds=self.lease_seconds,
            clock=self.clock,
            stop=self._stop,
            beat=self._beat,
        )

    def _do(self, claim: Claim) -> None:
        name = f"{claim.post_key} ({claim.language})"
        started = time.monotonic()
        # Take the fingerprint first: packages that are replaced meanwhile give another one.
        pair = Pair(claim.document.language, claim.language)
        made_with = self._translator.fingerprint(pair)
        self._note(pair, made_with)
        try:
            translation = self._translator.translate(
                claim.document, claim.language, self._progress, smaller=claim.slow
            )
        except _StoppedError:
            self.queue.give_back(claim)
            log.info("%s: returned to the queue", name)
        except _LeaseLostError:
            log.warning("%s: the post changed, or another translator has it", name)
        except NoPathError as error:
            if error.pair not in self._unreachable:  # once, not for each post
                self._unreachable.add(error.pair)
                log.warning("%s: posts stay in the original", error)
            self._fail(claim, error, made_with, final=True)
        except SQLAlchemyError:
            raise  # not the post's fault: `run` returns the job when the database is available
        except Exception as error:
            log.exception("%s: attempt %d failed", name, claim.attempt)
            self._fail(claim, error, made_with, final=False)
        else:
            stored = self.queue.finish(claim, translation, now=self.clock(), fingerprint=made_with)
            ended = "ready" if translation.publishable else "not publishable"
            if not stored:
                ended = "discarded, another translator has the job"
            log.info("%s: %s in %.1f s", name, ended, time.monotonic() - started)

    def _fail(self, claim: Claim, error: Exception, made_with: str, *, final: bool) -> None:
        message = str(error) if final else f"{type(error).__name__}: {error}"
        self.queue.fail(claim, message, now=self.clock(), final=final, fingerprint=made_with)

    def _give_back(self) -> None:
        """Returns the job that an error of the database left claimed."""
        if self._claim is not None:
            self.queue.give_back(self._claim)
            self._claim = None

    def _progress(self, done: int, total: int) -> None:
        claim = self._claim
        if claim is None:
            raise AssertionError("progress without a claimed job")
        now = self.clock()
        if not self.queue.progress(claim, done, total, lease_seconds=self.lease_seconds, now=now):
            raise _LeaseLostError
        self._batch_finished()
        self._step()

    def _step(self) -> None:
        """Called before each call of the engine: raises if the job must end."""
        if self._stop.is_set():
            raise _StoppedError
        if self._lease and self._lease.is_lost:
            raise _LeaseLostError

    def _batch_finished(self) -> None:
        if self.counter:
            self.counter.batch_finished()

    def _survey(self) -> None:
        """Reads packages and glossary, which may change while this process runs.

        Called between two jobs only, so that each job uses one state of them.
        """
        self._surveyed = time.monotonic()
        self._translator = self.make_translator(self._progress_engine)
        paths = _paths(self.engine, self.source, self.languages)
        self._packages = tuple(dict.fromkeys(hop for path in paths.values() for hop in path))
        self._fingerprints = {
            pair: self._translator.fingerprint(pair)
            for pair in sorted(self._pairs)
            if pair.source != pair.target
        }
        # With Japanese to English to Korean installed, Korean waits for the English.
        self._after = {
            language: path[0].pair.target
            for language, path in paths.items()
            if len(path) > 1 and path[0].pair.target in self.languages
        }

    def _note(self, pair: Pair, made_with: str) -> None:
        """Adds an unexpected pair to the fingerprints of the heartbeat."""
        if pair not in self._pairs:
            self._pairs.add(pair)
            self._fingerprints[pair] = made_with

    def _beat(self) -> None:
        if time.monotonic() - self._heartbeat_at < _HEARTBEAT_SECONDS:
            return
        self._heartbeat_at = time.monotonic()
        self.translators.record(
            TranslatorStatus(
                holder=self.holder,
                host=socket.gethostname(),
                pid=os.getpid(),
                started_at=self._started,
                seen_at=self.clock(),
                packages=self._packages,
                memory_bytes=_resident_bytes(),
                sentences=self._progress_engine.sentences,
                fingerprints=dict(self._fingerprints),
            )
        )


class _ProgressEngine:
    """An engine that calls `before` and `after` around each of its batches."""

    def __init__(
        self, engine: Engine, before: Callable[[], None], after: Callable[[], None]
    ) -> None:
        self._engine = engine
        self._before = before
        self._after = after
        self.sentences = 0

    def path(self, pair: Pair) -> tuple[Hop, ...]:
        return self._engine.path(pair)

    def decode(
        self, hop: Hop, sentences: Sequence[str], options: Decoding
    ) -> Sequence[Sequence[Hypothesis]]:
        self._before()
        decoded = self._engine.decode(hop, sentences, options)
        self._after()
        self.sentences += len(sentences)
        return decoded


def _paths(engine: Engine, source: str, languages: Sequence[str]) -> Mapping[str, tuple[Hop, ...]]:
    paths = {}
    for language in languages:
        if language == source:
            continue
        # Without a path, each requested post fails with that error.
        with suppress(NoPathError):
            paths[language] = engine.path(Pair(source, language))
    return paths


def _resident_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return 0  # not Linux
    return pages * os.sysconf("SC_PAGE_SIZE")
