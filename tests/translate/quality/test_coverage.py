"""A source whose second half the decoder never looked at."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from translate.quality import coverage, gate
from translate.types import Alignment, Pair, Span


def alignment(pieces: int, looked: Callable[[int], int]) -> Alignment:
    """As many target pieces as source pieces; piece i looks at source piece `looked(i)`."""
    spans = tuple(Span(2 * place, 2 * place + 2) for place in range(pieces))
    rows = tuple(
        tuple(float(place == looked(row)) for place in range(pieces)) for row in range(pieces)
    )
    return Alignment(spans, spans, rows)


def test_attention_on_the_whole_source_is_complete() -> None:
    assert not coverage.is_cut(alignment(20, lambda row: row))


def test_attention_on_the_first_half_only_is_truncated() -> None:
    assert coverage.is_cut(alignment(20, lambda row: row % 10))
    assert "coverage" in gate.check(
        "今日は晴れですが、明日は雨です。" * 2,
        "It is sunny today and sunny today it is.",
        Pair("ja", "en"),
        0.0,
        alignment(20, lambda row: row % 10),
    )


@pytest.mark.parametrize("nothing", [None, alignment(11, lambda row: row % 4)])
def test_short_sentences_and_none_are_not_judged(nothing: Alignment | None) -> None:
    assert not coverage.is_cut(nothing)
