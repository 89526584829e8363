"""Result of one sentence: its translation, or the reasons why it stays in the original.

The memory stores it. A rejection is a result too: the same packages would give the same
output again, so a rejected sentence is not decoded a second time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import starmap
from typing import Any

from translate.types import Alignment, Span


@dataclass(frozen=True, kw_only=True, slots=True)
class SentenceResult:
    """A translated sentence, or one that is kept in the original."""

    text: str  # the source if kept
    kept: bool = False
    score: float = 0.0  # mean log-probability of the hypothesis; 0 if nothing was decoded
    reasons: tuple[str, ...] = ()  # of rejected hypotheses, in the order of the attempts
    alignment: Alignment | None = None
    pivot: str | None = None
    by_hand: bool = False  # a correction

    def to_json(self) -> str:
        """JSON text for the memory; equal results give equal text."""
        return json.dumps(
            {
                "text": self.text,
                "kept": self.kept,
                "score": round(self.score, 4),
                "reasons": self.reasons,
                "alignment": _pack(self.alignment) if self.alignment else None,
                "pivot": self.pivot,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str) -> SentenceResult:
        """The inverse of `to_json`, up to rounding of scores and weights."""
        fields = json.loads(text)
        packed = fields["alignment"]
        return cls(
            text=fields["text"],
            kept=fields["kept"],
            score=fields["score"],
            reasons=tuple(fields["reasons"]),
            alignment=_unpack(packed) if packed else None,
            pivot=fields["pivot"],
        )

    def rounded(self) -> SentenceResult:
        """This result as the memory returns it, so that first and later runs are equal."""
        return self.from_json(self.to_json())


# Smaller attention weights, spread over many pieces, are not used to place marks.
_MIN_WEIGHT = 0.05


def _pack(alignment: Alignment) -> dict[str, Any]:
    """Weights as [target piece, source piece, hundredths], without small ones."""
    return {
        "source": alignment.source,
        "target": alignment.target,
        "weights": [
            [i, j, round(weight * 100)]
            for i, row in enumerate(alignment.weights)
            for j, weight in enumerate(row)
            if weight >= _MIN_WEIGHT
        ],
    }


def _unpack(packed: dict[str, Any]) -> Alignment:
    source = tuple(starmap(Span, packed["source"]))
    target = tuple(starmap(Span, packed["target"]))
    rows = [[0.0] * len(source) for _ in target]
    for i, j, hundredths in packed["weights"]:
        rows[i][j] = hundredths / 100
    return Alignment(source, target, tuple(map(tuple, rows)))
