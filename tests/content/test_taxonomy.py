"""Slugs: one per term, however it is written."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable
from difflib import get_close_matches

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from content.taxonomy import nearest, post_slug, term_slug


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("最新ニュース", "最新ニュース"),
        ("번역", "번역"),
        ("C", "c"),
        ("C++", "c++"),
        ("Ｃ＃", "c#"),
        ("CI/CD", "ci-cd"),
        ("CI / CD", "ci-cd"),
        ("a\\b", "a-b"),
        ("Machine  Learning ", "machine-learning"),
        ("100%", "100%"),
        ("🐍", "🐍"),
        ("ﾆｭｰｽ", "ニュース"),
        ("か\u3099", "が"),
        ("Straße", "strasse"),
        ("\u0390", "\u0390"),
        (".", "-."),
        ("..", "-.."),
        (" ", "-"),
        ("\x00", "-"),
        ("", ""),
    ],
)
def test_term_slugs(text: str, slug: str) -> None:
    assert term_slug(text) == slug


@example("\uf900")  # NFC makes another character of it
@given(st.text(st.characters(), min_size=1))
def test_a_slug_is_its_own_slug_and_a_path_segment(text: str) -> None:
    for slug_of in (term_slug, post_slug):
        slug = slug_of(text)
        assert slug_of(slug) == slug
        assert slug not in ("", ".", "..")
        assert "/" not in slug
        assert len(slug.encode()) <= 200
        assert unicodedata.is_normalized("NFC", slug)


def test_long_terms_are_cut_and_stay_distinct() -> None:
    one, other = term_slug("長" * 100), term_slug("長" * 101)
    assert len(one.encode()) <= 200
    assert one != other
    assert one.startswith("長" * 60)


def test_post_slugs_keep_their_case() -> None:
    assert post_slug("Ｈello World/x") == "Ｈello-World-x"


def test_nearest_terms() -> None:
    slugs = ["javascript", "java", "python", "ニュース", "最新ニュース"]
    assert nearest("javascrpt", slugs) == ["javascript", "java"]
    assert nearest("ニュス", slugs)[0] == "ニュース"
    assert nearest("zzz", slugs) == []


def test_nearest_terms_of_a_large_site_cost_a_fraction_of_difflib() -> None:
    many = {
        f"{word}-{i}": i for i in range(4000) for word in ("技術", "java", "旅行記", "news", "ai")
    }
    peer = _cost(lambda: get_close_matches("javascript", list(many)[:2000])) * 10
    for wanted in ("技術ニュース", "javascript", "x" * 30_000, "a"):
        assert _cost(lambda wanted=wanted: nearest(wanted, many, 5)) < peer / 4, wanted


def _cost(work: Callable[[], object]) -> float:
    """The least processor time of five runs, in seconds."""
    costs = []
    for _ in range(5):
        started = time.process_time()
        work()
        costs.append(time.process_time() - started)
    return min(costs)
