"""WebSub: which feeds hubs are told about, when, and what happens when they do not listen."""

from __future__ import annotations

import json
import shutil
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import feedparser
import pytest
from sqlalchemy import Engine

from feeds.background import websub
from feeds.background.websub import (
    FIRST_RETRY,
    INTERVAL_SECONDS,
    LEASE_SECONDS,
    HubError,
    Publisher,
)
from feeds.setting_values import SettingsError
from feeds.settings import Settings
from feeds.store.websub_outbox import Topic, WebSubOutbox
from tests.support.blog import SITE, Blog

pytestmark = pytest.mark.slow

HUB = "https://hub.example/"
OTHER = "https://other.example/push?x=1"


@dataclass
class Hubs:
    """Two hubs that note what they are told, and the clock that everything goes by."""

    now: float = 1_800_000_000.0
    told: list[tuple[str, str]] = field(default_factory=list)
    down: dict[str, HubError] = field(default_factory=dict)
    tried: int = 0

    def send(self, hub: str, topic: str) -> None:
        self.tried += 1
        if hub in self.down:
            raise self.down[hub]
        self.told.append((hub, topic.removeprefix(SITE)))

    def news(self) -> list[str]:
        """The topics that the hub was told of since the last look."""
        topics, self.told = [topic for _, topic in self.told], []
        return sorted(topics)


