"""HTML taken apart into sentences, and put together again."""

from __future__ import annotations

import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.markdown import to_html
from content.sanitize import sanitize
from translate.segments import Rendered, Segmented, join, split
from translate.types import Alignment, Span

ROOT = Path(__file__).parents[2]
POSTS = [
    *sorted((ROOT / "content/posts").glob("*.md")),
    *sorted((ROOT.parent / "shared/seeds").glob("*.txt")),
]


def told(html: str, language: str = "ja") -> list[str]:
    """The sentences that are sent to the engine."""
    return [one.text for one in split(html, language).sentences if one.translatable]


def say(html: str, *texts: str, language: str = "en") -> str:
    """The page with its translatable sentences said so; the last text serves for the rest."""
    page = split(html, "ja")
    said = iter(texts)
    last = ""
    results = []
    for segment in page.sentences:
        if segment.translatable:
            last = next(said, last)
        results.append(Rendered(last if segment.translatable else segment.text))
    return join(page, results, language)


def keep(html: str, *kept: int) -> str:
    """The page with some sentences kept, all of them by default; the others become Words."""
    page = split(html, "ja")
    everything = range(len(page.sentences))
    results = [Rendered("Words.", kept=index in (kept or everything)) for index in everything]
    return join(page, results, "en")


def same(page: Segmented) -> str:
    return join(page, [Rendered(one.text) for one in page.sentences], page.language)


@pytest.mark.parametrize(
    ("html", "sentences"),
    [
        ("<h2>見出し</h2>\n<p>一つ。二つ。</p>", ["見出し", "一つ。", "二つ。"]),
        ("<ul>\n<li>親\n<ul>\n<li>子</li>\n</ul>\n</li>\n</ul>", ["親", "子"]),
        ("<ol><li><p>段落</p><p>次</p></li></ol>", ["段落", "次"]),
        ("<table><caption>題</caption><tr><th>列</th><td>値</td><td>3.5</td></tr></table>",
         ["題", "列", "値"]),
        ("<blockquote>\n<p>引用。</p>\n</blockquote>", ["引用。"]),
        ("<blockquote>裸の引用</blockquote>", ["裸の引用"]),
        ("<details><summary>開く</summary>中<p>段落</p>後</details>", ["開く", "中", "段落", "後"]),
        ("<dl><dt>語</dt><dd>意味</dd></dl>", ["語", "意味"]),
        ("<figure><img alt=\"写真\"><figcaption>説明</figcaption></figure>", ["写真", "説明"]),
        ("<p>改行の前<br>後</p>", ["改行の前", "後"]),
        ("<p>行を\n折り返す\nABC\nです</p>", ["行を折り返す ABC です"]),
        ("<pre><code># 注釈</code></pre><p>文</p>", ["文"]),
        ("<p translate=\"no\">原文</p><div translate=\"no\"><p>原文</p></div><p>文</p>", ["文"]),
        ("<p lang=\"en\">English and 日本語</p><p lang=\"ja-JP\">文</p>", ["文"]),
        ("<p><code>実行</code>する</p>", ["実行する"]),
        ("<p><a href=\"u\">全文。</a></p>", ["全文。"]),
        ("<p><strong>一つ。二つ。</strong>三つ。</p>", ["一つ。", "二つ。", "三つ。"]),
        ("<p>一つ<strong>目。二つ</strong>目。三つ。</p>", ["一つ目。二つ目。", "三つ。"]),
        ("<p>一つ<em>目<br>二つ</em>目</p>", ["一つ目 二つ目"]),
        ("<p>注<sup><a href=\"#fn1\">[1]</a></sup>がある。</p>", ["注がある。"]),
        ("<p><ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>だ。</p>", ["漢字だ。"]),
        ("<p><a href=\"u\" title=\"題。\">語</a>と語。</p>", ["題。", "語と語。"]),
        ("<p>2025 OpenAI 😊 <a href=\"u\">https://e.com/a</a></p>", []),
        ("<p><img src=\"a\" alt=\"3.png\"> <br></p>", []),
        ("", []),
        ("   \n", []),
    ],
)  # fmt: skip
def test_a_page_becomes_sentences(html: str, sentences: list[str]) -> None:
    assert told(html) == sentences
    assert same(split(html, "ja")).replace("\n", "") != "" or not html.strip()


