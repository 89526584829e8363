"""Feeds in other languages: what they hold before, while and after posts are translated."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import update

from tests.support.blog import SITE, Blog, filled
from translate.jobs.queue import Job
from translate.jobs.tables import results


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
        assert entry.updated_parsed == entry.published_parsed

    def test_a_first_translation_is_dated_as_its_original(self, blog: Blog) -> None:
        filled(blog, 2)
        blog.write("2026-01-03-stated.md", last_modified_at="2026-02-01 12:00:00")
        blog.look()
        for language in ("en", "ko"):
            blog.get(f"/{language}/feed.atom")
        blog.translate()
        dates = {
            language: [
                (item["date_published"], item["date_modified"])
                for item in blog.get(f"/{language}/feed.json").get_json()["items"]
            ]
            for language in ("ja", "en", "ko")
        }
        assert dates["en"] == dates["ko"] == dates["ja"]
        assert dates["ja"][0][1] == "2026-02-01T12:00:00+00:00"
        assert blog.feed("/en/feed.atom").feed.updated == blog.feed("/ja/feed.atom").feed.updated
        # An edit that its author does not date moves neither the original nor a translation.
        blog.write("2026-01-03-stated.md", "別の文です。", last_modified_at="2026-02-01 12:00:00")
        blog.look()
        blog.get("/en/feed.atom")
        blog.translate()
        kept = blog.get("/en/feed.json").get_json()["items"]
        assert kept[0]["date_modified"] == dates["ja"][0][1]
        # One that has a later date is a change, dated when its translation was finished.
        blog.write("2026-01-03-stated.md", "また別の文。", last_modified_at="2026-02-02 12:00:00")
        blog.look()
        blog.get("/en/feed.atom")
        blog.translate()
        changed = blog.get("/en/feed.json").get_json()["items"]
        assert changed[0]["date_modified"] > "2026-02-03"
        assert [item["date_modified"] for item in changed[1:]] == [at for _, at in dates["ja"][1:]]

    def test_entries_that_an_older_version_served_keep_their_dates(self, blog: Blog) -> None:
        filled(blog, 2)
        older = datetime(2026, 6, 1, 7, 30, tzinfo=UTC)
        for post in blog.site.catalogue.posts:  # asked for and finished without a date of the text
            source = blog.site.documents.source(post, "en")
            assert source is not None
            job = Job(
                post_key=post.key,
                language="en",
                source_digest=source.digest,
                document=source.document,
            )
            blog.site.queue.request([job], urgency=0, now=0)
        blog.translate()
        with blog.site.engine.begin() as connection:
            connection.execute(update(results).values(completed_at=older.timestamp()))
        blog.open()
        blog.look()

        def dates() -> set[str]:
            items = blog.get("/en/feed.json").get_json()["items"]
            return {item["date_modified"] for item in items}

        assert dates() == {older.isoformat()}
        blog.upgrade("2.0", ("en",))
        assert blog.translate() == 2
        assert dates() == {older.isoformat()}

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

    def test_newest_posts_are_translated_before_a_request(self, blog: Blog) -> None:
        filled(blog, 3)
        blog.requests.prewarm()
        assert blog.translate() == 6
        assert blog.get("/en/feed.rss").headers["X-Translation-State"] == "complete"


def test_links_lead_to_where_the_text_is_shown(tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    for day in (1, 2):  # the same text, twice
        blog.write(f"2026-01-0{day}-p{day}.md", "注です[^1]。[図](fig.png)\n\n[^1]: 脚注。")
    blog.look()
    shown = {
        (post.key, language): blog.site.localizer.original(post, language)
        for post in blog.site.catalogue.posts
        for language in ("ja", "en")
    }
    assert len({entry.html for entry in shown.values()}) == len(shown) == 4
    for (key, _), entry in shown.items():
        assert f'href="{entry.url}#' in entry.html
        original = shown[key, "ja"].url
        assert f'href="{original.rpartition("/")[0]}/fig.png"' in entry.html
