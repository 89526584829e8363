"""Where the blog's own settings are, and that a library follows them."""

from __future__ import annotations

import os
from datetime import UTC
from pathlib import Path

import pytest

from content.library.blog_folder import BlogFolder, find_config
from content.library.library import Library, Rules


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    os.utime(path, (1.7e9 + len(text), 1.7e9 + len(text)))  # long settled, and another one
    return path


@pytest.mark.parametrize(
    ("config", "posts", "prefix"),
    [
        ("_config.yml", "_posts", "_posts/"),
        ("_config.yml", "ja/news/_posts", "ja/news/_posts/"),
        ("_config.yaml", "", ""),
        ("_config.yml", "source/_posts", "source/_posts/"),
    ],
)
def test_settings_are_found_above_the_posts(
    config: str, posts: str, prefix: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "blog" / config, "title: x\n")
    write(tmp_path / "blog" / posts / "_posts" / "x.md", "")
    blog = BlogFolder(tmp_path / "blog" / posts)
    assert blog.refresh()
    assert (blog.path, blog.prefix, blog.config.title) == (path, prefix, "x")
    assert blog.config.engine == ("hexo" if posts.startswith("source") else "jekyll")
    assert not blog.refresh()


def test_settings_of_another_site_are_ignored(tmp_path: Path) -> None:
    """A repository may have a documentation of its own above a folder of posts."""
    write(tmp_path / "_config.yml", "title: docs\n")
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    posts = tmp_path / "repository" / "_posts"
    posts.mkdir()
    assert find_config(posts) is None  # not above the repository
    write(tmp_path / "repository" / "_config.yml", "title: docs\n")
    assert (
        find_config(tmp_path / "repository" / "content" / "posts") is None
    )  # no folder of Jekyll's
    assert find_config(posts) == tmp_path / "repository" / "_config.yml"


def test_hugo_is_known_by_its_file_beside_content(tmp_path: Path) -> None:
    write(tmp_path / "hugo.toml", 'title = "x"\nbaseURL = "https://u.example/"\n')
    (tmp_path / "content" / "posts").mkdir(parents=True)
    blog = BlogFolder(tmp_path / "content" / "posts")
    blog.refresh()
    assert (blog.config.engine, blog.config.url) == ("hugo", "https://u.example")


def library(folder: Path) -> Library:
    return Library(
        folder,
        language="ja",
        languages=("ja", "en"),
        timezone=UTC,
        rules=lambda config: Rules(
            language="ja", timezone=UTC, permalink=config.permalink or "/unknown/:title"
        ),
        index=folder.parent / "posts.index",
        settled=0,
    )


def test_an_edit_of_the_settings_moves_every_post(tmp_path: Path) -> None:
    blog = tmp_path / "blog"
    write(blog / "_config.yml", "permalink: pretty\nexclude: [_posts/out]\n")
    write(blog / "_posts" / "2026-01-31-a.md", "---\ntitle: a\n---\n")
    write(blog / "_posts" / "out" / "2026-01-31-b.md", "---\ntitle: b\n---\n")
    write(blog / "about.md", "---\ntitle: a page\n---\n")
    posts = library(blog)
    posts.refresh()
    assert [post.permalink for post in posts.snapshot.posts] == ["/2026/01/31/a/"]
    write(blog / "_config.yml", "permalink: /:title/\n")
    assert posts.refresh()
    assert [post.permalink for post in posts.snapshot.posts] == ["/b/", "/a/"]
    write(blog / "_config.yml", "permalink: /x/:title/\nexclude: [_posts/2026-01-31-a.md]\n")
    assert posts.refresh()
    assert [post.permalink for post in posts.snapshot.posts] == ["/x/b/"]
    again = library(blog)  # from the index that the last one left
    again.refresh()
    assert again.snapshot.posts == posts.snapshot.posts


def test_broken_settings_are_one_line_and_the_last_good_ones_stay(tmp_path: Path) -> None:
    blog = tmp_path / "blog"
    write(blog / "_config.yml", "permalink: /:title/\n")
    write(blog / "_posts" / "2026-01-31-a.md", "---\ntitle: a\n---\n")
    posts = library(blog / "_posts")
    posts.refresh()
    write(blog / "_config.yml", "permalink: /:title/\ntitle: a: b\n")
    assert posts.refresh()
    (problem,) = posts.snapshot.problems
    assert str(problem).startswith("../_config.yml:2: it is not YAML: ")
    assert [post.permalink for post in posts.snapshot.posts] == ["/a/"]
    write(blog / "_config.yml", "permalink: /y/:title/\n")
    assert posts.refresh()
    assert not posts.snapshot.problems
    assert [post.permalink for post in posts.snapshot.posts] == ["/y/a/"]


def test_names_of_authors_are_followed(tmp_path: Path) -> None:
    blog = tmp_path / "blog"
    write(blog / "_config.yml", "title: x\n")
    write(blog / "_data" / "authors.yml", "taro: {name: 太郎}\n")
    write(blog / "_posts" / "2026-01-31-a.md", "---\ntitle: a\nauthor: taro\n---\n")
    posts = library(blog / "_posts")
    posts.refresh()
    assert posts.snapshot.posts[0].authors == ("太郎",)
    write(blog / "_data" / "authors.yml", "taro: {name: 山田太郎}\n")
    posts.refresh()
    assert posts.snapshot.posts[0].authors == ("山田太郎",)
