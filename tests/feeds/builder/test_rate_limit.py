"""How much new translation one client may cause; reading is never refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds.builder import rate_limit
from feeds.builder.rate_limit import HOUR, JobRateLimit, client_of
from tests.support.blog import Blog


def in_line(blog: Blog) -> int:
    return sum(count.pending for count in blog.site.results.counts().values())


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(tmp_path, client_jobs=3, trusted_proxies=("127.0.0.1",))
    for n in range(1, 6):
        blog.write(f"2026-01-{n:02}-p{n}.md", title="題名")
    blog.look()
    return blog


def test_a_client_over_its_limit_gets_finished_translations(blog: Blog) -> None:
    near = {"X-Forwarded-For": "192.0.2.1"}
    for _ in range(3):
        assert blog.get("/ko/feed.atom", headers=near).status_code == 200
    assert in_line(blog) == 3
    waiting = blog.site.queue.pending((p.key, "ko") for p in blog.site.catalogue.posts)
    assert sorted(key for key, _ in waiting) == ["2026-01-03:p3", "2026-01-04:p4", "2026-01-05:p5"]
    answer = blog.get("/en/feed.atom", headers=near)
    assert (answer.status_code, in_line(blog)) == (200, 3)
    for _ in range(2):  # pages are read as before
        assert blog.get("/ko/posts/p5/", headers=near).status_code == 200
    # Another client has a share of its own.
    blog.get("/ko/feed.atom", headers={"X-Forwarded-For": "192.0.2.2"})
    assert in_line(blog) == 5


def test_requests_for_queued_jobs_are_not_counted(blog: Blog) -> None:
    blog.with_settings(client_jobs=6)
    blog.look()
    for _ in range(5):
        blog.get("/ko/feed.atom")
    blog.get("/en/feed.atom")
    assert in_line(blog) == 6


def test_the_line_never_exceeds_its_bound(blog: Blog) -> None:
    blog.with_settings(client_jobs=0, queue_jobs=4)
    blog.look()
    for language in ("ko", "en"):
        assert blog.get(f"/{language}/feed.atom").status_code == 200
    assert in_line(blog) == 4
    blog.translate()
    blog.get("/en/feed.atom")
    assert in_line(blog) == 4


def test_the_service_itself_is_not_rationed(blog: Blog) -> None:
    blog.requests.prewarm()
    assert in_line(blog) == 10


def test_a_share_comes_back_within_the_hour() -> None:
    rate_limit = JobRateLimit(60)
    rate_limit.spend("a", 60, 0.0)
    assert rate_limit.left("a", 0.0) == 0
    assert rate_limit.left("a", HOUR / 60) == 1
    assert rate_limit.left("a", 5 * HOUR) == 60
    assert rate_limit.left("", 0.0) is None
    assert JobRateLimit(0).left("a", 0.0) is None


def test_memory_for_clients_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "MOST_CLIENTS", 3)
    rations = JobRateLimit(5)
    for n in range(10):
        rations.spend(f"client {n}", 5, 0.0)
    assert len(rations._buckets) == 3
    assert rations.left("client 9", 0.0) == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("unknown", "nonsense", True),
        ("", "192.0.2.1", False),
    ],
)
def test_a_client_is_an_ipv4_address_or_an_ipv6_64_network(
    one: str, other: str, same: bool
) -> None:
    assert (client_of(one) == client_of(other)) is same
