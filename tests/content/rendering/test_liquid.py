"""Liquid and kramdown without Jekyll."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.rendering.liquid import without_liquid
from content.rendering.source.kramdown import without_attributes

POSTS = {"2026-01-01-x": "/x/"}


def run(text: str, *, markdown: bool = True) -> str:
    return without_liquid(text, resolve=POSTS.get, title="題", markdown=markdown)


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("a{{ x | upcase }}b", "ab"),
        ("{{ page.title }}", "題"),
        ("{{ '/a.png' | relative_url }}", "/a.png"),
        ("[a]({{ site.baseurl }}/b)", "[a](/b)"),
        ("{% link _posts/2026-01-01-x.md %}", "/x/"),
        ("{% post_url /sub/2026-01-01-x %}", "/x/"),
        ("{% link _posts/2020-01-01-gone.md %}", "#"),
        ("{% link assets/a.pdf %}", "/assets/a.pdf"),
        ("a{% include x.html a='b' %}b", "ab"),
        ("a{% comment %}{{ x }} {% b %}{% endcomment %}b", "ab"),
        ("{%- if a -%}yes{% elsif b %}maybe{% else %}no{%- endif -%}!", "yes!"),
        ("{% for x in y %}{% if x %}a{% endif %}{{ x }}{% endfor %}b", "b"),
        ("{% if a %}lone", "lone"),
        ("{% for a %}lone", "lone"),
        ('{% assign v = "3.4.1" %}Ruby {{ v }}', "Ruby 3.4.1"),
        ("{% capture b %}*c*{% endcapture %}d{{ b }}", "d*c*"),
        ("{% capture b %}c{% endcapture %}<p>{{ b | markdownify }}</p>", "<p>\n\nc\n\n</p>"),
        ("{% assign a = 1 %}{% capture b %}c{% endcapture %}d", "d"),
        ("{% gist user/12 x.rb %}", "<https://gist.github.com/user/12>"),
        ("`{{ x }}` {{ x }}", "`{{ x }}` "),
        ("```\n{{ x }}\n```\n{{ x }}", "```\n{{ x }}\n```\n"),
        ("```\n{% raw %}{{ x }}{% endraw %}\n```", "```\n{{ x }}\n```"),
        ("{% raw %}\n```\n{% if %}\n```\n{% endraw %}", "\n```\n{% if %}\n```\n"),
        ("~~~~ liquid\n{{ x }}\n~~~\n{{ y }}", "~~~~ liquid\n{{ x }}\n~~~\n{{ y }}"),
        ("- ```\n  {{ x }}\n  ```\n{{ y }}", "- ```\n  {{ x }}\n  ```\n"),
        ("{{% a %}{ b }}", ""),
        ("{{% a %}% b %}", "% b %}"),
        ("no template {here}", "no template {here}"),
    ],
)
def test_liquid(source: str, result: str) -> None:
    assert run(source) == result


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("{{ site.baseurl }}/a.png", "/b/a.png"),
        ("{{ '/a.png' | relative_url }}", "/b/a.png"),
        ("{{ 'a.png' | absolute_url }}", "/b/a.png"),
        ("{% link assets/a.pdf %}", "/b/assets/a.pdf"),
        ("{{ '/a.png' }}", "/a.png"),
    ],
)
def test_the_blogs_path_stands_before_addresses(source: str, result: str) -> None:
    assert without_liquid(source, resolve=POSTS.get, baseurl="/b") == result


def test_highlight_becomes_a_fence_that_its_content_cannot_close() -> None:
    text = "a\n{% highlight md linenos %}\n```\n{% raw %}{{ x }}{% endraw %}\n{% endhighlight %}\nb"
    assert run(text) == "a\n````md\n```\n{{ x }}\n````\nb"
    html = run("{% highlight c %}\na < b\n{% endhighlight %}", markdown=False)
    assert html == '<pre><code class="language-c">a &lt; b\n</code></pre>'


@given(
    st.lists(st.sampled_from(["{{", "}}", "{%", "%}", "{", "}", "%", " a ", "if", "endif", "\n"]))
)
def test_no_template_code_remains(pieces: list[str]) -> None:
    assert not re.search(r"\{\{[^{}]*\}\}|\{%[^{}%]*%\}", run("".join(pieces)))


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("a\n{: .note}\nb", "a\nb"),
        ("a\n{:.note #id key='v'}", "a\n"),
        ("* TOC\n{:toc}\n\na", "\n\na"),
        ("## A {#b}\n", "## A {#b}\n"),
        ("## A {: .no_toc}\n", "## A\n"),
        ("## A\n{:.no_toc}\nb", "## A\nb"),
        ('[x](y){:target="_blank" rel="a b"} z', "[x](y) z"),
        ("`a`{:.b} c", "`a` c"),
        ("*a*{:.b}", "*a*"),
        ("- {:.c} item", "-  item"),
        ("{::options parse='x' /}a{::comment}b{:/comment}c", "ac"),
        ("```\n{: .note}\n```\n{: .note}\n", "```\n{: .note}\n```\n"),
        ("`{: .note}`", "`{: .note}`"),
        ("Elixir {:ok, x} and {:ok}", "Elixir {:ok, x} and {:ok}"),
    ],
)
def test_kramdown(source: str, result: str) -> None:
    assert without_attributes(source) == result


@pytest.mark.parametrize(
    "piece",
    [
        "{% raw %}", "{%", "{{", "{% highlight x %}", "{% for %}", "{% if %}", "`", "```\n",
        "~~~ `\n", "` `` ", "{: ", "{:.a", "{:a=", "{::comment}", "{:/", "* x\n", " ", ">", "- ",
        "{#a ", "## {", "{% comment %}", "\n\n`", "{:.aa=toc", "% }", "{:/x}{::comment}", "1. ",
    ],
)  # fmt: skip
def test_hostile_text_takes_linear_time(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    started = time.process_time()
    without_attributes(run(text))
    assert time.process_time() - started < 2
