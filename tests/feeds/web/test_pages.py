"""Pages without a browser: budgets, caching, headers, and what they say."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feeds.model.messages import say, say_day, say_reason, say_time, spoken, words
from feeds.web import charts, static_files
from feeds.web.post import readable
from feeds.web.tag_cloud import weigh
from tests.feeds.monitoring.test_access_log import beat
from tests.support.blog import SITE, Blog

NAVIGATION = {"Sec-Fetch-Dest": "document", "Accept": "text/html"}


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(tmp_path)
    for n in range(1, 4):
        blog.write(
            f"2026-01-{n:02}-post-{n}.md",
            f"第{n}段落です。",
            tags=f"[RSS, 最新ニュース, t{n}]",
            categories="[技術]",
            author="編集部",
        )
    blog.look()
    return blog


class TestBudget:
    def test_style_and_script_stay_below_30_kb(self) -> None:
        assert sum(len(asset.body) for asset in static_files.assets().values()) < 30_000

    def test_the_overview_of_a_large_site_stays_below_100_kb(self, blog: Blog) -> None:
        for n in range(150):
            blog.write(
                f"2025-{n % 12 + 1:02}-{n % 28 + 1:02}-p{n}.md",
                "長い本文です。" * 60,
                title=f"かなり長い題名をもつ{n}番目の記事についての考察",
                tags=f"[たぐのなまえ{n}, 長い名前のタグ{n % 40}]",
                categories=f"[分類{n % 30}]",
                author=f"書き手{n % 20}",
            )
        blog.look()
        assert len(blog.get("/ja/").data) < 100_000


class TestHeaders:
    def test_nothing_runs_or_loads_that_is_not_ours(self, blog: Blog) -> None:
        for path in ("/ja/", "/ja/posts/post-1/", "/status", "/ja/feed.html", "/ja/tags/"):
            page = blog.get(path)
            policy = page.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert page.headers["X-Content-Type-Options"] == "nosniff"
            assert page.headers["Referrer-Policy"]
            assert not re.search(r"<style|<script>|\sstyle=|\son\w+=", page.text), path
            loaded = re.findall(r'<(?:script|link rel="(?:stylesheet|icon)")[^>]+', page.text)
            assert all("//" not in tag for tag in loaded)

    def test_static_files_are_kept_for_a_year_until_they_change(self, blog: Blog) -> None:
        address = re.search(r'href="(/static/site.css\?v=\w+)"', blog.get("/ja/").text)
        assert address
        sheet = blog.get(address[1], headers={"Accept-Encoding": "br"})
        assert sheet.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert sheet.headers["Content-Encoding"] == "br"
        again = blog.get(
            address[1], headers={"If-None-Match": sheet.headers["ETag"], "Accept-Encoding": "br"}
        )
        assert again.status_code == 304
        assert "immutable" not in blog.get("/static/site.css?v=old").headers["Cache-Control"]
        assert blog.get("/static/../app.py").status_code == 404

    def test_the_icons_are_pictures(self, blog: Blog) -> None:
        named = re.findall(
            r'<link rel="(?:apple-touch-)?icon"[^>]*href="([^"]+)"', blog.get("/ja/").text
        )
        assert len(named) == 3
        for address in (*named, "/favicon.ico"):
            icon = blog.get(address)
            is_png = icon.data.startswith(b"\x89PNG")
            assert icon.headers["Content-Type"].startswith("image/png" if is_png else "image/svg")
            assert is_png != address.startswith("/static/icon.svg")

    def test_pages_are_conditional_as_feeds_are(self, blog: Blog) -> None:
        page = blog.get("/ja/tags/rss/")
        known = {"If-None-Match": page.headers["ETag"]}
        assert blog.get("/ja/tags/rss/", headers=known).status_code == 304


class TestFeedsInABrowser:
    @pytest.mark.parametrize("path", ["/ja/feed.rss", "/ja/tags/rss/feed.atom", "/ja/feed.json"])
    def test_a_browser_that_navigates_gets_a_page_and_a_reader_the_feed(
        self, blog: Blog, path: str
    ) -> None:
        page, feed = blog.get(path, headers=NAVIGATION), blog.get(path)
        assert page.mimetype == "text/html"
        assert f'value="{SITE}{path}"' in page.text
        assert feed.mimetype != "text/html"
        for answer in (page, feed):
            assert "Sec-Fetch-Dest" in answer.headers["Vary"]
        assert page.headers["ETag"] != feed.headers["ETag"]

    def test_an_archive_has_a_page_too_that_offers_the_feed_it_belongs_to(self, blog: Blog) -> None:
        blog.write("2026-01-01-a.md")
        blog.look()
        path = "/ja/archive/1/feed.atom"
        page, source = blog.get(path, headers=NAVIGATION), blog.get(path)
        assert page.mimetype == "text/html"
        assert f'value="{SITE}/ja/feed.atom"' in page.text
        assert source.mimetype == "application/atom+xml"
        assert page.headers["ETag"] != source.headers["ETag"]

    def test_the_source_is_shown_as_text(self, blog: Blog) -> None:
        source = blog.get("/ja/feed.rss?raw=1", headers=NAVIGATION)
        assert source.mimetype == "text/plain"
        assert source.data == blog.get("/ja/feed.rss").data
        assert blog.get("/ja/feed.rss?raw=1").mimetype == "application/rss+xml"

    def test_each_feed_has_a_page_of_its_own(self, blog: Blog) -> None:
        assert "RSS" in blog.get("/ko/tags/rss/feed.html").text
        assert blog.get("/ko/feed.html?tag=rss").status_code == 301
        assert blog.get("/ko/tags/none/feed.html").status_code == 404

    def test_a_persons_look_is_not_counted_as_a_readers(self, blog: Blog) -> None:
        blog.get("/ja/feed.rss", headers=NAVIGATION)
        blog.get("/ja/feed.rss")
        blog.parts.traffic.flush(0.0)
        report = blog.get("/api/status").json
        assert sum(hour["requests"] for hour in report["requests"]) == 1


class TestPages:
    def test_the_subscribe_control_offers_what_the_page_shows(self, blog: Blog) -> None:
        page = blog.get("/en/tags/rss/").text
        for format in ("rss", "atom", "json"):
            assert f'href="{SITE}/en/tags/rss/feed.{format}"' in page
        encoded = "https%3A%2F%2Ffeeds.example%2Fen%2Ftags%2Frss%2Ffeed.atom"
        assert f"https://feedly.com/i/subscription/feed%2F{encoded}" in page
        assert f'href="feed:{SITE}/en/tags/rss/feed.atom"' in page

    def test_a_title_of_the_original_names_its_language(self, blog: Blog) -> None:
        for path in ("/en/", "/en/feed.html"):
            assert '<h1 lang="ja">試験 (English)</h1>' in blog.get(path).text
        assert "<h1>Tag: RSS" in blog.get("/en/tags/rss/feed.html").text

    def test_the_language_switch_keeps_the_place(self, blog: Blog) -> None:
        for path in ("/{}/tags/rss/", "/{}/posts/post-1/", "/{}/?q=RSS", "/{}/tags/"):
            page = blog.get(path.format("ja")).text
            assert f'<a href="{path.format("ko")}" lang="ko"' in page

    def test_terms_that_go_with_a_term_lead_further(self, blog: Blog) -> None:
        assert 'href="/ja/?tag=rss&amp;tag=t1"' in blog.get("/ja/tags/rss/").text

    def test_packages_are_named_by_their_languages(self, blog: Blog) -> None:
        blog.get("/ko/feed.atom")
        blog.translate()
        beat(blog, 1.8e9, ("ja", "ko"))
        for path in ("/ko/posts/post-1/", "/status?lang=ko"):
            assert "일본어→한국어" in blog.get(path).text

    def test_an_error_speaks_the_language_of_the_address(self, blog: Blog) -> None:
        browser = {"Accept": "text/html"}
        missing = blog.get("/ko/tags/rsss/", headers=browser)
        assert missing.status_code == 404
        assert say("ko", "error_404") in missing.text
        assert f'href="{SITE}/ko/tags/rss/"' in missing.text
        assert 'name="q"' in missing.text
        wrong = blog.get("/ja/?limit=x", headers=browser)
        assert wrong.status_code == 400
        assert "<code>limit</code>" in wrong.text

    @pytest.mark.parametrize(
        ("path", "status", "details"),
        [
            ("/?limit=many", 400, {
                "en": "&#39;many&#39; is not a number from 1 to 100",
                "ja": "「many」は1から100までの数ではありません",
                "ko": "‘many’은(는) 1부터 100까지의 수가 아닙니다",
            }),
            ("/?tags=rss", 400, {"en": "did you mean tag?", "ja": "tagのことで", "ko": "tag 말씀"}),
            ("/tags/none/", 404, {"en": "no tag", "ja": "タグ「none」", "ko": "‘none’ 태그"}),
            ("/posts/none/", 404, {"en": "no post", "ja": "記事「none」", "ko": "‘none’ 글"}),
            ("/archive/9/feed.rss", 404, {"en": "no archive 9", "ja": "9はあり", "ko": "보관본 9"}),
        ],
    )  # fmt: skip
    def test_the_details_of_an_error_do_too_and_programs_read_english(
        self, blog: Blog, path: str, status: int, details: dict[str, str]
    ) -> None:
        for language, detail in details.items():
            page = blog.get(f"/{language}{path}", headers={"Accept": "text/html"})
            assert (page.status_code, detail in page.text) == (status, True), page.text
            assert 'lang="en"' not in page.text.partition("<main")[2].partition("</main>")[0]
            told = blog.get(f"/{language}{path}", headers={"Accept": "*/*"}).get_json()["detail"]
            assert details["en"].replace("&#39;", "'") in told

    def test_an_error_at_an_address_without_a_language_speaks_the_browsers(
        self, blog: Blog
    ) -> None:
        for language in ("ko", "en"):
            browser = {"Accept": "text/html", "Accept-Language": language}
            page = blog.get("/static/nothing.css", headers=browser)
            assert page.status_code == 404
            assert say(language, "why_no_static_file", value="nothing.css") in unescape(page.text)
            assert page.headers["Vary"] == "Accept, Accept-Language"

    def test_status_tells_the_time_of_the_blog(self, blog: Blog) -> None:
        blog.with_settings(timezone=ZoneInfo("Asia/Tokyo"))
        blog.look()
        page = blog.get("/status?lang=en").text
        shown = re.search(r"As of (\d+ \w+ \d{4} \d\d:\d\d:\d\d) JST", page)
        assert shown
        told = datetime.strptime(f"{shown[1]} +0900", "%d %B %Y %H:%M:%S %z")
        assert timedelta(0) <= datetime.now(UTC) - told < timedelta(minutes=5)
        blog.with_settings(timezone=UTC)
        assert re.search(r"\d\d:\d\d:\d\d UTC", blog.get("/status?lang=en").text)

    def test_the_state_of_a_post_has_the_time_of_the_next_check(self, blog: Blog) -> None:
        assert blog.get("/api/posts/ko/post-1").json["state"] == "pending"
        page = blog.get("/ko/posts/post-1/")
        assert page.headers["Cache-Control"] == "no-cache"
        assert 'data-state="/api/posts/ko/post-1"' in page.text
        blog.translate()
        assert blog.get("/api/posts/ko/post-1").json["state"] in ("ready", "failed")
        assert blog.get("/api/posts/ja/post-1").json["state"] == "ready"

    def test_status_names_no_path_to_a_stranger(self, blog: Blog) -> None:
        blog.write("2026-02-02-broken.md", date="yesterday")
        blog.look()
        stranger = {"REMOTE_ADDR": "192.0.2.7"}
        page = blog.get("/status?lang=en", environ_overrides=stranger).text
        assert "broken.md" not in page
        assert "1 set aside" in page
        assert "broken.md" in blog.get("/status?lang=en").text

    def test_status_names_better_packages_than_the_starters(self, tmp_path: Path) -> None:
        blog = Blog(tmp_path)
        better = blog.get("/api/status").json["better_models"]
        assert better["command"] == "flask models install ja en"
        assert f"{better['megabytes']} MB" in blog.get("/status?lang=en").text
        assert better["command"] in blog.get("/status?lang=ko").text

    def test_no_advice_for_another_engine(self, tmp_path: Path) -> None:
        blog = Blog(tmp_path, engine="fake")
        assert blog.get("/api/status").json["better_models"] is None
        assert "flask models install" not in blog.get("/status").text

    def test_wide_content_scrolls(self) -> None:
        html = '<p>a</p><table id="x"><tr><td>1</td></tr></table><pre><code>x</code></pre>'
        assert readable(html) == (
            '<p>a</p><div class="scroll" tabindex="0"><table id="x"><tr><td>1</td></tr></table>'
            '</div><pre tabindex="0"><code>x</code></pre>'
        )


class TestWords:
    def test_every_language_says_everything_with_the_same_blanks(self) -> None:
        def blanks(language: str) -> dict[str, set[str]]:
            found = {}
            for word, said in words(language).items():
                texts = [said] if isinstance(said, str) else list(said.values())
                fields = {f for text in texts for _, f, _, _ in string.Formatter().parse(text)}
                found[word] = {field for field in fields if field}
            return found

        assert set(spoken()) == {"en", "ja", "ko"}
        english = blanks("en")
        for language in ("ja", "ko"):
            known = blanks(language)
            assert known.keys() == english.keys()
            # English alone spells one out ("One sentence") and names its months.
            assert {w: b - {"m", "month"} for w, b in known.items()} == {
                w: b - {"m", "month"} for w, b in english.items()
            }

    def test_numbers_dates_and_times_are_written_as_people_write_them(self) -> None:
        from datetime import date

        assert say("en", "posts", n=1) == "1 post"
        assert say("en", "posts", n=1234) == "1,234 posts"
        assert say("fr", "search") == "Search"
        day = date(2026, 3, 9)
        assert say_day("en", day) == "9 March 2026"
        assert say_day("ja", day) == "2026年3月9日"
        assert say_day("ko", day) == "2026년 3월 9일"
        assert [say_time("en", s) for s in (5, 80, 100, 7200, 200_000)] == [
            "5 s",
            "80 s",
            "2 min",
            "2 h",
            "2 d",
        ]
        assert say_reason("ja", "something-new") == "something-new"

    def test_terms_weigh_by_the_logarithm(self) -> None:
        assert [weigh(n, 64) for n in (1, 2, 8, 64)] == [1, 2, 3, 5]
        assert weigh(1, 1) == 2


class TestCharts:
    def test_a_bar_is_as_wide_as_its_share(self) -> None:
        svg = charts.bar([("a", 1), ("b", 0), ("c", 2)], 4, 'one "&" two')
        assert '<rect class="a" x="0%" y="0%" width="25%" height="100%"/>' in svg
        assert '<rect class="c" x="25%" y="0%" width="50%" height="100%"/>' in svg
        assert 'class="b"' not in svg
        assert "one &quot;&amp;&quot; two" in svg

    def test_the_highest_column_fills_the_plot(self) -> None:
        svg = charts.columns([[("x", 2), ("y", 2)], [("x", 1)]], "l")
        assert 'class="y" x="5%" y="0%" width="40%" height="50%"' in svg
        assert 'class="x" x="55%" y="75%" width="40%" height="25%"' in svg
        assert "NaN" not in charts.columns([], "nothing")
