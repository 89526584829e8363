"""Word alignment: which words of a translation came from which characters of its source."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from translate.html.anchors import Anchor, find_anchors, find_verbatim
from translate.html.boundaries import balanced, fit
from translate.text.edits import overlap
from translate.types import Alignment, Pair, Span

# A word is of one script, so that a particle is no part of it: SQLite|를. Kanji and kana,
# which have no spaces between words, count one by one.
_WORD = re.compile(
    r"[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff々]|[\uac00-\ud7a3\u1100-\u11ff]+|"
    r"[#@$€£¥₩]?[^\W_\u1100-\u11ff\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]+"
    r"(?:[.,:'’&/@_+-]+[^\W_\u1100-\u11ff\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]+)*[%+#°]*"
)
_VISIBLE = re.compile(r"\S")
_WORD_CHARACTER = re.compile(r"[^\W_]")
_COUNTER = 3  # characters beside the digits of a marked number: 30人, 12日間
_PREFIX = 1  # of them before the digits: 第12回
_COUNTED = 0.3
_ANCHORED = 1.0  # an anchor outweighs what attention says of its words
_SAME_ORDER = {Pair("ja", "ko"), Pair("ko", "ja")}  # these say things in the same order
_ORDER = 0.6
_NEAR = 0.6  # what a word gets for standing where the order of the sentence suggests


class Evidence:
    """Anchors and alignment of one sentence; without an alignment, the order of the words."""

    def __init__(self, source: str, target: str, alignment: Alignment | None, pair: Pair) -> None:
        self.source = source
        self.target = target
        self.pair = pair
        self.is_aligned = alignment is not None
        self._words = [Span(*match.span()) for match in _WORD.finditer(target)]
        self._attention = _Attention(source, alignment) if alignment else None
        self._anchors: list[Anchor] = []
        self._knots: list[tuple[int, int]] = []
        self._anchors = find_anchors(source, target, pair, self.affinity)
        self._knots = _knots(self._anchors, len(source), len(target))

    def words(self, bounds: Span) -> list[Span]:
        """The words inside of the bounds, cut off where they reach over them."""
        first = bisect_right(self._words, bounds.start, key=lambda word: word.end)
        last = bisect_left(self._words, bounds.end, key=lambda word: word.start)
        return [
            Span(max(start, bounds.start), min(end, bounds.end))
            for start, end in self._words[first:last]
        ]

    def characters(self, bounds: Span) -> list[Span]:
        found = _VISIBLE.finditer(self.target, *bounds)
        return [Span(*match.span()) for match in found]

    def scores(self, mark: Span, room: Sequence[Span]) -> list[float]:
        """How much of each stretch of the target came from the marked characters."""
        scores = [self.affinity(mark, word) for word in room]
        for anchor in self._anchors:
            part = overlap(anchor.source, mark)
            if 0 < part < (anchor.source.end - anchor.source.start) / 2:
                continue
            first = bisect_right(room, anchor.target.start, key=lambda word: word.end)
            last = bisect_left(room, anchor.target.end, key=lambda word: word.start)
            for index in range(first, last):
                scores[index] += _ANCHORED if part else -_ANCHORED
        return scores

    def affinity(self, source: Span, target: Span) -> float:
        """The share of a stretch of the target that came from one of the source, 0 to 1."""
        if not self._attention:
            return self._order(source, target)
        share = self._attention.share(source, target)
        if self.pair not in _SAME_ORDER:
            return share
        return (1 - _ORDER) * share + _ORDER * self._order(source, target)

    def _order(self, source: Span, target: Span) -> float:
        """What the place in the sentence suggests, by the anchors around it."""
        if not self._knots:
            return 0.0
        start, end = _projected(source.start, self._knots), _projected(source.end, self._knots)
        middle = (target.start + target.end) / 2
        distance = max(start - middle, middle - end, 0.0)
        return max(0.0, _NEAR - 3 * distance / max(1, len(self.target)))

    def verbatim(self, mark: Span) -> Span | None:
        """Where the marked characters stand in the target as they are."""
        return find_verbatim(self.source, mark, self.target, self.affinity)

    def anchored(self, mark: Span) -> Span | None:
        """Where a mark that is little more than its anchors stands: a number with its counter."""
        inside = [one for one in self._anchors if overlap(one.source, mark)]
        if not inside:
            return None
        start = min(anchor.target.start for anchor in inside)
        end = max(anchor.target.end for anchor in inside)
        first = min(anchor.source.start for anchor in inside)
        left = "".join(
            character
            for place, character in enumerate(self.source[mark.start : mark.end], mark.start)
            if not any(anchor.source.start <= place < anchor.source.end for anchor in inside)
        )
        strangers = [
            word
            for word in self.words(Span(start, end))
            if not any(overlap(word, anchor.target) for anchor in inside)
        ]
        # Where neither attention nor order tells where the rest went, the anchors must do.
        is_known = self.is_aligned or self.pair in _SAME_ORDER
        is_long = first - mark.start > _PREFIX or len(left) > _COUNTER
        if (is_known and is_long) or len(strangers) > 1:
            return None
        if _WORD_CHARACTER.search(left):
            following = self.words(Span(end, len(self.target)))[:1]
            if following and self.scores(mark, following)[0] > _COUNTED:
                end = following[0].end
        return Span(start, end)

    def fit(self, mark: Span, span: Span) -> Span:
        return fit(self.source, mark, self.target, span, self.pair.target)

    def balanced(self, span: Span) -> Span:
        """The span with the bracket that closes one inside of it."""
        return Span(span.start, balanced(self.target, *span))

    def is_all(self, mark: Span, within: Span) -> bool:
        """Whether a mark leaves no word of its surroundings unmarked."""
        before = self.source[within.start : mark.start]
        after = self.source[mark.end : within.end]
        return not _WORD_CHARACTER.search(before + after)

    def extent(self, mark: Span, within: Span, bounds: Span) -> Span | None:
        """All of the bounds, but for punctuation where the source has some outside the mark."""
        words = self.words(bounds) or self.characters(bounds)
        if not words:
            return None
        before = self.source[within.start : mark.start].strip()
        after = self.source[mark.end : within.end].strip()
        return Span(
            words[0].start if before else bounds.start,
            words[-1].end if after else bounds.end,
        )


class _Attention:
    """An alignment, summed up so that any two stretches are compared in a few steps."""

    def __init__(self, source: str, alignment: Alignment) -> None:
        self.source = alignment.source
        self.target = alignment.target
        # Attention that has nowhere to go rests on punctuation, at the end above all.
        spoken = [bool(_WORD_CHARACTER.search(source[start:end])) for start, end in self.source]
        self.sums: list[list[float]] = []
        for row in alignment.weights:
            weights = [w if said else 0.0 for w, said in zip(row, spoken, strict=True)]
            total = sum(weights) or 1.0
            self.sums.append([0.0, *accumulate(weight / total for weight in weights)])

    def share(self, source: Span, target: Span) -> float:
        first = bisect_right(self.source, source.start, key=lambda piece: piece.end)
        last = bisect_left(self.source, source.end, key=lambda piece: piece.start)
        low = bisect_right(self.target, target.start, key=lambda piece: piece.end)
        high = bisect_left(self.target, target.end, key=lambda piece: piece.start)
        total = length = 0.0
        for index in range(low, high):
            size = overlap(self.target[index], target)
            total += size * self._sum(index, first, last, source)
            length += size
        return total / length if length else 0.0

    def _sum(self, row: int, first: int, last: int, source: Span) -> float:
        """The weights of a row from piece `first` to `last`; pieces cut in two count in part."""
        if first >= last:
            return 0.0
        sums = self.sums[row]
        total = sums[last] - sums[first]
        for index in {first, last - 1}:
            start, end = self.source[index]
            outside = 1 - overlap(self.source[index], source) / max(1, end - start)
            total -= outside * (sums[index + 1] - sums[index])
        return total


def _knots(anchors: Sequence[Anchor], source: int, target: int) -> list[tuple[int, int]]:
    """Pairs of positions that correspond, rising in both texts: the two ends and anchors."""
    knots = [(0, 0)]
    for one, other in sorted(anchors):
        if one.start >= knots[-1][0] and other.start >= knots[-1][1]:
            knots += [(one.start, other.start), (one.end, other.end)]
    return [*knots, (source, target)]


def _projected(position: int, knots: Sequence[tuple[int, int]]) -> float:
    index = bisect_left(knots, position, key=lambda knot: knot[0])
    right = knots[min(index, len(knots) - 1)]
    left = knots[max(0, index - 1)]
    if right[0] == left[0]:
        return float(right[1])
    return left[1] + (right[1] - left[1]) * (position - left[0]) / (right[0] - left[0])
