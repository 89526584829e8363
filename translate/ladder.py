"""The ladder that a refused sentence climbs.

All sentences of a batch stand on the same rung, so each rung is one call of the engine.
The first hypothesis that the gate lets through wins; who reaches the top is kept as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from translate import gate
from translate.outcome import Outcome
from translate.types import Alignment, Decoding, Engine, Hop, Hypothesis, Pair

RUNGS = (
    Decoding(),
    Decoding(hypotheses=4),
    Decoding(no_repeat_ngram=3, repetition_penalty=1.2),
)


@dataclass(slots=True)
class Climber:
    """A sentence on its way up. `text` is what the engine reads, `origin` what is judged."""

    text: str
    origin: str
    reasons: list[str] = field(default_factory=list)
    outcome: Outcome | None = None


def climb(engine: Engine, hop: Hop, pair: Pair, climbers: Sequence[Climber]) -> None:
    """Gives every climber an outcome. `pair` is what the gate judges by: origin to target."""
    for rung in RUNGS:
        waiting = [climber for climber in climbers if climber.outcome is None]
        if not waiting:
            return
        decoded = engine.decode(hop, [climber.text for climber in waiting], rung)
        for climber, hypotheses in zip(waiting, decoded, strict=True):
            for hypothesis in hypotheses:
                if _accept(climber, hypothesis, pair):
                    break
    for climber in climbers:
        if climber.outcome is None:
            climber.outcome = Outcome(
                text=climber.origin, kept=True, reasons=tuple(dict.fromkeys(climber.reasons))
            )


def _accept(climber: Climber, hypothesis: Hypothesis, pair: Pair) -> bool:
    text, alignment = hypothesis.text.strip(), hypothesis.alignment
    reasons = gate.check(climber.origin, text, pair, hypothesis.score)
    climber.reasons.extend(reasons)
    if reasons:
        return False
    climber.outcome = Outcome(
        text=text,
        score=hypothesis.score,
        reasons=tuple(dict.fromkeys(climber.reasons)),
        alignment=_inside(alignment, hypothesis.text),
    )
    return True


def _inside(alignment: Alignment | None, text: str) -> Alignment | None:
    return alignment if text == text.strip() else None
