"""A translator in this process, for a command that runs while no translator does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine as Database

from infra.locks import StateLock, holder_of
from translate.jobs.heartbeats import Heartbeats
from translate.jobs.notify import Notifier
from translate.jobs.queue import TranslationQueue
from translate.memory.memory import Memory
from translate.pipeline.translator import Translator
from translate.quality.glossary_files import GlossaryFiles
from translate.types import Engine
from translate.worker.worker import Worker


@contextmanager
def translating(
    database: Database,
    notifier: Notifier,
    state: Path,
    *,
    make_engine: Callable[[], Engine],
    glossary: GlossaryFiles,
    source: str,
    languages: Sequence[str],
) -> Iterator[bool]:
    """Translates queued jobs while the block runs, unless another translator runs.

    Yields whether this process translates. At the end it finishes the current batch and
    returns the job to the queue. The engine is created only if needed.
    """
    lock = StateLock(state)
    if not lock.acquire():
        lock.release()
        yield False
        return
    try:
        holder = holder_of(state)
        translators = Heartbeats(database)
        if any(one.holder != holder for one in translators.alive(time.time())):
            yield False  # on other machines
            return
        memory = Memory(database)
        worker = Worker(
            queue=TranslationQueue(database),
            notifier=notifier,
            translators=translators,
            engine=make_engine(),
            make_translator=lambda engine: Translator(engine, memory, glossary.current()),
            holder=holder,
            source=source,
            languages=languages,
        )
        stop = threading.Event()
        thread = threading.Thread(target=worker.run, args=(stop,), name="translator")
        thread.start()
        try:
            yield True
        finally:
            stop.set()
            thread.join()
    finally:
        lock.release()
