"""Requests of every make against the service: in this process, and as bytes through gunicorn.

A few seconds of them here; `FUZZ_REQUESTS=100000 pytest tests/fuzz/test_asks.py` for more, and
`FUZZ_SEED=7` for others.
"""

from __future__ import annotations

import io
import logging
import os
import re
import socket
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
import sqlalchemy as sa

from tests.fuzz.asks import MAX_SECONDS, Ask, Known, as_bytes, complaints, make_ask
from tests.support.blog import Blog
from tests.support.nodes import Web, wait_for

pytestmark = pytest.mark.slow

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "3000"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))

# What readers may change by reading: the line of work, counts, and what is derived from posts.
CHANGING = ("work", "traffic_hours", "traffic_readers", "search_")


# Over the wire: one in ten, for every one of them is a connection.
CONNECTIONS = max(300, REQUESTS // 10)


def write_posts(blog: Blog) -> None:
    for n in range(1, 8):
        front = {"tags": '[AI, 最新ニュース, "C++", "a/b", "x|y", "-z", "İ"]', "author": "編集部"}
        blog.write(f"2026-01-0{n}-p{n}.md", f"日本語の文{n}。[a](b)", categories="[技術]", **front)
    blog.write("2026-01-09-写真.md", "![絵](絵.png)", title="写真 & <b>")
    (blog.settings.posts_dir / "絵.png").write_bytes(b"\x89PNG" + bytes(3000))


def known(blog: Blog) -> Known:
    terms = blog.site.catalogue.terms
    slugs = tuple(slug for kind in terms for slug in terms[kind])
    rules = [str(rule) for rule in blog.app.url_map.iter_rules()]
    for rule in list(rules):
        rules += [rule.replace("<any(rss, atom, json):format>", x) for x in ("rss", "atom", "json")]
    return Known(
        rules=tuple(sorted(set(rules))),
        values={
            "language": ("ja", "en", "ko", "en", "xx", "JA"),
            "format": ("rss", "atom", "json", "xml"),
            "plural": ("tags", "categories", "authors"),
            "term": slugs,
            "slug": tuple(blog.site.catalogue.by_slug),
            "number": ("1", "2", "0", "9" * 19, "9" * 5000),
            "name": ("絵.png", "../p1.md", "site.css", "icon.svg", "x.png", "a" * 300 + ".png"),
        },
        etags=tuple(
            blog.get(f"/{language}/feed.{format}").headers["ETag"]
            for language in ("ja", "ko")
            for format in ("rss", "atom", "json")
        ),
    )


def environ(ask: Ask) -> dict[str, Any]:
    """What gunicorn makes of the request (PEP 3333)."""
    path, _, query = ask.target.partition(b"?")
    made: dict[str, Any] = {
        "REQUEST_METHOD": ask.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "RAW_URI": ask.target.decode("latin-1"),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(ask.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in ask.headers:
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        made[key] = f"{made[key]},{value}" if key in made else value
    return made


def answer(blog: Blog, ask: Ask) -> tuple[int, list[tuple[str, str]], bytes]:
    told: list[Any] = []
    chunks = blog.app(environ(ask), lambda status, headers, _=None: told.append((status, headers)))
    try:
        body = b"".join(chunks)
    finally:
        getattr(chunks, "close", lambda: None)()
    status, headers = told[-1]
    return int(status[:3]), headers, body


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Blog:
    blog = Blog(tmp_path_factory.mktemp("blog"))
    write_posts(blog)
    blog.look()
    for language in ("en", "ko"):
        blog.get(f"/{language}/feed.atom")
    blog.translate()
    return blog


def feed(*headers: tuple[str, str], target: bytes = b"/ja/feed.atom", method: str = "GET") -> Ask:
    return Ask(method, target, headers)


PICTURE = b"/ja/posts/%e5%86%99%e7%9c%9f/%e7%b5%b5.png"


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (feed(target=b"/ja/feed.atom?\xff=a"), 200),
        (feed(target=b"/ja/?q=\xe6\x97"), 400),
        (feed(target=b"/api/feeds?\x80"), 400),
        (feed(("If-Modified-Since", "Thu, 01 Jan 99999999999 00:00:00 GMT")), 200),
        (feed(("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 -99999999999999")), 200),
        (
            feed(
                ("If-Range", "Thu, 01 Jan 99999999999 00:00:00 GMT"),
                ("Range", "bytes=0-0"),
                target=PICTURE,
            ),
            200,
        ),
        (feed(target=b"/posts?tag=a", method="OPTIONS"), 200),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_what_was_found_once(blog: Blog, ask: Ask, expected: int) -> None:
    status, headers, body = answer(blog, ask)
    assert status == expected
    assert complaints(ask, status, headers, body) == []


def rows(blog: Blog) -> dict[str, list[Any]]:
    """All that the database holds, but for what reading may change."""
    found = {}
    with blog.site.engine.connect() as db:
        for table in sa.inspect(db).get_table_names():
            if not table.startswith(CHANGING):
                found[table] = sorted(map(repr, db.execute(sa.text(f'SELECT * FROM "{table}"'))))
    return found


def files(folder: Path) -> dict[str, int]:
    return {str(p): p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()}


def test_every_request_is_answered_and_none_changes_anything(
    blog: Blog, caplog: pytest.LogCaptureFixture
) -> None:
    there = known(blog)
    before, posts = rows(blog), files(blog.settings.posts_dir)
    assert before
    chance = Random(SEED)
    seen: Counter[int] = Counter()
    slowest, slowest_ask = 0.0, None
    found: dict[str, Ask] = {}
    caplog.set_level(logging.WARNING)
    started = time.monotonic()
    for _ in range(REQUESTS):
        ask = make_ask(chance, there)
        began = time.thread_time()
        try:
            status, headers, body = answer(blog, ask)
        except Exception as error:  # noqa: BLE001 - which any server makes a 500 of
            found.setdefault(f"{error!r:.300}", ask)
            continue
        took = time.thread_time() - began
        if took > slowest:
            slowest, slowest_ask = took, ask
        seen[status] += 1
        for complaint in complaints(ask, status, headers, body):
            found.setdefault(complaint, ask)
    print(f"{REQUESTS} requests, seed {SEED}, {time.monotonic() - started:.0f} s: {dict(seen)}")
    print(f"slowest: {slowest:.3f} s, {slowest_ask!r:.300}")
    assert not found, "\n".join(f"{what:.300}: {ask!r:.300}" for what, ask in found.items())
    assert slowest < MAX_SECONDS
    assert [record.getMessage() for record in caplog.records if record.levelno > 30] == []
    assert {200, 301, 304, 400, 404, 405} <= set(seen)
    assert rows(blog) == before
    assert files(blog.settings.posts_dir) == posts


def exchange(port: int, data: bytes) -> bytes:
    """All that the server says to these bytes and to nothing after them."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        said = []
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while chunk := connection.recv(65536):
                said.append(chunk)
        except TimeoutError:
            raise
        except OSError:
            pass  # closed before it had read everything, as a server may
        return b"".join(said)


def test_invalid_bytes_do_not_break_gunicorn_or_the_service(tmp_path: Path) -> None:
    blog = Blog(tmp_path / "known")
    write_posts(blog)
    blog.look()
    there = known(blog)
    posts = str(blog.settings.posts_dir)
    service = Web(
        tmp_path / "web",
        {
            "FEEDS_POSTS_DIR": posts,
            "FEEDS_ENGINE": "fake",
            "FEEDS_WAIT": "0",
            "WEB_CONCURRENCY": "2",
        },
    )
    service.start()
    try:
        wait_for(lambda: service.get("/ja/feed.rss")[0] == 200, 60, [service])
        chance = Random(SEED)
        seen: Counter[str] = Counter()
        slowest, slowest_data = 0.0, b""
        found: dict[str, bytes] = {}
        for _ in range(CONNECTIONS):
            data = as_bytes(chance, make_ask(chance, there))
            began = time.monotonic()
            said = exchange(service.port, data)
            took = time.monotonic() - began
            if took > slowest:
                slowest, slowest_data = took, data
            status = said[9:12].decode() if re.match(rb"HTTP/1\.[01] \d{3} ", said) else "closed"
            seen[status] += 1
            if status == "closed" and said:
                found[f"no HTTP: {said[:100]!r}"] = data
            told_to_wait = status == "503" and b"\r\nRetry-After" in said
            # A transfer coding that nobody knows: gunicorn's word, and RFC 9112's (section 6.1).
            if status[0] == "5" and not told_to_wait and status != "501":
                found[said[:200].decode()] = data
        print(f"{CONNECTIONS} connections, seed {SEED}: {dict(seen)}")
        print(f"slowest: {slowest:.3f} s, {slowest_data[:200]!r}")
        assert not found, "\n".join(f"{what}: {data[:300]!r}" for what, data in found.items())
        assert len(service.get(PICTURE.decode())[2]) == 3004
        log = service.log.read_text()
        assert "Traceback" not in log, log.partition("Traceback")[2][:3000]
        assert log.count("Booting worker") == 2, "a worker died"
        assert slowest < 30
    finally:
        service.stop()
