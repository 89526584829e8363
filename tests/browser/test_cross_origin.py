"""A page of another origin reads feeds in Chromium: fetch, If-None-Match, and what it may see."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from tests.support.blog import Blog

pytestmark = pytest.mark.slow

# Asks with `headers`; says what a script of the page may read of the answer.
FETCH = """async ([url, headers]) => {
  try {
    const answer = await fetch(url, {headers, cache: "no-store"});
    const names = ["ETag", "Link", "X-Translation-State", "X-Translation-Ready", "Last-Modified"];
    const read = names.map(name => [name, answer.headers.get(name)]);
    return {status: answer.status, text: await answer.text(), ...Object.fromEntries(read)};
  } catch (error) {
    return {blocked: String(error)};
  }
}"""


@pytest.fixture(scope="module")
def elsewhere(browser: Browser) -> Iterator[Page]:
    """A page of another origin: another port is one."""
    empty = Response("<!doctype html><title>elsewhere</title>", content_type="text/html")
    server = make_server("127.0.0.1", 0, empty, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = browser.new_page()
    page.set_default_timeout(30_000)
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    yield page
    page.close()
    server.shutdown()


def fetched(page: Page, blog: Blog, path: str, **headers: str) -> dict[str, Any]:
    answer: dict[str, Any] = page.evaluate(FETCH, [blog.settings.site_url + path, headers])
    return answer


@pytest.mark.parametrize("path", ["/ko/feed.json", "/en/tags/rss/feed.atom", "/ja/feed.rss"])
def test_a_script_polls_a_feed(elsewhere: Page, served: Blog, path: str) -> None:
    """Twice: from Flask, then from the fast path."""
    for _ in range(2):
        first = fetched(elsewhere, served, path)
        assert first["status"] == 200
        assert first["X-Translation-State"] in ("complete", "partial")
        ready, total = first["X-Translation-Ready"].split("/")
        assert 0 < int(ready) <= int(total)
        assert 'rel="self"' in first["Link"]
        assert first["ETag"]
        again = fetched(elsewhere, served, path, **{"If-None-Match": first["ETag"]})
        assert (again["status"], again["text"], again["ETag"]) == (304, "", first["ETag"])
        stale = fetched(elsewhere, served, path, **{"If-None-Match": '"another"'})
        assert (stale["status"], stale["text"]) == (200, first["text"])


def test_a_script_reads_errors_lists_and_redirects(elsewhere: Page, served: Blog) -> None:
    missing = fetched(elsewhere, served, "/ja/tags/none/feed.atom")
    assert (missing["status"], "no tag" in missing["text"]) == (404, True)
    assert fetched(elsewhere, served, "/opml.xml")["text"].startswith("<?xml")
    assert '"feeds":[' in fetched(elsewhere, served, "/api/feeds")["text"]
    assert "<rss" in fetched(elsewhere, served, "/feed")["text"]


@pytest.mark.parametrize("path", ["/ja/", "/ja/feed.html", "/status", "/api/status"])
def test_pages_and_the_status_are_closed_to_it(elsewhere: Page, served: Blog, path: str) -> None:
    assert "Failed to fetch" in fetched(elsewhere, served, path)["blocked"]
