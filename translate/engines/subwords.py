"""Pieces: the subwords that a model reads and writes, as spans of plain text.

Values in, values out. A tokenizer tells what each piece looks like on the surface; here
that becomes character spans, and the attention between two rows of pieces an `Alignment`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from translate.types import Alignment, Span

# How far after the end of one piece the next may begin. A tokenizer that rewrites (Moses
# turns curly quotes into straight ones) leaves surfaces that the text does not contain;
# without a bound such a piece could be found at the far end, and lose all that follow.
_REACH = 16


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text, its tokens, and where they are.

    `spans` are in order, do not overlap, and neither begin nor end with white space.
    `groups[i]` is the span that token i belongs to: the bytes of one emoji, or the tokens
    that `㈱` is normalised to, share one span. Without any span, `groups` is empty.
    """

    text: str
    tokens: tuple[str, ...]
    spans: tuple[Span, ...]
    groups: tuple[int, ...]


def place_pieces(text: str, tokens: Sequence[str], surfaces: Sequence[str]) -> Pieces:
    """Finds each token's surface (what it covers of `text`, parallel to `tokens`).

    A token that shows nothing of its own joins the next one that does, at the end the
    last one.
    """
    spans: list[Span] = []
    groups: list[int] = []
    position = 0
    for surface in surfaces:
        groups.append(len(spans))
        word = surface.strip()
        start = text.find(word, position, position + len(surface) + _REACH) if word else -1
        if start >= 0:
            position = start + len(word)
            spans.append(Span(start, position))
    if not spans:
        return Pieces(text, tuple(tokens), (), ())
    last = len(spans) - 1
    return Pieces(text, tuple(tokens), tuple(spans), tuple(min(g, last) for g in groups))


def align_pieces(
    source: Pieces, target: Pieces, attention: Sequence[Sequence[float]]
) -> Alignment | None:
    """Attention (one row per target token) as an alignment of spans; None without spans.

    Columns beyond the source's tokens (an end-of-sentence token that the model adds) are
    dropped. What a span's tokens looked at is averaged, what a span's tokens received is
    added up, and every row is made to sum to 1.
    """
    if not source.spans or not target.spans or len(attention) < len(target.tokens):
        return None
    rows = [[0.0] * len(source.spans) for _ in target.spans]
    for group, weights in zip(target.groups, attention, strict=False):
        row = rows[group]
        for column, weight in zip(source.groups, weights, strict=False):
            row[column] += weight
    return Alignment(source.spans, target.spans, tuple(_normalised(row) for row in rows))


def _normalised(row: list[float]) -> tuple[float, ...]:
    total = sum(row)
    if total <= 0:
        return (1 / len(row),) * len(row)
    return tuple([weight / total for weight in row])
