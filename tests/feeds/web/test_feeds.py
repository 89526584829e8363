"""Feeds of tags and categories: one URL for each selection, however it is written."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from tests.support.blog import SITE, Blog, filled


class TestTerms:
    @pytest.mark.parametrize("tag", ["最新ニュース", "C++", "CI/CD", "100%", "🐍", "c#", "a b"])
    def test_every_script_and_sign_makes_the_round_trip(self, blog: Blog, tag: str) -> None:
        blog.write("2026-01-01-a.md", tags=f'["{tag}"]')
        blog.look()
        overview = json.loads(blog.get("/api/status").data)
        assert overview["posts"]["served"] == 1
        wanted = quote(tag, safe="")
        response = blog.get(f"/ja/tags/{wanted}/feed.rss")
        if response.status_code == 301:
            response = blog.get(response.headers["Location"])
        assert response.status_code == 200
        [self_link] = [link for link in response.headers.getlist("Link") if 'rel="self"' in link]
        address = self_link[1 : self_link.index(">")]
        assert address.isascii()
        assert blog.get(address.removeprefix(SITE)).data == response.data
        feed = blog.feed(address.removeprefix(SITE))
        assert tag in [t.term for t in feed.entries[0].tags]

    def test_variants_of_a_term_lead_to_its_one_url(self, blog: Blog) -> None:
        filled(blog)
        for variant in ("AI", quote("ＡＩ"), "Ai"):
            response = blog.get(f"/ja/tags/{variant}/feed.rss")
            assert response.status_code == 301
            assert response.headers["Location"] == "/ja/tags/ai/feed.rss"

    def test_a_selection_with_a_path_of_its_own_leads_there(self, blog: Blog) -> None:
        response = filled(blog).get("/ko/feed.atom?tag=AI&wait=0")
        assert response.status_code == 301
        assert response.headers["Location"] == "/ko/tags/ai/feed.atom?wait=0"

    def test_and_or_not(self, blog: Blog) -> None:
        filled(blog)
        titles = [e.title[-6:-3] for e in blog.feed("/ja/feed.rss?tag=ai&tag=t1%7Ct3").entries]
        assert titles == ["t-3", "t-1"]
        assert len(blog.feed("/ja/feed.rss?category=%E6%8A%80%E8%A1%93&tag=-t2").entries) == 2

    def test_an_unknown_term_is_404_with_the_nearest_and_starts_no_work(self, blog: Blog) -> None:
        filled(blog)
        response = blog.get("/ko/tags/%E6%9C%80%E6%96%B0/feed.rss")
        assert response.status_code == 404
        assert response.mimetype == "application/problem+json"
        assert response.json["nearest"][0]["name"] == "最新ニュース"
        assert blog.translate() == 0

    def test_an_emptied_term_is_a_valid_empty_feed(self, blog: Blog) -> None:
        filled(blog)
        blog.remove("2026-01-02-post-2.md")
        blog.look()
        assert blog.feed("/ja/tags/t2/feed.rss").entries == []
        assert blog.feed("/ja/tags/t2/feed.atom").feed.updated


def test_a_feed_passes_two_hooks_behind_its_view(blog: Blog) -> None:
    """Each costs every answer: what a feed needs more is done in its view."""
    hooks = blog.app.after_request_funcs
    assert len(hooks[None]) + len(hooks.get("feeds", [])) == 2
