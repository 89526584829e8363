"""The blog's own settings: what is taken of them, and what is said of a broken file."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from content.parsing.blog import Blog
from content.parsing.blog_config import parse_hexo, parse_hugo, parse_jekyll, with_authors
from content.parsing.front_matter import PostError
from content.parsing.post_parser import parse_post
from content.post import Post


def parse(config: str, path: str, front: str = "title: x", **blog: str) -> Post:
    parsed = parse_post(
        f"---\n{front}\n---\n本文\n".encode(),
        path,
        language="ja",
        timezone=ZoneInfo("Asia/Tokyo"),
        blog=Blog(config=parse_jekyll(config), **blog),  # type: ignore[arg-type]
    )
    assert isinstance(parsed, Post), parsed
    return parsed


def test_what_jekyll_blogs_say_of_themselves() -> None:
    config = parse_jekyll(
        "title: 日記\ntagline: 毎日\nurl: https://me.example/\nbaseurl: /blog\nlang: ja-JP\n"
        "timezone: Asia/Tokyo\nauthor: {name: 山田, email: x@y.example}\npermalink: pretty\n"
        "future: true\nlimit_posts: 5\nexcerpt_separator: <!--more-->\nmarkdown_ext: md,mdx\n"
    )
    assert (config.engine, config.title, config.description) == ("jekyll", "日記", "毎日")
    assert (config.url, config.language, config.timezone) == (
        *("https://me.example/blog", "ja"),
        "Asia/Tokyo",
    )
    assert (config.author, config.future, config.limit_posts) == ("山田", True, 5)
    assert config.permalink == "/:categories/:year/:month/:day/:title/"
    assert (config.excerpt_separator, config.markdown) == ("<!--more-->", (".md", ".mdx"))


def test_an_empty_file_is_a_blog_with_jekylls_defaults() -> None:
    config = parse_jekyll("# nothing yet\n")
    assert config.permalink == "/:categories/:year/:month/:day/:title:output_ext"
    assert (config.title, config.url, config.timezone, config.language) == (None,) * 4


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("title: a: b", 1, "it is not YAML: "),
        ("a: 1\n- b", 2, "it is not YAML: "),
        ("- a", 1, "it is not a list of fields"),
        ("title: x\ntimezone: Mars/Base", 2, "timezone: not a time zone: 'Mars/Base'"),
        ("limit_posts: many", 1, "limit_posts: not a number: 'many'"),
    ],
)
def test_a_broken_file_names_the_line(text: str, line: int, what: str) -> None:
    with pytest.raises(PostError) as caught:
        parse_jekyll(text)
    assert caught.value.line == line
    assert caught.value.what.startswith(what)


@pytest.mark.parametrize("url", ["www.me.example", "ftp://me.example", "https://", "''", "/x"])
def test_what_is_no_address_is_not_one(url: str) -> None:
    assert parse_jekyll(f"url: {url}\nbaseurl: /b").url is None


def test_authors_have_names_and_posts_the_blogs_author() -> None:
    config = with_authors(parse_jekyll("author: taro"), "taro: {name: 山田太郎}\nhana: 花子\n")
    blog = Blog(config=config)

    def authors(front: str) -> tuple[str, ...]:
        data = f"---\ntitle: x\n{front}\n---\n".encode()
        parsed = parse_post(data, "2026-01-31-x.md", language="ja", timezone=UTC, blog=blog)
        assert isinstance(parsed, Post)
        return parsed.authors

    assert authors("author: hana") == ("花子",)
    assert authors("") == ("山田太郎",)
    assert authors("author: 他人") == ("他人",)


def test_a_timestamp_without_a_zone_is_utc_in_jekyll_alone() -> None:
    front = "title: x\ndate: 2026-01-31 20:00:00"
    post = parse("", "_posts/2026-01-31-x.md", front)
    assert post.published.isoformat() == "2026-01-31T20:00:00+00:00"
    assert post.permalink == "/2026/02/01/x.html"  # the day in the blog's zone
    elsewhere = parse_post(
        f"---\n{front}\n---\n".encode(), "x.md", language="ja", timezone=ZoneInfo("Asia/Tokyo")
    )
    assert isinstance(elsewhere, Post)
    assert elsewhere.published.isoformat() == "2026-01-31T11:00:00+00:00"


def test_posts_of_a_collection_have_its_permalink() -> None:
    config = "permalink: pretty\ncollections:\n  notes: {permalink: '/n/:name/'}\n  more: {}\n"
    assert parse(config, "_notes/2026-01-31-A b.md").permalink == "/n/2026-01-31-a-b/"
    assert parse(config, "_more/y/2026-01-31-A.md").permalink == "/more/y/2026-01-31-A/"
    assert parse(config, "_posts/2026-01-31-A.md", permalink="/:title").permalink == "/A"


def test_hexo_and_hugo_are_distinguished() -> None:
    hexo = parse_hexo("title: x\npermalink: ':year/:title/'\nurl: https://h.example/b\n")
    assert (hexo.engine, hexo.permalink, hexo.url) == (
        "hexo",
        "/:year/:path/",
        "https://h.example/b",
    )
    assert parse_hexo("permalink: posts/:abbrlink.html").permalink is None  # a plugin's
    hugo = parse_hugo({"title": "x", "baseURL": "https://u.example/", "languageCode": "ko-kr"})
    assert (hugo.engine, hugo.permalink, hugo.url) == ("hugo", None, "https://u.example")
    assert hugo.language == "ko"


def test_the_folder_of_collections_is_no_category() -> None:
    post = parse(
        "collections_dir: my", "my/_posts/2026-01-01-a.md", permalink="/:categories/:title/"
    )
    assert (post.permalink, post.categories) == ("/a/", ())


def test_a_default_author_is_none_of_a_post_that_states_its_authors() -> None:
    config = "defaults:\n  - scope: {path: ''}\n    values: {author: 花}\n"
    path = "_posts/2026-01-01-a.md"
    assert parse(config, path, "title: x\nauthors: [健, 客]").authors == ("健", "客")
    assert parse(config, path, "title: x\nauthors:").authors == ("花",)
