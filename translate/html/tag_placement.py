"""Where markup goes in a translated sentence: marks put back by anchors and alignment.

Pure: offsets in, offsets out. What the marks look like is the business of `segments`.

Every word of the target gets a number for every mark: how much of what it came from is
marked. A mark goes to the run of words with the greatest sum of what is above `_LEVEL`, so
that one word that looked elsewhere does not cut it in two, and one that looked here by
accident does not stretch it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from translate.html.word_alignment import Evidence
from translate.types import Alignment, Pair, Span

_LEVEL = 0.45
# No engine translates a longer sentence in one go, and no person marks so much of one; the
# work grows with the product of both.
_LONGEST = 5_000  # characters
_MOST = 500_000  # marks times characters
_FAINT = 0.01  # less attention than this is not worth following over a pivot


@dataclass(frozen=True, slots=True)
class Mark:
    """Inline markup of a sentence: a pair of tags around characters, or an atom.

    Marks of a sentence come in document order, so a parent stands before its children.
    """

    span: Span  # of the sentence's text; an atom that shows no text is empty
    atom: bool = False  # placed whole; the text it covers is its own, never the model's
    parent: int | None = None  # index of the mark around this one


def place(
    source: str, marks: Sequence[Mark], target: str, alignment: Alignment | None, pair: Pair
) -> list[Span] | None:
    """Where each mark goes in `target`; None when there is no room for all of them.

    Siblings are disjoint and children lie inside their parents, so the result can be
    written as well-nested markup. No pair of tags is empty. The span of an atom is the text
    that it replaces.
    """
    if not marks:
        return []
    if max(len(source), len(target)) > _LONGEST or len(marks) * len(target) > _MOST:
        return None
    return _Placer(marks, Evidence(source, target, alignment, pair)).place()


class _Placer:
    def __init__(self, marks: Sequence[Mark], evidence: Evidence) -> None:
        self.marks = marks
        self.evidence = evidence
        self.children: dict[int | None, list[int]] = {}
        for index, mark in enumerate(marks):
            self.children.setdefault(mark.parent, []).append(index)
        self.needs = self._needs()

    def place(self) -> list[Span] | None:
        placed: dict[int, Span] = {}
        source, target = self.evidence.source, self.evidence.target
        todo: list[tuple[int | None, Span, Span]] = [
            (None, Span(0, len(source)), Span(0, len(target)))
        ]
        while todo:
            parent, within, bounds = todo.pop()
            found = self._settle(self.children.get(parent, []), within, bounds)
            if found is None:
                return None
            placed |= found
            todo += [
                (index, self.marks[index].span, span)
                for index, span in found.items()
                if index in self.children
            ]
        return [placed[index] for index in range(len(self.marks))]

    def _needs(self) -> list[int]:
        """How many words of the target each mark must have, for itself or its children."""
        needs = [0] * len(self.marks)
        for index in range(len(self.marks) - 1, -1, -1):
            mark = self.marks[index]
            if not mark.atom:
                needs[index] = max(1, needs[index])
            if mark.parent is not None:
                needs[mark.parent] += needs[index]
        return needs

    def _settle(self, group: Sequence[int], within: Span, bounds: Span) -> dict[int, Span] | None:
        """Where the children of a mark go inside of it, `within` in the source."""
        need = sum(self.needs[index] for index in group)
        room = self.evidence.words(bounds)
        if len(room) < need:
            room = self.evidence.characters(bounds)
        if len(room) < need:
            return None
        solid = [index for index in group if room and not self._is_point(index)]
        found = self._spread(solid, within, bounds, room)
        for index in group:
            if index not in found:
                place = self._point(self.marks[index].span.start, within, bounds, found)
                found[index] = Span(place, place)
        return found

    def _is_point(self, index: int) -> bool:
        """Whether a mark shows no text, or only the space that a line break is."""
        mark = self.marks[index]
        return mark.atom and not self._text(mark.span).strip()

    def _text(self, span: Span) -> str:
        return self.evidence.source[span.start : span.end]

    def _spread(
        self, solid: Sequence[int], within: Span, bounds: Span, room: Sequence[Span]
    ) -> dict[int, Span]:
        spans = {index: self.marks[index].span for index in solid}
        if len(solid) == 1 and self.evidence.is_all(spans[solid[0]], within):
            whole = self.evidence.extent(spans[solid[0]], within, bounds)
            if whole:
                return {solid[0]: whole}
        exact: dict[int, Span] = {}
        for index in solid:
            span = self.evidence.verbatim(spans[index]) or self.evidence.anchored(spans[index])
            fits = span and _contains(bounds, span) and not _overlaps(span, exact.values())
            if span and fits and self.needs[index] <= max(1, len(self.evidence.words(span))):
                exact[index] = span
        for limit in (len(room), 1):
            found = self._grow(solid, exact, room, limit)
            if found is not None:
                return self._fitted(found, room, bounds)
        return self._divide(solid, room)

    def _grow(
        self, solid: Sequence[int], exact: dict[int, Span], room: Sequence[Span], limit: int
    ) -> dict[int, Span] | None:
        """The best free run of words for each, the surest first; None if one has none."""
        found = dict(exact)
        free = [not _overlaps(word, exact.values()) for word in room]
        scores = {
            index: [score - _LEVEL for score in self.evidence.scores(self.marks[index].span, room)]
            for index in solid
            if index not in found
        }
        for index in sorted(scores, key=lambda index: -max(scores[index], default=0)):
            need = self.needs[index]
            most = limit if limit > 1 else max(1, need)
            run = _best_run(scores[index], free, max(1, need), most)
            if self.marks[index].atom and not self._is_sure(run, scores[index]):
                continue  # the engine lost it
            if run is None:
                return None
            for position in range(*run):
                free[position] = False
            found[index] = Span(room[run[0]].start, room[run[1] - 1].end)
        for index in solid:
            if index not in found:
                gap = self._gap(index, room, found)
                found[index] = Span(gap, gap)
        return found

    def _is_sure(self, run: tuple[int, int] | None, scores: Sequence[float]) -> bool:
        """Whether words of the target may be replaced by what an atom shows."""
        return run is not None and self.evidence.is_aligned and min(scores[slice(*run)]) > 0

    def _divide(self, solid: Sequence[int], room: Sequence[Span]) -> dict[int, Span]:
        """The room shared out in order, where there is hardly enough of it."""
        total = sum(self.needs[index] for index in solid)
        found: dict[int, Span] = {}
        before = 0
        for index in solid:
            first, before = before, before + self.needs[index]
            start, end = len(room) * first // total, len(room) * before // total
            if start < end:
                found[index] = Span(room[start].start, room[end - 1].end)
        for index in solid:
            if index not in found:
                gap = self._gap(index, room, found)
                found[index] = Span(gap, gap)
        return found

    def _gap(self, index: int, room: Sequence[Span], found: dict[int, Span]) -> int:
        """After the likeliest word, but never inside of another mark."""
        scores = self.evidence.scores(self.marks[index].span, room)
        return _outside(room[scores.index(max(scores))].end, found.values())

    def _point(self, place: int, within: Span, bounds: Span, found: dict[int, Span]) -> int:
        """Where what shows no text goes: beside what it was beside, never inside of it."""
        return _outside(self._beside(place, within, bounds, found), found.values())

    def _beside(self, place: int, within: Span, bounds: Span, found: dict[int, Span]) -> int:
        for index, span in found.items():
            if self.marks[index].span.end == place:
                return span.end
            if self.marks[index].span.start == place:
                return span.start
        if not self._text(Span(within.start, place)).strip():
            return bounds.start
        if not self._text(Span(place, within.end)).strip():
            return bounds.end
        room = self.evidence.words(bounds) or self.evidence.characters(bounds)
        if not room:
            return bounds.end
        if self.evidence.is_all(Span(within.start, place), within):
            return room[-1].end
        before = self._text(Span(within.start, place)).rstrip()
        end = within.start + len(before)
        scores = self.evidence.scores(Span(max(within.start, end - 2), end), room)
        return room[scores.index(max(scores))].end

    def _fitted(
        self, found: dict[int, Span], room: Sequence[Span], bounds: Span
    ) -> dict[int, Span]:
        """The spans with better edges, where neither siblings nor children lose their room."""
        fitted = dict(found)
        for index, span in found.items():
            mark = self.marks[index]
            adjusted = self.evidence.balanced(span) if mark.atom else None
            better = adjusted or self.evidence.fit(mark.span, span)
            others = [other for at, other in fitted.items() if at != index]
            if (
                _contains(bounds, better)
                and not _overlaps(better, others)
                and self.needs[index] <= max(1, sum(_overlaps(word, [better]) for word in room))
            ):
                fitted[index] = better
        return fitted


def compose(first: Alignment, second: Alignment) -> Alignment:
    """The alignment over a pivot: `first` from source to pivot, `second` on to the target."""
    shares = [_shares(piece, first.target) for piece in second.source]
    weights = []
    for row in second.weights:
        total = [0.0] * len(first.source)
        for weight, share in zip(row, shares, strict=True):
            if weight < _FAINT:
                continue
            for index, part in share:
                for column, value in enumerate(first.weights[index]):
                    total[column] += weight * part * value
        whole = sum(total) or 1.0
        weights.append(tuple(round(value / whole, 4) for value in total))
    return Alignment(first.source, second.target, tuple(weights))


def _shares(piece: Span, pieces: Sequence[Span]) -> list[tuple[int, float]]:
    """How a piece is made up of others that the same text is cut into."""
    first = bisect_right(pieces, piece.start, key=lambda other: other.end)
    last = bisect_left(pieces, piece.end, key=lambda other: other.start)
    length = max(1, piece.end - piece.start)
    return [
        (index, (min(piece.end, end) - max(piece.start, start)) / length)
        for index, (start, end) in enumerate(pieces[first:last], first)
    ]


def _best_run(
    scores: Sequence[float], free: Sequence[bool], least: int, most: int
) -> tuple[int, int] | None:
    """The free run, at least and at most so long, with the greatest sum of scores."""
    best: tuple[float, int, int] | None = None
    for start, end in _free_runs(free):
        sums = [0.0, *accumulate(scores[start:end])]
        low = 0
        for right in range(least, end - start + 1):
            # The best left end so far, unless it has fallen behind.
            left = right - least
            if low < right - most or sums[left] < sums[low]:
                low = left
            if right - low > most:
                continue
            found = (sums[right] - sums[low], start + low, start + right)
            if best is None or found[0] > best[0]:
                best = found
    return best and best[1:]


def _free_runs(free: Sequence[bool]) -> Iterator[tuple[int, int]]:
    start = 0
    for is_free, run in groupby(free):
        end = start + len(list(run))
        if is_free:
            yield start, end
        start = end


def _contains(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _overlaps(span: Span, others: Iterable[Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in others)


def _outside(place: int, others: Iterable[Span]) -> int:
    """The place, or the end of what it is in the middle of."""
    return next((end for start, end in others if start < place < end), place)
