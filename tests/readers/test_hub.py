"""WebSub from end to end: a real hub, a subscriber, and a feed that changes."""

from __future__ import annotations

import hmac
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

import feedparser
import pytest

from feeds.background.websub import HubError, Publisher, ping
from tests.readers.served import NEWS, Served

pytestmark = pytest.mark.slow

SECRET = "between us"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[str]:
    """The address of a hub in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = Path(__file__).with_name("hub.py")
    with (tmp_path / "hub.log").open("wb") as log:
        command = [sys.executable, str(program), str(port), str(tmp_path / "hub.sqlite3")]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/hub"
    finally:
        process.terminate()
        process.wait(10)


class Subscriber:
    """Agrees to every subscription, and keeps what it is sent."""

    def __init__(self) -> None:
        self.agreed: queue.Queue[str] = queue.Queue()
        self.sent: queue.Queue[tuple[str, bytes, str]] = queue.Queue()
        subscriber = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = parse_qs(urlsplit(self.path).query)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(asked["hub.challenge"][0].encode())
                subscriber.agreed.put(asked["hub.topic"][0])

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                signature = self.headers["X-Hub-Signature"]
                subscriber.sent.put((self.path, body, signature))
                self.send_response(202)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def subscribe(self, hub: str, topic: str, name: str) -> None:
        """As a reader does: by what the feed's headers name (WebSub section 4)."""
        with urlopen(topic) as answer:
            links = answer.headers.get_all("Link")
        assert f'<{hub}>; rel="hub"' in links
        assert any(link.startswith(f'<{topic}>; rel="self"') for link in links)
        form = {
            "hub.mode": "subscribe",
            "hub.topic": topic,
            "hub.callback": f"{self.url}/{name}",
            "hub.secret": SECRET,
        }
        with urlopen(hub, urlencode(form).encode()) as answer:
            assert answer.status == 202
        assert self.agreed.get(timeout=10) == topic
        time.sleep(0.3)  # the hub writes the subscription down after it was agreed to


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    subscriber = Subscriber()
    threading.Thread(target=subscriber.server.serve_forever, daemon=True).start()
    yield subscriber
    subscriber.server.shutdown()
    subscriber.server.server_close()


def test_a_subscriber_receives_changes_when_they_happen(
    hub: str, subscriber: Subscriber, tmp_path: Path
) -> None:
    now = time.time()
    with Served(tmp_path / "blog", hubs=(hub,)) as blog:
        blog.parts.publisher.start = lambda: None  # type: ignore[method-assign]
        publisher = Publisher(blog.site, blog.parts.builder, blog.parts.feeds, clock=lambda: now)
        blog.fill()
        blog.requests.prewarm()
        blog.translate()
        for _ in range(12):  # the first look, at every feed there is
            publisher.step()
            now += 5
        feeds = {
            "/site": f"{blog.url}/ja/feed.atom",
            "/tag": f"{blog.url}/ko/tags/{NEWS}/feed.atom",
        }
        for name, topic in feeds.items():
            subscriber.subscribe(hub, topic, name.strip("/"))

        def changed() -> tuple[str, list[str]]:
            """The one subscription that content is sent for, and the entries in it."""
            nonlocal now
            for _ in range(3):
                publisher.step()
                now += 60
            name, body, signature = subscriber.sent.get(timeout=10)
            algorithm, _, digest = signature.partition("=")
            assert hmac.new(SECRET.encode(), body, algorithm).hexdigest() == digest
            with urlopen(feeds[name]) as answer:
                assert answer.read() == body
            assert subscriber.sent.empty()
            return name, [entry.id[-5:] for entry in feedparser.parse(body).entries]

        blog.publish(4, "新しい記事。")
        assert changed() == ("/site", ["p4/ja", "p3/ja", "p2/ja", "p1/ja"])
        blog.get(f"/ko/tags/{NEWS}/feed.atom")
        blog.translate()
        assert changed() == ("/tag", ["p4/ko", "p3/ko", "p2/ko", "p1/ko"])


def test_a_rejected_subscription_is_an_error_that_names_it(hub: str) -> None:
    ping(hub, "http://127.0.0.1:1/ja/feed.atom")
    with pytest.raises(HubError, match="404") as refused:
        ping(f"{hub}/elsewhere", "http://127.0.0.1:1/ja/feed.atom")
    assert refused.value.refused
    with pytest.raises(HubError, match="ConnectionRefusedError") as down:
        ping("http://127.0.0.1:1/", "http://127.0.0.1:1/ja/feed.atom")
    assert not down.value.refused
