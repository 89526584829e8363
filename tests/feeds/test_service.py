"""The service as its users meet it: what URLs answer, and what feeds say over time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from blog import SITE, Blog

from feeds import conditional


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    return Blog(tmp_path)


def filled(blog: Blog, count: int = 3) -> Blog:
    for n in range(1, count + 1):
        blog.write(
            f"2026-01-{n:02}-post-{n}.md",
            f"第{n}段落です。数字は{n}75%です。",
            tags=f"[AI, 最新ニュース, t{n}]",
            categories="[技術]",
            author="編集部",
        )
    blog.look()
    return blog


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
        blog.write("2026-01-01-a.md")
        images = blog.settings.posts_dir / "images"
        images.mkdir()
        (images / "x.png").write_bytes(b"\x89PNG")
        blog.look()
        assert blog.get("/ja/posts/a/images/x.png").data == b"\x89PNG"
        assert blog.get("/ja/posts/a/2026-01-01-a.md").status_code == 404
        assert blog.get("/ja/posts/a/../../etc/x.png").status_code == 404


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

    @pytest.mark.parametrize("path", ["/feed", "/feed/", "/feed.xml", "/rss.xml", "/atom.xml"])
    def test_habits_are_led_to_the_site_feed(self, blog: Blog, path: str) -> None:
        response = filled(blog).get(path)
        assert response.status_code == 301
        assert blog.get(response.headers["Location"]).status_code == 200

    def test_habits_of_tags_too(self, blog: Blog) -> None:
        response = filled(blog).get("/tag/AI/feed/")
        assert response.status_code == 301
        assert response.headers["Location"] == "/ja/tags/ai/feed.rss"


class TestConditionalRequests:
    @pytest.mark.parametrize("encoding", ["", "gzip", "br", "zstd"])
    def test_a_reader_that_has_the_feed_gets_304(self, blog: Blog, encoding: str) -> None:
        filled(blog, 5)
        headers = {"Accept-Encoding": encoding} if encoding else {}
        first = blog.get("/ja/feed.atom", headers=headers)
        assert first.headers.get("Content-Encoding", "") == encoding
        etag = first.headers["ETag"]
        assert etag.startswith('"')
        for known in (etag, f'"x", {etag}', f"W/{etag}", "*"):
            again = blog.get("/ja/feed.atom", headers={**headers, "If-None-Match": known})
            assert again.status_code == 304, known
            assert again.data == b""
            assert again.headers["ETag"] == etag
            assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
            assert again.headers["Vary"] == first.headers["Vary"]

    def test_each_encoding_has_an_etag_of_its_own(self, blog: Blog) -> None:
        filled(blog, 5)
        etags = {
            blog.get("/ja/feed.atom", headers={"Accept-Encoding": encoding}).headers["ETag"]
            for encoding in ("identity", "gzip", "br", "zstd")
        }
        assert len(etags) == 4

    def test_if_none_match_wins_over_the_date(self, blog: Blog) -> None:
        filled(blog)
        modified = blog.get("/ja/feed.rss").headers["Last-Modified"]
        both = {"If-Modified-Since": modified, "If-None-Match": '"other"'}
        assert blog.get("/ja/feed.rss", headers=both).status_code == 200
        assert blog.get("/ja/feed.rss", headers={"If-Modified-Since": modified}).status_code == 304

    def test_a_date_is_told_once_nothing_can_share_its_second(
        self, blog: Blog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        filled(blog)
        monkeypatch.setattr(conditional, "UNSETTLED", timedelta(seconds=2))
        assert "Last-Modified" not in blog.get("/ja/feed.rss").headers
        monkeypatch.setattr(conditional, "UNSETTLED", timedelta(hours=-1))
        assert "Last-Modified" in blog.get("/ja/feed.rss").headers

    def test_head_tells_what_get_would(self, blog: Blog) -> None:
        filled(blog)
        get, head = blog.get("/ja/feed.json"), blog.client.head("/ja/feed.json")
        assert head.data == b""
        for name in ("ETag", "Content-Length", "Content-Type", "Last-Modified", "Vary"):
            assert head.headers[name] == get.headers[name]

    def test_the_same_posts_give_the_same_bytes_after_a_restart(self, blog: Blog) -> None:
        filled(blog)
        before = blog.get("/ja/feed.rss")
        blog.open()
        blog.look()
        after = blog.get("/ja/feed.rss")
        assert (after.data, after.headers["ETag"], after.headers["Last-Modified"]) == (
            before.data,
            before.headers["ETag"],
            before.headers["Last-Modified"],
        )

    def test_an_edit_elsewhere_leaves_a_feed_alone(self, blog: Blog) -> None:
        filled(blog)
        paths = ["/ja/tags/t1/feed.rss", "/ja/tags/t2/feed.rss"]
        before = [blog.get(path).headers["ETag"] for path in paths]
        blog.write("2026-01-02-post-2.md", "別の文。", tags="[AI, 最新ニュース, t2]")
        blog.look()
        after = [blog.get(path).headers["ETag"] for path in paths]
        assert after[0] == before[0]
        assert after[1] != before[1]


class TestTranslatedFeeds:
    def test_hold_grow_settle(self, blog: Blog) -> None:
        filled(blog)
        cold = blog.get("/ko/feed.atom")
        assert cold.status_code == 200
        assert cold.headers["X-Translation-State"] == "partial"
        assert cold.headers["X-Translation-Ready"] == "0/3"
        assert cold.headers["Cache-Control"] == "public, max-age=60"
        assert blog.feed("/ko/feed.atom").entries == []
        assert blog.translate() == 3
        warm = blog.get("/ko/feed.atom")
        assert warm.headers["X-Translation-State"] == "complete"
        assert warm.headers["Cache-Control"] == "public, max-age=1800"
        assert blog.get("/ko/feed.atom").data == warm.data
        blog.open()
        blog.look()
        assert blog.get("/ko/feed.atom").data == warm.data

    def test_entries_are_in_the_language_with_their_own_ids_and_the_original_beside(
        self, blog: Blog
    ) -> None:
        filled(blog, 1)
        blog.get("/en/feed.atom")
        blog.translate()
        feed = blog.feed("/en/feed.atom")
        entry = feed.entries[0]
        assert feed.feed.language == "en"
        assert entry.id == "tag:feeds.example,2026-01-01:post-1/en"
        assert entry.link == f"{SITE}/en/posts/post-1/"
        via = [link for link in entry.links if link.rel == "via"]
        assert [link.href for link in via] == [f"{SITE}/ja/posts/post-1/"]
        assert "175%" in entry.content[0].value
        assert entry.published_parsed[:3] == (2026, 1, 1)
        assert entry.updated_parsed > entry.published_parsed

    def test_asking_twice_translates_once(self, blog: Blog) -> None:
        filled(blog)
        for _ in range(3):
            blog.get("/ko/feed.rss")
            blog.get("/ko/tags/ai/feed.json")
        assert blog.translate() == 3

    def test_while_an_edited_post_is_translated_again_the_old_entry_stays(self, blog: Blog) -> None:
        filled(blog, 2)
        blog.get("/ko/feed.atom")
        blog.translate()
        before = blog.feed("/ko/feed.atom").entries
        blog.write("2026-01-02-post-2.md", "まったく新しい文です。99%です。", title="新しい題")
        blog.look()
        stale = blog.get("/ko/feed.atom")
        assert stale.headers["X-Translation-State"] == "stale"
        held = blog.feed("/ko/feed.atom").entries
        assert [(e.id, e.updated, e.content) for e in held] == [
            (e.id, e.updated, e.content) for e in before
        ]
        assert blog.translate() == 1
        after = blog.feed("/ko/feed.atom").entries
        assert after[0].id == before[0].id
        assert after[0].updated_parsed >= before[0].updated_parsed
        assert "99%" in after[0].content[0].value
        assert after[0].published == before[0].published

    def test_a_persons_version_has_the_last_word_and_needs_no_machine(self, blog: Blog) -> None:
        filled(blog, 1)
        blog.write("2026-01-01-post-1.ko.md", "사람이 옮긴 글.", title="사람의 제목")
        blog.look()
        entry = blog.feed("/ko/feed.atom").entries[0]
        assert entry.title == "사람의 제목"
        assert "사람이 옮긴 글." in entry.content[0].value
        assert "contributors" not in entry

    def test_a_version_with_a_title_only_leaves_the_rest_to_the_machine(self, blog: Blog) -> None:
        filled(blog, 1)
        path = blog.settings.posts_dir / "2026-01-01-post-1.ko.md"
        path.write_text("---\ntitle: 사람의 제목\n---\n", "utf-8")
        blog.look()
        assert blog.feed("/ko/feed.atom").entries == []
        blog.translate()
        entry = blog.feed("/ko/feed.atom").entries[0]
        assert entry.title == "사람의 제목"
        assert "175%" in entry.content[0].value

    def test_without_a_path_the_original_is_shown_and_marked(self, blog: Blog) -> None:
        blog.write("2026-01-01-a.md", "Hello there, dear readers.", lang="en", title="Hello")
        blog.look()
        assert blog.feed("/ja/feed.atom").entries == []
        blog.translate()
        response = blog.get("/ja/feed.atom")
        assert response.headers["X-Translation-State"] == "complete"
        entry = blog.feed("/ja/feed.atom").entries[0]
        assert entry.title == "Hello"
        assert "untranslated" in [t.term for t in entry.tags]
        assert entry.content[0].language == "en"

    def test_a_script_may_insist_on_completeness(self, blog: Blog) -> None:
        filled(blog, 1)
        response = blog.get("/ko/feed.json?require=complete")
        assert response.status_code == 503
        assert response.headers["Retry-After"]
        assert response.mimetype == "application/problem+json"
        assert response.headers["Cache-Control"] == "no-store"
        blog.translate()
        response = blog.get("/ko/feed.json?require=complete")
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "no-store"

    def test_a_new_post_does_not_push_finished_entries_out(self, blog: Blog) -> None:
        blog.with_settings(limit=2)
        filled(blog, 2)
        blog.get("/ko/feed.atom")
        blog.translate()
        blog.write("2026-01-09-new.md")
        blog.look()
        ids = [e.id for e in blog.feed("/ko/feed.atom").entries]
        assert ids == [f"tag:feeds.example,2026-01-0{n}:post-{n}/ko" for n in (2, 1)]
        blog.translate()
        ids = [e.id for e in blog.feed("/ko/feed.atom").entries]
        assert ids == [
            "tag:feeds.example,2026-01-09:new/ko",
            "tag:feeds.example,2026-01-02:post-2/ko",
        ]

    def test_newest_posts_are_translated_before_anybody_asks(self, blog: Blog) -> None:
        filled(blog, 3)
        blog.site.prewarm()
        assert blog.translate() == 6
        assert blog.get("/en/feed.rss").headers["X-Translation-State"] == "complete"


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
