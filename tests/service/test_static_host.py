"""An export behind nginx: whoever follows its links finds what the service would say."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from http.client import HTTPMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

import pytest

from feeds.model.selection import PARAMETERS
from feeds.ops.export.export import export
from feeds.web.middleware import cors
from tests.service.test_deploy import Proxy, free_port
from tests.support.blog import Blog

pytestmark = pytest.mark.slow

TAGS = ["C++", "100%", "最新ニュース", ".net", "a b", "index.html", "長" * 60]
NEEDS_THE_SERVICE = re.compile(
    r"/status(\?|$)|\?(.*&)?(" + "|".join(set(PARAMETERS) - {"page"}) + ")="
)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def blog(tmp_path: Path, port: int) -> Blog:
    blog = Blog(
        tmp_path / "blog",
        languages=("ja", "ko"),
        site_url=f"http://127.0.0.1:{port}/blog",
        limit=3,
    )
    (blog.settings.posts_dir / "fox.png").write_bytes(b"\x89PNG" + bytes(900))
    for n, tag in enumerate(TAGS, 1):
        tags = f'["{tag}", everywhere]'
        text = f"本文{n}。" * 40 + "\n\n![狐](fox.png)"
        blog.write(f"2026-01-{n:02}-post-{n}.md", text, tags=tags)
    blog.write("2026-01-20-x.md", slug="Case")
    blog.write("2026-01-21-y.md", slug="case")
    blog.look()
    for language in blog.settings.languages:
        for page in range(1, 5):
            blog.get(f"/{language}/feed.rss?page={page}")
    blog.translate()
    return blog


@pytest.fixture
def host(tmp_path: Path, blog: Blog, port: int) -> Iterator[Proxy]:
    out = tmp_path / "out"
    report = export(blog.settings, out)
    assert (report.failed, report.partial) == ({}, 0)
    block = f'server {{ listen 127.0.0.1:{port}; set $feedglot_files "{out}"; '
    block += f'include "{out}/_nginx.conf"; }}'
    proxy = Proxy(tmp_path / "nginx", block, port)
    yield proxy
    proxy.stop()


def links(url: str, headers: HTTPMessage, body: bytes) -> Iterator[str]:
    """Every address of the site in a page, a feed or a list, absolute."""
    text = body.decode("utf-8", "replace")
    if headers.get_content_type() == "text/html":
        found = re.findall(r'\b(?:href|src|action|data-copy|value)="([^"]*)"', text)
        found = [html.unescape(link) for link in found if "/" in link]
    elif headers.get_content_type() in ("text/css", "text/javascript"):
        found = []
    else:
        text = html.unescape(html.unescape(text))  # HTML within XML
        found = re.findall(r"https?://127[^\s\"\\<>\']*", text)
    site = urljoin(url, "/blog/")
    for link in found:
        absolute = urldefrag(urljoin(url, link))[0]
        if absolute.startswith(site):
            yield absolute


def test_no_link_is_dead_and_every_answer_is_the_services(host: Proxy, blog: Blog) -> None:
    start = f"{blog.settings.site_url}/"
    leads_there, found = {start: "", f"{blog.settings.site_url}/favicon.ico": ""}, set()
    waiting = list(leads_there)
    while waiting:
        url = waiting.pop()
        path = urlsplit(url)._replace(scheme="", netloc="").geturl()
        status, headers, body = host.get(path)
        if NEEDS_THE_SERVICE.search(path):
            assert status == 404, (path, leads_there[url])
            assert "사본".encode() in body
            continue
        if status in (301, 302):
            following = [urljoin(url, headers["Location"])]
        else:
            assert status == 200, (path, leads_there[url])
            served = blog.get(path.removeprefix("/blog"))
            assert served.status_code == 200, path
            assert headers["Content-Type"] == served.headers["Content-Type"], path
            assert body == served.data, path
            found.add(unquote(path.removeprefix("/blog")))
            following = list(links(url, headers, body))
        new = [link for link in following if link not in leads_there]
        leads_there.update(dict.fromkeys(new, path))
        waiting += dict.fromkeys(new)
    assert len(found) > 140
    for language in blog.settings.languages:
        assert {f"/{language}/", f"/{language}/?page=3", f"/{language}/opml.xml"} <= found
        assert {f"/{language}/feed.{ext}?page=2" for ext in ("rss", "atom", "json")} <= found
        assert {f"/{language}/tags/everywhere/?page=3", f"/{language}/posts/Case/"} <= found
        assert f"/{language}/tags/{'長' * 60}/feed.atom" in found
    assert "/ja/posts/post-1/fox.png" in found


def test_addresses_that_need_the_service_are_not_served_wrongly(host: Proxy) -> None:
    for path in (
        "/blog/ja/?q=%E6%9C%AC%E6%96%87",
        "/blog/ja/feed.atom?tag=c%2B%2B&tag=.net",
        "/blog/ja/feed.atom?page=2&limit=1",
        "/blog/ja/feed.atom?page=99",
        "/blog/_redirects",
        "/blog/.feedglot-export.json",
        "/blog/nowhere",
    ):
        status, headers, body = host.get(path)
        assert (status, headers["Content-Type"]) == (404, "text/html; charset=utf-8"), path
        assert "사본".encode() in body
    for path in ("/blog/ja/feed.atom?utm_source=x", "/blog/ja/feed.atom?q=&wait=9"):
        assert host.get(path)[2] == host.get("/blog/ja/feed.atom")[2]
    status, headers, body = host.get("/blog/api/feeds")
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert quote("最新ニュース").encode() in body


def test_scripts_of_other_sites_read_what_the_service_lets_them(host: Proxy, blog: Blog) -> None:
    def shared(headers: Any) -> list[str | None]:
        return [headers.get(name) for name, _ in cors.ORIGIN]

    paths = ("/ja/feed.atom", "/ko/tags/everywhere/feed.json", "/ja/feed.rss?page=2", "/opml.xml",
             "/ko/opml.xml", "/api/feeds", "/ja/", "/ja/posts/post-1/", "/sitemap.xml",
             "/robots.txt", f"/ja/tags/{quote('長' * 60)}/feed.atom", "/ja/tags/none/feed.atom",
             "/ja/posts/post-1/fox.png", "/ja/feed.html")  # fmt: skip
    for path in paths:
        _, headers, _ = host.get(f"/blog{path}", Origin="https://other.example")
        assert shared(headers) == shared(blog.get(path).headers), path
    assert shared(host.get("/blog/ja/feed.atom")[1])[0] == "*"
    etag = host.get("/blog/ja/feed.atom")[1]["ETag"]
    status, headers, _ = host.get("/blog/ja/feed.atom", **{"If-None-Match": etag})
    assert (status, shared(headers)[0]) == (304, "*")
    for leads, origin in {"/feed.xml": "*", "/tag/everywhere/feed/": "*", "/": None}.items():
        status, headers, _ = host.get(f"/blog{leads}")
        assert (status in (301, 302), shared(headers)[0]) == (True, origin)


@pytest.mark.parametrize("path", ["/ja/feed.atom", "/opml.xml", "/api/feeds"])
def test_preflights_are_answered_as_by_the_service(host: Proxy, blog: Blog, path: str) -> None:
    status, headers, body = host.ask("OPTIONS", f"/blog{path}")
    served = blog.client.options(path)
    assert (status, body) == (served.status_code, b"") == (204, b"")
    for name in (cors.ORIGIN[0][0], *(name for name, _ in cors.PREFLIGHT)):
        assert headers[name] == served.headers[name]
    assert host.ask("OPTIONS", "/blog/ja/")[0] == 405
