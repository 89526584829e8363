"""Markdown to HTML that any reader may show."""

from __future__ import annotations

import re
import time
import unicodedata

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.rendering.markdown import absolute_links, plain_text, strip_markup, to_html
from content.rendering.sanitize import paragraphs, sanitize

BASE = "https://blog.example/2026/x/"


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("一行目\n二行目", "<p>一行目二行目</p>"),
        ("一行目、\nfoo", "<p>一行目、foo</p>"),
        ("**一行目**\n`二行目`", "<p><strong>一行目</strong><code>二行目</code></p>"),
        ("one\ntwo", "<p>one\ntwo</p>"),
        ("한국어\n문장", "<p>한국어\n문장</p>"),
        ("これは\nRSS", "<p>これは\nRSS</p>"),
        ("一  \n二", "<p>一<br>\n二</p>"),
        ("これは**「強調」**です", "<p>これは<strong>「強調」</strong>です</p>"),
        ("**太字。**次", "<p><strong>太字。</strong>次</p>"),
        ("価格は**100%**です", "<p>価格は<strong>100%</strong>です</p>"),
        ("a**b**c ~~d~~", "<p>a<strong>b</strong>c <s>d</s></p>"),
        ("snake_case_x", "<p>snake_case_x</p>"),
        ("日本_語_です", "<p>日本_語_です</p>"),
        ("### 見出し A!", '<h3 id="見出し-a">見出し A!</h3>'),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>'),
        ("```py\nx < 1\n```", '<pre><code class="language-py">x &lt; 1\n</code></pre>'),
        ("a\n: b", "<dl>\n<dt>a</dt>\n<dd>b</dd>\n</dl>"),
        ("<ruby>漢<rp>(</rp><rt>かん</rt></ruby>", "<p><ruby>漢<rp>(</rp><rt>かん</rt></ruby></p>"),
        (
            '<p translate="no" lang="en" dir="ltr">x</p>',
            '<p translate="no" lang="en" dir="ltr">x</p>',
        ),
    ],
)
def test_markdown(markdown: str, html: str) -> None:
    rendered = to_html(markdown).strip()
    assert sorted(re.findall(r'[^\s">]+', rendered)) == sorted(re.findall(r'[^\s">]+', html))
    assert re.sub(r' [a-z]+="[^"]*"', "", rendered) == re.sub(r' [a-z]+="[^"]*"', "", html)


def test_tables_keep_their_alignment_without_styles() -> None:
    html = to_html("| a | b |\n|:-:|--:|\n| 1 | 2 |")
    assert '<th align="center">a</th>' in html
    assert '<td align="right">2</td>' in html
    assert "style" not in html


def test_footnotes_link_to_each_other() -> None:
    html = to_html("a[^1]\n\n[^1]: note")
    assert re.search(r'<a [^>]*href="#fn1"', html)
    assert 'id="fn1"' in html
    assert 'href="#fnref1"' in html


def test_a_footnote_has_one_number_however_often_it_is_referred_to() -> None:
    html = to_html("a[^1] b[^1]\n\n[^1]: note")
    assert html.count(">[1]</a>") == 2
    assert 'href="#fnref1:1"' in html


def test_headings_that_say_the_same_have_different_ids() -> None:
    assert re.findall('id="([^"]*)"', to_html("# a\n# a\n# !")) == ["a", "a-1", "section"]


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        '<a href="jAvAsCrIpT&#58;alert(1)">x</a>',
        '<a href="java\nscript:alert(1)">x</a>',
        '<a href="javascript&#6;:alert(1)">x</a>',
        '<a href="java&#xFFFE;script&#1;:alert(1)">x</a>',
        "[x](data:text/html,<script>alert(1)</script>)",
        "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
        "<img srcset='javascript:alert(1) 1x'>",
        "<iframe src='javascript:alert(1)'></iframe>",
        "<svg><a href='javascript:alert(1)'>x</a></svg>",
        "<math><mtext></p><style><img src=x onerror=alert(1)></style>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<p style='background:url(javascript:alert(1))' class='alert' onclick='alert(1)'>x</p>",
        "<form action='javascript:alert(1)'><button>x</button></form>",
        "<video src='javascript:alert(1)' poster='javascript:alert(2)'></video>",
        "<!-- <script>alert(1)</script> -->",
        "<base href='javascript:alert(1)//'><link rel=stylesheet href=alert>",
    ],
)
def test_nothing_that_runs_survives(hostile: str) -> None:
    html = to_html(hostile)
    assert "alert" not in html
    assert "alert" not in absolute_links(html, BASE)
    if hostile.startswith("<"):
        assert "alert" not in sanitize(hostile)
        assert "alert" not in absolute_links(hostile, BASE)


_PIECES = st.sampled_from(
    ["<script", ">", "</script>", "<img src=", "onerror=", "javascript:", "'", '"', "<a href=",
     "</a>", "<svg>", "<style>", "<b>", "</b>", "<table>", "<td>", "&#x1f;", "&#xfffe;", "&#x338;",
     "\x0b", "\ud800", "\ufffe", "<!--", "-->", "[x](", ")", "**", "`", "\n\n", "> ", "- ", "x",
     "題", "\u0338", "<p>", "<p title='", "<rt>", "&lt;", "|", "[^1]", "[^1]: "]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=30).map("".join))
def test_whatever_the_source_the_html_is_safe_and_legal(source: str) -> None:
    html = to_html(source)
    assert unicodedata.is_normalized("NFC", html)
    assert not re.search("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", html)
    for tree in (lxml.html.fragment_fromstring(html, create_parent=True),):
        for element in tree.iterdescendants():
            assert element.tag not in ("script", "style", "svg", "iframe")
            assert not [name for name in element.attrib if name.startswith("on")]
            assert "javascript:" not in (element.get("href") or "") + (element.get("src") or "")
    assert sanitize(html) == html
    plain_text(html)
    list(paragraphs(html))


