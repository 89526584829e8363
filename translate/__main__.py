"""The translator process: `python -m translate --help`."""

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
from translate.engines.factory import EngineOptions, open_engine
from translate.jobs.heartbeats import Heartbeats
from translate.jobs.notify import open_notifier
from translate.jobs.queue import TranslationQueue
from translate.memory.memory import Memory
from translate.packages.advice import Advice, advise, advise_once
from translate.packages.installed import Packages
from translate.pipeline.translator import Translator
from translate.quality.glossary import STARTER, GlossaryError
from translate.quality.glossary_files import GlossaryFiles
from translate.types import Engine, LeaseEnd, Pair
from translate.worker.batch_counter import BatchCounter
from translate.worker.worker import Worker

log = logging.getLogger("translate")

_LAST_BREATH = 15.0  # seconds that an orphan has to finish what it is at
_PATIENCE = 30.0  # seconds that decoded sentences wait for a database that is away
_IDLE_MODEL = 900.0  # seconds after which a model that nobody needs leaves the memory


@dataclass(frozen=True, kw_only=True)
class Options:
    state: Path
    database: str
    queue: str
    language: str
    languages: tuple[str, ...]
    glossary: Path | None
    engine: EngineOptions
    memory: int
    lease: float
    nice: int
    lock_fd: int | None  # None: the lock is not held yet
    counter_fd: int | None  # None: no supervisor
    lease_end: LeaseEnd


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse_options(arguments)
    log_format.configure("translator")
    # The supervisor asks a translator that hangs where it does so, before it kills it.
    faulthandler.register(signal.SIGUSR1)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _leave_with_parent(stop)
    if not _lock(options, stop):
        return 0
    _step_back(options.nice, supervised=options.lock_fd is not None)
    _limit_memory(options.memory)
    try:
        # The user's terms come later and win.
        glossary = GlossaryFiles(*filter(None, (STARTER, options.glossary)))
    except (GlossaryError, OSError) as error:
        # Without its terms, names would be published wrong: better wait until it is mended.
        log.error("the glossary cannot be used, nothing is translated: %s", error)
        return 2
    engine = open_engine(options.engine)
    database = open_database(options.database)
    memory = Memory(database, patience=_PATIENCE)
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
        counter=None if options.counter_fd is None else BatchCounter(options.counter_fd),
        lease_end=options.lease_end,
        rest=_rest(engine),
    )
    packages = ", ".join(f"{hop.name} {hop.version}" for hop in worker.packages)
    log.info("ready: %s", packages or "no package for these languages")
    if options.engine.engine == "argos" and (advice := _advice(options)):
        log.info("%s", advice)
    worker.run(stop)
    log.info("left in order")
    return 0


def parse_options(arguments: Sequence[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m translate", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder for lock and queue")
    parser.add_argument(
        "--database", default="", help="FEEDS_DATABASE_URL, else SQLite in the state"
    )
    parser.add_argument("--queue", default="", help="FEEDS_QUEUE_URL, else SQLite in the state")
    parser.add_argument("--packages", type=Path, help="installed Argos packages")
    parser.add_argument("--language", default="ja", help="language the posts are written in")
    parser.add_argument("--languages", default="ja,en,ko", help="languages served")
    parser.add_argument("--glossary", type=Path, help="file of fixed terms")
    parser.add_argument("--engine", default="argos", help="argos, fake or package.module:factory")
    parser.add_argument(
        "--prefer",
        type=_preference,
        action="append",
        default=[],
        metavar="LANGUAGE=WORDS",
        help="packages to use for a language, or languages to go through",
    )
    parser.add_argument("--threads", type=int, default=0, help="0: one for each processor")
    parser.add_argument("--batch-tokens", type=int, default=512, help="decoded at once")
    parser.add_argument("--compute", default="auto", help="CTranslate2's compute type")
    parser.add_argument("--memory", type=int, default=0, help="megabytes at most; 0: no limit")
    parser.add_argument(
        "--lease",
        type=float,
        default=90.0,
        help="seconds until others take over from a translator that stopped",
    )
    parser.add_argument("--nice", type=int, default=10, help="how far it steps back for others")
    for inherited in ("--lock-fd", "--counter-fd"):
        parser.add_argument(inherited, type=int, help=argparse.SUPPRESS)
    parser.add_argument(
        "--lease-end", type=LeaseEnd, default=LeaseEnd.CRASHED, help=argparse.SUPPRESS
    )
    given = parser.parse_args(arguments)
    return Options(
        state=given.state,
        database=given.database
        or os.environ.get("FEEDS_DATABASE_URL")
        or f"sqlite:///{given.state / 'feedglot.sqlite3'}",
        queue=given.queue
        or os.environ.get("FEEDS_QUEUE_URL")
        or f"sqlite:///{given.state / 'queue.sqlite3'}",
        language=given.language,
        languages=tuple(given.languages.split(",")),
        glossary=given.glossary,
        engine=EngineOptions(
            engine=given.engine,
            packages=given.packages or given.state / "packages",
            preferences=dict(given.prefer),
            threads=given.threads,
            batch_tokens=given.batch_tokens,
            compute=given.compute,
        ),
        memory=given.memory,
        lease=given.lease,
        nice=given.nice,
        lock_fd=given.lock_fd,
        counter_fd=given.counter_fd,
        lease_end=given.lease_end,
    )


def _advice(options: Options) -> Advice | None:
    """What to install in place of starter packages, where it was not yet told."""
    folder = options.engine.packages
    pairs = [Pair(options.language, other) for other in options.languages]
    installed = Packages(folder, unpack=folder / ".starter").installed()
    advice = advise(
        installed, [p for p in pairs if p.source != p.target], options.engine.preferences
    )
    return advise_once(advice, options.state)


def _step_back(nice: int, *, supervised: bool) -> None:
    """Readers come first: while both want the processor, the web workers get it."""
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


def _preference(text: str) -> tuple[str, str]:
    language, _, words = text.partition("=")
    if not language or not words:
        raise argparse.ArgumentTypeError(f"{text!r}: write it as ko=en")
    return language, words


def _rest(engine: Engine) -> Callable[[], object]:
    """What to do when there is nothing to do."""
    release = getattr(engine, "release_idle", None)
    if release is None:
        return lambda: None
    return lambda: release(_IDLE_MODEL)


def _lock(options: Options, stop: threading.Event) -> bool:
    """Waits until no other translator works for this state; False: asked to stop first."""
    if options.lock_fd is not None:
        return True  # inherited, held
    lock = StateLock(options.state)
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


def _leave_with_parent(stop: threading.Event) -> None:
    """Stops when whoever started this process is gone, known by the end of a pipe on stdin."""
    descriptor = sys.stdin.fileno() if sys.stdin else -1
    if descriptor < 0 or not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        return  # a terminal, or a service manager's /dev/null

    def wait() -> None:
        while os.read(descriptor, 1024):
            pass
        stop.set()
        time.sleep(_LAST_BREATH)
        os._exit(1)  # nobody is left who would kill a process that hangs

    threading.Thread(target=wait, name="parent", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
