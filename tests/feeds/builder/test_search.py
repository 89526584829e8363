"""Search: in the language of the feed, without dictionaries, among finished entries only."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.builder.search import fold, searchable, signature
from feeds.model.feed import Entry
from tests.support.blog import Blog


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(tmp_path)
    blog.write("2026-01-01-tokyo.md", "東京都で人工\n知能の会議。", title="会議", tags="[AI]")
    blog.write("2026-01-02-kyoto.md", "京都の**桜**とＣＡＦＥ。", title="桜", excerpt="春の知らせ")
    blog.write("2026-01-03-seoul.md", "서울에서 만난 이야기. ab bc", title="ソウル")
    blog.look()
    return blog


def slugs(blog: Blog, query: str, language: str = "ja", more: str = "") -> list[str]:
    feed = blog.feed(f"/{language}/feed.atom?q={quote(query, safe='')}{more}")
    return [entry.id.rpartition(":")[2].rpartition("/")[0] for entry in feed.entries]


def test_beyond_the_signatures_that_are_held_the_others_are_read(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.builder.search.CHUNK", 1)
    monkeypatch.setattr("feeds.builder.search.HELD", 1)
    other = Blog(blog.settings.state_dir.parent)  # a worker beside it
    other.look()
    for worker in (blog, other, blog):
        assert slugs(worker, "京都") == ["kyoto", "tokyo"]
        assert slugs(worker, "서울") == ["seoul"]
    (held,) = blog.parts.builder.search._signatures["ja"].values()
    assert held
    for name in ("2026-01-03-seoul.md", "2026-01-01-tokyo.md"):  # one that is held, one that isn't
        blog.write(name, "京都へ")
    for worker in (other, blog):
        worker.look()
        assert slugs(worker, "京都") == ["seoul", "kyoto", "tokyo"]
        assert slugs(worker, "서울") == []


class TestWords:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("東京", ["tokyo"]),
            ("京都", ["kyoto", "tokyo"]),  # 東京都 holds it: there are no dictionaries here
            ("都", ["kyoto", "tokyo"]),
            ("人工知能", ["tokyo"]),  # across the end of a source line
            ("桜とＣＡ", ["kyoto"]),  # across inline markup, in any width
            ("cafe", ["kyoto"]),
            ("春の", ["kyoto"]),  # the excerpt
            ("서울", ["seoul"]),  # without its particle
            ("만난 서울", ["seoul"]),  # every word, in any order
            ("서울 東京", []),
            ("abc", []),  # though every pair of its letters is there
            ("strong", []),  # markup is no text
        ],
    )
    def test_are_found_as_they_stand(self, blog: Blog, query: str, found: list[str]) -> None:
        assert slugs(blog, query) == found

    def test_combine_with_terms_and_pages(self, blog: Blog) -> None:
        assert slugs(blog, "京都", more="&limit=1") == ["kyoto"]
        assert slugs(blog, "京都", more="&limit=1&page=2") == ["tokyo"]
        blog_tag = blog.feed(f"/ja/tags/ai/feed.rss?q={quote('京都')}")
        assert len(blog_tag.entries) == 1

    def test_more_than_ten_are_refused(self, blog: Blog) -> None:
        response = blog.get("/ja/feed.atom?q=" + "+".join("abcdefghijk"))
        assert response.status_code == 400
        assert response.json["parameter"] == "q"


class TestLanguages:
    def test_a_query_searches_the_finished_texts_of_its_language(self, blog: Blog) -> None:
        assert slugs(blog, "東京", "ko") == []
        assert blog.translate() == 0  # what is not translated cannot match, and is not asked for
        blog.get("/ko/feed.atom")
        blog.translate()
        korean = blog.feed("/ko/feed.atom").entries[-1].title
        assert slugs(blog, korean, "ko") == ["tokyo"]
        assert slugs(blog, "東京", "ko") == []

    def test_a_persons_version_is_found_by_its_words(self, blog: Blog) -> None:
        blog.write("2026-01-01-tokyo.ko.md", "도쿄의 회의.", title="회의")
        blog.look()
        assert slugs(blog, "도쿄", "ko") == ["tokyo"]


class TestFeeds:
    def test_follow_edits_new_posts_and_removals(self, blog: Blog) -> None:
        assert slugs(blog, "東京") == ["tokyo"]
        blog.write("2026-01-01-tokyo.md", "大阪で会議。", title="会議")
        blog.write("2026-01-04-new.md", "東京タワー。")
        blog.remove("2026-01-03-seoul.md")
        blog.look()
        assert slugs(blog, "東京") == ["new"]
        assert slugs(blog, "서울") == []

    def test_are_cached_and_compared_like_any_other(self, blog: Blog) -> None:
        path = f"/ja/feed.rss?q={quote('京都')}"
        first = blog.get(path)
        assert first.headers["Cache-Control"] == "public, max-age=1800"
        blog.write("2026-01-09-other.md", "関係のない話。")
        blog.look()
        again = blog.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304

    def test_survive_a_restart_without_reading_the_posts_again(
        self, blog: Blog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert slugs(blog, "東京") == ["tokyo"]
        blog.open()
        blog.look()
        composed: list[object] = []
        search = blog.parts.builder.search
        monkeypatch.setattr(search, "_compose", lambda *a: composed.append(a) or iter(()))
        assert slugs(blog, "東京") == ["tokyo"]
        assert composed == []

    def test_say_when_the_texts_are_still_being_read(
        self, blog: Blog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(blog.parts.builder.search, "prepare", lambda *a, **k: False)
        response = blog.get("/ja/feed.rss?q=x")
        assert response.status_code == 200
        assert response.headers["X-Translation-State"] == "partial"
        assert response.headers["Cache-Control"] == "public, max-age=60"
        monkeypatch.undo()
        assert blog.get("/ja/feed.rss?q=x").headers["X-Translation-State"] == "complete"


def entry(**texts: str) -> Entry:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    values = {"title": "", "summary": "", "html": ""} | texts
    return Entry(
        id="x", url="x", language="ja", published=when, updated=when, authors=(),
        categories=(), reading_time=1, **values,
    )  # fmt: skip


def test_readings_of_ruby_do_not_cut_words() -> None:
    ruby = "<p><ruby>人<rp>(</rp><rt>じん</rt><rp>)</rp></ruby><ruby>工<rt>こう</rt></ruby></p>"
    assert "人工" in searchable(entry(html=ruby))


def test_paragraphs_are_not_run_together() -> None:
    assert "東京" not in searchable(entry(html="<p>東</p><p>京</p>"))


@given(st.text(max_size=200), st.data())
def test_a_text_has_the_signature_of_each_of_its_parts(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    part = signature([text[start:end]])
    assert signature([text]) & part == part


@given(st.text(max_size=50))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
