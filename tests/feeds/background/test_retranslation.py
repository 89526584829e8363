"""Better packages, other terms: what they touch is made again, and readers hardly notice."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from feeds.background.retranslation import HEARTBEAT_SECONDS, MAX_QUEUED, PAUSE_SECONDS
from tests.support.blog import Blog
from translate.engines.fake import PAIRS, FakeEngine
from translate.jobs.heartbeats import Heartbeats
from translate.jobs.notify import open_notifier
from translate.memory.corrections import Correction, add_corrections
from translate.memory.memory import Memory
from translate.pipeline.translator import Translator
from translate.quality.glossary import Glossary, GlossaryTerm
from translate.types import Decoding, Hop, Hypothesis, Pair, State
from translate.worker.worker import Worker

pytestmark = pytest.mark.slow


class Service:
    """A blog with a translator whose packages and terms change."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.blog = Blog(folder, **settings)
        self.site, self.requests = self.blog.site, self.blog.requests
        self.engine = FakeEngine()
        self.glossary = Glossary()
        self.memory = Memory(self.site.engine)
        self.clock = time.time()

    def publish(self, *names: str, body: str = "半導体の話です。今日は晴れです。") -> None:
        for day, name in enumerate(names, 1):
            self.blog.write(f"2026-01-{day:02}-{name}.md", f"{name}です。{body}", title="題名です")
        self.blog.look()
        self.requests.add((post, x) for post in self.site.catalogue.posts for x in ("en", "ko"))

    def work(self) -> int:
        """Lets the translator start, tell what it has, and do everything in line."""
        stop = threading.Event()
        worker = Worker(
            queue=self.site.queue,
            notifier=open_notifier(self.blog.settings.queue_url),
            translators=LastingHeartbeats(self.site.engine),
            engine=self.engine,
            make_translator=lambda engine: Translator(engine, self.memory, self.glossary),
            holder="test",
            source=self.blog.settings.language,
            languages=self.blog.settings.languages,
            on_idle=stop.set,
        )
        before = len(self.engine.decoded)
        worker.run(stop)
        self.site.follow()
        return len(self.engine.decoded) - before

    def queue_outdated(self, seconds: float = HEARTBEAT_SECONDS) -> int:
        self.clock += seconds
        return self.blog.parts.retranslation.queue_outdated(self.clock)

    def decoded(self) -> list[tuple[Pair, str]]:
        return list(self.engine.decoded)


class Garbling(FakeEngine):
    def decode(
        self, hop: Hop, sentences: Sequence[str], options: Decoding
    ) -> list[list[Hypothesis]]:
        return [[Hypothesis("bad bad bad bad", -0.1)] for _ in sentences]


class LastingHeartbeats(Heartbeats):
    def delete(self, holder: str) -> None:
        """Stays known, as one that is alive does."""


@pytest.fixture
def service(tmp_path: Path) -> Service:
    service = Service(tmp_path)
    service.publish("甲", "乙", "丙")
    assert service.work()
    return service


def titles(service: Service, language: str = "ko") -> list[str]:
    return [entry.title for entry in service.blog.feed(f"/{language}/feed.atom").entries]


def test_nothing_is_made_again_while_nothing_changes(service: Service) -> None:
    assert service.queue_outdated() == 0
    assert service.queue_outdated(PAUSE_SECONDS + HEARTBEAT_SECONDS) == 0
    assert service.work() == 0


def test_another_package_translates_everything_again_and_updated_stays(service: Service) -> None:
    before = service.blog.feed("/ko/feed.atom").entries
    service.engine = FakeEngine(version="2.0")
    service.work()
    assert service.queue_outdated() == 6
    held = service.blog.feed("/ko/feed.atom").entries
    assert [e.content for e in held] == [e.content for e in before]
    assert service.blog.get("/ko/feed.atom").headers["X-Translation-State"] == "complete"
    assert service.work()
    after = service.blog.feed("/ko/feed.atom").entries
    assert [(e.id, e.updated, e.published) for e in after] == [
        (e.id, e.updated, e.published) for e in before
    ]
    assert all(a.content != b.content for a, b in zip(after, before, strict=True))
    assert service.queue_outdated() == 0


def test_a_package_for_one_pair_changes_no_other_pair(service: Service) -> None:
    class Korean(FakeEngine):
        def path(self, pair: Pair):  # type: ignore[no-untyped-def]
            self.version = "2.0" if pair.target == "ko" else "1.0"
            return super().path(pair)

    service.engine = Korean()
    service.work()
    assert service.queue_outdated() == 3
    service.work()
    assert {pair for pair, _ in service.engine.decoded} == {Pair("ja", "ko")}


def test_a_new_term_decodes_only_the_sentences_that_have_it(service: Service) -> None:
    stored = {key: row.stored_at for key, row in standing(service).items()}
    service.glossary = Glossary([GlossaryTerm(text="半導体", renderings={"en": ("chip",)})])
    service.work()
    assert service.queue_outdated() == 3  # Korean has no such term
    service.work()
    assert {text for _, text in service.decoded() if "晴れ" in text} == {"今日は晴れです。"}
    again = [text for pair, text in service.decoded() if pair == ("ja", "en")]
    assert again.count("今日は晴れです。") == 1
    assert "chip" in service.blog.feed("/en/feed.atom").entries[0].content[0].value
    moved = {key[1] for key, row in standing(service).items() if row.stored_at != stored[key]}
    assert moved == {"en"}
    assert service.queue_outdated() == 0


def test_a_term_of_no_post_changes_nothing_that_is_served(service: Service) -> None:
    etag = service.blog.get("/en/feed.atom").headers["ETag"]
    service.glossary = Glossary([GlossaryTerm(text="量子", renderings={"en": ("quantum",)})])
    assert service.work() == 0
    assert service.queue_outdated() == 3
    assert service.work() == 0
    assert service.blog.get("/en/feed.atom").headers["ETag"] == etag
    assert service.queue_outdated() == 0


