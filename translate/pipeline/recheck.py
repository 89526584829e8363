"""Checks stored results of the previous rules with the current gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from translate.quality import gate
from translate.sentence_result import SentenceResult
from translate.text import edits, numbers, punctuation, signs, symbols
from translate.types import Hop, Pair


def is_comparable(text: str, path: Sequence[Hop]) -> bool:
    """Whether the packages read the text now as they did under the previous rules."""
    return not (signs.has_signs(text, path[0].pair.source) or symbols.has_bullet(text))


def recheck(text: str, stored: SentenceResult, path: Sequence[Hop]) -> SentenceResult | None:
    """The result under the current rules; None: decode the sentence again.

    The current gate rejects everything that the previous one rejected, so a sentence that was
    left in the original stays so.
    """
    if stored.kept:
        return stored
    first, last = path[0].pair, path[-1].pair
    if stored.pivot is not None and (
        signs.has_signs(stored.pivot, last.source)
        or _is_refused(text, stored.pivot, first, stored.score)
    ):
        return None
    pair = Pair(first.source, last.target)
    translated, alignment = edits.apply(
        numbers.same_digits(text, stored.text, pair), stored.text, stored.alignment
    )
    translated, alignment = edits.apply(punctuation.tidied(text, translated), translated, alignment)
    direct = alignment if len(path) == 1 else None
    if gate.check(symbols.core(text), symbols.core(translated), pair, stored.score, direct):
        return None
    return replace(stored, text=translated, alignment=alignment)


def _is_refused(text: str, translated: str, pair: Pair, score: float) -> bool:
    return bool(gate.check(symbols.core(text), symbols.core(translated), pair, score))
