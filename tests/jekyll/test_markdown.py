"""Markdown: what real Jekyll shows, feedglot shows."""

from __future__ import annotations

import pytest

from tests.jekyll import ours
from tests.jekyll.differences import words
from tests.jekyll.markdown_shapes import DIFFERENT, PATHS, SHAPES, SITE
from tests.jekyll.oracle import build
from tests.support.debian import program

Texts = tuple[dict[str, str], dict[str, str]]  # by path: ours, Jekyll's


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Texts:
    program("jekyll", "jekyll")
    folder = SITE.write(tmp_path_factory.mktemp("markdown"))
    theirs = {path: post.html or "" for path, post in build([folder])[0].items()}
    return {path: post.html for path, post in ours.read(folder).posts.items()}, theirs


def test_there_are_enough_shapes() -> None:
    assert len(SHAPES) >= 40
    assert len(DIFFERENT) <= 6


@pytest.mark.parametrize("name", SHAPES)
def test_markdown_is_that_of_jekyll(name: str, texts: Texts) -> None:
    found, jekyll = (some[PATHS[name]] for some in texts)
    assert (words(found) == words(jekyll)) is (name not in DIFFERENT)


@pytest.mark.parametrize(
    ("name", "elements"),
    [
        ("br above a heading", ["<h2", "<strong>項</strong>"]),
        ("markdown in a div", ["<h4", "<strong>太字</strong>", "<li>項</li>"]),
        ("fence on a marker's line", ["<code", 'href="https://a.example/"']),
        ("list of two spaces", ["<li>子</li>", "<li>二</li>"]),
        ("table without a head", ["<td>a</td>", "<td>d</td>"]),
        ("table with code", [">x|y</code>"]),
        ("break of two backslashes", ["<br"]),
        ("abbreviation", ['<abbr title="HyperText Markup Language">HTML</abbr>']),
        ("terms of one definition", ["<dt>語</dt>", "<dt>別の語</dt>", "<dd>説明です。</dd>"]),
        ("reference below a footnote", ['href="https://example.com/a.pdf">出典</a>']),
        ("text below a footnote", ["<p>続きの行。</p>"]),
        ("id of a heading", ['<h2 id="intro">']),
        ("attributes below a heading", ['<h2 id="matome"']),
        ("strong with a particle", ["<strong>부작용(Side Effect)</strong>이"]),
        ("formula by itself", ["a_1 &amp;= c_{1} \\\\\n"]),
        ("address of another scheme", ['href="ftp://ftp.example.com/a"']),
    ],
)
def test_elements_are_those_of_jekyll(name: str, elements: list[str], texts: Texts) -> None:
    for html in (some[PATHS[name]] for some in texts):
        for element in elements:
            assert element in html
