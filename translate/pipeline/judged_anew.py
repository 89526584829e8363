"""Outcomes that earlier rules left in the memory, judged by the present gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from translate.quality import gate
from translate.sentence_result import SentenceResult
from translate.text import edits, numbers, signs, symbols
from translate.types import Hop, Pair


def is_comparable(text: str, path: Sequence[Hop]) -> bool:
    """Whether the packages would read the text today as they did under the earlier rules."""
    return not (signs.has_signs(text, path[0].pair.source) or symbols.has_bullet(text))


def judged_anew(text: str, outcome: SentenceResult, path: Sequence[Hop]) -> SentenceResult | None:
    """The outcome, as it stands under the present rules; None: it is to be decoded again.

    The present gate refuses all that the earlier one refused, so what was kept stays so.
    """
    if outcome.kept:
        return outcome
    first, last = path[0].pair, path[-1].pair
    if outcome.pivot is not None and (
        signs.has_signs(outcome.pivot, last.source)
        or _is_refused(text, outcome.pivot, first, outcome.score)
    ):
        return None
    pair = Pair(first.source, last.target)
    said, alignment = edits.apply(
        numbers.same_digits(text, outcome.text, pair), outcome.text, outcome.alignment
    )
    direct = alignment if len(path) == 1 else None
    if gate.check(symbols.core(text), symbols.core(said), pair, outcome.score, direct):
        return None
    return replace(outcome, text=said, alignment=alignment)


def _is_refused(text: str, said: str, pair: Pair, score: float) -> bool:
    return bool(gate.check(symbols.core(text), symbols.core(said), pair, score))
