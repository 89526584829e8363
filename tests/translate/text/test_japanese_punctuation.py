"""Japanese punctuation in texts that have no words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translate.text.japanese_punctuation import respelled
from translate.types import Pair, Span

EN, KO = Pair("ja", "en"), Pair("ja", "ko")


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("RSS 2.0、Atom 1.0、JSON Feed 1.1。", "RSS 2.0, Atom 1.0, JSON Feed 1.1."),
        ("「RSS」「Atom」、『Code』（2008）。", '"RSS" "Atom", "Code" (2008).'),
        ("C++（C++17／C++20）：R＆D", "C++ (C++17/C++20): R&D"),
        ("Ｎｏｄｅ．ｊｓ　１８", "Node.js 18"),
        ("１０：３０〜１１：００、1，000", "10:30–11:00, 1,000"),
        ("【v2】Go・Rust・C#・・・", "[v2] Go·Rust·C#..."),
        ("Yahoo！JAPAN！？", "Yahoo! JAPAN!?"),
        ("https://e.jp/a、https://e.jp/b。", "https://e.jp/a, https://e.jp/b."),
        ("\\(f(x、y)\\)、A", "\\(f(x、y)\\), A"),
        ("(´・ω・`) ♪〜", "(´・ω・`) ♪~"),
        ("OK。🎉", "OK. 🎉"),
        ("2026-01-31 “A”, B.", "2026-01-31 “A”, B."),
    ],
)
def test_english_has_its_own_signs(text: str, english: str) -> None:
    assert "".join(respelled(text, EN)) == english


def test_korean_writes_brackets_without_a_space_and_ranges_with_a_tilde() -> None:
    assert "".join(respelled("Go（1.22〜1.23）、「Rust」。", KO)) == 'Go(1.22~1.23), "Rust".'


def test_code_stays_as_it_is() -> None:
    assert "".join(respelled("RSS：。、x、A", EN, [Span(4, 7)])) == "RSS: 。、x, A"


@pytest.mark.parametrize("pair", [Pair("ja", "zh"), Pair("en", "ko"), Pair("zh", "ja")])
def test_other_pairs_keep_their_signs(pair: Pair) -> None:
    assert "".join(respelled("RSS、Atom。", pair)) == "RSS、Atom。"


@given(
    st.text(st.sampled_from('aB1 、。，．：「」『』（）・〜～　Ａ１+/("')),
    st.sampled_from([EN, KO]),
)
def test_words_stay_and_no_space_is_doubled(text: str, pair: Pair) -> None:
    pieces = respelled(text, pair)
    assert len(pieces) == len(text)
    written = "".join(pieces)
    letters = [one for one in written if one.isalnum()]
    assert letters == [one for one in text.translate({0xFF21: "A", 0xFF11: "1"}) if one.isalnum()]
    assert written.strip() == written or text.strip() != text
    assert "  " not in written or "  " in text.replace("　", " ")
    assert "".join(respelled(written, pair)) == written


def test_a_long_text_of_signs_stays() -> None:
    """The search for literals would take minutes."""
    text = "\\(、" * 50_000
    assert "".join(respelled(text, Pair("ja", "en"))) == text
