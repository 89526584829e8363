"""Formulas in translation: a translation keeps each of them, or is refused."""

from __future__ import annotations

from content.rendering.markdown import to_html
from translate.html.splitter import split
from translate.quality.gate import check
from translate.types import Pair

PAIR = Pair("ja", "en")


def texts(markdown: str) -> list[str]:
    return [sentence.text for sentence in split(to_html(markdown), "ja").sentences]


def test_a_model_sees_a_letter_in_place_of_a_formula() -> None:
    assert texts(r"解は $$x = \frac{-b}{2a}$$ です。") == ["解は x です。"]
    assert texts(r"$n$ が大きいとき。") == ["$n$ が大きいとき。"]


def test_a_formula_by_itself_is_no_sentence() -> None:
    assert texts("$$\na = b\n$$\n\n本文です。") == ["本文です。"]


def test_a_formula_that_changed_is_refused() -> None:
    source = r"解は \(x_1 = 2\) です。"
    assert check(source, r"The solution is \(x_1 = 2\).", PAIR) == ()
    for wrong in (r"\(x_1 = 2 \)", r"\(x_2 = 2\)", r"\(x_1 = 2", "x_1 = 2"):
        assert "urls" in check(source, f"The solution is {wrong}.", PAIR)
