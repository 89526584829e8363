"""Any languages that packages connect, and posts in more than one, by settings alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.blog import Blog
from translate.engines.fake import FakeEngine
from translate.types import Pair

ENGLISH_POST = "the weather was fine yesterday. it will rain tomorrow."


def test_a_blog_in_english_for_germans(tmp_path: Path) -> None:
    blog = Blog(tmp_path, language="en", languages=("en", "de"))
    blog.engine = FakeEngine(pairs=[Pair("en", "de")])
    blog.write("2026-01-01-a.md", ENGLISH_POST, title="about the weather", tags="[fine weather]")
    blog.look()
    assert blog.feed("/en/feed.atom").entries[0].title == "about the weather"
    blog.get("/de/feed.rss")
    assert blog.translate() == 1
    entry = blog.feed("/de/feed.rss").entries[0]
    assert entry.title != "about the weather"
    assert "weather" not in entry.content[0].value
    assert blog.get("/de/feed.rss").headers["X-Translation-State"] == "complete"
    assert blog.get("/").headers["Location"] == "/en/"


def test_a_language_is_reached_through_two_others(tmp_path: Path) -> None:
    blog = Blog(tmp_path, language="ja", languages=("ja", "de"))
    blog.engine = FakeEngine(pairs=[Pair("ja", "en"), Pair("en", "de")])
    blog.write("2026-01-01-a.md", "今日は晴れです。", title="晴れ")
    blog.look()
    blog.get("/de/feed.json")
    blog.translate()
    [item] = blog.get("/de/feed.json").json["items"]
    assert item["language"] == "de"
    assert {pair for pair, _ in blog.engine.decoded} == {Pair("ja", "en"), Pair("en", "de")}


def mixed(tmp_path: Path) -> Blog:
    """A Japanese blog with one post in English; tags are Japanese in both."""
    blog = Blog(tmp_path)
    pairs = [Pair("ja", "en"), Pair("ja", "ko"), Pair("en", "ko"), Pair("en", "ja")]
    blog.engine = FakeEngine(pairs=pairs)
    blog.write("2026-01-01-a.md", "今日は晴れです。", title="晴れ", tags="[天気]")
    blog.write("2026-01-02-b.md", ENGLISH_POST, title="about rain", lang="en", tags="[天気, AI]")
    blog.look()
    for language in ("ja", "en", "ko"):
        blog.get(f"/{language}/feed.atom")
    return blog


def test_a_post_in_a_language_that_is_served_is_an_original_there(tmp_path: Path) -> None:
    blog = mixed(tmp_path)
    entry = blog.feed("/en/feed.atom").entries[0]  # at once, before anything is translated
    assert entry.title == "about rain"
    assert "it will rain tomorrow." in entry.content[0].value
    assert "untranslated" not in [tag.term for tag in entry.tags]
    blog.translate()
    for language in ("ja", "ko"):
        response = blog.get(f"/{language}/feed.atom")
        assert response.headers["X-Translation-State"] == "complete"
        entry = blog.feed(f"/{language}/feed.atom").entries[0]
        assert "it will rain tomorrow." not in entry.content[0].value


def test_its_tags_are_translated_from_the_blogs_language(tmp_path: Path) -> None:
    blog = mixed(tmp_path)
    before = blog.feed("/en/feed.atom").entries[0]
    blog.translate()
    labels = {}
    for language in ("ja", "en", "ko"):
        for entry in blog.feed(f"/{language}/feed.atom").entries:
            weather = next(tag for tag in entry.tags if tag.term == "天気")
            labels.setdefault(language, set()).add(weather.label or weather.term)
    assert labels["ja"] == {"天気"}
    assert len(labels["en"]) == len(labels["ko"]) == 1  # one name for both posts
    assert labels["en"] != labels["ko"] != {"天気"}
    after = blog.feed("/en/feed.atom").entries[0]
    assert after.updated == before.updated  # a label is no news
    assert ("en", "天気") not in [(pair.source, text) for pair, text in blog.engine.decoded]


def test_labels_that_no_package_can_translate_stay_as_written(tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    blog.engine = FakeEngine(pairs=[Pair("en", "ko")])
    blog.write("2026-01-02-b.md", ENGLISH_POST, title="about rain", lang="en", tags="[天気]")
    blog.look()
    for language in ("en", "ko"):
        blog.get(f"/{language}/feed.atom")
    blog.translate()
    for language in ("en", "ko"):
        assert blog.get(f"/{language}/feed.atom").headers["X-Translation-State"] == "complete"
        [entry] = blog.feed(f"/{language}/feed.atom").entries
        assert [tag.label or tag.term for tag in entry.tags] == ["天気"]
    assert "rain" not in entry.title


def test_a_language_that_no_package_reaches_is_one_warning_and_a_page_that_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blog = Blog(tmp_path, languages=("ja", "fr"))
    for day in (1, 2, 3):
        blog.write(f"2026-01-0{day}-p{day}.md")
    blog.look()
    blog.get("/fr/feed.atom")
    blog.translate()
    said = [r for r in caplog.records if "no installed package translates ja to fr" in r.message]
    assert [record.levelname for record in said] == ["WARNING"]
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    page = blog.get("/fr/posts/p1/").text
    assert "No installed package translates from" in page
    assert "well enough" not in page
    assert blog.get("/api/status").json["given_up"] == 3


def test_jobs_of_a_removed_language_are_not_in_status_and_alarms(tmp_path: Path) -> None:
    blog = Blog(tmp_path, languages=("ja", "en", "fr"))
    blog.write("2026-01-01-a.md")
    blog.look()
    blog.get("/fr/feed.atom")
    blog.translate()
    blog.write("2026-01-02-b.md")
    blog.look()
    blog.get("/fr/feed.atom")
    before = blog.get("/api/status").json
    assert (before["given_up"], before["queue"]["in_line"]) == (1, 1)
    blog.with_settings(languages=("ja", "en"))
    blog.look()
    after = blog.get("/api/status").json
    assert after["given_up"] == 0
    assert after["given_up_posts"] == {}
    assert after["queue"] == {"in_line": 0, "oldest_seconds": None, "eta_seconds": 0}
    assert "feedglot_given_up 0.0" in blog.get("/metrics").text
