"""Symbolic links among the posts publish nothing from elsewhere."""

from __future__ import annotations

import os
from datetime import UTC
from pathlib import Path

import pytest

from content.library.library import Library
from content.library.roots import OutsideError, Roots
from content.library.scan import read_file

POST = "---\ntitle: {}\n---\n\n本文。\n"
SAID = (
    "1: a symbolic link that leads out of the posts' folder: "
    "copy the files into the folder, or name theirs in FEEDS_LINKED_FOLDERS"
)


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "2026-01-01-a.md").write_text(POST.format("A"), "utf-8")
    return posts


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder that the service can read, with a file that is no post."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "settings.md").write_text(POST.format("secret"), "utf-8")
    return elsewhere


def opened(posts: Path, *linked: Path) -> Library:
    library = Library(
        posts,
        language="ja",
        languages=("ja",),
        timezone=UTC,
        linked=linked,
        settled=0.0,
        broken=0.0,
    )
    library.refresh()
    return library


def titles(library: Library) -> set[str]:
    return {post.title for post in library.snapshot.posts}


def problems(library: Library) -> list[str]:
    return [str(problem) for problem in library.snapshot.problems]


def test_a_link_that_leads_out_is_a_problem_and_no_post(posts: Path, elsewhere: Path) -> None:
    (posts / "2026-01-02-b.md").symlink_to(elsewhere / "settings.md")
    (posts / "more").symlink_to(elsewhere)
    (posts / "up").symlink_to("../elsewhere")
    library = opened(posts)
    assert titles(library) == {"A"}
    assert problems(library) == [f"{name}:{SAID}" for name in ("2026-01-02-b.md", "more", "up")]


def test_named_folders_may_be_linked_to_and_links_within_always(
    posts: Path, elsewhere: Path
) -> None:
    (posts / "2026-01-02-b.md").symlink_to(elsewhere / "settings.md")
    (posts / "2026-01-03-c.md").symlink_to("2026-01-01-a.md")
    library = opened(posts, elsewhere)
    assert titles(library) == {"A", "secret"}
    assert len(library.snapshot.posts) == 3
    assert problems(library) == []


def test_a_link_that_comes_while_the_service_runs_is_seen(posts: Path, elsewhere: Path) -> None:
    library = opened(posts)
    library.refresh()  # from now on the kernel tells of changes
    (posts / "2026-01-02-b.md").symlink_to(elsewhere / "settings.md")
    library.refresh()
    assert titles(library) == {"A"}
    assert problems(library) == [f"2026-01-02-b.md:{SAID}"]
    (posts / "2026-01-02-b.md").unlink()
    library.refresh()
    assert problems(library) == []


def test_the_posts_folder_itself_may_be_a_link_that_is_moved(posts: Path, tmp_path: Path) -> None:
    current = tmp_path / "current"
    current.symlink_to(posts)
    library = opened(current)
    assert titles(library) == {"A"}
    release = tmp_path / "release"
    release.mkdir()
    (release / "2026-01-01-a.md").write_text(POST.format("A 2"), "utf-8")
    (tmp_path / "next").symlink_to(release)
    (tmp_path / "next").replace(current)
    library.refresh()
    assert titles(library) == {"A 2"}
    (post,) = library.snapshot.posts
    assert "本文" in library.body(post).html


def test_a_file_that_becomes_a_link_after_the_look_is_not_read(
    posts: Path, elsewhere: Path
) -> None:
    roots = Roots(posts)
    assert b"A" in read_file(str(posts / "2026-01-01-a.md"), roots)[0]
    (posts / "link.md").symlink_to(elsewhere / "settings.md")
    with pytest.raises(OutsideError, match="leads out of the posts' folder"):
        read_file(str(posts / "link.md"), roots)
    (posts / "dir").symlink_to(elsewhere)
    with pytest.raises(OutsideError):
        read_file(str(posts / "dir" / "settings.md"), roots)


def test_a_folder_whose_name_begins_alike_is_elsewhere(tmp_path: Path) -> None:
    roots = Roots(tmp_path / "posts")
    base = os.path.realpath(tmp_path)
    assert roots.hold(f"{base}/posts/a.md")
    assert not roots.hold(f"{base}/posts-private/a.md")
