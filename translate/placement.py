"""Where markup goes in a translated sentence: marks put back by anchors and alignment.

Pure: offsets in, offsets out. What the marks look like is the business of `segments`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from translate.types import Alignment, Span


@dataclass(frozen=True, slots=True)
class Mark:
    """Inline markup of a sentence: a pair of tags around characters, or an atom.

    Marks of a sentence come in document order, so a parent stands before its children.
    """

    span: Span  # of the sentence's text; an atom that shows no text is empty
    atom: bool = False  # placed whole; the text it covers is its own, never the model's
    parent: int | None = None  # index of the mark around this one


def place(
    source: str, marks: Sequence[Mark], target: str, alignment: Alignment | None
) -> list[Span] | None:
    """Where each mark goes in `target`; None when there is no room for all of them.

    Siblings are disjoint and children lie inside their parents, so the result can be
    written as well-nested markup. A paired mark around words is never empty.
    """
    return [Span(min(m.span.start, len(target)), min(m.span.end, len(target))) for m in marks]


def compose(first: Alignment, second: Alignment) -> Alignment:
    """The alignment over a pivot: `first` from source to pivot, `second` on to the target."""
    raise NotImplementedError
