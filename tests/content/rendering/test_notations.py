"""Notations of other tools: shown as what they mean, or as plain words."""

from __future__ import annotations

import time

import pytest

from content.rendering.liquid import without_liquid
from content.rendering.markdown import to_html

CARD = '<a href="https://a.example/">https://a.example/</a>'


@pytest.mark.parametrize(
    ("source", "shown", "gone"),
    [
        (":::message\n**大切**です。\n:::\n後", ["<aside>", "<strong>大切</strong>"], ":::"),
        (":::message alert\n```js\na\n```\n:::\n後", ["</aside>\n<p>後"], ":::"),
        (":::details 続き\n- 項\n:::", ["<summary>続き</summary>", "<li>項</li>"], ":::"),
        (":::note warn\n注意\n", ["<aside>", "注意"], ":::"),
        ("@[youtube](abc)", ['href="https://www.youtube.com/watch?v=abc"'], "@["),
        ("@[card](https://a.example/)", [CARD], "@["),
        ("```js:src/a.js\nx\n```", ["<code>src/a.js</code>", 'class="language-js"'], "js:"),
        ("昨日の[[会議メモ]]と[[a/b|別名]]です。", ["昨日の会議メモと別名です。"], "[["),
        ("![[図 1.png|300]]", ['<img src="%E5%9B%B3%201.png" alt="">'], "[["),
        ("> [!tip] こつ\n> 早く寝る", ["<strong>こつ</strong>", "早く寝る"], "[!"),
        ("> [!NOTE]\n> 本文", ["<strong>Note</strong>", "本文"], "[!"),
        ("==大事なところ==です。", ["<mark>大事なところ</mark>"], "=="),
        ("見ました。%%非公開%%", ["見ました。"], "非公開"),
        ("見た。\n\n%%\n非公開\n\n非公開\n%%\n", ["見た。"], "非公開"),
        ("![図](/a.png =250x)", ['src="/a.png"'], "250"),
        ('{{< youtube abc >}}', ["watch?v=abc"], "{{"),
        ('{{< figure src="/a.png" caption="図" >}}', ["<figcaption>図</figcaption>"], "{{"),
        ("{{% notice tip %}}\n**中身**\n{{% /notice %}}", ["<strong>中身</strong>"], "{{"),
        ('[caption id="a"]<img src="/a.png"> 図[/caption]', ['src="/a.png"', "図"], "caption"),
        ("[youtube https://youtu.be/abc]", ['href="https://youtu.be/abc"'], "[youtube"),
        ("{% note %}中身{% endnote %}", ["中身"], "{%"),
        ("{% youtube abc %}", ["watch?v=abc"], "{%"),
        ('{% include embed/youtube.html id="abc" %}', ["watch?v=abc"], "{%"),
        ('{% include figure.html src="/a.png" caption="売上" %}', ["売上", "/a.png"], "{%"),
        ("`[[x]]` と `==y==` と `%%z%%`", ["[[x]]", "==y==", "%%z%%"], "<mark>"),
        ("a == b と c[0][1] と [x](y)", ["a == b", "c[0][1]", 'href="y"'], "<mark>"),
        ("{% note info no-icon %}中身{% endnote %}", ["中身"], "info"),
        ("{% blockquote 著者 %}\n**引用**\n{% endblockquote %}\n後",
         ["<blockquote>\n<p><strong>引用</strong>", "後</p>"], "{%"),
        ("注です^[中身の**注**です]。", [">[1]</a>", "中身の<strong>注</strong>"], "^["),
        ("型は^[a-z]+$と ^[注] です。", ["^[a-z]+$", "^[注]"], "<sup>"),
        ("run: ${{ secrets.X }}", ["${{ secrets.X }}"], "<a"),
    ],
)  # fmt: skip
def test_notations(source: str, shown: list[str], gone: str) -> None:
    html = to_html(without_liquid(source, resolve=lambda stem: None))
    for one in shown:
        assert one in html
    assert gone not in html


def test_in_a_jekyll_blog_they_are_text() -> None:
    html = to_html("==a== と [[b]] と %%c%%", kramdown=True)
    assert html == "<p>==a== と [[b]] と %%c%%</p>\n"


@pytest.mark.parametrize(
    "piece", [":::a\n", "[[", "==a", "%%", "@[a](", "> [!a]\n", "{{< ", "[gallery ", "[[a|"]
)
def test_hostile_notations_take_linear_time(piece: str) -> None:
    started = time.process_time()
    to_html(piece * (100_000 // len(piece)))
    assert time.process_time() - started < 4
