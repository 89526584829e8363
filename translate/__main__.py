"""The translator process, `python -m translate`: options come in the environment."""

from __future__ import annotations

import argparse
import faulthandler
import logging
import os
import resource
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infra import log_format
from infra.database import open_database
from infra.locks import StateLock, holder_of
from translate.engines.factory import open_engine
from translate.jobs.heartbeats import Heartbeats
from translate.jobs.notify import open_notifier
from translate.jobs.queue import TranslationQueue
from translate.memory.memory import Memory
from translate.options import TranslatorOptions
from translate.packages.advice import Advice, advise, advise_once
from translate.packages.installed import Packages
from translate.pipeline.translator import Translator
from translate.quality.glossary import STARTER, GlossaryError
from translate.quality.glossary_files import GlossaryFiles
from translate.types import Engine, LeaseEnd, Pair
from translate.worker.batch_counter import BatchCounter
from translate.worker.worker import Worker

log = logging.getLogger("translate")

_FINISH_SECONDS = 0.2  # to end a batch after a stop
_ORPHAN_SECONDS = 5.0  # for database writes after the supervisor has ended
_RETRY_SECONDS = 30.0  # for writes of decoded sentences while the database is unavailable
_IDLE_MODEL = 900.0  # seconds after which an unused model is unloaded


@dataclass(frozen=True, kw_only=True)
class Inherited:
    """What a supervisor hands to its translator."""

    lock_fd: int | None  # None: the lock is not held yet
    counter_fd: int | None  # None: no supervisor
    lease_end: LeaseEnd


def main(arguments: Sequence[str] | None = None) -> int:
    inherited = parse_inherited(arguments)
    options = TranslatorOptions.from_environment(os.environ)
    log_format.configure("translator", options.log)
    # The supervisor asks a translator that hangs where it does so, before it kills it.
    faulthandler.register(signal.SIGUSR1)
    stop = threading.Event()
    _stop_on_signals(stop)
    _leave_with_parent(stop)
    workers: list[Worker] = []
    _leave_at_once(stop, workers)
    if inherited.lock_fd is None and not _lock(options.state, stop):
        return 0
    _step_back(options.nice, supervised=inherited.lock_fd is not None)
    _limit_memory(options.memory)
    try:
        # Later files win: the user's terms override the starter ones.
        glossary = GlossaryFiles(*filter(None, (STARTER, options.glossary)))
    except (GlossaryError, OSError) as error:
        # Without its terms, names would be published wrong: do not translate.
        log.error("the glossary cannot be used, nothing is translated: %s", error)
        return 2
    engine = open_engine(options)
    database = open_database(options.database)
    memory = Memory(database, retry_seconds=_RETRY_SECONDS)
    worker = Worker(
        queue=TranslationQueue(database),
        notifier=open_notifier(options.queue),
        translators=Heartbeats(database),
        engine=engine,
        make_translator=lambda attended: Translator(attended, memory, glossary.current()),
        holder=holder_of(options.state),
        source=options.language,
        languages=options.languages,
        lease_seconds=options.lease,
        counter=None if inherited.counter_fd is None else BatchCounter(inherited.counter_fd),
        lease_end=inherited.lease_end,
        on_idle=_on_idle(engine),
    )
    workers.append(worker)
    packages = ", ".join(f"{hop.name} {hop.version}" for hop in worker.packages)
    log.info("ready: %s", packages or "no package for these languages")
    if options.engine == "argos" and (advice := _advice(options)):
        log.info("%s", advice)
    worker.run(stop)
    log.info("left in order")
    return 0


def parse_inherited(arguments: Sequence[str] | None = None) -> Inherited:
    parser = argparse.ArgumentParser(prog="python -m translate", description=__doc__)
    parser.add_argument("--lock-fd", type=int, help="the held lock of the state folder")
    parser.add_argument("--counter-fd", type=int, help="the counter of finished batches")
    parser.add_argument("--lease-end", type=LeaseEnd, default=LeaseEnd.CRASHED, help="of the last")
    return Inherited(**vars(parser.parse_args(arguments)))


def _advice(options: TranslatorOptions) -> Advice | None:
    """Advice on better packages, the first time for this state directory."""
    folder = options.packages
    pairs = [Pair(options.language, other) for other in options.languages]
    installed = Packages(folder, unpack=folder / ".starter").installed()
    advice = advise(installed, [p for p in pairs if p.source != p.target], options.preferences)
    return advise_once(advice, options.state)


def _step_back(nice: int, *, supervised: bool) -> None:
    """Lowers this process' priority, so that web workers get the processor first."""
    os.nice(nice)
    # Where Linux weighs whole sessions (sched(7), autogroup), that counts within ours alone,
    # and the web workers are in another. Not in a session that belongs to somebody else.
    leaders = [os.getpid(), os.getppid()] if supervised else [os.getpid()]
    if os.getsid(0) in leaders:
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(nice))


def _limit_memory(megabytes: int) -> None:
    """Beyond it a post fails here. Where the machine's is used up the kernel ends a process:
    this one first, which costs a delay, and not a web worker."""
    with suppress(OSError):  # not Linux
        Path("/proc/self/oom_score_adj").write_text("500", "ascii")
    if megabytes:
        # What is written to. The address space would count models and libraries, which the
        # kernel can read again, and what malloc sets aside for each thread.
        most = megabytes * 1_000_000
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _on_idle(engine: Engine) -> Callable[[], object]:
    """What to do when there is nothing to do."""
    release = getattr(engine, "release_idle", None)
    if release is None:
        return lambda: None
    return lambda: release(_IDLE_MODEL)


def _lock(state: Path, stop: threading.Event) -> bool:
    """Waits until no other translator works for this state; False: asked to stop first."""
    lock = StateLock(state)
    if not lock.acquire():
        pid, _ = lock.holder()
        log.info(
            "%s is held by process %d, another translator: this one starts when it ends",
            *(lock.path, pid),
        )
        while not lock.acquire():
            if stop.wait(1.0):
                return False
    return True


def _stop_on_signals(stop: threading.Event) -> None:
    """Sets `stop` on SIGTERM and SIGINT, from a thread of its own.

    Python calls signal handlers in the main thread, which may be in native code for seconds.
    """
    numbers = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)  # threads to come inherit it

    def wait() -> None:
        signal.sigwait(numbers)
        stop.set()

    threading.Thread(target=wait, name="signals", daemon=True).start()


def _leave_at_once(stop: threading.Event, workers: Sequence[Worker]) -> None:
    """Ends the process soon after `stop` is set, whatever it is at.

    A batch of a large model, the loading of one or the end of the interpreter beside native
    threads take seconds each. Nothing is lost: the post is back in the queue, and the batches
    that were finished are in the memory.
    """

    def leave() -> None:
        stop.wait()
        time.sleep(_FINISH_SECONDS)
        for worker in workers:
            worker.abandon()
        log.info("left in order")
        os._exit(0)

    threading.Thread(target=leave, name="leave", daemon=True).start()


def _leave_with_parent(stop: threading.Event) -> None:
    """Stops when whoever started this process is gone, known by the end of a pipe on stdin."""
    descriptor = sys.stdin.fileno() if sys.stdin else -1
    if descriptor < 0 or not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        return  # a terminal, or a service manager's /dev/null

    def wait() -> None:
        while os.read(descriptor, 1024):
            pass
        stop.set()
        time.sleep(_ORPHAN_SECONDS)
        os._exit(1)  # no supervisor is left to kill a process that hangs

    threading.Thread(target=wait, name="parent", daemon=True).start()


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    os._exit(code)
