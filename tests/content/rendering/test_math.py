"""Formulas: between their delimiters, every character is the author's."""

from __future__ import annotations

import html
import time

import pytest

from content.rendering.markdown import to_html
from content.rendering.source.math import protect_formulas


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"式 $$x_1 * y_2 * z$$ です", r"\(x_1 * y_2 * z\)"),
        ("$$\na \\\\ b_{1} < c & d\n$$", "\\[\na \\\\ b_{1} < c & d\n\\]"),
        ("$$a^2 + b^2$$", r"\[a^2 + b^2\]"),
        (r"式 $a_1 * b_2 * c$ です", r"$a_1 * b_2 * c$"),
        (r"式 \(a_1 * b\) です", r"\(a_1 * b\)"),
        (r"式 \\(a_1 * b\\) です", r"\(a_1 * b\)"),
        (r"\[ \frac{a}{b} \\[4pt] c \]", r"\[ \frac{a}{b} \\[4pt] c \]"),
        (r"集合 $\{x\}$ です", r"$\{x\}$"),
        (r"> $$a_1$$", r"\[a_1\]"),
        ("| 式 |\n|---|\n| $a|b_1$ |", r"$a|b_1$"),
        ("## 式 $x_1$\n", r"$x_1$"),
        (r"価格 \$5 と $x$ です", "$x$"),
        ("行列\n$$\na\n\nb\n$$", "\\[\na\n\nb\n\\]"),
    ],
)
def test_formulas(source: str, shown: str) -> None:
    found = to_html(source)
    assert 'translate="no">' + html.escape(shown, quote=False) + "</" in found
    assert "<em>" not in found


@pytest.mark.parametrize(
    "source",
    [
        "$5 to $10 and US$20, a$b",
        "from $5 to 10$ each of them",
        "`$a_1$` and `$$b$$`",
        "```\n$$a$$\n```",
        "<pre>$(echo $HOME) $PATH</pre>",
        "$HOME is not $PATH",
        r"\[追記\] と \(注\) です",
        "[vm.$watch](https://a.example/#vm-$watch)",
        "$ x $ と $$",
    ],
)
def test_what_is_no_formula(source: str) -> None:
    assert "translate" not in to_html(source)


def test_a_formula_in_an_attribute_is_as_written() -> None:
    assert 'alt="図 $x_1$ です"' in to_html("![図 $x_1$ です](/a.png)")


def test_a_post_in_html_keeps_its_formulas() -> None:
    found = protect_formulas("<p>式は $$a_1 &lt; b$$ です。<code>$$c$$</code></p>")
    assert found == (
        '<p>式は <span translate="no">$$a_1 &lt; b$$</span> です。<code>$$c$$</code></p>'
    )


@pytest.mark.parametrize(
    "piece", ["$", "$$", "$a ", "\\(", "\\[", "$$a", "\\(a\\", "$a$b", "\\\\[", "<pre>", "$$\n"]
)
def test_hostile_formulas_take_linear_time(piece: str) -> None:
    started = time.process_time()
    to_html(piece * (200_000 // len(piece)))
    assert time.process_time() - started < 3