@pytest.mark.parametrize(
    ("html", "texts", "expected"),
    [
        ("<p>一つ。二つ。</p>", ["One.", "Two."], "<p>One. Two.</p>"),
        ("<p><b>一つ。</b><i>二つ。</i></p>", ["One.", "Two."], "<p><b>One.</b> <i>Two.</i></p>"),
        ("<p>一つ。<br>\n二つ。</p>", ["One.", "Two."], "<p>One.<br> Two.</p>"),
        ("<p>一つ。<sup><a href=\"#n\">[1]</a></sup>二つ。</p>", ["One.", "Two."],
         "<p>One.<sup><a href=\"#n\">[1]</a></sup> Two.</p>"),
        ("<p>新しい<a href=\"u\">LG</a>の話。</p>", ["A tale of LG."],
         "<p>A tale of <a href=\"u\">LG</a>.</p>"),
        ("<p><a href=\"u\"><em>LG</em></a>の話。</p>", ["A tale of LG."],
         "<p>A tale of <a href=\"u\"><em>LG</em></a>.</p>"),
        ("<p><code>a  &lt; b</code>を見る。</p>", ["See a < b."],
         "<p>See <code>a  &lt; b</code>.</p>"),
        ("<p>絵<img src=\"a\" alt=\"犬。猫。\">。</p>", ["A dog.", "A \"cat\".", "Picture."],
         "<p>Picture<img src=\"a\" alt=\"A dog. A &quot;cat&quot;.\">.</p>"),
        ("<p>読む<ruby>字<rt>じ</rt></ruby></p>", ["Read letters"],
         "<p>Read <ruby>letters<rt>じ</rt></ruby></p>"),
        ("<ul><li><input type=\"checkbox\"> 仕事</li></ul>", ["Work"],
         "<ul><li><input type=\"checkbox\"> Work</li></ul>"),
        ("<p lang=\"ja\">文</p>", ["Text"], "<p>Text</p>"),
        ("<p>文<span translate=\"no\">株式会社</span>だ</p>", ["It is 株式会社"],
         "<p>It is <span translate=\"no\">株式会社</span></p>"),
        ("<p><code>npm</code>を使う。</p>", ["Use it."], "<p>Use <code>npm</code> it.</p>"),
        ("<a href=\"b\"><a href=\"u\">https://e.jp/</a><p>文</p></a>", ["Text"],
         "<a href=\"b\"><a href=\"u\">https://e.jp/</a><p>Text</p></a>"),
        ("<p>&lt;文&gt;</p>", ["a <b> & c\xa0d"], "<p>a &lt;b&gt; &amp; c&nbsp;d</p>"),
        ("<p> 前後 </p>\n", ["Both"], "<p> Both </p>\n"),
        ("<p>文。OK！文。</p>", ["One.", "Two."], "<p>One. OK！ Two.</p>"),
    ],
)  # fmt: skip
def test_a_page_is_put_together(html: str, texts: list[str], expected: str) -> None:
    assert say(html, *texts) == expected


def test_sentences_in_japanese_stand_without_a_space() -> None:
    page = split("<p>One. Two.</p>", "en")
    assert join(page, [Rendered("一。"), Rendered("二。")], "ja") == "<p>一。二。</p>"
    assert join(page, [Rendered("하나."), Rendered("둘.")], "ko") == "<p>하나. 둘.</p>"


@pytest.mark.parametrize(
    ("html", "kept", "expected"),
    [
        ("<p>一つ。二つ。</p>", (0,), '<p><span lang="ja">一つ。</span> Words.</p>'),
        ("<p>一つ。二つ。</p>", (0, 1), '<p lang="ja">一つ。二つ。</p>'),
        ("<p>一つ。OK.</p>", (0,), '<p lang="ja">一つ。OK.</p>'),
        ("<li>親<ul><li>子</li></ul></li>", (0,),
         '<li><span lang="ja">親</span><ul><li>Words.</li></ul></li>'),
        ("裸の<b>文</b>。次。", (0, 1), '<span lang="ja">裸の<b>文</b>。次。</span>'),
        ("<p>前<a href=\"u\">語</a>後。次。</p>", (0,),
         '<p><span lang="ja">前<a href="u">語</a>後。</span> Words.</p>'),
        ("<p lang=\"ja\">文。</p>", (0,), '<p lang="ja">文。</p>'),
        ("<img src=\"a\" alt=\"絵\">", (0,), '<img src="a" alt="絵">'),
        ("<p>\n文。\n</p>", (0,), '<p lang="ja">\n文。\n</p>'),
    ],
)  # fmt: skip
def test_what_is_kept_says_its_language_once(
    html: str, kept: tuple[int, ...], expected: str
) -> None:
    assert keep(html, *kept) == expected


@pytest.mark.parametrize("text", ["", "  ", "a"])
def test_a_sentence_without_room_for_its_marks_is_kept(text: str) -> None:
    html = '<p>前<a href="u">一</a>と<a href="v">二</a>。次。</p>'
    expected = '<p><span lang="ja">前<a href="u">一</a>と<a href="v">二</a>。</span> Next.</p>'
    assert say(html, text, "Next.") == expected


# Pages made of every shape, each element known by its id.