def test_a_persons_correction_shows_in_the_posts_that_have_the_sentence(service: Service) -> None:
    mine = Correction(pair=Pair("ja", "en"), source="今日は晴れです。", target="Sunny today!")
    assert add_corrections(service.memory, [mine]).taken == 1
    service.work()
    assert service.queue_outdated() == 3
    assert service.work() == 0
    for entry in service.blog.feed("/en/feed.atom").entries:
        assert "Sunny today!" in entry.content[0].value
    assert add_corrections(service.memory, [mine]).taken == 0  # as it was
    service.work()
    assert service.queue_outdated() == 0


def test_failed_jobs_are_retried_with_other_packages(tmp_path: Path) -> None:
    service = Service(tmp_path)
    service.engine = FakeEngine(pairs=[Pair("ja", "en")])
    service.publish("甲")
    service.work()
    assert standing(service)["2026-01-01:甲", "ko"].state is State.FAILED
    assert service.queue_outdated() == 0
    service.engine = FakeEngine(pairs=PAIRS)
    service.work()
    assert service.queue_outdated() == 1
    service.work()
    assert standing(service)["2026-01-01:甲", "ko"].state is State.READY


def test_unknown_placeholders_are_unchanged(tmp_path: Path) -> None:
    """A translator that has not met French cannot tell whether its translations are old."""
    service = Service(tmp_path)
    service.blog.write("2026-01-01-a.md", "Il pleut.", lang="fr", title="La pluie")
    service.blog.look()
    service.requests.add((post, "en") for post in service.site.catalogue.posts)
    service.work()
    assert service.queue_outdated() == 0
    service.publish("甲")
    service.work()  # started afresh
    assert service.queue_outdated(PAUSE_SECONDS + HEARTBEAT_SECONDS) == 0


@pytest.mark.slow
def test_it_goes_newest_first_and_a_few_at_a_time(tmp_path: Path) -> None:
    service = Service(tmp_path, languages=("ja", "en"))
    names = [f"第{n}" for n in range(1, 29)] * 3
    for n, name in enumerate(names):
        service.blog.write(f"2026-{n // 28 + 1:02}-{n % 28 + 1:02}-p{n}.md", f"{name}。")
    service.blog.look()
    service.requests.add((post, "en") for post in service.site.catalogue.posts)
    service.work()
    service.engine = FakeEngine(version="2.0")
    service.work()
    assert service.queue_outdated() == MAX_QUEUED
    assert service.queue_outdated() == 0  # they are in line
    first = service.site.queue.claim("other", lease_seconds=90, now=time.time())
    assert first
    assert first.post_key == service.site.catalogue.posts[0].key
    service.site.queue.give_back(first)
    service.work()
    assert service.queue_outdated() == len(names) - MAX_QUEUED


def test_readers_come_before_upkeep(service: Service) -> None:
    service.engine = FakeEngine(version="2.0")
    service.work()
    service.queue_outdated()
    service.blog.write("2025-01-01-old.md", "古い文です。")
    service.blog.look()
    service.blog.get("/ko/feed.atom?since=2024-01-01")
    first = service.site.queue.claim("other", lease_seconds=90, now=time.time())
    assert first
    assert first.post_key == "2025-01-01:old"


def test_a_translator_that_is_gone_is_not_believed(service: Service) -> None:
    service.engine = FakeEngine(version="2.0")
    service.work()
    assert service.queue_outdated(3600) == 0


def test_one_edited_sentence_is_one_sentence_decoded(service: Service) -> None:
    service.blog.write(
        "2026-01-03-丙.md", "丙です。半導体の話です。今日は雨です。", title="題名です"
    )
    service.blog.look()
    service.blog.get("/en/feed.atom")
    before: Sequence[tuple[Pair, str]] = service.decoded()
    service.work()
    fresh = service.decoded()[len(before) :]
    # The summary is cut from the same text: its sentences are those of the body.
    assert fresh == [(Pair("ja", "en"), "今日は雨です。")]


def standing(service: Service):  # type: ignore[no-untyped-def]
    return {(row.post_key, row.language): row for row in service.site.results.changes()}


def test_starter_packages_never_replace_what_installed_ones_made(service: Service) -> None:
    """The packages' folder is away, or a restored machine gets its packages later."""
    before = titles(service)
    service.engine = FakeEngine(version="0.1", starter=True)
    service.work()
    assert service.queue_outdated() == 0
    assert service.queue_outdated(PAUSE_SECONDS + HEARTBEAT_SECONDS) == 0
    assert service.work() == 0
    assert titles(service) == before
    service.engine = FakeEngine(version="2.0")  # newer ones are put there
    service.work()
    assert service.queue_outdated() == 6


def test_installed_packages_replace_what_starters_made(tmp_path: Path) -> None:
    service = Service(tmp_path)
    service.engine = FakeEngine(version="0.1", starter=True)
    service.publish("甲")
    service.work()
    service.engine = FakeEngine(version="0.2", starter=True)  # newer starters do, too
    service.work()
    assert service.queue_outdated() == 2
    service.work()
    service.engine = FakeEngine(version="1.0")
    service.work()
    assert service.queue_outdated() == 2


def test_failures_of_installed_packages_are_retried_with_starters(tmp_path: Path) -> None:
    service = Service(tmp_path)
    service.engine = Garbling()
    service.publish("甲")
    service.work()
    assert {row.state for row in service.site.results.changes()} == {State.FAILED}
    service.engine = FakeEngine(version="0.1", starter=True)
    service.work()
    assert service.queue_outdated() == 2
