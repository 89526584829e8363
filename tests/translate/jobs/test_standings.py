"""Standings: what a worker holds of every translation says what the database does."""

from __future__ import annotations

import hashlib
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from translate.jobs import standings as standings_module
from translate.jobs.results import Key, Result
from translate.jobs.standings import Standings
from translate.types import State

DIGESTS = (*(hashlib.sha256(bytes([n])).hexdigest() for n in range(3)), "A" * 64, "", "0f", "x")


def result(
    seq: int, post: int, language: str, *, digest: str = DIGESTS[0], error: str | None = None
) -> Result:
    return Result(
        seq=seq,
        post_key=f"2026-01-01:post-{post}",
        language=language,
        state=State.FAILED if error else State.READY,
        source_digest=digest,
        fingerprint=f"made with {seq % 4}",
        completed_at=1_700_000_000.25 + seq,
        stored_at=1_700_000_001.5 + seq,
        error=error,
    )


changes = st.tuples(
    st.integers(0, 5),
    st.sampled_from(["en", "ko"]),
    st.sampled_from(DIGESTS),
    st.sampled_from([None, None, "nothing was fit to publish"]),
)


NUMBERS = {f"2026-01-01:post-{n}": n + 1 for n in range(10_000)}


@given(st.lists(changes, max_size=30), st.integers(0, 30))
def test_the_last_result_of_each_translation_is_told_whole(
    found: list[tuple[object, ...]], known_after: int
) -> None:
    known: dict[str, int] = {}
    standings, told = Standings(known.get), dict[Key, Result]()
    for seq, (post, language, digest, error) in enumerate(found, 1):
        if seq > known_after:  # a result may be seen before its post
            known.update(NUMBERS)
        each = result(seq, post, language, digest=digest, error=error)  # type: ignore[arg-type]
        standings.put([each])
        told[each.post_key, each.language] = each
    for post in range(6):
        for language in ("en", "ko", "fr"):
            key = f"2026-01-01:post-{post}", language
            assert standings.get(key[0], NUMBERS[key[0]], language) == told.get(key)
    failed = {(each.post_key, each.language): each for each in standings.failed()}
    assert failed == {key: each for key, each in told.items() if each.error}


def test_ten_thousand_posts_take_a_tenth_of_a_kilobyte_for_each_translation() -> None:
    found = (
        result(2 * n + m, n, language)
        for n in range(10_000)
        for m, language in enumerate(("en", "ko"), 1)
    )
    standings = Standings(NUMBERS.get)
    tracemalloc.start()
    try:
        standings.put(found)
        # Other tests' threads allocate too: only what these two files have allocated.
        ours = [tracemalloc.Filter(True, path) for path in (standings_module.__file__, __file__)]
        traces = tracemalloc.take_snapshot().filter_traces(ours).traces
        held = sum(trace.size for trace in traces)
    finally:
        tracemalloc.stop()
    assert 20 < held / 20_000 < 70
    assert standings.get("2026-01-01:post-9999", 10_000, "ko") == result(20_000, 9_999, "ko")
