"""Whatever the page and the results for its sentences: no element and no text is lost."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.rendering.markdown import to_html
from content.rendering.sanitize import sanitize
from tests.support.pages import PAGES, results_for, same
from translate.html.joiner import Rendered, join, split

ROOT = Path(__file__).parents[3]
POSTS = [
    *sorted((ROOT / "content/posts").glob("*.md")),
    *sorted((ROOT.parent / "shared/seeds").glob("*.txt")),
]
TAG = re.compile(r"<(/?)([a-z0-9]+)((?:\s[^>]*)?)>")
_CHANGED = re.compile(r' (?:alt|title|lang)="[^"]*"')
_VOID = {"img", "br", "wbr", "input", "hr"}


def tags_of(html: str) -> Counter[str]:
    """Every tag as written, but for what a translation changes."""
    found = Counter(_CHANGED.sub("", match[0]) for match in TAG.finditer(html))
    # The spans that say what was kept are not of the source.
    extra = html.count('<span lang="ja">')
    found["<span>"] -= extra
    found["</span>"] -= extra
    return +found


def around(html: str) -> dict[str, str | None]:
    """The nearest element with an id around each one; fails when tags do not nest."""
    found: dict[str, str | None] = {}
    opened: list[tuple[str, str | None]] = []
    for match in TAG.finditer(html):
        closing, name, rest = match.groups()
        if closing:
            assert opened, html
            assert opened.pop()[0] == name, html
            continue
        identity = re.search(r'\bid="([^"]*)"', rest)
        outer = next((one for _, one in reversed(opened) if one), None)
        if identity:
            assert identity[1] not in found, html
            found[identity[1]] = outer
        if name not in _VOID:
            opened.append((name, identity[1] if identity else None))
    assert not opened, html
    return found


def says_twice(html: str) -> bool:
    """Whether an element that says its language stands inside of another one that does."""
    opened: list[bool] = []
    for closing, name, rest in TAG.findall(html):
        if closing:
            opened.pop()
        elif name not in _VOID:
            opened.append('lang="ja"' in rest)
            if opened.count(True) > 1 and opened[-1]:
                return True
    return False


def words_inside(html: str) -> dict[str, bool]:
    """Whether each element with an id shows any text."""
    found = {}
    for match in re.finditer(r'<([a-z0-9]+) id="([^"]*)"[^>]*>', html):
        depth, end = 1, match.end()
        for tag in TAG.finditer(html, match.end()):
            if tag[2] == match[1] and depth:
                depth += -1 if tag[1] else 1
                end = tag.start()
        found[match[2]] = bool(plain(html[match.end() : end])) and match[1] not in _VOID
    return found


def plain(html: str) -> str:
    """The text without its white space."""
    text = TAG.sub("", html).replace("&nbsp;", " ")
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return "".join(text.split())


@given(PAGES)
def test_the_sentences_as_they_were_make_the_page_as_it_was(html: str) -> None:
    assert same(split(html, "ja")) == html


@given(PAGES, st.sampled_from(["\n", "  ", " \n\t", "\n\n"]))
def test_white_space_is_all_that_the_canonical_form_changes(html: str, space: str) -> None:
    spaced = (
        html.replace("は", f"は{space}").replace("語", f"{space}語").replace("LG", f"LG{space}")
    )
    page = same(split(spaced, "ja"))
    assert tags_of(page) == tags_of(spaced)
    assert around(page) == around(spaced)
    assert plain(page) == plain(spaced)
    assert same(split(page, "ja")) == page


@given(st.data())
def test_every_tag_is_there_once_and_nests_as_before(data: st.DataObject) -> None:
    html = data.draw(PAGES)
    page = split(html, "ja")
    results = data.draw(results_for(page))
    joined = join(page, results, data.draw(st.sampled_from(["en", "ko"])))
    assert tags_of(joined) == tags_of(html), joined
    assert around(joined) == around(html)
    for code in re.findall(r"<(?:code|pre).*?</(?:code|pre)>", html, re.DOTALL):
        assert joined.replace(' lang="ja"', "").count(code) == 1
    before, after = words_inside(html), words_inside(joined)
    assert [name for name in before if before[name] and not after[name]] == []
    assert not says_twice(joined)


@given(st.data())
def test_the_text_of_the_results_is_there_in_order(data: st.DataObject) -> None:
    html = data.draw(PAGES)
    for own in (  # what shows text of its own
        r'<code.*?</code>|<span id="\w+" translate.*?</span>|<i.*?</i>|<r[pt].*?</r[pt]>',
        r'<a[^>]*"(?:#fn|https).*?</a>',
        r' (?:alt|title)="[^"]*"',
    ):
        html = re.sub(own, "", html)
    page = split(html, "ja")
    joined = join(page, results := data.draw(results_for(page)), "en")
    text = plain(re.sub(r"<pre.*?</pre>", "", joined, flags=re.DOTALL))
    ways = {0}  # how far the text may have been read: kept or said, a sentence is there whole
    for segment, result in zip(page.sentences, results, strict=True):
        choices = {"".join(segment.text.split())}
        if segment.translatable and not result.kept and result.text.strip():
            choices.add("".join(result.text.split()))
        ways = {at + len(one) for at in ways for one in choices if text.startswith(one, at)}
    assert len(text) in ways


@pytest.mark.parametrize("path", POSTS, ids=lambda path: path.name[:24])
def test_real_posts_keep_everything(path: Path) -> None:
    html = sanitize(to_html(path.read_text("utf-8").split("---", 2)[2]))
    page = split(html, "ja")
    canonical = same(page)
    assert tags_of(canonical) == tags_of(html)
    assert plain(canonical) == plain(unicodedata.normalize("NFC", html))
    assert same(split(canonical, "ja")) == canonical
    for text in ("It is here.", "a", "", "이것은 문장입니다 LG 75%"):
        joined = join(page, [Rendered(text) for _ in page.sentences], "en")
        assert tags_of(joined) == tags_of(html)
        around(joined)
