"""What a reader gets of a post's text."""

from __future__ import annotations

import pytest

from content.library.body import render_body
from content.post import Body


def render(text: str, front: str = "", path: str = "x.md", title: str = "題名") -> Body:
    data = f"---\ntitle: x\n{front}\n---\n{text}".encode()
    return render_body(data, path, title=title, resolve={"2026-01-01-other": "/other/"}.get)


@pytest.mark.parametrize(
    "first",
    ["題名\n\n", "# 題名\n\n", "**題名**\n", "## **題名** ##\n\n", "題名\n====\n\n", "　題名 \n\n"],
)
def test_the_title_is_not_repeated(first: str) -> None:
    assert render(f"\n{first}本文。").html == "<p>本文。</p>\n"


def test_a_first_line_that_is_not_the_title_stays() -> None:
    assert render("題名ではない\n\n本文。").html.startswith("<p>題名ではない</p>")
    assert render("<h1>題名</h1><p>本文</p>", path="x.html").html == "<p>本文</p>"


@pytest.mark.parametrize("end", ["---END---", "\n---END---\n\n", "\n**--- end ---**"])
def test_a_closing_mark_is_removed(end: str) -> None:
    assert render(f"本文。\n{end}").html == "<p>本文。</p>\n"
    assert "END" in render("---END---\n\n本文。").html


def test_an_excerpt_is_plain_text() -> None:
    assert render("x", "excerpt: '**太字** &amp; <b>x</b> `y`'").excerpt == "太字 & x y"
    assert render("x", "description: 説明").excerpt == "説明"


def test_without_an_excerpt_the_first_paragraph_is_one() -> None:
    text = "# 見出し\n\n![図](a.png)\n\n> 引用\n\n最初の**段落**。[^1]\n\n次。\n\n[^1]: 注"
    assert render(text).excerpt == "最初の段落。"
    assert render("- 一\n- 二").excerpt == "一 二"
    assert render("<ruby>漢字<rt>かんじ</rt></ruby>の話。").excerpt == "漢字の話。"


def test_a_long_excerpt_ends_with_a_sentence() -> None:
    text = "これは四十字ほどの文であり、同じことを繰り返し述べるためだけにある。" * 10
    excerpt = render(text).excerpt
    assert 120 <= len(excerpt) <= 200
    assert excerpt.endswith("ある。")
    assert render("あ" * 500).excerpt == "あ" * 199 + "…"
    emoji = render("あ" * 198 + "👨‍👩‍👧" + "い" * 50).excerpt
    assert emoji.removesuffix("…").rstrip("あ") in ("", "👨‍👩‍👧")


def test_reading_time() -> None:
    assert render("x", "reading_time: 8").reading_time == 8
    assert render("x", "reading_time: 12 min").reading_time == 12
    assert render("x", "reading_time: soon").reading_time == 1
    assert render("あ" * 2000).reading_time == 4
    assert render("word " * 660).reading_time == 3
    assert render("").reading_time == 1


def test_liquid_and_kramdown_leave_no_trace() -> None:
    text = (
        "{% include toc.html %}\n* TOC\n{:toc}\n\n## 見出し {#top}\n\n"
        "本文{{ page.date }}。\n{: .note}\n\n"
        "[次]({% post_url 2026-01-01-other %}){:target='_blank'}と[前]({{ site.url }}/a)\n\n"
        "{% highlight ruby %}\n{: .note}\nputs '{{ x }}'\n{% endhighlight %}\n"
    )
    html = render(text).html
    assert '<a href="/other/">次</a>と<a href="/a">前</a>' in html
    assert "<code class=\"language-ruby\">{: .note}\nputs '{{ x }}'" in html
    prose = html.partition("<pre>")[0]
    assert not any(mark in prose for mark in ("{", "}", "TOC"))


def test_an_html_post_is_not_read_as_markdown() -> None:
    html = render("<p>a **b**</p>\n\n    <p>c {{ x }}</p>", path="x.html").html
    assert "**b**" in html
    assert "<p>c </p>" in html
    assert "<pre>" not in html


def test_the_engine_says_what_braces_and_addresses_are() -> None:
    data = "---\ntitle: a\n---\n{{ x }} {{< youtube abc >}} https://a.example/b です\n".encode()

    def html(engine: str | None) -> str:
        return render_body(data, "a.md", title="a", resolve=lambda stem: None, engine=engine).html

    assert "{{ x }}" in html("hugo")
    assert "watch?v=abc" in html("hugo")
    assert '<a href="https://a.example/b">' in html("hugo")
    assert "{{ x }}" not in html(None)
    assert "a.example/b</a>" in html(None)
    assert "a.example/b</a>" not in html("jekyll")
