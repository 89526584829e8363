"""The loop of a web worker: waitress's, with polls answered in it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest
from waitress import wasyncore
from waitress.task import ThreadedTaskDispatcher

from feeds.server.gunicorn_worker import IDLE_SECONDS, open_server
from tests.support.blog import Blog

LIMIT = 40
POLL = b"GET /ja/feed.atom HTTP/1.1\r\nHost: x\r\n\r\n"


class Loop:
    """Turned by hand; whatever needs a thread waits for ever."""

    def __init__(self, blog: Blog) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.lines: dict[int, wasyncore.dispatcher] = {}
        self.threads = ThreadedTaskDispatcher()
        self.server = open_server(
            blog.app,
            self.listener,
            self.lines,
            self.threads,
            connections=LIMIT,
            fast_path=blog.fast_path,
        )

    def turn(self, times: int = 1) -> None:
        for waits in (0.05, *[0.005] * (times - 1)):  # what has come is there at once
            wasyncore.loop(timeout=waits, use_poll=True, map=self.lines, count=1)

    def work(self) -> None:
        """A thread does what has waited longest."""
        thread = threading.Thread(target=self.threads.queue.popleft().service)
        thread.start()
        thread.join()

    def connect(self) -> socket.socket:
        return socket.create_connection(self.listener.getsockname(), timeout=5)


@pytest.fixture
def loop(blog: Blog) -> Iterator[Loop]:
    blog.write("2026-01-01-a.md")
    blog.look()
    loop = Loop(blog)
    yield loop
    wasyncore.close_all(loop.lines)


def test_clients_are_accepted_in_numbers_and_never_beyond_the_limit(loop: Loop) -> None:
    with ExitStack() as clients:
        for _ in range(60):
            clients.enter_context(loop.connect())
        loop.turn()
        assert len(loop.server.active_channels) == 16
        loop.turn(10)
        assert len(loop.lines) == LIMIT
        assert loop.server.active_channels


def test_a_poll_needs_no_thread_and_anything_else_does(loop: Loop, blog: Blog) -> None:
    etag = blog.get("/ja/feed.atom").headers["ETag"]
    with loop.connect() as reader, loop.connect() as visitor:
        loop.turn()
        for _ in range(2):
            reader.sendall(b"GET /ja/feed.atom HTTP/1.1\r\nHost: x\r\nIf-None-Match: ")
            loop.turn()
            reader.sendall(etag.encode() + b"\r\n\r\n")
            visitor.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            loop.turn(3)
            assert reader.recv(10_000).startswith(b"HTTP/1.1 304 ")
        # Two requests of one client take turns: the second waits for the first's thread.
        assert len(loop.threads.queue) == 1


@pytest.mark.parametrize(
    "head",
    [
        b"POST /ja/feed.atom HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        b"GET /ja/feed.atom HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n",
    ],
)
def test_a_request_with_two_lengths_closes_its_connection(loop: Loop, head: bytes) -> None:
    with loop.connect() as reader:
        loop.turn()
        reader.sendall(head + b"Host: x\r\n\r\n0\r\n\r\n" + POLL)
        for _ in range(5):
            loop.turn()
            while loop.threads.queue:
                loop.work()
        answers = b""
        while more := reader.recv(100_000):
            answers += more
        assert answers.count(b"HTTP/1.") == 1
        assert b"\r\nConnection: close\r\n" in answers


def test_a_pipelined_request_waits_for_the_one_before(loop: Loop, blog: Blog) -> None:
    """And a thread leaves it to a thread: the loop has ended its reading, and looks no more."""
    blog.get("/ja/feed.atom")
    with loop.connect() as reader:
        loop.turn()
        reader.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + POLL)
        loop.turn(3)
        reader.setblocking(False)
        with pytest.raises(BlockingIOError):
            reader.recv(1)
        assert len(loop.threads.queue) == 1
        loop.work()
        loop.turn(3)
        assert reader.recv(100_000).startswith(b"HTTP/1.1 200 OK")
        assert len(loop.threads.queue) == 1
        loop.work()
        loop.turn(3)
        assert b"<feed " in reader.recv(100_000)


def test_pipelined_polls_are_answered_in_order(loop: Loop, blog: Blog) -> None:
    etag = blog.get("/ja/feed.atom").headers["ETag"].encode()
    known = POLL[:-2] + b"If-None-Match: " + etag + b"\r\n\r\n"
    with loop.connect() as reader:
        loop.turn()
        reader.sendall(known * 3)
        loop.turn(3)
        while loop.threads.queue:
            loop.work()
            loop.turn()
        assert reader.recv(100_000).count(b"HTTP/1.1 304 ") == 3


def test_a_pipelined_request_waits_until_the_response_before_is_read(
    loop: Loop, blog: Blog
) -> None:
    """Without a thread, and who takes nothing is let go."""
    for day in range(10, 20):
        blog.write(f"2026-01-{day}-long.md", "長い本文です。" * 4000)
    blog.look()
    blog.get("/ja/feed.atom")
    with loop.connect() as reader:
        loop.turn()
        reader.sendall(POLL * 20)  # more than the kernel takes for a client that reads nothing
        loop.turn(30)
        (channel,) = loop.server.active_channels.values()
        assert channel.waits
        assert not loop.threads.queue

        reader.settimeout(0.05)
        answers = b""
        for _ in range(2000):
            with suppress(TimeoutError):
                answers += reader.recv(1_000_000)
            loop.turn()
            if not channel.requests and not channel.total_outbufs_len:
                break
        with suppress(TimeoutError):
            while more := reader.recv(1_000_000):
                answers += more
        assert answers.count(b"HTTP/1.1 200 OK") == 20
        assert not channel.waits

        reader.sendall(POLL * 20)
        loop.turn(30)
        loop.server.maintenance(channel.last_activity + IDLE_SECONDS - 1)
        assert not channel.will_close
        loop.server.maintenance(channel.last_activity + IDLE_SECONDS + 1)
        assert channel.will_close
