"""Numbers in disguise: what a model garbles is replaced by what it copies, and put back.

Small models get 2,378億ウォン wrong and 37ウォン right. So a sentence whose numbers came
out wrong is decoded once more with a number of two digits in the place of each; where
every one of them is found again, the real ones are written there by rule. Measured on the
essays with the starter packages: 29 of 65 sentences with wrong numbers come out right this
way in English, 15 of 26 in Korean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from translate import numbers
from translate.edits import Edit
from translate.quantities import Number, find_numbers

_FIGURES = (37, 58, 64, 83, 46, 73, 29, 94, 67, 38, 86, 49)


@dataclass(frozen=True, slots=True)
class StandIn:
    """A number of a sentence, and the one in its place."""

    number: Number
    figure: Number
    edit: Edit  # of the source


def disguise(text: str, language: str) -> tuple[StandIn, ...]:
    """A stand-in for every number that must be kept; empty if there are none, or too many."""
    found = find_numbers(text, language)
    needed = [number for number in found if number.certain]
    free = [figure for figure in _FIGURES if all(one.value != figure for one in found)]
    if len(needed) > len(free):
        return ()
    return tuple(_stand_in(number, figure) for number, figure in zip(needed, free, strict=False))


def restore(target: str, language: str, standins: Sequence[StandIn]) -> tuple[Edit, ...] | None:
    """The edits of the target that end the disguise; None unless each stand-in is there once."""
    found = [number for number in find_numbers(target, language) if number.certain]
    edits = []
    for standin in standins:
        places = [one for one in found if one.value == standin.figure.value]
        if len(places) != 1 or places[0].unit != standin.figure.unit:
            return None
        edits.append(numbers.rewritten(places[0], standin.number, target, language))
    return tuple(edits)


def _stand_in(number: Number, figure: int) -> StandIn:
    # A part of a whole, 10分の1, is said as a share.
    unit = "%" if number.parts else number.unit
    span = number.span if number.parts else number.bare or number.span
    text = f"{figure}%" if number.parts else str(figure)
    return StandIn(number, Number(Fraction(figure), number.span, unit), Edit(span, text))
