"""Checks stored results of earlier rules with the current gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from translate.quality import gate
from translate.sentence_result import SentenceResult
from translate.text import edits, numbers, punctuation, signs, symbols
from translate.types import Hop, Pair


def recheck(
    text: str, stored: SentenceResult, path: Sequence[Hop], rules: str
) -> SentenceResult | None:
    """The result of earlier `rules` under the current ones; None: decode the sentence again.

    The current gate rejects everything that earlier ones rejected, so a sentence that was
    left in the original stays so.
    """
    if rules == "gate-8" and _is_read_otherwise(text, stored, path):
        return None
    if stored.kept:
        return stored
    first, last = path[0].pair, path[-1].pair
    if stored.pivot is not None and _is_refused(text, stored.pivot, first, stored.score):
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


def _is_read_otherwise(text: str, stored: SentenceResult, path: Sequence[Hop]) -> bool:
    """Whether a package now reads the text or the pivot in another spelling than with gate-8."""
    first, last = path[0].pair, path[-1].pair
    has_signs = signs.has_signs(text, first.source) or symbols.has_bullet(text)
    return has_signs or (stored.pivot is not None and signs.has_signs(stored.pivot, last.source))


def _is_refused(text: str, translated: str, pair: Pair, score: float) -> bool:
    return bool(gate.check(symbols.core(text), symbols.core(translated), pair, score))
