"""Liquid: what real Jekyll renders, feedglot renders."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.jekyll import ours
from tests.jekyll.differences import words
from tests.jekyll.liquid_shapes import PATHS, SHAPES, SITE
from tests.jekyll.oracle import JekyllPost, build
from tests.support.debian import program


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[ours.Reading, dict[str, JekyllPost]]:
    program("jekyll", "jekyll")
    folder = SITE.write(tmp_path_factory.mktemp("liquid"))
    return ours.read(folder), build([folder])[0]


def test_there_are_enough_shapes() -> None:
    assert len(SHAPES) >= 40


@pytest.mark.parametrize("name", SHAPES)
def test_liquid_is_that_of_jekyll(
    name: str, built: tuple[ours.Reading, dict[str, JekyllPost]]
) -> None:
    reading, jekyll = built
    theirs = jekyll[PATHS[name]]
    assert theirs.html is not None, theirs.error
    assert words(reading.posts[PATHS[name]].html) == words(theirs.html)


def test_links_equal_those_of_jekyll(
    built: tuple[ours.Reading, dict[str, JekyllPost]],
) -> None:
    reading, jekyll = built
    path = PATHS["other posts"]
    assert 'href="/2025/01/02/other.html"' in reading.posts[path].html
    assert 'href="/b/2025/01/02/other.html"' in (jekyll[path].html or "")


def test_a_blog_without_liquid_does_not_pay_for_it(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_text("title: x\n")
    (tmp_path / "_posts").mkdir()
    (tmp_path / "_posts/2025-01-01-a.md").write_text("---\ntitle: a\n---\n{ a } % b\n")
    assert ours.read(tmp_path).posts["_posts/2025-01-01-a.md"].html == "<p>{ a } % b</p>\n"
