"""The files under deploy/: nginx is really run in front of the service, on free ports."""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from feeds.ops.export.export import export
from feeds.settings import Settings
from tests.service.test_serving import ROOT, Service, serving
from tests.support.debian import program
from tests.support.slow_clients import KINDS, Crowd

pytestmark = pytest.mark.slow


class Proxy:
    """nginx with this `http` block; answers as they come, redirects not followed."""

    def __init__(self, folder: Path, http_block: str, port: int) -> None:
        self.port = port
        folder.mkdir()
        temporary = "".join(
            f"{kind}_temp_path {folder}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n"
            "events {}\nhttp {\naccess_log off;\n" + temporary + http_block + "\n}\n",
            "utf-8",
        )
        nginx = program("nginx", "nginx")
        self.process = subprocess.Popen([nginx, "-p", folder, "-c", folder / "nginx.conf"])
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            assert self.process.poll() is None, (folder / "error.log").read_text()
            time.sleep(0.05)
        raise AssertionError("nginx does not listen")

    def get(
        self, path: str, patience: float = 30, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        return self.ask("GET", path, patience, **headers)

    def ask(
        self, method: str, path: str, patience: float = 30, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("deploy")


@pytest.fixture(scope="module")
def posts(folder: Path) -> Path:
    posts = folder / "posts"
    posts.mkdir()
    for n, tag in enumerate(("C++", "100%", "最新ニュース"), 1):
        text = f'---\ntitle: 題名{n}\ntags: ["{tag}"]\n---\n\n' + "本文です。" * 200
        (posts / f"2026-01-0{n}-p{n}.md").write_text(text, "utf-8")
    return posts


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def service(folder: Path, posts: Path, port: int) -> Iterator[Service]:
    settings = {
        "FEEDS_SITE_URL": f"http://127.0.0.1:{port}/blog",
        "FEEDS_TRUSTED_PROXIES": "127.0.0.1",
        "FEEDS_TRANSLATOR": "off",
    }
    with serving(folder, posts, **settings) as service:
        yield service


def deployed(service: Service, port: int, folder: Path) -> str:
    """deploy/nginx.conf with only its ports and its folder changed."""
    block = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    for old, new in {
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{service.port};",
        "listen 80;": f"listen 127.0.0.1:{port};",
        "listen 80 default_server;": f"listen 127.0.0.1:{port} default_server;",
        "server_name feeds.example;": "server_name 127.0.0.1;",
        "/var/cache/nginx/feedglot": str(folder / "cache"),
    }.items():
        assert block.count(old) == 1
        block = block.replace(old, new)
    return block


@pytest.fixture(scope="module")
def proxy(folder: Path, service: Service, port: int) -> Iterator[Proxy]:
    proxy = Proxy(folder / "nginx", deployed(service, port, folder), port)
    yield proxy
    proxy.stop()


def test_a_feed_comes_through_with_its_links_under_the_prefix(proxy: Proxy, port: int) -> None:
    status, headers, body = proxy.get("/blog/ja/feed.atom")
    assert status == 200
    assert headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert f'href="http://127.0.0.1:{port}/blog/ja/feed.atom"'.encode() in body
    links = re.findall(rb'href="(http://127[^"]*)"', body)
    assert all(link.startswith(f"http://127.0.0.1:{port}/blog/".encode()) for link in links)


def test_the_second_request_within_a_second_is_answered_by_the_cache(proxy: Proxy) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        proxy.get("/blog/ja/feed.rss")
        if proxy.get("/blog/ja/feed.rss")[1]["X-Cache"] == "HIT":
            break
    else:
        raise AssertionError("never a HIT")
    time.sleep(2.2)  # nginx counts whole seconds
    assert proxy.get("/blog/ja/feed.rss")[1]["X-Cache"] in ("REVALIDATED", "EXPIRED")


def test_a_changed_post_is_seen_through_the_cache_at_once(proxy: Proxy, posts: Path) -> None:
    proxy.get("/blog/ja/feed.json")
    (posts / "2026-01-09-new.md").write_text("---\ntitle: 新着\n---\n\n本文。", "utf-8")
    time.sleep(4.5)  # two for the service to see it, two for the cache to forget
    assert "新着".encode() in proxy.get("/blog/ja/feed.json")[2]


@pytest.mark.parametrize("coding", ["br", "gzip", "zstd", "identity"])
def test_compressed_answers_and_304_pass_through(proxy: Proxy, coding: str) -> None:
    status, headers, _ = proxy.get("/blog/ja/feed.atom", **{"Accept-Encoding": coding})
    assert status == 200
    assert headers.get("Content-Encoding", "identity") == coding
    again = {"Accept-Encoding": coding, "If-None-Match": headers["ETag"]}
    assert proxy.get("/blog/ja/feed.atom", **again)[0] == 304


def test_answers_not_to_be_stored_are_not(proxy: Proxy) -> None:
    for _ in range(3):
        headers = proxy.get("/blog/api/status")[1]
        assert headers["X-Cache"] == "MISS"
    assert proxy.get("/blog/ja/feed.rss?wait=0")[1]["X-Cache"] == "MISS"


@pytest.mark.parametrize("tag", ["c++", "100%", "最新ニュース"])
def test_tags_survive_the_proxy_however_they_are_written(proxy: Proxy, tag: str) -> None:
    assert proxy.get(f"/blog/ja/tags/{quote(tag, safe='')}/feed.rss")[0] == 200


def test_redirects_and_static_files_stay_under_the_prefix(proxy: Proxy) -> None:
    for path, target in {
        "/blog": "/blog/",
        "/blog/": "/blog/ja/",
        "/blog/feed": "/blog/ja/feed.rss",
        "/blog/ja/tags/C%2B%2B/feed.rss": "/blog/ja/tags/c%2B%2B/feed.rss",
    }.items():
        status, headers, _ = proxy.get(path)
        assert status in (301, 302)
        assert headers["Location"].removeprefix(f"http://127.0.0.1:{proxy.port}") == target
    page = proxy.get("/blog/ja/")[2].decode()
    (style,) = re.findall(r'href="([^"]*site\.css[^"]*)"', page)
    assert style.startswith("/blog/static/")
    status, headers, _ = proxy.get(style)
    assert (status, headers["Content-Type"]) == (200, "text/css; charset=utf-8")


def test_a_forwarded_address_is_believed_from_the_proxy_only(
    proxy: Proxy, service: Service, tmp_path: Path, posts: Path
) -> None:
    # The proxy's word counts: it names a stranger, who may not see the metrics.
    assert service.get("/metrics", **{"X-Forwarded-For": "192.0.2.9"})[0] == 403
    assert service.get("/metrics")[0] == 200
    # Whoever asks a proxy is a stranger, on this machine too, and whatever it claims.
    assert service.get("/metrics", **{"X-Forwarded-For": "127.0.0.1"})[0] == 403
    for claimed in ({}, {"X-Forwarded-For": "127.0.0.1"}):
        assert proxy.get("/blog/metrics", **claimed)[0] == 403
    with serving(tmp_path, posts, FEEDS_TRANSLATOR="off") as trusting_nobody:
        assert trusting_nobody.get("/metrics", **{"X-Forwarded-For": "127.0.0.1"})[0] == 403


def test_metrics_are_private_behind_a_proxy_without_forwarding_headers(
    service: Service, tmp_path: Path
) -> None:
    """nginx as it is without a line of ours: the host that it asks for is 127.0.0.1."""
    port = free_port()
    ways = ("", "proxy_http_version 1.1; proxy_set_header Host $http_host;")
    for number, more in enumerate(ways):
        block = (
            f"server {{ listen 127.0.0.1:{port}; location / {{ "
            f"proxy_pass http://127.0.0.1:{service.port}; {more} }} }}"
        )
        proxy = Proxy(tmp_path / f"nginx-{number}", block, port)
        try:
            assert proxy.get("/metrics", Host="feeds.example")[0] == 403
            assert b'"problems"' not in proxy.get("/api/status", Host="feeds.example")[2]
        finally:
            proxy.stop()


def test_requests_for_another_host_are_rejected(proxy: Proxy) -> None:
    with pytest.raises(http.client.RemoteDisconnected):
        proxy.get("/blog/ja/feed.atom", Host="elsewhere.example")


def test_a_request_id_of_nginx_reaches_the_log(proxy: Proxy, service: Service) -> None:
    known = proxy.get("/blog/ja/tags/100%25/feed.json")[1]["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", known)
    service.wait(lambda: known in service.log.read_text(), 5)


@pytest.mark.parametrize("kind", KINDS)
def test_200_hanging_connections_to_nginx_do_not_block_others(proxy: Proxy, kind: str) -> None:
    with Crowd(kind, proxy.port, 200, "/blog/ja/feed.json", source="127.0.0.2") as crowd:
        for _ in range(2):
            for path in ("/blog/ja/feed.atom", "/blog/api/status"):  # kept by nginx, and not
                assert proxy.get(path, patience=5)[0] == 200
            crowd.goes_on()


def test_an_export_is_served_by_nginx_with_types_twins_and_redirects(
    tmp_path: Path, posts: Path
) -> None:
    port = free_port()
    out = tmp_path / "out"
    settings = Settings(
        posts_dir=posts,
        state_dir=tmp_path / "var",
        site_url=f"http://127.0.0.1:{port}/blog",
        languages=("ja",),
    )
    export(settings, out)
    block = f'server {{ listen 127.0.0.1:{port}; set $feedglot_files "{out}"; '
    block += f'include "{out}/_nginx.conf"; }}'
    proxy = Proxy(tmp_path / "nginx", block, port)
    try:
        types = {
            "/blog/ja/feed.rss": "application/rss+xml; charset=utf-8",
            "/blog/ja/feed.atom": "application/atom+xml; charset=utf-8",
            "/blog/ja/feed.json": "application/feed+json; charset=utf-8",
            "/blog/ja/tags/100%25/": "text/html; charset=utf-8",
            "/blog/opml.xml": "text/x-opml; charset=utf-8",
        }
        for path, kind in types.items():
            status, headers, body = proxy.get(path, **{"Accept-Encoding": "gzip"})
            assert (status, headers["Content-Type"]) == (200, kind), path
            assert headers["Content-Encoding"] == "gzip"
            assert body[:2] == b"\x1f\x8b"
        news = quote("最新ニュース")
        for path, target in {
            "/blog/": "/blog/ja/",
            "/blog/feed": "/blog/ja/feed.rss",
            f"/blog/tag/{news}/feed/": f"/blog/ja/tags/{news}/feed.rss",
            "/blog/ja/tags/C++/": "/blog/ja/tags/c%2B%2B/",
        }.items():
            status, headers, _ = proxy.get(path)
            assert (status, headers["Location"]) == (302 if path == "/blog/" else 301, target)
        headers = proxy.get("/blog/ja/")[1]
        assert headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
        assert headers["X-Content-Type-Options"] == "nosniff"
        for name in ("_nginx.conf", "_nginx.conf.gz", ".feedglot-export.json", "_headers"):
            assert proxy.get(f"/blog/{name}")[0] == 404
    finally:
        proxy.stop()


def test_while_the_service_is_away_its_last_answers_stay(proxy: Proxy, service: Service) -> None:
    """The last test of this file: it stops the service."""
    expected = proxy.get("/blog/ja/feed.atom")[2]
    service.process.terminate()
    service.process.wait(30)
    time.sleep(2.2)
    status, headers, body = proxy.get("/blog/ja/feed.atom")
    assert (status, headers["X-Cache"], body) == (200, "STALE", expected)
