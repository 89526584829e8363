"""What a worker keeps in memory stays within its bounds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from infra.lru_cache import LRUCache


def small(*, most: int = 100, most_bytes: int = 100) -> LRUCache[str, bytearray]:
    return LRUCache(most=most, most_bytes=most_bytes, weight=len)


def names(kept: LRUCache[str, bytearray], asked: str) -> str:
    return "".join(name for name in asked if kept.get(name) is not None)


def test_the_least_recently_used_goes_first() -> None:
    kept = small(most=3)
    for name in "abc":
        kept.put(name, bytearray(1))
    kept.get("a")
    kept.put("d", bytearray(1))
    assert names(kept, "abcd") == "acd"


def test_the_newest_stays_whatever_it_weighs() -> None:
    kept = small(most_bytes=10)
    kept.put("a", bytearray(5))
    kept.put("b", bytearray(50))
    assert names(kept, "ab") == "b"
    kept.put("c", bytearray(5))
    assert names(kept, "bc") == "c"


def test_what_a_value_has_grown_by_counts_once_it_is_asked_for() -> None:
    kept = small(most_bytes=10)
    growing = bytearray(2)
    kept.put("a", growing)
    kept.put("b", bytearray(2))
    growing.extend(bytes(5))
    kept.get("a")
    kept.put("c", bytearray(2))
    assert names(kept, "abc") == "ac"


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 12), st.booleans())))
def test_no_more_is_kept_than_is_allowed(steps: list[tuple[str, int, bool]]) -> None:
    kept, put = small(most=4, most_bytes=20), {}
    for name, weight, again in steps:
        put[name] = bytearray(weight)
        kept.put(name, put[name])
        if again:
            kept.get(name)
        there = [put[each] for each in "abcdef" if kept.get(each) is not None]
        assert put[name] in there
        assert len(there) == len(kept) <= 4
        assert sum(map(len, there)) <= 20
