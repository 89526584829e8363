"""CORS: feeds, OPML and the API are for scripts of other sites, and nothing else is."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from tests.support.blog import Blog, filled

SHARED = [
    "/ja/feed.atom",
    "/ja/tags/ai/feed.json",
    "/ja/archive/1/feed.rss",
    "/opml.xml",
    "/en/opml.xml",
    "/api/feeds",
    "/api/posts/ja/post-1",
    "/openapi.json",
]
OWN = ["/ja/", "/ja/posts/post-1/", "/ja/feed.html", "/status", "/api/status", "/metrics"]
FETCH = {"Origin": "https://other.example", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"}


@pytest.mark.parametrize("path", SHARED)
def test_public_responses_have_cors_headers(blog: Blog, path: str) -> None:
    filled(blog)
    response = blog.get(path, headers=FETCH)
    assert response.status_code == 200
    assert response.headers.getlist("Access-Control-Allow-Origin") == ["*"]
    exposed = response.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "Link", "X-Translation-State", "IM", "Retry-After"} <= set(exposed)
    assert "Origin" not in response.headers.get("Vary", "")
    preflight = blog.client.options(path, headers=FETCH)
    assert (preflight.status_code, preflight.data) == (204, b"")
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    asked = "If-None-Match, If-Modified-Since, A-IM"
    assert preflight.headers["Access-Control-Allow-Headers"] == asked
    assert preflight.headers["Access-Control-Max-Age"] == "86400"


@pytest.mark.parametrize("path", OWN)
def test_pages_status_and_metrics_are_not_shared(blog: Blog, path: str) -> None:
    filled(blog)
    for response in (blog.get(path, headers=FETCH), blog.client.options(path, headers=FETCH)):
        assert not any(name.startswith("Access-Control") for name, _ in response.headers)


def test_304_226_errors_and_redirects_are_shared_and_a_page_is_not(blog: Blog) -> None:
    filled(blog)
    etag = blog.get("/ja/feed.atom").headers["ETag"]
    blog.write("2026-01-09-new.md")
    blog.look()
    asked = [
        ("/ja/feed.atom", {"A-IM": "feed", "If-None-Match": etag}, 226),
        ("/ja/feed.atom", {"If-None-Match": "*"}, 304),
        ("/ja/feed.atom?limit=0", {}, 400),
        ("/ja/tags/unknown/feed.atom", {}, 404),
        ("/ko/feed.atom?require=complete", {}, 503),
        ("/ja/tags/AI/feed.atom", {}, 301),
        ("/feed.xml", {}, 301),
    ]
    for path, headers, status in asked:
        response = blog.get(path, headers=FETCH | headers)
        assert response.status_code == status
        assert response.headers["Access-Control-Allow-Origin"] == "*", path
    page = blog.get("/ja/feed.atom", headers={"Sec-Fetch-Dest": "document"})
    assert "Access-Control-Allow-Origin" not in page.headers


def test_a_fetch_of_a_page_takes_the_fast_path(blog: Blog) -> None:
    filled(blog)
    first = blog.get("/ja/feed.atom", headers=FETCH)
    with patch.object(blog.parts.feeds, "get", side_effect=AssertionError("through Flask")):
        again = blog.get("/ja/feed.atom", headers=FETCH)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Access-Control-Allow-Origin"] == "*"
