"""What strangers send stays within bounds: of memory, and of what a 404 costs."""

from __future__ import annotations

import time
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import quote

import pytest

from content import taxonomy
from content.taxonomy import MAX_TERM, term_slug
from tests.support.blog import Blog


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(tmp_path, languages=("ja",))
    blog.write("2026-01-01-a.md", tags=f"[AI, {'長' * 120}]")
    blog.look()
    return blog


PLACES = (
    "/ja/tags/{}/feed.atom",
    "/ja/tags/{}/",
    "/ja/authors/{}/feed.rss",
    "/tag/{}/feed/",
    "/feed/by_tag/{}.xml",
)


@pytest.mark.parametrize("place", PLACES)
def test_a_term_beyond_what_a_slug_can_be_is_not_found(blog: Blog, place: str) -> None:
    before = taxonomy._known_slug.cache_info()
    answer = blog.get(place.format("x" * (MAX_TERM + 1)))
    assert answer.status_code == 404
    assert len(answer.data) < 1000
    assert taxonomy._known_slug.cache_info().misses == before.misses


def test_a_term_of_a_query_too(blog: Blog) -> None:
    answer = blog.get(f"/ja/feed.atom?tag=AI|{'x' * (MAX_TERM + 1)}")
    assert answer.status_code == 400
    assert "longer than 1,000 characters" in answer.text


def test_thousands_of_unknown_parameters_cost_little(blog: Blog) -> None:
    for query in ("&".join(f"x{n}=1" for n in range(4000)), "y" * 30_000 + "=1"):
        started = time.process_time()
        assert blog.get(f"/ja/feed.atom?{query}").status_code in (200, 301)
        assert time.process_time() - started < 0.3


def test_a_long_term_of_a_post_is_found_as_it_is_written(blog: Blog) -> None:
    answer = blog.get(f"/ja/tags/{quote('長' * 120)}/feed.atom")
    assert answer.status_code == 301
    assert blog.get(answer.headers["Location"]).status_code == 200


def test_slugs_of_requests_take_a_bounded_share_of_memory() -> None:
    taxonomy._known_slug.cache_clear()
    for n in range(20_000):
        term_slug(f"{n}" + "x" * 58)
        term_slug(f"{n}" + "x" * 500)
    known = taxonomy._known_slug.cache_info()
    assert known.currsize <= 1 << 14
    assert term_slug("x" * 60 + "Ａ") == "x" * 60 + "a"
    assert taxonomy._KEPT_CHARACTERS * (1 << 14) <= 1 << 20


@pytest.mark.slow
def test_a_404_of_a_large_site_costs_a_fraction_of_difflib(tmp_path: Path) -> None:
    blog = Blog(tmp_path, languages=("ja",))
    for n in range(400):
        tags = ", ".join(f"話題{n}-{m}" for m in range(30))
        blog.write(f"2026-01-01-p{n}.md", tags=f"[{tags}]")
    blog.look()
    terms = list(blog.site.catalogue.terms["tag"])
    assert len(terms) == 12_000
    started = time.process_time()
    get_close_matches("nowhere", terms)
    peer = time.process_time() - started
    for path in ("/ja/tags/nowhere/feed.atom", "/ja/tags/話題x/feed.atom", "/ja/posts/nowhere/"):
        costs = []
        for _ in range(8):
            started = time.process_time()
            assert blog.get(path).status_code == 404
            costs.append(time.process_time() - started)
        assert min(costs) < peer / 2, (path, costs, peer)
