"""Sentences spelled as a package can read them, and their translations led back.

The caller sees the sentence as the author wrote it: alignments are of its characters, and
signs that a spelling stood for are back in the translation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import overload

from translate.text import edits
from translate.text.sign_table import Spelling
from translate.text.signs import Rewriting, restored, rewritten
from translate.types import Alignment, Hypothesis, Pair, Span

LOST = Hypothesis("", -100.0)  # what says something else than the source


@dataclass(frozen=True, slots=True)
class Part:
    """What is decoded at once of a sentence."""

    span: Span  # of the sentence
    text: str  # what the package reads
    rewritings: tuple[Rewriting, ...]  # of the part as the author wrote it


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence as a package reads it: one part, or several with signs between them."""

    text: str
    parts: tuple[Part, ...]

    @property
    def is_plain(self) -> bool:
        return len(self.parts) == 1 and not self.parts[0].rewritings


def read(text: str, pair: Pair, chosen: Mapping[str, Spelling | None]) -> Reading:
    """The sentence with these spellings of its signs."""
    found = rewritten(text, pair.source, chosen)
    cuts = [one.edit.span for one in found if one.spelling.apart]
    starts = [0, *(cut.end for cut in cuts)]
    ends = [*(cut.start for cut in cuts), len(text)]
    parts = []
    for start, end in zip(starts, ends, strict=True):
        inside = rewritten(text[start:end], pair.source, chosen) if cuts else found
        inside = tuple(one for one in inside if not one.spelling.apart)
        spelled, _ = edits.apply([one.edit for one in inside], text[start:end], None)
        parts.append(Part(Span(start, end), spelled, inside))
    return Reading(text, tuple(parts))


class SpelledSentence(Sequence[Hypothesis]):
    """The hypotheses of a reading, best first; each is joined when it is accessed."""

    def __init__(
        self, reading: Reading, decoded: Sequence[Sequence[Hypothesis]], target: str
    ) -> None:
        """`decoded` has the hypotheses of each part."""
        self._reading = reading
        self._decoded = decoded
        self._target = target

    def __len__(self) -> int:
        return min(len(hypotheses) for hypotheses in self._decoded)

    @overload
    def __getitem__(self, place: int) -> Hypothesis: ...

    @overload
    def __getitem__(self, place: slice) -> list[Hypothesis]: ...

    def __getitem__(self, place: int | slice) -> Hypothesis | list[Hypothesis]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        parts = self._reading.parts
        said = [
            _restored(part, hypotheses[place], self._target)
            for part, hypotheses in zip(parts, self._decoded, strict=True)
        ]
        if not all(one.text for one in said):
            return LOST
        if len(said) == 1:
            return said[0]
        return self._joined(said)

    def _joined(self, said: Sequence[Hypothesis]) -> Hypothesis:
        pieces: list[tuple[Span, str, Alignment | None]] = []
        end = 0
        for part, one in zip(self._reading.parts, said, strict=True):
            sign = self._reading.text[end : part.span.start]
            if sign:
                spaced = f" {sign.strip()} "
                whole = Alignment((Span(0, len(sign)),), (Span(0, len(spaced)),), ((1.0,),))
                pieces.append((Span(end, part.span.start), spaced, whole))
            pieces.append((part.span, one.text.strip(), one.alignment))
            end = part.span.end
        text, alignment = edits.join(pieces, "")
        lengths = [part.span.end - part.span.start for part in self._reading.parts]
        score = sum(one.score * n for one, n in zip(said, lengths, strict=True)) / sum(lengths)
        return Hypothesis(text, score, alignment)


def _restored(part: Part, said: Hypothesis, target: str) -> Hypothesis:
    if not part.rewritings:
        return said
    back = restored(part.rewritings, said.text, target)
    if back is None:
        return LOST
    alignment = edits.traced(said.alignment, [one.edit for one in part.rewritings])
    text, alignment = edits.apply(back, said.text, alignment)
    return Hypothesis(text, said.score, alignment)
