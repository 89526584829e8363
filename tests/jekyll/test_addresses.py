"""Addresses, dates and terms: real Jekyll builds a blog, and feedglot reads the same folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.jekyll import ours
from tests.jekyll.differences import REASONS, Difference, differences
from tests.jekyll.oracle import JekyllPost, build
from tests.jekyll.questions import sites
from tests.support.debian import program

SITES = sites()

# Each by the reason that it has; nothing else may differ.
REASONED = {
    ("tags", "_posts/2025-06-05-q3.md", "tags"): "tag beside tags",
    ("defaults", "_posts/notes/deep/2025-01-04-deep.md", "tags"): "tag beside tags",
    ("authors", "_posts/2025-06-05-q1.md", "author"): "author by name",
    ("dates in Los Angeles", "_posts/2025-06-05-q26.md", "date"): "zone by name",
}


Built = Mapping[str, tuple[Path, dict[str, JekyllPost]]]  # by name: the folder, what Jekyll says


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    program("jekyll", "jekyll")
    root = tmp_path_factory.mktemp("jekyll")
    folders = [site.write(root / str(n)) for n, site in enumerate(SITES.values())]
    return dict(zip(SITES, zip(folders, build(folders), strict=True), strict=True))


def test_there_are_enough_questions() -> None:
    assert len({(ask.path, ask.front) for site in SITES.values() for ask in site.posts}) >= 150
    assert sum(name.startswith("style ") for name in SITES) == 15


def test_reasons_have_names() -> None:
    assert set(REASONED.values()) <= REASONS.keys()


@pytest.mark.parametrize("name", SITES)
def test_posts_are_those_of_jekyll(name: str, built: Built) -> None:
    folder, theirs = built[name]
    assert sorted(ours.read(folder).posts) == sorted(theirs)


@pytest.mark.parametrize("name", SITES)
def test_each_is_where_and_when_it_is_in_jekyll(name: str, built: Built) -> None:
    folder, theirs = built[name]
    reading = ours.read(folder)
    found: dict[tuple[str, str, str], Difference] = {}
    for path, post in theirs.items():
        for one in differences(post, reading.posts[path], text=False):
            found[name, path, one.field] = one
    assert set(found) == {at for at in REASONED if at[0] == name}, list(found.values())


def test_the_folder_of_posts_may_be_named_itself(built: Built) -> None:
    """FEEDS_POSTS_DIR is the blog's folder, or its _posts: the addresses are the same."""
    folder, theirs = built["style pretty"]
    reading = ours.read(folder, "_posts")
    below = {path: post for path, post in theirs.items() if path.startswith("_posts/")}
    assert sorted(reading.posts) == sorted(below)
    for path, post in below.items():
        assert not list(differences(post, reading.posts[path], text=False))


@pytest.mark.parametrize("name", ["ids", "ids of pretty addresses"])
def test_ids_are_those_of_jekyll_feed(name: str, built: Built) -> None:
    folder, theirs = built[name]
    found = {path: post.id for path, post in ours.read(folder).posts.items()}
    assert found == {path: post.id for path, post in theirs.items()}


def test_a_post_that_is_left_out_is_named(tmp_path: Path) -> None:
    reading = ours.read(SITES["what is taken"].write(tmp_path))
    assert [str(problem) for problem in reading.problems] == [
        "_posts/undated.md:1: Jekyll publishes no file of _posts without a date in its name: "
        "name it like 2026-01-31-name.md"
    ]
