"""Text as it is searched: what is one word, and which grams a text has."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from feeds.model.feed import Entry
from feeds.model.search_text import WHOLE, fold, grams, grams_of_word, searchable, words


def entry(**texts: str) -> Entry:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    values = {"title": "", "summary": "", "html": ""} | texts
    return Entry(
        id="x", url="x", language="ja", published=when, updated=when, authors=(),
        categories=(), reading_time=1, **values,
    )  # fmt: skip


def test_readings_of_ruby_do_not_cut_words() -> None:
    ruby = "<p><ruby>人<rp>(</rp><rt>じん</rt><rp>)</rp></ruby><ruby>工<rt>こう</rt></ruby></p>"
    assert "人工" in searchable(entry(html=ruby))


def test_paragraphs_are_not_run_together() -> None:
    assert "東京" not in searchable(entry(html="<p>東</p><p>京</p>"))
    assert "アイ" not in searchable(entry(html="<p>ア</p><p>イ</p>"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("東京 AI", ["ai", "東京"]),
        ("ディープ・ラーニング", ["ディープラーニング"]),
        ("ディープ・", ["ディープ"]),  # the text may have it folded
        ("・", ["・"]),
        ("東京・大阪", ["東京・大阪"]),
        ("AI AI", ["ai"]),
        ("ﷺ", ["صلى", "الله", "عليه", "وسلم"]),  # NFKC gives it white space
    ],
)
def test_words_of_a_query(query: str, expected: list[str]) -> None:
    assert sorted(words(query)) == sorted(expected)


@given(
    before=st.text(st.sampled_from("アイー・ヴ 漢aA\n"), max_size=9),
    word=st.text(st.sampled_from("アイー・ヴ漢aA"), min_size=1, max_size=9),
    after=st.text(st.sampled_from("アイー・ヴ 漢aA\n"), max_size=9),
)
def test_a_word_that_a_text_holds_is_found_in_it_folded(before: str, word: str, after: str) -> None:
    """Whatever folding takes away, it takes from both; but for a word of middle dots alone."""
    assume(word.strip("・"))
    (found,) = words(word)
    assert found in fold(before + word + after)


@given(st.text(max_size=50))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(
    st.text(st.sampled_from("ab漢字 "), max_size=20), st.text(st.sampled_from("ab漢字"), min_size=1)
)
def test_a_text_has_a_gram_for_each_of_a_words(text: str, word: str) -> None:
    text = " ".join(f"{text}{word}{text}".split())
    found = grams(text)
    for gram in grams_of_word(word):
        assert any(each.startswith(gram) for each in found)


def test_of_a_long_text_the_beginning_is_cut() -> None:
    assert grams("漢字" * WHOLE + "仮名") == {"漢字漢", "字漢字", "漢字", "字"}
