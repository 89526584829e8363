"""Search: in the language of the feed, without dictionaries, among finished entries only."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from feeds.store.forgetting import forget_removed
from infra.database import writing
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


def test_another_worker_follows_what_this_one_has_indexed(blog: Blog) -> None:
    other = Blog(blog.settings.state_dir.parent)  # a worker beside it
    other.look()
    for worker in (blog, other, blog):
        assert slugs(worker, "京都") == ["kyoto", "tokyo"]
        assert slugs(worker, "서울") == ["seoul"]
    for name in ("2026-01-03-seoul.md", "2026-01-01-tokyo.md"):
        blog.write(name, "京都へ")
    for worker in (other, blog):
        worker.look()
        assert slugs(worker, "京都") == ["seoul", "kyoto", "tokyo"]
        assert slugs(worker, "서울") == []


@pytest.mark.parametrize(
    ("few", "many", "large", "looks"),
    [(0, 0, 9, 1), (1, 9, 9, 0), (0, 9, 0, 0), (0, 0, 0, 0), (0, 0, 0, 5), (9, 9, 0, 5)],
)
def test_what_many_texts_may_hold_is_found_like_what_few_do(
    blog: Blog, monkeypatch: pytest.MonkeyPatch, few: int, many: int, large: int, looks: int
) -> None:
    values = {"FEW": few, "MANY": many, "LARGE": large, "LOOKS": looks, "LOOK": 1}
    for name, value in values.items():
        monkeypatch.setattr(f"feeds.builder.search.{name}", value)
    for query, found in (
        ("京都", ["kyoto", "tokyo"]),
        ("人工知能", ["tokyo"]),
        ("만난 서울", ["seoul"]),
        ("abc", []),
    ):
        assert slugs(blog, query) == found
    assert slugs(blog, "都", more="&limit=1&page=2") == ["tokyo"]


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

    def test_of_tags_categories_and_authors_are_found(self, blog: Blog) -> None:
        blog.write("2026-01-05-a.md", "文。", tags="[量子計算]", categories="[日記]")
        blog.write("2026-01-06-b.md", "文。", author="結城あかり")
        blog.look()
        assert slugs(blog, "量子") == ["a"]
        assert slugs(blog, "日記") == ["a"]
        assert slugs(blog, "結城") == ["b"]

    @pytest.mark.parametrize("query", ["ディープラーニング", "ディープ・ラーニング", "ﾃﾞｨｰﾌﾟ･ﾗｰﾆﾝｸﾞ"])
    def test_in_katakana_are_found_however_they_are_parted(self, blog: Blog, query: str) -> None:
        for name, text in (("a", "・"), ("b", " "), ("c", ""), ("d", "\n")):
            blog.write(f"2026-01-05-{name}.md", f"ディープ{text}ラーニングの話。")
        blog.look()
        assert sorted(slugs(blog, query)) == ["a", "b", "c", "d"]
        assert sorted(slugs(blog, "ディープ ラーニング")) == ["a", "b", "c", "d"]

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

    def test_say_when_the_texts_are_still_being_read(
        self, blog: Blog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(blog.parts.builder.search, "prepare", lambda language: False)
        response = blog.get("/ja/feed.rss?q=x")
        assert response.status_code == 200
        assert response.headers["X-Translation-State"] == "partial"
        assert response.headers["Cache-Control"] == "public, max-age=60"
        monkeypatch.undo()
        assert blog.get("/ja/feed.rss?q=x").headers["X-Translation-State"] == "complete"


def test_texts_of_an_earlier_release_are_made_anew(blog: Blog) -> None:
    with writing(blog.site.engine) as db:
        for name in ("grams", "texts", "posts", "progress"):
            db.exec_driver_sql(f"DROP TABLE search_{name}")
        for name, column in (("texts", "text TEXT"), ("signatures", "signature BLOB")):
            db.exec_driver_sql(
                f"CREATE TABLE search_{name} (language TEXT, post_key TEXT, made_of TEXT, {column})"
            )
        db.exec_driver_sql("INSERT INTO search_texts VALUES ('ja', '2026-01-01:tokyo', 'x', 'x')")
        db.exec_driver_sql("UPDATE alembic_version SET version_num = '0005'")
    blog.open()
    blog.look()
    assert slugs(blog, "東京") == ["tokyo"]


class TestANewWorker:
    def test_compares_no_post_that_has_not_changed(
        self, blog: Blog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert slugs(blog, "東京") == ["tokyo"]
        blog.write("2026-01-02-kyoto.md", "奈良の鹿。", title="鹿")
        blog.open()
        blog.look()
        search, compared = blog.parts.builder.search, list[str]()
        made_of = search._made_of
        monkeypatch.setattr(
            search, "_made_of", lambda post, *a: compared.append(post.key) or made_of(post, *a)
        )
        assert slugs(blog, "奈良") == ["kyoto"]
        assert compared == ["2026-01-02:kyoto"]

    def test_finds_what_changed_while_none_ran(self, blog: Blog) -> None:
        blog.get("/ko/feed.atom")
        blog.translate()
        korean = blog.feed("/ko/feed.atom").entries[-1].title
        assert slugs(blog, "京都") == ["kyoto", "tokyo"]
        assert slugs(blog, korean, "ko") == ["tokyo"]
        blog.write("2026-01-01-tokyo.md", "大阪で会議。", title="大阪")
        blog.write("2026-01-04-new.md", "京都タワー。")
        blog.remove("2026-01-03-seoul.md")
        blog.open()
        blog.look()
        assert slugs(blog, "京都") == ["new", "kyoto"]
        assert slugs(blog, "大阪") == ["tokyo"]
        assert slugs(blog, "서울") == []
        assert slugs(blog, korean, "ko") == ["tokyo"]  # until the new text is translated
        blog.get("/ko/feed.atom")
        blog.translate()
        blog.open()
        blog.look()
        assert slugs(blog, korean, "ko") == []
        assert len(slugs(blog, blog.feed("/ko/feed.atom").entries[-1].title, "ko")) == 1

    def test_finds_a_post_that_comes_back(self, blog: Blog) -> None:
        assert slugs(blog, "東京") == ["tokyo"]
        blog.remove("2026-01-01-tokyo.md")
        blog.look()
        assert slugs(blog, "東京") == []
        forget_removed(blog.site.engine, time.time() + 1)
        blog.write("2026-01-01-tokyo.md", "東京都で人工\n知能の会議。", title="会議", tags="[AI]")
        blog.open()
        blog.look()
        assert slugs(blog, "東京") == ["tokyo"]

    def test_follows_the_settings(self, tmp_path: Path) -> None:
        config = tmp_path / "posts" / "_config.yml"
        config.parent.mkdir()
        config.write_text("title: 山田の日記\n", "utf-8")
        blog = Blog(tmp_path)
        blog.write("_posts/2026-01-05-a.md", "東京。", author="結城あかり")
        blog.look()
        assert slugs(blog, "Yuki") == []
        assert slugs(blog, "東京", "en") == []
        blog.with_settings(author_names={"結城あかり": {"ja": "Yuki Akari"}})
        blog.look()
        assert slugs(blog, "Yuki") == ["a"]
        assert slugs(blog, "東京", "en") == []
        defaults = "defaults: [{scope: {path: ''}, values: {lang: en}}]\n"
        config.write_text(f"title: 山田の日記\n{defaults}", "utf-8")
        blog.open()
        blog.look()
        assert slugs(blog, "東京", "en") == ["a"]

    def test_with_an_older_file_leaves_the_newer_text(self, blog: Blog, tmp_path: Path) -> None:
        """A copy of the folder on another node lags behind."""
        assert slugs(blog, "東京") == ["tokyo"]
        other = Blog(blog.settings.state_dir.parent)
        copy = tmp_path / "copy"
        shutil.copytree(blog.settings.posts_dir, copy)
        other.with_settings(posts_dir=copy)
        other.look()
        blog.write("2026-01-01-tokyo.md", "大阪で会議。", title="会議")
        blog.look()
        response = other.get(f"/ja/feed.atom?q={quote('東京')}")  # follows the ledger, not the file
        assert response.headers["X-Translation-State"] == "partial"
        assert slugs(blog, "大阪") == ["tokyo"]
        assert slugs(blog, "東京") == []
        assert blog.get(f"/ja/feed.atom?q={quote('大阪')}").headers[
            "X-Translation-State"
        ] == "complete"  # fmt: skip


class TestHits:
    def test_are_counted_on_all_pages_in_every_format(self, blog: Blog) -> None:
        query = f"?q={quote('京都')}&limit=1"
        for name in ("atom", "rss"):
            body = blog.get(f"/ja/feed.{name}{query}").text
            assert "<opensearch:totalResults>2</opensearch:totalResults>" in body
        assert blog.get(f"/ja/feed.json{query}").json["_feedglot"]["hits"] == 2
        assert blog.get("/ja/feed.json?q=none").json["_feedglot"]["hits"] == 0
        assert "hits" not in blog.get("/ja/feed.json").json["_feedglot"]
        assert "opensearch" not in blog.get("/ja/feed.rss").text

    def test_on_another_page_change_the_feed(self, blog: Blog) -> None:
        path = f"/ja/feed.json?q={quote('京都')}&limit=1"
        before = blog.get(path)
        blog.write("2025-01-01-old.md", "京都の昔。")
        blog.look()
        after = blog.get(path, headers={"If-None-Match": before.headers["ETag"]})
        assert after.status_code == 200
        assert after.json["_feedglot"]["hits"] == 3

    def test_of_a_term_are_its_own(self, blog: Blog) -> None:
        path = f"/ja/tags/ai/feed.json?q={quote('京都')}"
        assert blog.get(path).json["_feedglot"]["hits"] == 1

    def test_too_many_to_look_through_are_counted_by_the_index_or_not(
        self, blog: Blog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("feeds.builder.search.FEW", 1)
        for module in ("model.search_text", "store.search_index"):
            monkeypatch.setattr(f"feeds.{module}.WHOLE", 9)
        blog.write("2026-01-01-tokyo.md", "人工\n知能の会議は東京都で。", title="会議")
        blog.write("2026-01-09-long.md", "長い文のある記事で、あの町は出てこない。", title="長い文")
        blog.look()
        assert "hits" not in blog.get(f"/ja/feed.json?q={quote('京都')}").json["_feedglot"]
        assert "2件見つかりました" in blog.get(f"/ja/?q={quote('京都')}").text
        blog.write("2026-01-06-b.md", "人工知能")
        blog.look()
        page = blog.get(f"/ja/?q={quote('人工知能')}").text
        assert "多数の記事が見つかりました" in page


class TestPages:
    def test_show_hits_with_the_words_marked(self, blog: Blog) -> None:
        blog.write("2026-01-05-a.md", "前置き。" * 50 + "<b>ＣＡＦＥ</b> & <i>x</i>", title="x")
        blog.look()
        page = blog.get("/ja/?q=cafe").text
        assert "2件見つかりました" in page
        assert "<mark>ＣＡＦＥ</mark> &amp; x" in page
        assert "桜と<mark>ＣＡＦＥ</mark>" in page

    def test_mark_the_title_and_nothing_unasked(self, blog: Blog) -> None:
        assert ">会<mark>議</mark></a>" in blog.get(f"/ja/?q={quote('議')}").text
        assert "<mark>" not in blog.get("/ja/").text

    def test_escape_what_is_marked(self, blog: Blog) -> None:
        blog.write("2026-01-05-a.md", "a &lt;script&gt; b", title="'<script>'")
        blog.look()
        page = blog.get(f"/ja/?q={quote('<script>')}").text
        assert "<mark>&lt;script&gt;</mark>" in page
        assert "<mark><script>" not in page

    def test_say_while_texts_are_missing_in_the_index(
        self, blog: Blog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(blog.parts.builder.search, "prepare", lambda language: False)
        assert "索引を作成中" in blog.get("/ja/?q=x").text
        monkeypatch.undo()
        assert "索引を作成中" not in blog.get("/ja/?q=x").text

    def test_have_no_older_page_than_the_last_with_hits(self, blog: Blog) -> None:
        path = f"/ja/?q={quote('京都')}&limit=1"
        assert 'rel="next"' in blog.get(path).text
        assert 'rel="next"' not in blog.get(path + "&page=2").text
