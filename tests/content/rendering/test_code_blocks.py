"""Code and references in short codes and tags of other tools."""

from __future__ import annotations

import pytest

from content.rendering.markdown import to_html
from content.rendering.source.code_blocks import fence_code
from content.rendering.source.references import rewrite_references


@pytest.mark.parametrize(
    ("source", "html"),
    [
        (
            '{{< highlight go "linenos=table" >}}\nx := `a` < $b$\n{{< /highlight >}}',
            '<pre><code class="language-go">x := `a` &lt; $b$\n</code></pre>\n',
        ),
        (
            "前{{< highlight sh >}}a{{< / highlight >}}後",
            '<p>前</p>\n<pre><code class="language-sh">a\n</code></pre>\n<p>後</p>\n',
        ),
        (
            "{% codeblock lang:js a.js %}\n```\n**a**\n{% endcodeblock %}",
            '<pre><code class="language-js">```\n**a**\n</code></pre>\n',
        ),
        ("{% code %}\n*a*\n{% endcode %}", "<pre><code>*a*\n</code></pre>\n"),
        (
            "```\n{{< highlight go >}}\n{{< /highlight >}}\n```",
            "<pre><code>{{&lt; highlight go &gt;}}\n{{&lt; /highlight &gt;}}\n</code></pre>\n",
        ),
    ],
)
def test_code_is_code(source: str, html: str) -> None:
    assert to_html(fence_code(source)) == html


def test_code_without_an_end_is_text() -> None:
    assert fence_code("{{< highlight go >}}a") == "{{< highlight go >}}a"


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ('[次]({{< ref "posts/next.md" >}})', "[次](/next/)"),
        ('[次]({{< relref path="next.md#見出し" >}})', "[次](/next/#見出し)"),
        ('[次]({{< ref "#見出し" >}})', "[次](#見出し)"),
        ('[次]({{< ref "none.md" >}})', "[次](#)"),
        ('`{{< ref "next.md" >}}`', '`{{< ref "next.md" >}}`'),
    ],
)
def test_a_reference_is_an_address(source: str, written: str) -> None:
    assert rewrite_references(source, {"next": "/next/"}.get) == written


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("https://a.example/b、次", '<a href="https://a.example/b">https://a.example/b</a>、次'),
        ("( https://a.example/b）。", ">https://a.example/b</a>）。"),
        ("https://a.example/日本", ">https://a.example/日本</a>"),
        ("www.a.example。", ">www.a.example</a>。"),
    ],
)
def test_an_address_ends_at_japanese_punctuation(source: str, shown: str) -> None:
    assert shown in to_html(source, bare_links=True)
