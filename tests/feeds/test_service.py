"""The service as its users meet it: what URLs answer, and what feeds and pages say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from feeds.ops.export import urls
from tests.support.blog import SITE, Blog, filled


class TestOriginalFeeds:
    @pytest.mark.parametrize("extension", ["rss", "atom"])
    def test_posts_come_newest_first_with_ids_dates_and_text(
        self, blog: Blog, extension: str
    ) -> None:
        feed = filled(blog).feed(f"/ja/feed.{extension}")
        assert [e.title for e in feed.entries] == [
            f"題名 2026-01-0{n}-post-{n}.md" for n in (3, 2, 1)
        ]
        entry = feed.entries[0]
        assert entry.id == "tag:feeds.example,2026-01-03:post-3/ja"
        assert entry.link == f"{SITE}/ja/posts/post-3/"
        assert entry.published_parsed[:3] == (2026, 1, 3)
        assert "375%" in entry.content[0].value
        assert feed.feed.language == "ja"

    def test_json_says_the_same(self, blog: Blog) -> None:
        answer = json.loads(filled(blog).get("/ja/feed.json").data)
        assert answer["version"] == "https://jsonfeed.org/version/1.1"
        assert [i["id"].rpartition(":")[2] for i in answer["items"]] == [
            "post-3/ja",
            "post-2/ja",
            "post-1/ja",
        ]

    def test_links_and_images_are_absolute(self, blog: Blog) -> None:
        blog.write("2026-01-01-a.md", "[近く](other/) ![図](images/x.png) [注](#n)")
        blog.look()
        html = blog.feed("/ja/feed.atom").entries[0].content[0].value
        assert f'href="{SITE}/ja/posts/a/other/"' in html
        assert f'src="{SITE}/ja/posts/a/images/x.png"' in html
        assert f'href="{SITE}/ja/posts/a/#n"' in html

    def test_entries_of_another_blog_link_to_their_permalink_there(self, tmp_path: Path) -> None:
        blog = Blog(tmp_path, blog_url="https://blog.example")
        blog.write("2026-01-02-a.md", "[x](y.png)", permalink="/essays/a/")
        blog.write("2026-01-01-b.md", categories="[技術]")
        blog.look()
        first, second = blog.feed("/ja/feed.atom").entries
        assert first.link == "https://blog.example/essays/a/"
        assert "https://blog.example/essays/a/y.png" in first.content[0].value
        assert second.link == f"https://blog.example/{quote('技術')}/2026/01/01/b.html"

    def test_a_post_dated_in_the_future_appears_when_its_time_comes(self, blog: Blog) -> None:
        now = datetime.now(UTC)
        blog.write("a.md", date=(now + timedelta(hours=1)).isoformat())
        blog.look(now)
        assert blog.feed("/ja/feed.atom").entries == []
        blog.look(now + timedelta(hours=2))
        assert len(blog.feed("/ja/feed.atom").entries) == 1

    def test_a_post_expires_while_the_service_runs(self, blog: Blog) -> None:
        now = datetime.now(UTC)
        blog.write("2026-01-01-a.md", expiryDate=(now + timedelta(hours=1)).isoformat())
        filled(blog)
        assert blog.get("/ja/posts/a/").status_code == 200
        assert len(blog.feed("/ja/feed.atom").entries) == 4
        blog.look(now + timedelta(hours=2))
        assert blog.get("/ja/posts/a/").status_code == 404
        assert len(blog.feed("/ja/feed.atom").entries) == 3

    def test_a_bad_post_does_not_cost_the_others(self, blog: Blog) -> None:
        filled(blog)
        blog.write("2026-01-09-bad.md", date="yesterday")
        blog.look()
        assert len(blog.feed("/ja/feed.rss").entries) == 3

    def test_control_characters_never_reach_a_feed(self, blog: Blog) -> None:
        blog.write("2026-01-01-a.md", "前\x0b後\x00\ufffe", title='"題\\u0007名"')
        blog.look()
        entry = blog.feed("/ja/feed.rss").entries[0]
        assert entry.title == "題名"
        assert "前後" in entry.content[0].value

    def test_an_image_beside_the_post_is_served_and_nothing_else(self, blog: Blog) -> None:
        blog.write("2026-01-01-a.md", "![x](images/x.png)")
        images = blog.settings.posts_dir / "images"
        images.mkdir()
        (images / "x.png").write_bytes(b"\x89PNG")
        blog.look()
        assert blog.get("/ja/posts/a/images/x.png").data == b"\x89PNG"
        assert blog.get("/ja/posts/a/2026-01-01-a.md").status_code == 404
        assert blog.get("/ja/posts/a/../../etc/x.png").status_code == 404


class TestErrors:
    @pytest.mark.parametrize(
        ("path", "parameter"),
        [
            ("/ja/feed.rss?limit=0", "limit"),
            ("/ja/feed.rss?tga=x", "tga"),
            ("/ja/feed.rss?wait=soon", "wait"),
            ("/ja/feed.rss?wait=31", "wait"),
            ("/ja/feed.rss?require=some", "require"),
        ],
    )
    def test_a_bad_parameter_is_400_and_named(self, blog: Blog, path: str, parameter: str) -> None:
        response = filled(blog).get(path)
        assert response.status_code == 400
        assert response.json["parameter"] == parameter

    def test_an_unknown_language_is_404_and_names_those_there_are(self, blog: Blog) -> None:
        response = filled(blog).get("/fr/feed.rss")
        assert response.status_code == 404
        assert "ja, en, ko" in response.json["detail"]

    def test_people_get_a_page(self, blog: Blog) -> None:
        accept = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        response = filled(blog).get("/ja/tags/aj/", headers=accept)
        assert response.status_code == 404
        assert response.mimetype == "text/html"

    def test_post_is_not_allowed(self, blog: Blog) -> None:
        response = blog.client.post("/ja/feed.rss")
        assert response.status_code == 405
        assert "GET" in response.headers["Allow"]

    @pytest.mark.parametrize("path", urls.LEGACY_FEEDS[1:])
    def test_habits_are_led_to_the_site_feed(self, blog: Blog, path: str) -> None:
        response = filled(blog).get(path)
        assert response.status_code == 301
        assert blog.get(response.headers["Location"]).status_code == 200

    def test_habits_of_tags_too(self, blog: Blog) -> None:
        response = filled(blog).get("/tag/AI/feed/")
        assert response.status_code == 301
        assert response.headers["Location"] == "/ja/tags/ai/feed.rss"


class TestPages:
    @pytest.mark.parametrize("language", ["ja", "en", "ko"])
    def test_the_overview_lists_every_feed_and_lets_readers_find_them(
        self, blog: Blog, language: str
    ) -> None:
        page = filled(blog).get(f"/{language}/")
        assert page.status_code == 200
        assert f'<html lang="{language}">' in page.text
        for path in (f"/{language}/feed.rss", f"/{language}/tags/t1/feed.json"):
            assert f"{SITE}{path}" in page.text
        assert page.text.count('rel="alternate"') >= 5

    def test_the_root_leads_to_the_blogs_language(self, blog: Blog) -> None:
        response = blog.get("/")
        assert (response.status_code, response.headers["Location"]) == (302, "/ja/")

    def test_a_post_not_translated_yet_shows_its_original_and_says_so(self, blog: Blog) -> None:
        filled(blog, 1)
        page = blog.get("/en/posts/post-1/")
        assert '<article lang="ja">' in page.text
        assert "Not translated yet" in page.text
        assert blog.translate() == 1
        assert '<article lang="en">' in blog.get("/en/posts/post-1/").text

    def test_a_missing_slash_is_added_by_a_301(self, blog: Blog) -> None:
        filled(blog)
        assert blog.get("/ja").status_code == 301
        assert blog.get("/ja/posts/post-1").status_code == 301

    def test_given_up_posts_are_named_on_the_status_page(self, blog: Blog) -> None:
        blog.write("2026-01-01-a.md", "Hello there.", lang="en", title="Hello")
        blog.look()
        blog.get("/ja/feed.atom")
        blog.translate()
        assert "a (ja)" in blog.get("/status").text

    def test_paths_and_problems_are_the_owners_business(self, blog: Blog) -> None:
        blog.with_settings(admin_token="secret")
        blog.write("2026-01-01-bad.md", date="yesterday")
        blog.look()
        elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
        assert "bad.md" in blog.get("/status").text
        assert "bad.md" not in blog.get("/status", environ_overrides=elsewhere).text
        proxied = {"X-Forwarded-For": "192.0.2.7"}
        assert "bad.md" not in blog.get("/status", headers=proxied).text
        token = {"Authorization": "Bearer secret"}
        report = blog.get("/api/status", environ_overrides=elsewhere, headers=token).json
        assert report["problems"][0].startswith("2026-01-01-bad.md:2: date: not a date")

    def test_opml_lists_each_feed_once_in_each_language(self, blog: Blog) -> None:
        text = filled(blog).get("/opml.xml").text
        assert text.count("xmlUrl=") == 3 * (1 + 1 + 5 + 1)
        assert filled(blog).get("/ko/opml.xml").text.count("xmlUrl=") == 8