@pytest.fixture
def hubs() -> Hubs:
    return Hubs()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a blog that is translated, to be copied."""
    blog = Blog(tmp_path_factory.mktemp("written"))
    for n in (1, 2):
        blog.write(f"2026-01-0{n}-p{n}.md", f"{n}つ目。", tags=f"[AI, t{n}]")
    blog.look()
    blog.requests.prewarm()
    blog.translate()
    blog.site.close()
    return blog.settings.state_dir.parent


@pytest.fixture
def blog(tmp_path: Path, written: Path) -> Blog:
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    blog = Blog(tmp_path, hubs=(HUB,))
    blog.parts.publisher.start = lambda: None  # type: ignore[method-assign]
    blog.look()
    return blog


@pytest.fixture
def publisher(blog: Blog, hubs: Hubs) -> Publisher:
    """One that has had its first look."""
    publisher = another(blog, hubs)
    assert later(publisher, hubs) == []
    return publisher


def another(blog: Blog, hubs: Hubs) -> Publisher:
    return Publisher(
        blog.site, blog.parts.builder, blog.parts.feeds, send=hubs.send, clock=lambda: hubs.now
    )


def later(publisher: Publisher, hubs: Hubs, seconds: float = 2 * INTERVAL_SECONDS) -> list[str]:
    """What the hubs are told within that time."""
    end = hubs.now + seconds
    while hubs.now < end:
        publisher.step()
        hubs.now += max(5, seconds / 100)
    return hubs.news()


def edit(blog: Blog, body: str) -> None:
    blog.write("2026-01-02-p2.md", body, tags="[AI, t2]")
    blog.look()


def feeds(*folders: str) -> list[str]:
    return sorted(f"{folder}feed.{x}" for folder in folders for x in ("rss", "atom", "json"))


# By an edit of p2: what shows it, and the feeds whose ttl says that a translation is awaited.
EDITED = sorted(
    feeds("/ja/", "/ja/tags/ai/", "/ja/tags/t2/")
    + [f"/{x}/{folder}feed.rss" for x in ("en", "ko") for folder in ("", "tags/ai/", "tags/t2/")]
)


def test_the_status_has_the_pending_pings_of_hubs(
    blog: Blog, publisher: Publisher, hubs: Hubs
) -> None:
    def row() -> dict[str, object]:
        (found,) = blog.get("/api/status").json["hubs"]
        return found

    assert row() == {"hub": HUB, "waiting": 0, "failed": 0, "next_try_seconds": None}
    assert "すべて通知済み" in blog.get("/status?lang=ja").text
    edit(blog, "書き直した文。")
    hubs.down[HUB] = HubError("no route to host")
    publisher.step()
    assert row()["waiting"] > row()["failed"] == 0
    assert "feeds to tell of" in blog.get("/status?lang=en").text
    assert later(publisher, hubs, FIRST_RETRY) == []
    assert row()["failed"] == 1
    assert row()["next_try_seconds"] > 0
    assert "One feed could not be told of" in blog.get("/status?lang=en").text
    del hubs.down[HUB]
    assert later(publisher, hubs, 10 * FIRST_RETRY) == EDITED
    assert (row()["waiting"], row()["failed"]) == (0, 0)


class TestWhatIsAnnounced:
    @pytest.mark.parametrize("moment", [2, 3, 5, 8, 13, 21, 34])
    def test_an_edit_at_any_moment_of_the_first_start_is_announced_in_every_feed(
        self, blog: Blog, hubs: Hubs, moment: int
    ) -> None:
        """Among them the one between the look for changes and the first rendering of a feed."""
        calls = 0

        def clock() -> float:
            nonlocal calls
            calls += 1
            if calls == moment:
                edit(blog, "書き直した文。")
            return hubs.now

        publisher = Publisher(
            blog.site, blog.parts.builder, blog.parts.feeds, send=hubs.send, clock=clock
        )
        told = later(publisher, hubs)
        assert calls >= moment
        assert set(told) >= set(feeds("/ja/", "/ja/tags/ai/", "/ja/tags/t2/"))

    def test_the_first_start_announces_nothing(self, publisher: Publisher, hubs: Hubs) -> None:
        assert later(publisher, hubs) == []

    def test_an_edit_announces_the_feeds_that_it_changed_and_no_others(
        self, blog: Blog, publisher: Publisher, hubs: Hubs
    ) -> None:
        edit(blog, "書き直した文。")
        assert later(publisher, hubs) == EDITED
        assert later(publisher, hubs) == []

    def test_a_finished_translation_announces_the_feeds_of_its_language(
        self, blog: Blog, publisher: Publisher, hubs: Hubs
    ) -> None:
        edit(blog, "書き直した文。")
        later(publisher, hubs)
        blog.get("/ko/tags/t2/feed.atom")
        assert blog.translate() == 1
        assert later(publisher, hubs) == feeds("/ko/", "/ko/tags/ai/", "/ko/tags/t2/")

    def test_a_change_that_no_byte_shows_is_not_announced(
        self, blog: Blog, publisher: Publisher, hubs: Hubs
    ) -> None:
        edit(blog, "書き直した文。")
        later(publisher, hubs)
        edit(blog, "別の文。")
        edit(blog, "書き直した文。")  # `updated` moved, so the bytes did too
        assert later(publisher, hubs)
        blog.with_settings(limit=1)
        blog.write("2026-01-01-p1.md", "古い記事。", tags="[AI, t1]")
        blog.look()
        publisher = another(blog, hubs)
        hubs.now += LEASE_SECONDS
        later(publisher, hubs)
        blog.write("2026-01-01-p1.md", "古い記事を直した。", tags="[AI, t1]")
        blog.look()
        assert [x for x in later(publisher, hubs) if "/ja/" in x] == feeds("/ja/tags/t1/")

    def test_changes_that_follow_each_other_are_one_ping(
        self, blog: Blog, publisher: Publisher, hubs: Hubs
    ) -> None:
        for n in range(5):
            edit(blog, f"{n}番目の文。")
            publisher.step()
            hubs.now += 0.5
        assert later(publisher, hubs).count("/ja/feed.atom") == 1

    def test_a_feed_is_announced_once_in_a_while_at_most(
        self, blog: Blog, publisher: Publisher, hubs: Hubs
    ) -> None:
        edit(blog, "最初。")
        assert "/ja/feed.atom" in later(publisher, hubs, 20)
        edit(blog, "次。")
        assert later(publisher, hubs, INTERVAL_SECONDS - 25) == []
        assert "/ja/feed.atom" in later(publisher, hubs, 30)

    def test_reading_starts_no_translation(
        self, blog: Blog, publisher: Publisher, hubs: Hubs
    ) -> None:
        edit(blog, "書き直した文。")
        later(publisher, hubs)
        assert blog.site.queue.oldest() is None

    def test_another_title_changes_every_feed(
        self, blog: Blog, publisher: Publisher, hubs: Hubs
    ) -> None:
        blog.with_settings(site_title="新しい名前")
        blog.look()
        hubs.now += LEASE_SECONDS
        told = later(another(blog, hubs), hubs)
        assert set(told) >= set(feeds("/ja/", "/en/", "/ko/", "/ja/tags/t1/"))


class TestHubsThatDoNotListen:
    def test_a_hub_that_is_down_is_retried_with_growing_pauses_until_pinged(
        self, blog: Blog, publisher: Publisher, hubs: Hubs
    ) -> None:
        hubs.down[HUB] = HubError("ConnectionRefusedError: refused")
        edit(blog, "書き直した文。")
        assert later(publisher, hubs, 10 * FIRST_RETRY) == []
        assert 3 <= hubs.tried <= 5  # at 5, 35, 95 and 215 seconds
        del hubs.down[HUB]
        assert later(publisher, hubs, 10 * FIRST_RETRY) == EDITED

    def test_pending_pings_survive_a_restart(
        self, blog: Blog, publisher: Publisher, hubs: Hubs
    ) -> None:
        hubs.down[HUB] = HubError("ConnectionRefusedError: refused")
        edit(blog, "書き直した文。")
        later(publisher, hubs, 10)
        hubs.down.clear()
        blog.open()
        blog.look()
        assert "/ja/tags/t2/feed.rss" in later(another(blog, hubs), hubs, 300)

    def test_changes_made_while_the_service_was_off_are_announced(
        self, blog: Blog, publisher: Publisher, hubs: Hubs
    ) -> None:
        edit(blog, "止まっている間に書いた文。")
        blog.open()
        blog.look()
        hubs.now += LEASE_SECONDS
        assert "/ja/tags/t2/feed.rss" in later(another(blog, hubs), hubs)

    def test_a_refused_feed_keeps_no_other_waiting_and_is_let_go(
        self, blog: Blog, publisher: Publisher, hubs: Hubs
    ) -> None:
        hubs.down[HUB] = HubError("404: no such topic", refused=True)
        edit(blog, "書き直した文。")
        later(publisher, hubs, 20)
        assert hubs.tried == len(EDITED)
        later(publisher, hubs, 3600)
        assert hubs.tried == 5 * len(EDITED)

    def test_one_hub_that_is_down_keeps_no_other_waiting(self, blog: Blog, hubs: Hubs) -> None:
        blog.with_settings(hubs=(HUB, OTHER))
        blog.look()
        publisher = another(blog, hubs)
        later(publisher, hubs)
        hubs.down[HUB] = HubError("ConnectionRefusedError: refused")
        edit(blog, "書き直した文。")
        assert later(publisher, hubs, 20) == EDITED


class TestOneOfMany:
    def test_only_one_announces(self, blog: Blog, publisher: Publisher, hubs: Hubs) -> None:
        second = another(blog, hubs)
        edit(blog, "書き直した文。")
        assert later(second, hubs, 15) == []
        assert later(publisher, hubs, 20)

    def test_another_takes_over_when_it_is_gone(
        self, blog: Blog, publisher: Publisher, hubs: Hubs
    ) -> None:
        edit(blog, "書き直した文。")
        assert "/ja/feed.rss" in later(another(blog, hubs), hubs, LEASE_SECONDS + 30)


class TestWhereHubsAreNamed:
    @pytest.mark.parametrize("path", ["/ja/feed", "/ko/tags/ai/feed"])
    def test_in_every_format_and_in_the_headers_with_the_feeds_own_address(
        self, blog: Blog, path: str
    ) -> None:
        for extension in ("rss", "atom"):
            links = blog.feed(f"{path}.{extension}").feed.links
            assert [link.href for link in links if link.rel == "hub"] == [HUB]
            assert [x.href for x in links if x.rel == "self"] == [f"{SITE}{path}.{extension}"]
        document = json.loads(blog.get(f"{path}.json").data)
        assert document["hubs"] == [{"type": "WebSub", "url": HUB}]
        assert document["feed_url"] == f"{SITE}{path}.json"
        links = blog.get(f"{path}.json").headers.getlist("Link")
        assert f'<{HUB}>; rel="hub"' in links
        assert any(link.startswith(f'<{SITE}{path}.json>; rel="self"') for link in links)

    @pytest.mark.parametrize("query", ["tag=ai&tag=t1", "q=x", "page=2", "limit=1", "full=0"])
    def test_but_not_without_inotify_events(self, blog: Blog, query: str) -> None:
        response = blog.get(f"/ja/feed.atom?{query}")
        assert not [x for x in feedparser.parse(response.data).feed.links if x.rel == "hub"]
        assert 'rel="hub"' not in ",".join(response.headers.getlist("Link"))


@pytest.mark.parametrize("hub", ["hub.example", "ftp://hub.example/", "https://u@h/", "https:///x"])
def test_a_hub_that_is_no_address_is_refused_by_name(hub: str) -> None:
    with pytest.raises(SettingsError, match="FEEDS_HUBS"):
        Settings(hubs=(hub,))


def test_hubs_are_kept_as_written() -> None:
    settings = Settings.load({"FEEDS_HUBS": f"{HUB}, {OTHER}"}, Path("/nowhere"))
    assert settings.hubs == (HUB, OTHER)


class TestPendingPings:
    """The table, on each database."""

    @pytest.fixture
    def pings(self, open_engine: Callable[[str], Engine], database_url: str) -> WebSubOutbox:
        return WebSubOutbox(open_engine(database_url))

    def test_a_change_while_a_ping_is_under_way_is_owed_too(self, pings: WebSubOutbox) -> None:
        topic = Topic("tag", "ai", "ja", "atom")
        pings.add_topics([topic], [HUB], due=10, seen={("tag", "ai"): 9.5})
        [under_way] = pings.due(10, 5)
        pings.add_topics([topic], [HUB], due=15, seen={("tag", "ai"): 14.25})
        assert pings.seen() == {("tag", "ai"): 14.25}
        pings.mark_sent(under_way, "digest", 11)
        [debt] = pings.due(15, 5)
        assert (debt.topic, debt.digest, debt.sent_at) == (topic, "digest", 11)
        pings.clear(debt)
        assert pings.due(15, 5) == []

    def test_one_holds_the_lease_until_it_runs_out(self, pings: WebSubOutbox) -> None:
        assert pings.claim("a", 0, 60)
        assert not pings.claim("b", 59, 60)
        assert pings.claim("a", 40, 60)
        assert not pings.claim("b", 99, 60)
        assert pings.claim("b", 100, 60)
        assert not pings.claim("a", 101, 60)


def test_no_hub_is_pinged_when_most_posts_are_removed(
    blog: Blog, hubs: Hubs, publisher: Publisher
) -> None:
    for n in (1, 2):
        blog.remove(f"2026-01-0{n}-p{n}.md")
    blog.look()
    assert blog.site.catalogue.posts == ()
    assert later(publisher, hubs) == []
    for n in (1, 2):
        blog.write(f"2026-01-0{n}-p{n}.md", f"{n}つ目。", tags=f"[AI, t{n}]")
    blog.look()
    assert later(publisher, hubs) == []  # the feeds are what the hub was told
    blog.write("2026-01-03-p3.md", "三つ目。")
    blog.look()
    assert "/ja/feed.atom" in later(publisher, hubs)


def test_a_pending_ping_is_dropped_when_most_posts_are_removed(
    blog: Blog, hubs: Hubs, publisher: Publisher
) -> None:
    edit(blog, "新しい。")
    publisher.step()
    for n in (1, 2):
        blog.remove(f"2026-01-0{n}-p{n}.md")
    blog.look()
    assert later(publisher, hubs) == []


class _Drip(socketserver.BaseRequestHandler):
    """A hub that answers a byte at a time, for as long as anybody listens."""

    def handle(self) -> None:
        self.request.recv(65_536)
        with suppress(OSError):
            self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while True:
                self.request.sendall(b"x")
                time.sleep(0.02)


class _Odd(socketserver.BaseRequestHandler):
    """A hub whose answer would end a line of the log and draw on the terminal."""

    def handle(self) -> None:
        self.request.recv(65_536)
        text = "no\r\nERROR forged line\x1b[2J \u202eabc".encode() + b"y" * 900
        head = b"HTTP/1.1 400 Bad\r\nContent-Length: %d\r\n\r\n" % len(text)
        self.request.sendall(head + text)


@contextmanager
def hub_of(handler: type[socketserver.BaseRequestHandler]) -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def test_a_ping_to_a_hub_that_sends_byte_by_byte_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websub, "RESPONSE_SECONDS", 0.5)
    started = time.monotonic()
    with hub_of(_Drip) as hub, suppress(HubError):
        websub.ping(hub, f"{SITE}/ja/feed.atom")
    assert time.monotonic() - started < 5


def test_the_text_of_a_hub_is_one_readable_line() -> None:
    with hub_of(_Odd) as hub, pytest.raises(HubError) as raised:
        websub.ping(hub, f"{SITE}/ja/feed.atom")
    said = str(raised.value)
    assert said.startswith("400: no ERROR forged line\ufffd[2J \ufffdabc")
    assert len(said) < 210
