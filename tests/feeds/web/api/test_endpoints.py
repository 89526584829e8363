"""What programs find: the directory of feeds, its description, and what crawlers may do."""

from __future__ import annotations

import json
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from protego import Protego

from tests.support.blog import SITE, Blog


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(tmp_path, feed_menu="on")
    for n in (1, 2):
        blog.write(
            f"2026-01-0{n}-p{n}.md", tags=f"[AI, t{n}]", categories="[技術]", author="編集部"
        )
    blog.look()
    return blog


class TestDirectory:
    def test_every_feed_is_listed_once_and_is_there(self, blog: Blog) -> None:
        rows = blog.get("/api/feeds").json["feeds"]
        assert len(rows) == 3 * 3 * (1 + 3 + 1 + 1)
        assert len({row["url"] for row in rows}) == len(rows)
        for row in rows:
            feed = blog.get(row["url"].removeprefix(SITE))
            assert feed.status_code == 200
            assert feed.mimetype == row["media_type"]
            assert blog.get(row["page"].removeprefix(SITE)).status_code == 200

    def test_states_are_those_that_the_feeds_themselves_tell(self, blog: Blog) -> None:
        def told() -> list[str]:
            rows = blog.get("/api/feeds").json["feeds"]
            for row in rows:
                headers = blog.get(row["url"].removeprefix(SITE)).headers
                assert headers["X-Translation-State"] == row["state"], row
                assert headers["X-Translation-Ready"] == f"{row['ready']}/{row['total']}", row
            return [row["state"] for row in rows if row["language"] == "ko"]

        assert set(told()) == {"partial"}
        blog.translate()
        assert set(told()) == {"complete"}
        blog.write("2026-01-01-p1.md", "別の文です。", tags="[AI, t1]", categories="[技術]")
        blog.look()
        assert set(told()) == {"stale", "complete"}

    def test_a_human_translation_that_is_withdrawn_counts_as_in_the_feed(self, blog: Blog) -> None:
        version = blog.write("2026-01-02-p2.ko.md", "사람이 옮긴 글.", title="제목", tags="[AI]")
        blog.look()
        blog.get("/ko/tags/t2/feed.atom")
        version.unlink()
        blog.look()
        headers = blog.get("/ko/tags/t2/feed.atom").headers
        query = "/api/feeds?language=ko&kind=tag&format=atom"
        rows = {row["term"]: row for row in blog.get(query).json["feeds"]}
        assert headers["X-Translation-Ready"] == "1/1"
        assert (rows["t2"]["ready"], rows["t2"]["total"]) == (1, 1)
        assert rows["t2"]["state"] == headers["X-Translation-State"] == "stale"

    def test_a_feed_that_is_complete_was_updated_when_its_last_modified_says(
        self, blog: Blog
    ) -> None:
        blog.requests.prewarm()
        blog.translate()
        for row in blog.get("/api/feeds?language=en").json["feeds"]:
            headers = blog.get(row["url"].removeprefix(SITE)).headers
            updated = datetime.fromisoformat(row["updated"])
            assert parsedate_to_datetime(headers["Last-Modified"]) == updated

    def test_filters(self, blog: Blog) -> None:
        rows = blog.get("/api/feeds?language=ko&kind=tag&format=json").json["feeds"]
        assert [(row["term"], row["entries"]) for row in rows] == [("AI", 2), ("t1", 1), ("t2", 1)]
        assert {(row["language"], row["kind"], row["format"]) for row in rows} == {
            ("ko", "tag", "json")
        }
        assert (
            blog.get("/api/feeds?kind=site&language=ja&format=rss").json["feeds"][0]["term"] is None
        )

    @pytest.mark.parametrize(
        ("query", "parameter"),
        [("language=fr", "language"), ("kind=tags", "kind"), ("format=xml", "format"),
         ("lang=ja", "lang"), ("kind=tag&kind=tag", "kind")],
    )  # fmt: skip
    def test_a_wrong_filter_is_named(self, blog: Blog, query: str, parameter: str) -> None:
        response = blog.get(f"/api/feeds?{query}")
        assert response.status_code == 400
        assert response.json["parameter"] == parameter

    def test_it_is_made_again_only_when_something_changed(
        self, blog: Blog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = blog.get("/api/feeds")
        directory = blog.parts.directory
        monkeypatch.setattr(type(directory), "_rows", lambda _: pytest.fail("made again"))
        again = blog.get("/api/feeds", headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
        assert blog.get("/api/feeds?kind=tag").status_code == 200
        monkeypatch.undo()
        blog.write("2026-01-03-p3.md")
        blog.look()
        changed = blog.get("/api/feeds", headers={"If-None-Match": first.headers["ETag"]})
        assert changed.status_code == 200


class TestDescription:
    def test_every_path_is_described_as_this_service_has_it(self, blog: Blog) -> None:
        document = blog.get("/openapi.json").json
        assert document["openapi"].startswith("3.1")
        assert document["servers"] == [{"url": SITE}]
        values = {"language": "ja", "format": "atom", "plural": "tags", "term": "ai"}
        for path, node in document["paths"].items():
            status = blog.get(path.format(number=1, **values)).status_code
            assert status == 200 or (path == "/readyz" and status == 503), path
            assert str(status) in node["get"]["responses"], path

    def test_every_feed_page_and_report_for_programs_is_described(self, blog: Blog) -> None:
        """Pages of posts and lists are for people, discovery has its own formats."""
        described = set(blog.get("/openapi.json").json["paths"])
        for rule in blog.app.url_map.iter_rules():
            blueprint = rule.endpoint.partition(".")[0]
            if blueprint in ("feeds", "feed_menu", "health", "status"):
                path = re.sub(r"<(?:[^:<>]*:)?(\w+)>", r"{\1}", rule.rule)
                assert path in described, path

    def test_programs_that_know_the_host_only_are_led_to_it(self, blog: Blog) -> None:
        response = blog.get("/.well-known/api-catalog")
        assert response.mimetype == "application/linkset+json"
        [found] = json.loads(response.data)["linkset"]
        [description] = found["service-desc"]
        assert blog.get(description["href"].removeprefix(SITE)).json["openapi"]
        assert 'rel="service-desc"' in blog.get("/api/feeds").headers["Link"]
        head = blog.client.head("/.well-known/api-catalog")
        assert 'rel="api-catalog"' in ",".join(head.headers.getlist("Link"))


class TestRobots:
    @pytest.mark.parametrize("prefix", ["", "/blog"])
    def test_robots_may_fetch_feeds_and_not_endless_pages(self, blog: Blog, prefix: str) -> None:
        blog.with_settings(site_url=SITE + prefix)
        response = blog.get("/robots.txt")
        assert response.mimetype == "text/plain"
        rules = Protego.parse(response.text)

        def may(path: str) -> bool:
            allowed: bool = rules.can_fetch(SITE + prefix + path, "AnyBot")
            return allowed

        for path in (
            "/ja/feed.atom", "/ko/tags/ai/feed.rss", "/ja/feed.json?tag=ai&tag=t1", "/opml.xml",
            "/ja/feed.rss?q=x", "/ja/feed.rss?page=2", "/ja/", "/ja/?page=2", "/en/tags/ai/",
            "/en/posts/p1/", "/ja/tags/ai/?page=3", "/api/feeds", "/openapi.json", "/static/x.css",
        ):  # fmt: skip
            assert may(path), path
        for path in ("/ja/?q=x", "/ja/?tag=ai&tag=t1", "/ko/tags/ai/?q=x", "/ja/feed.html?tag=a"):
            assert not may(path), path