_IDS = re.compile("ID")
_PARTS = [
    "日本", "語", "は", "。", "」", "「", "！", "、", "LG", "3.5", "100億ウォン", "Node.js",
    "&amp;", "x &lt; y", "😊", "a&nbsp;b", "서울",
]  # fmt: skip
_WORDS = st.lists(st.sampled_from(_PARTS), min_size=1, max_size=4).map("".join)
_ATOMS = st.sampled_from([
    '<img id="ID" src="s">', '<img id="ID" src="s" alt="犬の絵。">', '<code id="ID">npm i</code>',
    '<code id="ID">値</code>', '<wbr id="ID">', '<br id="ID">', '<a id="ID" href="#fn">[1]</a>',
    '<span id="ID" translate="no">株式</span>',
    '<a id="ID" href="https://e.jp/">https://e.jp/</a>',
    '<sup id="ID"><a id="ID" href="#fn">[2]</a></sup>', '<a id="ID"></a>',
    '<a id="ID" href="h"><img id="ID" src="s"></a>', '<i id="ID" lang="en">so</i>',
])  # fmt: skip
_TAGS = st.sampled_from(
    ['a id="ID" href="h"', 'a id="ID" href="h" title="題"', 'strong id="ID"', 'em id="ID"',
     'sub id="ID"', 'span id="ID"', 'mark id="ID"']
)  # fmt: skip
_HOLDERS = st.sampled_from(["p", "li", "td", "h2", "blockquote", "dd", "summary", "div"])


def _element(inner: str, tag: str) -> str:
    return f"<{tag}>{inner}</{tag.split()[0]}>"


def _ruby(base: str) -> str:
    return f'<ruby id="ID">{base}<rp>(</rp><rt id="ID">じ</rt><rp>)</rp></ruby>'


_INLINE = st.recursive(
    _WORDS | _ATOMS | _WORDS.map(_ruby),
    lambda inner: st.builds(_element, st.lists(inner, max_size=3).map("".join), _TAGS),
    max_leaves=8,
)
_RUNS = st.lists(_INLINE, max_size=5).map("".join)
_BLOCKS = st.recursive(
    st.builds(_element, _RUNS, _HOLDERS.map(lambda name: f'{name} id="ID"'))
    | st.just('<pre id="ID"><code>値  は\n</code></pre>')
    | _RUNS,
    lambda inner: st.builds(
        _element,
        st.lists(inner, max_size=3).map("".join),
        st.sampled_from(['div id="ID"', 'ul id="ID"', 'a id="ID" href="b"']),
    ),
    max_leaves=6,
)


def _numbered(html: str) -> str:
    count = iter(range(10_000))
    return _IDS.sub(lambda _: f"n{next(count)}", html)


PAGES = st.lists(_BLOCKS, max_size=4).map("".join).map(_numbered)
SAID = st.lists(
    st.sampled_from(
        ["word", "The", "LG", "npm i", "값", "로", "犬", "。", "<", "“", "3.5", " ", " "]
    ),
    max_size=12,
).map("".join)
TAG = re.compile(r"<(/?)([a-z0-9]+)((?:\s[^>]*)?)>")
_CHANGED = re.compile(r' (?:alt|title|lang)="[^"]*"')
_VOID = {"img", "br", "wbr", "input", "hr"}


@st.composite
def results_for(draw: st.DrawFn, page: Segmented) -> list[Rendered]:
    found = []
    for segment in page.sentences:
        text = draw(SAID | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=9))
        found.append(Rendered(text, draw(_alignment(segment.text, text)), draw(st.booleans())))
    return found


@st.composite
def _alignment(draw: st.DrawFn, source: str, target: str) -> Alignment | None:
    if not source or not target or draw(st.booleans()):
        return None
    cuts = [
        sorted(draw(st.sets(st.integers(0, len(text)), max_size=5)) | {0, len(text)})
        for text in (source, target)
    ]
    sources, targets = (tuple(Span(*both) for both in pairwise(places)) for places in cuts)
    row = st.lists(st.floats(0, 1), min_size=len(sources), max_size=len(sources)).map(tuple)
    rows = draw(st.lists(row, min_size=len(targets), max_size=len(targets)))
    return Alignment(sources, targets, tuple(rows))


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


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        lambda n: "<div>" * n + "文" + "</div>" * n,
        lambda n: "<b>" * n + "文" + "</b>" * n,
        lambda n: "<p>前" + "<b>" * n + "文" + "</b>" * n + "後</p>",
        lambda n: "<b>前" * n + "</b>" * n,
        lambda n: "<p>" + "<b>前</b>後" * n + "</p>",
        lambda n: "<p>" + "<b>前。後</b>。" * (n // 4) + "</p>",
        lambda n: "<p>前<b>" + "語" * 100 * n + "</b></p>",
        lambda n: "<p>前<b>" + "x" * 100 * n + "</b></p>",
        lambda n: "<p>前<b>後</b>" + " x" * 10 * n + "</p>",
    ],
)
def test_depth_and_length_cost_no_more_than_time(make: Callable[[int], str]) -> None:
    html = make(10_000)
    start = time.perf_counter()
    page = split(html, "ja")
    assert same(page) == html
    joined = join(page, [Rendered("Some words here.") for _ in page.sentences], "en")
    assert joined.count("<") == html.count("<") + 2 * joined.count("<span lang")
    assert time.perf_counter() - start < 30  # seconds; 2 here, hours if it were the square
