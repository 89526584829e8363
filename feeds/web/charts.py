"""Plots as SVG, drawn on the server: no script, and no style that the policy would refuse.

Colours come from the style sheet's classes, so that plots follow light and dark. Each plot
carries its meaning as text (`<title>`, role img); the numbers stand beside it in the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from markupsafe import Markup


def bar(parts: Sequence[tuple[str, float]], total: float, label: str) -> Markup:
    """One horizontal bar: the parts as (class, amount), from the start, of a whole of `total`."""
    whole = max(total, sum(amount for _, amount in parts)) or 1
    shapes = ['<rect class="rest" width="100%" height="100%"/>']
    start = 0.0
    for name, amount in parts:
        if amount > 0:
            shapes.append(_rect(name, start / whole, 0, amount / whole, 1))
            start += amount
    return _svg("bar", label, "".join(shapes))


def columns(bars: Sequence[Sequence[tuple[str, float]]], label: str) -> Markup:
    """Columns side by side, each a stack of (class, amount) from the ground up."""
    most = max((sum(amount for _, amount in stack) for stack in bars), default=0) or 1
    width = 1 / max(len(bars), 1)
    shapes = []
    for position, stack in enumerate(bars):
        level = 0.0
        for name, amount in stack:
            if amount > 0:
                level += amount / most
                shapes.append(
                    _rect(name, (position + 0.1) * width, 1 - level, 0.8 * width, amount / most)
                )
    return _svg("columns", label, "".join(shapes))


def _rect(name: str, x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect class="{name}" x="{_percent(x)}" y="{_percent(y)}" '
        f'width="{_percent(width)}" height="{_percent(height)}"/>'
    )


def _percent(share: float) -> str:
    return f"{share * 100:.2f}".rstrip("0").rstrip(".") + "%"


def _svg(name: str, label: str, shapes: str) -> Markup:
    # Percentages instead of a view box: the plot stretches with its column, the style
    # sheet decides how high it is, and nothing is distorted.
    text = escape(label)
    return Markup(  # noqa: S704 - the label is escaped, the rest is made here
        f'<svg class="{name}" role="img" aria-label="{text}"><title>{text}</title>{shapes}</svg>'
    )
