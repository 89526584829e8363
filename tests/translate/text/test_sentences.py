"""Where sentences end."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translate.text import sentences
from translate.text.sentences import LONG, finer, spans, speaks, split

LANGUAGES = ("ja", "en", "ko")
PIECES = st.sampled_from(
    [
        *'。！？!?｡….、」』）)「『（(" \n',
        "今日",
        "は",
        "Node.js",
        "3.5",
        "U.S.",
        "안녕",
        "😊",
        "Yahoo!",
    ]
)
TEXTS = st.lists(PIECES, max_size=60).map("".join) | st.text()


@given(TEXTS, st.sampled_from(LANGUAGES))
def test_nothing_but_white_space_is_left_between_sentences(text: str, language: str) -> None:
    found = spans(text, language)
    left = [*text]
    for start, end in found:
        assert text[start:end] == text[start:end].strip() != ""
        left[start:end] = [" "] * (end - start)
    assert "".join(left).strip() == ""
    assert [end for _, end in found] == sorted({end for _, end in found})


@given(TEXTS, st.sampled_from(LANGUAGES))
def test_a_finer_cut_loses_nothing_either(text: str, language: str) -> None:
    pieces = [text[start:end] for start, end in finer(text, language)]
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert len(pieces) <= 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一つ。二つ！三つ？四つ", ["一つ。", "二つ！", "三つ？", "四つ"]),
        ("本当!?すごい！！次へ", ["本当!?", "すごい！！", "次へ"]),
        ("半角も｡切れる", ["半角も｡", "切れる"]),
        ("「え、本当に？」と思った。次。", ["「え、本当に？」と思った。", "次。"]),
        ("「一つ。」「二つ。」", ["「一つ。」", "「二つ。」"]),
        ("『一つ。二つ。』という本。", ["『一つ。二つ。』という本。"]),
        ("彼（友人。二十歳）は来た。", ["彼（友人。二十歳）は来た。"]),
        ("そうだ。」と言った。", ["そうだ。」と言った。"]),
        ("「速い。」— 社の言葉", ["「速い。」", "— 社の言葉"]),
        ("「速い。」——そう思った。", ["「速い。」", "——そう思った。"]),
        ("「行く。」――と彼は言った。", ["「行く。」――と彼は言った。"]),
        ("閉じない「かぎ。次へ。", ["閉じない「かぎ。", "次へ。"]),
        ("そう……でもない。", ["そう……でもない。"]),
        ("そうか……\nでも。", ["そうか……", "でも。"]),
        ("Node.jsは3.5倍。U.S.の話。", ["Node.jsは3.5倍。", "U.S.の話。"]),
        (
            "https://e.com/a.b?c=d を見る。a.b@c.jpへ。",
            ["https://e.com/a.b?c=d を見る。", "a.b@c.jpへ。"],
        ),
        ("Yahoo!ニュースで読んだ。", ["Yahoo!ニュースで読んだ。"]),
        ("です。😊次です", ["です。😊", "次です"]),
        (
            "ついに完成🎉🎉しかも無料です✨お早めに",
            ["ついに完成🎉🎉", "しかも無料です✨", "お早めに"],
        ),
        ("できました🙇‍♂️次もやります👍🏽GPTで", ["できました🙇‍♂️", "次もやります👍🏽", "GPTで"]),
        ("新機能✨が最高👍の出来です😊けど。", ["新機能✨が最高👍の出来です😊けど。"]),
        ("バグ🐛修正と新しい✨機能、Rust🦀Go🐹", ["バグ🐛修正と新しい✨機能、Rust🦀Go🐹"]),
        ("ありがとう🙏ございます。第1位🥇GPT", ["ありがとう🙏ございます。", "第1位🥇GPT"]),
        ("詳細は👉こちら👈から、A❷B☆C", ["詳細は👉こちら👈から、A❷B☆C"]),
        ("「やりました🎉行こう」と言った。", ["「やりました🎉行こう」と言った。"]),
        ("全角の点．次です．", ["全角の点．", "次です．"]),
        ("見出し\n本文。\n\n終わり", ["見出し", "本文。", "終わり"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_japanese(text: str, expected: list[str]) -> None:
    assert split(text, "ja") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        (
            "Dr. Lee paid $3.5 in the U.S. last year. Fine.",
            ["Dr. Lee paid $3.5 in the U.S. last year.", "Fine."],
        ),
        ("Use Node.js, e.g. v1.2. See e.com.", ["Use Node.js, e.g. v1.2.", "See e.com."]),
        ("He said “Stop. Go.” and left. Bye.", ["He said “Stop. Go.” and left.", "Bye."]),
        ("Wait... what? Yes.", ["Wait... what?", "Yes."]),
        ("1. First. 2. Second.", ["1. First.", "2. Second."]),
    ],
)
def test_english(text: str, expected: list[str]) -> None:
    assert split(text, "en") == expected


def test_korean() -> None:
    text = "안녕하세요. 3.5배입니다! 정말요? 네."
    assert split(text, "ko") == ["안녕하세요.", "3.5배입니다!", "정말요?", "네."]


def test_a_very_long_japanese_sentence_is_cut_at_its_commas() -> None:
    clause = "とても長い文がどこまでも続いていって、"
    pieces = split(clause * 40 + "終わる。", "ja")
    assert len(pieces) > 1
    assert all(len(piece) <= LONG for piece in pieces)
    assert all(piece.endswith("、") for piece in pieces[:-1])


def test_what_is_said_in_a_very_long_quotation_is_cut() -> None:
    said = "これは引用の中の文です。" * 20
    assert len(split(f"「{said}」と言った。", "ja")) == 20


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        (
            "雨が降ったので、試合は中止になった。",
            "ja",
            ["雨が降ったので、", "試合は中止になった。"],
        ),
        ("雨が降ったけど試合は行われた。", "ja", ["雨が降ったけど", "試合は行われた。"]),
        (
            "It rained a lot, but the match went on.",
            "en",
            ["It rained a lot,", "but the match went on."],
        ),
        ("비가 많이 왔지만 경기는 열렸다.", "ko", ["비가 많이 왔지만", "경기는 열렸다."]),
        ("短い文。", "ja", ["短い文。"]),
    ],
)
def test_a_finer_cut_is_made_near_the_middle(text: str, language: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in finer(text, language)] == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("東京", "ja", True),
        ("ｶﾅ", "ja", True),
        ("OpenAI GPT-5 (2025)! 😊 https://e.com/", "ja", False),
        ("서울", "ko", True),
        ("OpenAI 2025", "ko", False),
        ("See the docs", "en", True),
        ("https://example.com/docs 3.5 %", "en", False),
        ("a@example.com", "en", False),
    ],
)
def test_texts_to_translate(text: str, language: str, expected: bool) -> None:
    assert speaks(text, language) is expected


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["あ", "「", "。」", "「。」", "あ、", "a. ", "!", "…", ".", "x "])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_time_grows_with_the_length_only(unit: str, language: str) -> None:
    text = unit * 50_000 + "x"
    start = time.perf_counter()
    spans(text, language)
    finer(text, language)
    assert time.perf_counter() - start < 10  # seconds; far more if it were the square


def test_paragraphs_in_japanese_have_no_spaces() -> None:
    assert sentences.space_between("ja") == ""
    assert sentences.space_between("en") == sentences.space_between("ko") == " "


@pytest.mark.parametrize("text", [": " * 200_000, "a" * 100_000 + "://", "3" * 200_000 + " "])
def test_a_search_for_words_takes_one_pass(text: str) -> None:
    """Hours, when it did not."""
    assert not speaks(text, "en")


@given(st.text(alphabet="a1 .:@/(-\u00a0é", max_size=12))
def test_words_are_found_wherever_they_stand(text: str) -> None:
    word = re.compile(r"(?<!\S)[\W\d]*[^\W\d_]{2,}(?!\S*(?:://|@|\w\.\w))")
    assert speaks(text, "en") == bool(word.search(text))
