"""HTML taken apart into sentences, and put together again."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.support.pages import same
from translate.html.joiner import Rendered, join, split


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
        ("<p><code>f(n)</code>は<code>print()</code>より速い。</p>",
         ["f(n) is faster than print()."],
         "<p><code>f(n)</code> is faster than <code>print()</code>.</p>"),
        ("<p><kbd>Ctrl</kbd>＋<kbd>C</kbd>で止まる。</p>", ["C, Ctrl stops it."],
         "<p><kbd>Ctrl</kbd>＋<kbd>C</kbd> stops it.</p>"),
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
        ("<img src=\"a\" alt=\"絵\">", (0,), '<img src="a" alt="絵" lang="ja">'),
        ("<img alt=\"絵\" title=\"題\" src=\"a\">", (0,), '<img alt="絵" title="Words." src="a">'),
        ("<p>文。<img alt=\"絵\">次。</p>", (0,),
         '<p>Words.<img alt="絵" lang="ja"> Words.</p>'),
        ("<p><img alt=\"絵\">文。</p>", (0, 1), '<p lang="ja"><img alt="絵">文。</p>'),
        ("<p><a title=\"題\" href=\"u\">文</a></p>", (0,),
         '<p><a title="題" href="u">Words.</a></p>'),
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
