"""Standings: how the translations of all posts ended, as every web worker holds them.

100,000 posts in nine languages are 900,000 of them. As a `Result` each takes 0.5 kB; here it is
a row of 58 bytes, and a `Result` is made when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from struct import Struct

from translate.jobs.results import Key, Result
from translate.types import State

# Read and written by one call each, so that no thread sees half of a row.
_ROW = Struct("<q32sHdd")  # seq, digest of the source, place of the fingerprint, two times
_MOST_FINGERPRINTS = 1 << 16


class Standings:
    """Results by post and language. One thread writes at a time, any may read."""

    def __init__(self, number: Callable[[str], int | None]) -> None:
        """`number` gives that of a post by its key; None: the post is not known yet."""
        self._number = number
        # By language, in the order of the posts' numbers; zeros where there is no result.
        self._rows: dict[str, bytearray] = {}
        self._fingerprints: dict[str, int] = {}  # few: of the packages and rules there were
        self._named: list[str] = []  # the same by number
        # What fits no row: failures, and results of posts that are not known yet.
        self._whole: dict[Key, Result] = {}

    def put(self, found: Iterable[Result]) -> None:
        """Takes in results, each in place of the one before."""
        for result in found:
            key = result.post_key, result.language
            row, number = self._pack(result), self._number(result.post_key)
            if row is None or number is None:
                self._whole[key] = result
                continue
            rows = self._rows.setdefault(result.language, bytearray())
            at = number * _ROW.size
            if len(rows) < at + _ROW.size:
                rows.extend(bytes(at + _ROW.size - len(rows)))
            _ROW.pack_into(rows, at, *row)
            self._whole.pop(key, None)

    def get(self, post_key: str, number: int, language: str) -> Result | None:
        """The result of the post with this key and number; None: there is none."""
        whole = self._whole.get((post_key, language))
        if whole is not None:
            return whole
        rows = self._rows.get(language)
        if rows is None or len(rows) < (number + 1) * _ROW.size:
            return None
        seq, digest, fingerprint, completed, stored = _ROW.unpack_from(rows, number * _ROW.size)
        if seq == 0:
            return None
        return Result(
            seq=seq,
            post_key=post_key,
            language=language,
            state=State.READY,
            source_digest=digest.hex(),
            fingerprint=self._named[fingerprint],
            completed_at=completed,
            stored_at=stored,
            error=None,
        )

    def failed(self) -> Iterator[Result]:
        """What was given up, in no order."""
        return (result for result in list(self._whole.values()) if result.error)

    def _pack(self, result: Result) -> tuple[int, bytes, int, float, float] | None:
        """The row of a translation that is ready; None: it does not fit one."""
        try:
            digest = bytes.fromhex(result.source_digest)
        except ValueError:
            return None
        if result.state is not State.READY or digest.hex() != result.source_digest:
            return None
        place = self._fingerprints.get(result.fingerprint)
        if place is None:
            place = len(self._named)
            if place == _MOST_FINGERPRINTS:
                return None
            self._named.append(result.fingerprint)
            self._fingerprints[result.fingerprint] = place
        if len(digest) != 32 or result.seq < 1:
            return None
        return result.seq, digest, place, result.completed_at, result.stored_at
