"""Whether a translation leaves the second half of its source untouched, by its attention."""

from __future__ import annotations

from translate.types import Alignment

# Measured with the starter packages on the essays: of their own translations that lose the
# end of the sentence most are below both, of the references (their attention is forced)
# none of a hundred.
_LOOKED = 0.2  # of a target piece's attention, from which a source piece counts as looked at
_LEAST_PIECES = 12  # a shorter sentence has no half to speak of
_LEAST_COVERED = 0.25  # share of the second half's pieces that were looked at
_LEAST_SHARE = 0.25  # share of all attention that the second half got


def is_cut(alignment: Alignment | None) -> bool:
    """Whether the decoder hardly looked at the second half of a longer sentence."""
    if alignment is None or len(alignment.source) < _LEAST_PIECES:
        return False
    middle = (alignment.source[0].start + alignment.source[-1].end) / 2
    first = sum((span.start + span.end) / 2 <= middle for span in alignment.source)
    second = list(zip(*alignment.weights, strict=True))[first:]  # a column for each source piece
    if not second:
        return False
    covered = sum(max(column) > _LOOKED for column in second)
    total = sum(map(sum, alignment.weights))
    share = sum(map(sum, second))
    return covered <= _LEAST_COVERED * len(second) and share < _LEAST_SHARE * total
