"""Edits of a translated sentence that keep its alignment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from translate.types import Alignment, Span


class Edit(NamedTuple):
    """Characters of a text, and their replacement."""

    span: Span
    text: str


def identity(text: str) -> Alignment:
    """The alignment of a text with itself."""
    whole = (Span(0, len(text)),)
    return Alignment(whole, whole, ((1.0,),))


def apply(
    edits: Sequence[Edit], text: str, alignment: Alignment | None
) -> tuple[str, Alignment | None]:
    """The text with the edits made, and its alignment. Edits must not overlap."""
    for edit in sorted(edits, reverse=True):  # from the end, so that offsets stay true
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
        alignment = _shifted(alignment, edit) if alignment else None
    return text, alignment


def traced(alignment: Alignment | None, edits: Sequence[Edit]) -> Alignment | None:
    """An alignment with the edited text as its source, led back to the text as it was."""
    if alignment is None or not edits:
        return alignment
    source = tuple(Span(*_before(piece, edits)) for piece in alignment.source)
    return Alignment(source, alignment.target, alignment.weights)


def _before(piece: Span, edits: Sequence[Edit]) -> tuple[int, int]:
    start, end = piece
    shift = 0
    for edit in sorted(edits):
        left = edit.span.start + shift
        right = left + len(edit.text)
        if left < piece.end and piece.start < right:  # what stands in is all of what it is for
            start, end = min(start, left), max(end, right)
        shift += len(edit.text) - (edit.span.end - edit.span.start)
    return _position(start, edits), _position(end, edits)


def _position(place: int, edits: Sequence[Edit]) -> int:
    """A border between characters of the edited text as one of the text before."""
    shift = 0
    for edit in sorted(edits):
        if place < edit.span.start + shift + len(edit.text):
            break
        shift += len(edit.text) - (edit.span.end - edit.span.start)
    return place - shift


def join(
    parts: Sequence[tuple[Span, str, Alignment | None]], gap: str
) -> tuple[str, Alignment | None]:
    """Translated pieces as one text; each comes with its span of the source."""
    text = gap.join(part for _, part, _ in parts)
    if any(alignment is None for _, _, alignment in parts):
        return text, None
    source: list[Span] = []
    target: list[Span] = []
    rows: list[tuple[int, tuple[float, ...]]] = []
    start = 0
    for span, part, alignment in parts:
        if alignment is not None:
            rows.extend((len(source), row) for row in alignment.weights)
            source.extend(_moved(piece, span.start) for piece in alignment.source)
            target.extend(_moved(piece, start) for piece in alignment.target)
        start += len(part) + len(gap)
    width = len(source)
    weights = tuple(
        (0.0,) * before + row + (0.0,) * (width - before - len(row)) for before, row in rows
    )
    return text, Alignment(tuple(source), tuple(target), weights)


def sources(alignment: Alignment, span: Span) -> dict[Span, float]:
    """How much the target characters of `span` looked at each source piece, summing to 1."""
    looked = [0.0] * len(alignment.source)
    for piece, row in zip(alignment.target, alignment.weights, strict=True):
        shared = overlap(piece, span)
        if not shared:
            continue
        for place, weight in enumerate(row):
            looked[place] += shared * weight
    total = sum(looked)
    if not total:
        return {}
    return {
        piece: share / total for piece, share in zip(alignment.source, looked, strict=True) if share
    }


def overlap(one: Span, other: Span) -> int:
    """How many characters two spans share."""
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)


def _shifted(alignment: Alignment, edit: Edit) -> Alignment:
    """Pieces the edit touches become one piece that looks where all of them looked."""
    growth = len(edit.text) - (edit.span.end - edit.span.start)
    target: list[Span] = []
    weights: list[tuple[float, ...]] = []
    touched: list[tuple[Span, tuple[float, ...]]] = []
    place = 0
    for piece, row in zip(alignment.target, alignment.weights, strict=True):
        if piece.end <= edit.span.start:
            target.append(piece)
            weights.append(row)
            place = len(target)
        elif piece.start >= edit.span.end:
            target.append(_moved(piece, growth))
            weights.append(row)
        else:
            touched.append((piece, row))
    if touched:
        start = min(edit.span.start, *(piece.start for piece, _ in touched))
        end = max(edit.span.end, *(piece.end for piece, _ in touched)) + growth
        if start < end:
            rows = [row for _, row in touched]
            target.insert(place, Span(start, end))
            weights.insert(
                place, tuple(sum(column) / len(rows) for column in zip(*rows, strict=True))
            )
    return Alignment(alignment.source, tuple(target), tuple(weights))
