"""Who sees the owner's view: the token, or whoever asks this machine itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.blog import Blog

PATHS = ("/metrics", "/api/status")


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    """Behind a proxy on this machine that is trusted."""
    blog = Blog(tmp_path, admin_token="secret", trusted_proxies=("127.0.0.1",))
    blog.write("2026-01-01-bad.md", date="yesterday")
    blog.look()
    return blog


def is_private(blog: Blog, **how: Any) -> bool:
    headers = how.pop("headers", {})
    answers = [blog.get(path, headers=headers, environ_overrides=how) for path in PATHS]
    seen = {answers[0].status_code == 200, "problems" in (answers[1].json or {})}
    assert len(seen) == 1
    return seen.pop()


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8000", "localhost", "[::1]:8000", "feeds.localhost", "127.1.2.3"]
)
def test_a_loopback_request_is_local(blog: Blog, host: str) -> None:
    assert is_private(blog, HTTP_HOST=host)
    assert is_private(blog, HTTP_HOST=host, REMOTE_ADDR="::1")


@pytest.mark.parametrize("host", ["feeds.example", "127.0.0.1.example", "", "[", "10.0.0.1"])
def test_a_request_for_another_host_is_not_local(blog: Blog, host: str) -> None:
    """A proxy on this machine that says nothing of whom it asks for passes the host on."""
    assert not is_private(blog, HTTP_HOST=host)


def test_nginx_as_it_comes_is_a_stranger(blog: Blog) -> None:
    """It asks for 127.0.0.1, whatever the client did, and in HTTP/1.0."""
    assert not is_private(blog, HTTP_HOST="127.0.0.1:8000", SERVER_PROTOCOL="HTTP/1.0")


@pytest.mark.parametrize(
    "name", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Forwarded-Host", "Via"]
)
def test_a_forwarded_loopback_address_never_counts(blog: Blog, name: str) -> None:
    assert not is_private(blog, headers={name: "127.0.0.1"})
    blog.with_settings(trusted_proxies=())
    blog.look()
    assert not is_private(blog, headers={name: "127.0.0.1"})


def test_the_token_opens_it_from_anywhere(blog: Blog) -> None:
    headers = {"Authorization": "Bearer secret", "X-Forwarded-For": "192.0.2.1"}
    assert is_private(blog, headers=headers, HTTP_HOST="feeds.example")
    assert not is_private(blog, headers={"Authorization": "Bearer no"}, HTTP_HOST="feeds.example")