@pytest.mark.parametrize(
    "source",
    [
        "> " * 10_000 + "x",
        "- " * 10_000 + "x",
        "<div>" * 10_000 + "x",
        "<div>" * 100_000 + "x",
        "<b><i>" * 10_000 + "x",
        "<div '" * 20_000,
        "".join(f"<b title={i}>" for i in range(1_500)) + "<p>x" * 1_500,
        "[" * 20_000 + "](x)" * 20_000,
        "![[]()" * 20_000,
        "a" * 1_000_000,
        "あ" * 1_000_000,
        "*a " * 100_000,
        "`" * 100_000 + " ``" * 30_000,
        "# a\n" * 10_000,
        "<!--" * 100_000,
        "a[^b" * 20_000,
        "&" * 1_000_000,
        ("![" * 9_999 + "\n\n") * 50,
        ("!" * 100 + "[" * 300 + "a" * 19_000 + "\n\n") * 50,
        "- - a\n" * 160_000,
        ("- " * 29 + "a\n") * 15_000,
        "1. " * 300_000,
        "a\n: " * 200_000,
        "|a|b|\n|-|-|\n|x|y|\n\n" * 50_000,
        "|a|b|\n|-|-|\n" + "|x|y|\n" * 150_000,
        "*a*\n\n" * 200_000,
        "".join(f"[^{n}]\n\n[^{n}]: x\n\n" for n in range(40_000)),
    ],
    ids=lambda source: source[:8],
)
def test_hostile_text_is_bounded(source: str) -> None:
    """Two seconds here, where some of what was found here once took up to a minute and a half."""
    started = time.process_time()
    html = to_html(source)
    absolute_links(html, BASE)
    plain_text(html)
    assert time.process_time() - started < 5
    tree = lxml.html.fragment_fromstring(html, create_parent=True)
    lxml.html.tostring(tree)


def test_what_is_no_prose_is_shown_as_it_is_written() -> None:
    assert to_html("- <b>&\n" * 20_000).startswith("<pre>- &lt;b&gt;&amp;\n- ")
    links = to_html("[a](b) " * 301)
    assert links == "<p>" + ("[a](b) " * 301).strip() + "</p>\n"
    assert to_html("[a](b) " * 300).count("<a ") == 300


def test_a_tag_does_not_melt_into_what_follows_it() -> None:
    """NFC makes one character of ">" and a combining solidus."""
    html = to_html("**a**\u0338b")
    assert html == "<p><strong>a</strong>b</p>\n"
    assert to_html("<p>&#x338;</p>") == "<p></p>"
    assert sanitize("<p>\u0301\x07\u0338\u0338a</p>") == "<p>\u0301a</p>"


def test_many_unclosed_list_items_and_paragraphs_are_all_kept() -> None:
    html = sanitize("<ul>" + "".join(f"<li>{i}<p>{i}" for i in range(500)) + "</ul>")
    assert html.count("<li>") == 500
    assert html.count("<p>") == 500


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        ("a.png", "https://blog.example/2026/x/a.png"),
        ("/a b.png", "https://blog.example/a%20b.png"),
        ("/日本", "https://blog.example/%E6%97%A5%E6%9C%AC"),
        ("/a%20b%zz", "https://blog.example/a%20b%25zz"),
        ("?q=語&x=1", "https://blog.example/2026/x/?q=%E8%AA%9E&amp;x=1"),
        ("#fn1", "https://blog.example/2026/x/#fn1"),
        ("//cdn.example/a", "https://cdn.example/a"),
        ("https://例え.jp:8080/a", "https://xn--r8jz45g.jp:8080/a"),
        ("mailto:a@example.com", "mailto:a@example.com"),
        ("tel:+81-3", "tel:+81-3"),
    ],
)
def test_links_become_absolute_and_ascii(url: str, absolute: str) -> None:
    assert absolute_links(f'<a href="{url}">x</a>', BASE) == f'<a href="{absolute}">x</a>'


def test_links_that_lead_nowhere_are_no_links() -> None:
    for url in ("https://[", "https://" + "あ" * 80 + ".jp/", "https://a b/"):
        assert absolute_links(f'<a href="{url}">x</a>', BASE) == "<a>x</a>"


def test_every_kind_of_source_becomes_absolute() -> None:
    html = absolute_links(
        '<video src="v.mp4" poster="p.png" controls=""></video>'
        '<img srcset="a.png 1x, /b,c.png 2x" src="a.png" alt="図">',
        BASE,
    )
    assert 'src="https://blog.example/2026/x/v.mp4"' in html
    assert 'poster="https://blog.example/2026/x/p.png"' in html
    assert 'srcset="https://blog.example/2026/x/a.png 1x, https://blog.example/b,c.png 2x"' in html
    assert absolute_links(html, "https://other.example/") == html


def test_plain_text_says_what_a_reader_sees() -> None:
    html = to_html("# A\n\nb & `c`[^1]\n\n<ruby>漢<rt>かん</rt></ruby>字\n\n[^1]: n")
    assert plain_text(html).startswith("A b & c 漢字 ")
    assert strip_markup("**a** [b](c) <br> `<d>` \\*e\\* &copy;") == "a b <d> *e* ©"
    assert list(paragraphs("<p>a</p><blockquote><p>b</p></blockquote><p>c<br>d</p>")) == [
        "a",
        "c d",
    ]
