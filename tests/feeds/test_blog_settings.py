"""A Jekyll blog moves in: its `_config.yml` stands below the environment and feedglot.toml."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.cli import models
from feeds.settings import Settings
from feeds.settings_report import explain
from tests.support.blog import Blog

CONFIG = """title: 山田の日記
description: 毎日の記録です。
url: https://blog.example
baseurl: /b
permalink: /:categories/:title/
timezone: Asia/Tokyo
"""


def configure(blog: Blog, text: str) -> None:
    path = blog.settings.posts_dir / "_config.yml"
    path.write_text(text, "utf-8")
    os.utime(path, (1.7e9 + len(text), 1.7e9 + len(text)))


@pytest.fixture
def jekyll(tmp_path: Path) -> Blog:
    folder = tmp_path / "posts"
    folder.mkdir()
    (folder / "_config.yml").write_text(CONFIG, "utf-8")
    blog = Blog(tmp_path, site_title="feedglot")
    blog.write("_posts/2026-01-31-こんにちは.md", title="題", categories="[Web 開発, C#]")
    blog.look()
    return blog


def load(folder: Path, **environ: str) -> tuple[Settings, dict[str, tuple[object, str]]]:
    posts = folder / "_posts"
    posts.mkdir(exist_ok=True)
    variables = {"FEEDS_POSTS_DIR": str(posts), **environ}
    settings = Settings.load(variables, folder)
    told = explain(settings, variables, folder)
    return settings, {one.name: (one.value, one.origin) for one in told}


def test_the_blog_sets_what_neither_environment_nor_file_sets(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_text(CONFIG + "lang: ko\n", "utf-8")
    (tmp_path / "feedglot.toml").write_text('site_description = "別"\n', "utf-8")
    settings, told = load(tmp_path, FEEDS_TIMEZONE="UTC")
    source = str(tmp_path / "_config.yml")
    assert told["site_title"] == ("山田の日記", source)
    assert told["site_description"] == ("別", "feedglot.toml")
    assert told["blog_url"] == ("https://blog.example/b", source)
    assert told["permalink"] == ("/:categories/:title/", source)
    assert told["timezone"] == ("UTC", "FEEDS_TIMEZONE")  # the default, and yet said
    assert told["language"] == ("ko", source)
    assert settings.languages == ("ja", "en", "ko")  # never fewer
    assert settings.site_url == "http://127.0.0.1:8000"  # never that of the blog


def test_a_broken_file_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_text("title: a: b\n", "utf-8")
    settings, told = load(tmp_path)
    assert told["site_title"] == ("feedglot", "default")
    assert settings.blog_url == settings.site_url


def test_feeds_lead_to_the_blogs_own_addresses(jekyll: Blog) -> None:
    feed = jekyll.feed("/ja/feed.atom")
    assert feed.feed.title == "山田の日記"
    assert feed.feed.subtitle == "毎日の記録です。"
    path = "web%20%E9%96%8B%E7%99%BA/c%23/%E3%81%93%E3%82%93%E3%81%AB%E3%81%A1%E3%81%AF/"
    assert feed.entries[0].link == f"https://blog.example/b/{path}"


def test_the_blogs_pictures_are_in_every_feed(jekyll: Blog) -> None:
    """`logo` as jekyll-seo-tag knows it: a path, before which Jekyll puts baseurl."""
    configure(jekyll, CONFIG + "logo: /assets/ロゴ.png\n")
    jekyll.look()
    wide = "https://blog.example/b/assets/%E3%83%AD%E3%82%B4.png"
    assert jekyll.feed("/ja/feed.atom").feed.logo == wide
    assert jekyll.feed("/ja/feed.rss").feed.image.href == wide
    assert jekyll.get("/ja/feed.json").get_json()["icon"] == wide
    before = jekyll.get("/ja/feed.json").headers["Last-Modified"]
    jekyll.with_settings(
        icon="https://cdn.example/i.png", logo="/b/l.png", blog_url="https://x.example/b"
    )
    jekyll.look()
    assert jekyll.feed("/ja/feed.atom").feed.icon == "https://cdn.example/i.png"
    assert jekyll.feed("/ja/feed.rss").feed.image.href == "https://x.example/b/l.png"
    assert jekyll.get("/ja/feed.json").get_json()["favicon"] == "https://cdn.example/i.png"
    assert jekyll.get("/ja/feed.json").headers["Last-Modified"] >= before
    assert '<link rel="icon" href="https://cdn.example/i.png">' in jekyll.get("/ja/").text


@pytest.mark.parametrize("logo", ["data:image/png;base64,AA", "{path: /x.png}", "javascript:x"])
def test_a_logo_without_an_address_is_none(jekyll: Blog, logo: str) -> None:
    configure(jekyll, CONFIG + f"logo: {logo}\n")
    jekyll.look()
    assert "icon" not in jekyll.get("/ja/feed.json").get_json()


def test_an_edit_is_seen_while_running(jekyll: Blog) -> None:
    before = jekyll.get("/ja/feed.atom")
    entry = jekyll.feed("/ja/feed.atom").entries[0]
    configure(
        jekyll, CONFIG.replace("山田の日記", "新しい日記").replace("/:title/", "/:title.html")
    )
    jekyll.look()
    feed = jekyll.feed("/ja/feed.atom")
    assert feed.feed.title == "新しい日記"
    assert feed.entries[0].link == entry.link.removesuffix("/") + ".html"
    assert (feed.entries[0].id, feed.entries[0].updated) == (entry.id, entry.updated)
    assert jekyll.get("/ja/feed.atom").headers["ETag"] != before.headers["ETag"]
    assert "新しい日記" in jekyll.get("/ja/").text
    configure(jekyll, "title: a: b\n")
    jekyll.look()
    assert jekyll.feed("/ja/feed.atom").feed.title == "新しい日記"


def test_an_edit_is_seen_by_a_worker_that_follows(jekyll: Blog) -> None:
    """Two workers, one folder: both answer with the same bytes after the other has scanned."""
    follower = Blog.__new__(Blog)
    follower.settings, follower.engine = jekyll.settings, jekyll.engine
    follower.open()
    follower.look()
    assert follower.get("/ja/feed.atom").data == jekyll.get("/ja/feed.atom").data
    configure(jekyll, CONFIG.replace("/:title/", "/:title.html") + "# edited\n")
    jekyll.look()
    follower.look()
    assert follower.get("/ja/feed.atom").data == jekyll.get("/ja/feed.atom").data


def test_future_and_limit_posts(tmp_path: Path) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    (folder / "_config.yml").write_text("future: true\nlimit_posts: 2\n", "utf-8")
    blog = Blog(tmp_path)
    for day in ("2026-01-01", "2026-01-02", "2027-01-03"):
        blog.write(f"_posts/{day}-x.md")
    blog.look(datetime(2026, 6, 1, tzinfo=UTC))
    days = [entry.published[:10] for entry in blog.feed("/ja/feed.rss").entries]
    assert len(days) == 2
    assert [post.post.path for post in blog.site.catalogue.posts] == [
        "_posts/2027-01-03-x.md",
        "_posts/2026-01-02-x.md",
    ]


def test_posts_kept_out_by_their_authors_are_nowhere_and_named(tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    fronts = {
        "hidden": "true",
        "private": "true",
        "unlisted": "true",
        "password": "secret",
        "feed": "false",
        "exclude_from_feed": "true",
        "visibility": "private",
    }
    for name, value in fronts.items():
        blog.write(f"2026-01-31-{name}.md", **{"title": "秘密", name: value})
    blog.write("2026-01-31-shown.md", title="公開", last_modified_at="soon")
    blog.look()
    for path in ("/ja/feed.atom", "/ja/", "/opml.xml", "/api/feeds"):
        assert "秘密" not in blog.get(path).text
    assert [entry.title for entry in blog.feed("/ja/feed.atom").entries] == ["公開"]
    assert not blog.feed("/ja/feed.atom?q=秘密").entries
    for name in fronts:
        assert blog.get(f"/ja/posts/{name}/").status_code == 404
    models.register(blog.app)
    checked = blog.app.test_cli_runner().invoke(args=["content", "check"])
    assert checked.exit_code == 0
    for name in fronts:
        assert f"2026-01-31-{name}.md:3: kept out of feeds and pages by {name}: " in checked.output
    assert "note: 2026-01-31-shown.md:3: last_modified_at: not a date: 'soon'" in checked.output
    assert (
        json.loads(blog.app.test_cli_runner().invoke(args=["content", "check", "--json"]).stdout)
        == []
    )


def test_content_check_warns_where_addresses_are_not_known(tmp_path: Path) -> None:
    blog = Blog(tmp_path, blog_url="https://blog.example")
    blog.write("2026-01-31-a.md")

    def check() -> str:
        models.register(blog.app)
        return blog.app.test_cli_runner().invoke(args=["content", "check"]).output

    assert "note: no setting states the addresses of posts at https://blog.example: " in check()
    blog.with_settings(permalink="/:title/")
    assert "no setting states" not in check()


def test_requests_do_not_wait_for_posts_that_are_read_again(jekyll: Blog) -> None:
    """An edit of _config.yml has every post read again; another worker's news come meanwhile."""
    worker = Blog.__new__(Blog)
    worker.settings, worker.engine = jekyll.settings, jekyll.engine
    worker.open()
    worker.look()
    reading, done = threading.Event(), threading.Event()

    def slow(path: str, signature: object) -> object:
        reading.set()
        done.wait(30)
        return parse(path, signature)

    library = worker.site.library
    parse, library._parse = library._parse, slow  # type: ignore[method-assign, assignment]
    configure(jekyll, CONFIG.replace("/:title/", "/:title.html") + "# edited\n")
    thread = threading.Thread(target=worker.look)
    thread.start()
    assert reading.wait(30)
    try:
        jekyll.look()
        assert worker.get("/ja/feed.atom").status_code == 200  # from what it knows
        assert thread.is_alive()
    finally:
        done.set()
        thread.join(30)
    assert worker.get("/ja/feed.atom").data == jekyll.get("/ja/feed.atom").data


def test_a_summary_ends_where_its_author_says(tmp_path: Path) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    (folder / "_config.yml").write_text("excerpt_separator: <!--more-->\n", "utf-8")
    blog = Blog(tmp_path)
    text = "最初の段落です。\n\n**次**の段落です。\n\n<!--more-->\n\n続きです。"
    blog.write("_posts/2026-01-31-a.md", text)
    blog.write(
        "_posts/2026-01-30-b.md", "一。\n\n二。\n\n---8<---\n\n三。", excerpt_separator="---8<---"
    )
    blog.write("_posts/2026-01-29-c.md", "一。\n\n二。")
    blog.look()
    items = blog.get("/ja/feed.json").get_json()["items"]
    assert [item["summary"] for item in items] == [
        "最初の段落です。 次の段落です。",
        "一。 二。",
        "一。",
    ]
    assert "続きです。" in items[0]["content_html"]
