"""Pieces as spans, attention as alignment: plain values, no model."""

from __future__ import annotations

import pytest

from translate.engines.canaries import canaries_for, is_usable, judge_attention
from translate.engines.subwords import align_pieces, place_pieces
from translate.types import Alignment, Hypothesis, Span


def test_spans_leave_white_space_out() -> None:
    pieces = place_pieces(
        "In  2025, ok", ["▁In", "▁20", "25", ",", "▁ok"], ["In", "  20", "25", ",", " ok"]
    )
    assert [pieces.text[start:end] for start, end in pieces.spans] == ["In", "20", "25", ",", "ok"]
    assert pieces.groups == (0, 1, 2, 3, 4)


def test_tokens_without_a_surface_join_the_next_and_the_last_ones_the_last() -> None:
    pieces = place_pieces(" 😀a", ["▁", "1", "2", "a", "▁"], [" ", "", "😀", "a", " "])
    assert pieces.spans == (Span(1, 2), Span(2, 3))
    assert pieces.groups == (0, 0, 0, 1, 1)


def test_a_surface_that_the_text_lacks_does_not_lose_the_others() -> None:
    text = "say “yes” now" + " and then" * 9 + ' "'
    tokens = ["say", '"', "yes", '"', "now"]
    pieces = place_pieces(text, tokens, tokens)
    assert [text[start:end] for start, end in pieces.spans] == ["say", "yes", "now"]


def test_what_tokens_of_one_span_received_is_added_up() -> None:
    source = place_pieces("😀a", ["1", "2", "a"], ["", "😀", "a"])
    target = place_pieces("b😀", ["b", "1", "2"], ["b", "", "😀"])
    alignment = align_pieces(
        source, target, [[0.1, 0.3, 0.6, 9.0], [0.5, 0.5, 0.0, 9.0], [0.0, 0.5, 0.5, 9.0]]
    )
    assert alignment == Alignment(source.spans, target.spans, ((0.4, 0.6), (0.75, 0.25)))


@pytest.mark.parametrize("text", ["", "  "])
def test_without_pieces_there_is_no_alignment(text: str) -> None:
    nothing = place_pieces(text, ["▁"], [text])
    something = place_pieces("a", ["a"], ["a"])
    assert align_pieces(nothing, something, [[1.0]]) is None
    assert align_pieces(something, nothing, [[1.0]]) is None


def test_attention_of_nothing_is_spread() -> None:
    source, target = place_pieces("a b", ["a", "b"], ["a", " b"]), place_pieces("c", ["c"], ["c"])
    alignment = align_pieces(source, target, [[0.0, 0.0]])
    assert alignment is not None
    assert alignment.weights == ((0.5, 0.5),)


def test_canaries_count_words_that_are_once_on_both_sides() -> None:
    source = "Docker 15 Docker Linux"
    spans = (Span(0, 6), Span(7, 9), Span(10, 16), Span(17, 22))
    straight = tuple(tuple(float(i == j) for j in range(4)) for i in range(4))
    good = Hypothesis(source, -0.1, Alignment(spans, spans, straight))
    assert judge_attention([source], [good]) == (2, 2)
    bad = Hypothesis(source, -0.1, Alignment(spans, spans, straight[::-1]))
    assert judge_attention([source], [bad]) == (0, 2)
    assert judge_attention([source], [Hypothesis("", -1)]) == (0, 0)
    assert not is_usable(4, 4)
    assert is_usable(7, 10)
    assert not is_usable(6, 10)


def test_a_language_without_canaries_has_english_ones() -> None:
    assert canaries_for("de") == canaries_for("en")
