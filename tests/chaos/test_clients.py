"""Clients that hang, drip and flood, at the service as `make serve` runs it: no proxy."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse, parse_headers
from pathlib import Path

import pytest

from feeds.server.gunicorn_worker import HEAD_BYTES
from tests.support.nodes import Web, wait_for
from tests.support.slow_clients import KINDS, Crowd

pytestmark = pytest.mark.slow

PATIENCE = 5  # seconds that a reader waits
FEED = "/ja/feed.json"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A feed of 700 kB: more than any kernel takes at once for a client that is slow."""
    folder = tmp_path_factory.mktemp("clients")
    posts = folder / "posts"
    posts.mkdir()
    for day in range(1, 16):
        text = f"---\ntitle: 第{day}日\n---\n\n" + "長い本文です。" * 2500
        (posts / f"2026-01-{day:02}-post.md").write_text(text, "utf-8")
    service = Web(
        folder / "node",
        {
            "FEEDS_POSTS_DIR": str(posts),
            "FEEDS_SITE_URL": "https://feeds.example",
            "FEEDS_TRANSLATOR": "off",
            "WEB_CONCURRENCY": "2",
        },
    )
    service.start()
    wait_for(lambda: service.get(FEED)[0] == 200, 60, [service])
    yield service
    service.stop()


def connect(service: Web) -> socket.socket:
    return socket.create_connection(("127.0.0.1", service.port), timeout=60)


def answer(client: socket.socket) -> HTTPResponse:
    found = HTTPResponse(client)
    found.begin()
    return found


def read(service: Web) -> None:
    """As a reader with its patience does, on a connection of its own."""
    reader = HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)
    try:
        reader.request("GET", FEED)
        found = reader.getresponse()
        assert found.status == 200
        assert json.loads(found.read())["items"]
        # The loop may have answered that; this takes a thread.
        reader.request("GET", "/ja/")
        found = reader.getresponse()
        assert found.status == 200
        assert found.read()
    finally:
        reader.close()


def read_at_last(service: Web) -> None:
    """The same, by a reader that a crowd may push out between its connection and its request."""
    for _ in range(3):
        with suppress(ConnectionError):
            return read(service)
    return read(service)


@pytest.mark.parametrize("kind", KINDS)
def test_200_hanging_connections_do_not_block_others(service: Web, kind: str) -> None:
    with Crowd(kind, service.port, 200, FEED) as crowd:
        for _ in range(10):
            read(service)
        crowd.goes_on()
        for _ in range(10):
            read(service)
    read(service)


def test_beyond_the_limit_a_new_connection_replaces_the_longest_silent_one(
    tmp_path: Path, service: Web
) -> None:
    small = Web(
        tmp_path / "small",
        {
            **{k: v for k, v in service.environment.items() if k.startswith("FEEDS_")},
            "WEB_CONCURRENCY": "1",
            "GUNICORN_CMD_ARGS": "--worker-connections 20",
        },
    )
    small.start()
    try:
        wait_for(lambda: small.get(FEED)[0] == 200, 60, [small])
        for kind in ("silence", "headers that do not end", "answers that are not read"):
            with Crowd(kind, small.port, 100, FEED):
                for _ in range(10):
                    read_at_last(small)
    finally:
        small.stop()


def test_a_slow_client_is_served(service: Web) -> None:
    with connect(service) as client:
        for part in (f"GET {FEED} HT", "TP/1.1\r\nHost: slow.exam", "ple\r\n\r", "\n"):
            client.sendall(part.encode())
            read(service)
        assert json.loads(answer(client).read())["items"]


def test_a_slow_reader_gets_every_byte(service: Web) -> None:
    expected = service.get(FEED)[2]
    client = socket.socket()
    client.settimeout(60)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    with client:
        client.connect(("127.0.0.1", service.port))
        # Twice: the second is answered once the first has been taken.
        client.sendall(f"GET {FEED} HTTP/1.1\r\nHost: slow.example\r\n\r\n".encode() * 2)
        for _ in range(5):
            read(service)
        received = b""
        while received.count(b"HTTP/1.1 200 OK") < 2 or not received.endswith(expected):
            part = client.recv(65536)
            assert part, "cut off"
            received += part
        assert received.count(expected) == 2


def test_a_head_over_the_limit_is_refused_and_one_below_it_is_not(service: Web) -> None:
    def ask(fill: int) -> int:
        with connect(service) as client:
            lines = b"".join(b"X-%d: %s\r\n" % (n, b"a" * 4000) for n in range(fill))
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + lines)
            if fill * 4000 < HEAD_BYTES:
                client.sendall(b"\r\n")
            return answer(client).status

    assert ask(HEAD_BYTES // 4000 - 1) == 200
    assert ask(HEAD_BYTES // 4000 + 1) == 431


@pytest.mark.parametrize(("size", "status"), [(30_000, 405), (3_000_000, 413)])
def test_an_unread_request_body_still_gets_a_response(service: Web, size: int, status: int) -> None:
    with connect(service) as client:
        head = f"POST {FEED} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n"
        client.sendall(head.encode() + b"a" * 30_000)
        assert answer(client).status == status


def test_a_reader_polls_over_one_connection(service: Web) -> None:
    reader = HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)
    reader.request("GET", FEED)
    found = reader.getresponse()
    found.read()
    connection = reader.sock
    known = {"If-None-Match": found.headers["ETag"]}
    for method, path, headers, status in [
        ("GET", FEED, known, 304),
        ("HEAD", FEED, {}, 200),
        ("GET", "/ja/nothing", {}, 404),
        ("GET", "/feed.atom", {}, 301),
        ("GET", FEED, known, 304),
    ]:
        reader.request(method, path, headers=headers)
        found = reader.getresponse()
        assert (found.status, found.headers["Connection"]) == (status, None)
        assert not (found.read() and method == "HEAD")
        assert reader.sock is connection
    reader.request("GET", FEED, headers=known | {"Connection": "close"})
    found = reader.getresponse()
    assert (found.status, found.headers["Connection"]) == (304, "close")
    assert reader.sock is None


def test_an_answer_to_http_1_0_ends_with_its_connection(service: Web) -> None:
    for wish in ("", "Connection: keep-alive\r\n"):
        with connect(service) as client:
            client.sendall(f"GET {FEED} HTTP/1.0\r\nIf-None-Match: *\r\n{wish}\r\n".encode())
            found = answer(client)
            assert (found.status, found.headers["Connection"]) == (304, "close")
            assert client.recv(1) == b""


def test_pipelined_requests_are_answered_in_order(service: Web) -> None:
    """Some by the loop, some by threads; the answers are more than the kernel takes at once."""
    read(service)
    paths = [FEED, "/ja/", FEED, "/healthz", FEED, FEED, "/ja/nothing", FEED]
    with connect(service) as client:
        client.sendall(
            "".join(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n" for path in paths).encode()
        )
        kinds = []
        stream = client.makefile("rb")
        for _ in paths:
            status = int(stream.readline().split()[1])
            headers = parse_headers(stream)
            stream.read(int(headers["Content-Length"]))
            kinds.append((status, headers.get_content_type()))
        stream.close()
    feed, page, text = (200, "application/feed+json"), (200, "text/html"), (200, "text/plain")
    assert kinds[:6] == [feed, page, feed, text, feed, feed]
    assert kinds[6][0] == 404
    assert kinds[7] == feed
