"""The translator's loop, in this process, with stand-ins for what translates."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine as Database
from sqlalchemy.exc import OperationalError

from tests.support.plain_translator import PlainTranslator
from translate.engines.fake import FakeEngine
from translate.jobs.heartbeats import Heartbeats, TranslatorStatus
from translate.jobs.notify import open_notifier
from translate.jobs.queue import BACKGROUND, WAITED_FOR, Job, TranslationQueue
from translate.jobs.results import Results
from translate.memory.memory import Memory
from translate.types import Document, Engine, NoPathError, Pair, Progress, State, Translation
from translate.worker import lease_keeper, worker
from translate.worker.worker import DocumentTranslator, Worker


def document(text: str) -> Document:
    return Document(language="ja", title=text, summary="要約です。", html=f"<p>{text}です。</p>")


def job(post: str, language: str = "en", *, rank: int = 0) -> Job:
    return Job(
        post_key=post, language=language, source_digest="1", document=document(post), rank=rank
    )


@dataclass
class Bench:
    """A worker and what it works with."""

    database: Database
    state: Path
    engine: FakeEngine = field(default_factory=FakeEngine)

    def __post_init__(self) -> None:
        self.queue = TranslationQueue(self.database)
        self.results = Results(self.database)
        self.translators = Heartbeats(self.database)

    def worker(
        self,
        make_translator: Callable[[Engine], DocumentTranslator] | None = None,
        **options: object,
    ) -> Worker:
        memory = Memory(self.database)
        return Worker(
            queue=self.queue,
            notifier=open_notifier(f"sqlite:///{self.state}/queue.sqlite3"),
            translators=self.translators,
            engine=self.engine,
            make_translator=make_translator or (lambda engine: PlainTranslator(engine, memory)),
            holder="me",
            source="ja",
            languages=("ja", "en", "ko"),
            **options,  # type: ignore[arg-type]
        )

    def ask(self, *jobs: Job) -> None:
        self.queue.request(jobs, urgency=BACKGROUND, now=0)

    def states(self) -> dict[str, State]:
        return {row.post_key: row.state for row in self.results.changes()}


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> Bench:
    return Bench(database, tmp_path)


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_POLL_SECONDS", 0.05)


@dataclass
class Misbehaving:
    """Translates, but first does what the test wants."""

    engine: Engine
    memory: Memory
    trick: Callable[[Document, Progress], None]

    def translate(
        self,
        document: Document,
        target: str,
        progress: Progress | None = None,
        *,
        smaller: int = 0,
    ) -> Translation:
        assert progress
        self.trick(document, progress)
        return PlainTranslator(self.engine, self.memory).translate(document, target, progress)

    def fingerprint(self, pair: Pair) -> str:
        return PlainTranslator(self.engine, self.memory).fingerprint(pair)


def misbehaving(
    bench: Bench, trick: Callable[[Document, Progress], None]
) -> Callable[[Engine], DocumentTranslator]:
    return lambda engine: Misbehaving(engine, Memory(bench.database), trick)


def run_until_idle(worker: Worker) -> None:
    stop = threading.Event()
    worker.on_idle = stop.set
    worker.run(stop)


def test_works_on_queued_jobs(bench: Bench) -> None:
    bench.ask(job("人工知能"), job("新聞"))
    run_until_idle(bench.worker())
    assert bench.states() == {"人工知能": State.READY, "新聞": State.READY}
    assert bench.queue.pending([("人工知能", "en"), ("新聞", "en")]) == {}


def test_is_woken_by_the_bell(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_POLL_SECONDS", 60.0)
    notifier = open_notifier(f"sqlite:///{bench.state}/queue.sqlite3")
    stop = threading.Event()
    thread = threading.Thread(target=bench.worker().run, args=(stop,))
    thread.start()
    try:
        bench.ask(job("人工知能"))
        notifier.notify()
        deadline = threading.Event()
        for _ in range(100):
            if bench.states():
                break
            deadline.wait(0.05)
        assert bench.states() == {"人工知能": State.READY}
    finally:
        stop.set()
        notifier.notify()
        thread.join(10)
    assert not thread.is_alive()


def test_an_error_affects_only_its_post(bench: Bench) -> None:
    def trick(document: Document, progress: Progress) -> None:
        if document.title == "悪い":
            raise RuntimeError("boom")

    bench.ask(job("悪い", rank=1), job("良い"))
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 5
        return now

    worker = bench.worker(misbehaving(bench, trick), clock=clock)
    for _ in range(100):
        worker.work_once()
    assert bench.states() == {"良い": State.READY, "悪い": State.FAILED}
    assert [row.error for row in bench.results.failed()] == ["RuntimeError: boom"]


def test_without_a_package_the_error_names_the_command(bench: Bench) -> None:
    bench.engine.pairs = ()
    bench.ask(job("人工知能"))
    run_until_idle(bench.worker())
    (row,) = bench.results.failed()
    assert row.error == str(NoPathError(Pair("ja", "en")))
    assert bench.engine.decoded == []


def test_stopping_hands_the_job_back(bench: Bench) -> None:
    stop = threading.Event()

    def trick(document: Document, progress: Progress) -> None:
        stop.set()

    bench.ask(job("人工知能"))
    bench.worker(misbehaving(bench, trick)).run(stop)
    assert bench.engine.decoded == []  # noticed before the engine was asked
    claimed = bench.queue.claim("you", lease_seconds=90, now=0)
    assert claimed
    assert claimed.attempt == 1


def test_a_job_is_abandoned_when_its_post_changes(bench: Bench) -> None:
    def trick(document: Document, progress: Progress) -> None:
        if document.title == "古い":
            bench.queue.request([newer], urgency=BACKGROUND, now=1)
            progress(1, 2)
            went_on.append(document)

    went_on: list[Document] = []
    newer = Job(post_key="a", language="en", source_digest="2", document=document("新しい"))
    older = Job(post_key="a", language="en", source_digest="1", document=document("古い"))
    bench.ask(older)
    run_until_idle(bench.worker(misbehaving(bench, trick)))
    assert [row.source_digest for row in bench.results.changes()] == ["2"]
    assert went_on == []


def test_jobs_of_a_crashed_predecessor_are_claimed_immediately(bench: Bench) -> None:
    bench.ask(job("人工知能"))
    assert bench.queue.claim("me", lease_seconds=3600, now=0)
    run_until_idle(bench.worker(clock=lambda: 1.0))
    assert bench.states() == {"人工知能": State.READY}


def test_the_lease_is_kept_while_a_batch_takes_longer_than_it(bench: Bench) -> None:
    claimed: list[object] = []

    def trick(document: Document, progress: Progress) -> None:
        for _ in range(15):
            time.sleep(0.1)
            claimed.append(bench.queue.claim("you", lease_seconds=90, now=time.time()))

    bench.ask(job("人工知能"))
    run_until_idle(bench.worker(misbehaving(bench, trick), lease_seconds=0.6))
    assert claimed == [None] * 15
    assert bench.states() == {"人工知能": State.READY}


def test_a_stop_during_a_long_batch_hands_the_job_back_before_the_batch_ends(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_keeper, "HAND_OVER_SECONDS", 0.2)
    attempts: list[int] = []

    def trick(document: Document, progress: Progress) -> None:
        stop.set()
        deadline = time.monotonic() + 20
        while not attempts and time.monotonic() < deadline:
            time.sleep(0.05)
            claimed = bench.queue.claim("you", lease_seconds=90, now=time.time())
            attempts.extend([claimed.attempt] if claimed else [])

    stop = threading.Event()
    bench.ask(job("人工知能"))
    bench.worker(misbehaving(bench, trick), lease_seconds=0.6).run(stop)
    assert attempts == [1]


def test_trouble_with_the_database_is_not_the_posts_fault(bench: Bench) -> None:
    troubles = 5

    def trick(document: Document, progress: Progress) -> None:
        nonlocal troubles
        troubles -= 1
        if troubles >= 0:
            raise OperationalError("select", {}, Exception("disk I/O error"))

    class Impatient(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            return self.is_set()

    bench.ask(job("人工知能"))
    worker = bench.worker(misbehaving(bench, trick))
    stop = Impatient()
    worker.on_idle = stop.set
    worker.run(stop)
    assert bench.states() == {"人工知能": State.READY}


def test_korean_uses_the_english_where_it_goes_through_it(bench: Bench) -> None:
    bench.engine.pairs = (Pair("ja", "en"), Pair("en", "ko"))
    bench.queue.request([job("人工知能", "ko")], urgency=WAITED_FOR, now=0)
    bench.ask(job("人工知能", "en"))
    run_until_idle(bench.worker())
    assert [row.language for row in bench.results.changes()] == ["en", "ko"]
    japanese = [text for pair, text in bench.engine.decoded if pair == Pair("ja", "en")]
    assert len(japanese) == len(set(japanese))  # each sentence once for both


def test_a_job_uses_the_packages_and_terms_of_its_start(bench: Bench) -> None:
    """A package that comes meanwhile is for the next job, and shows in its result only."""

    def trick(document: Document, progress: Progress) -> None:
        bench.engine.version = "2.0" if document.title == "一" else bench.engine.version

    bench.ask(job("一", rank=2), job("二", rank=1))
    run_until_idle(bench.worker(misbehaving(bench, trick), survey_seconds=0.0))
    first, second = bench.results.changes()
    assert (first.fingerprint, second.fingerprint) == ("fake-ja_en 1.0", "fake-ja_en 2.0")


def test_a_new_package_is_in_the_heartbeat_between_two_jobs(bench: Bench) -> None:
    recorded: list[str] = []

    class RecordingHeartbeats(Heartbeats):
        def record(self, translator: TranslatorStatus) -> None:
            recorded.append(translator.fingerprints[Pair("ja", "en")])

    worker = bench.worker(survey_seconds=0.0)
    worker.translators = RecordingHeartbeats(bench.database)
    worker._beat()
    bench.engine.version = "2.0"
    worker.work_once()
    worker._heartbeat_at = -100.0
    worker._beat()
    assert recorded == ["fake-ja_en 1.0", "fake-ja_en 2.0"]


def test_a_post_in_an_unexpected_language_is_in_the_heartbeat_too(bench: Bench) -> None:
    bench.engine.pairs = (Pair("fr", "en"),)
    french = Document(language="fr", title="Un", summary="", html="")
    bench.ask(Job(post_key="a", language="en", source_digest="1", document=french))
    worker = bench.worker()
    worker.work_once()
    worker._heartbeat_at = -100.0
    worker._beat()
    (status,) = bench.translators.all()
    assert status.fingerprints[Pair("fr", "en")] == "fake-fr_en 1.0"


def test_writes_heartbeats_and_deletes_its_row_at_the_end(bench: Bench) -> None:
    worker = bench.worker()
    seen = []

    def look() -> None:
        seen.extend(bench.translators.all())
        stop.set()

    stop = threading.Event()
    worker.on_idle = look
    bench.ask(job("人工知能"))
    worker.run(stop)
    (status,) = seen
    assert (status.holder, {hop.name for hop in status.packages}) == (
        "me",
        {"fake-ja_en", "fake-ja_ko"},
    )
    assert status.fingerprints[Pair("ja", "ko")] == "fake-ja_ko 1.0"
    assert status.memory_bytes > 1_000_000
    assert bench.translators.all() == []


def test_the_web_side_never_loads_a_model() -> None:
    program = (
        "import sys\n"
        "import infra.database, translate.worker.launcher, translate.memory.memory\n"
        "import translate.jobs.notify, translate.jobs.queue, translate.jobs.results\n"
        "print([m for m in ('ctranslate2', 'argostranslate', 'flask') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")
