"""Snippets: the author's own characters, with the words of a search marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.model.search_snippet import Piece, snippet
from feeds.model.search_text import fold, words
from tests.feeds.model.test_search_text import entry


def show(pieces: tuple[Piece, ...]) -> str:
    return "".join(f"[{text}]" if marked else text for text, marked in pieces)


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("Straße und STRASSE", "strasse", "[Straße] und [STRASSE]"),
        ("ディープ・ラーニングの話", "ディープラーニング", "[ディープ・ラーニング]の話"),
        ("ｶﾞｰﾃﾞﾝとカフェ", "ガーデン", "[ｶﾞｰﾃﾞﾝ]とカフェ"),
        ("東京都 京都", "京都 東京", "[東京都] [京都]"),
        ("Cafe\u0301!", "café", "[Cafe\u0301]!"),
        ("none", "x", "none"),
        ("", "x", ""),
    ],
)
def test_words_are_marked_as_they_are_written(text: str, query: str, shown: str) -> None:
    pieces = snippet(entry(title=text), words(query)).title
    merged = show(pieces).replace("][", "")
    assert merged == shown


def test_the_summary_is_shown_where_it_holds_a_word() -> None:
    found = snippet(entry(summary="春の知らせ", html="<p>春</p>"), ["春"])
    assert show(found.text) == "[春]の知らせ"
    assert found.of_summary


def test_else_what_stands_around_the_word() -> None:
    html = f"<p>{'前の文。' * 30}</p><p>ここに<b>言葉</b>がある。{'後の文。' * 60}</p>"
    found = snippet(entry(summary="要約", html=html), ["言葉"])
    assert not found.of_summary
    assert show(found.text).startswith("ここに[言葉]がある。後の文。")
    assert show(found.text).endswith("…")
    assert len(show(found.text)) < 250


def test_a_word_of_a_tag_alone_leaves_the_summary() -> None:
    found = snippet(entry(summary="要約", html="<p>本文</p>"), ["量子"])
    assert show(found.text) == "要約"


@given(st.text(max_size=40), st.text(max_size=5))
def test_no_character_is_lost_or_changed(text: str, query: str) -> None:
    pieces = snippet(entry(title=text), words(query)).title
    assert "".join(piece for piece, _ in pieces) == text


@given(st.text(st.sampled_from("aＡ漢ア・é ss"), max_size=20), st.sampled_from("a漢ア"))
def test_every_place_of_a_word_is_marked(text: str, word: str) -> None:
    pieces = snippet(entry(title=text), [word]).title
    assert not any(word in fold(piece) for piece, marked in pieces if not marked)
