"""Signs of a sentence spelled otherwise, and brought back."""

from __future__ import annotations

import re

import pytest

from translate.text import edits
from translate.text.sign_table import SIGNS, Spelling
from translate.text.signs import has_signs, restored, rewritten, signs_in, unsaid
from translate.types import Pair

FIRST = {sign.name: sign.spellings[0] for sign in SIGNS["ja"]}


def spelled(text: str, chosen: dict[str, Spelling | None] | None = None) -> str:
    found = rewritten(text, "ja", FIRST if chosen is None else chosen)
    return edits.apply([one.edit for one in found], text, None)[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("9時～17時です。", "9時〜17時です。"),
        ("気温は25℃です。", "気温は25度です。"),
        ("価格は€50です。", "価格は50ユーロです。"),
        ("料金は￥1,000です。", "料金は1,000円です。"),
        ("容量は10µLです。", "容量は10mLです。"),
        ("電話は03‐1234‐5678です。", "電話は03-1234-5678です。"),
        ("α版です。", "アルファ版です。"),
        ("≧5のとき", "5以上のとき"),
        ("±2度です。", "2度です。"),
        ("½メートル", "0.5メートル"),
        ("5ヶ月かかりました。", "5か月かかりました。"),
        ("〆切は金曜日です。", "締め切りは金曜日です。"),
        ("【重要】お知らせ", "[重要]お知らせ"),
        ("＜注意＞火を使います。", "「注意」火を使います。"),
        ("1920×1080です。", "1920x1080です。"),
        ("何も変わりません。", "何も変わりません。"),
    ],
)
def test_everyday_spellings(text: str, said: str) -> None:
    assert spelled(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("二〇二六年に始まりました。", "2026年に始まりました。"),
        ("一九九八年です。", "1998年です。"),
        ("人口は三〇〇〇人です。", "人口は3000人です。"),
        ("二三日で届きます。", "二三日で届きます。"),
        ("三三五五集まる。", "三三五五集まる。"),
        ("三十一日です。", "三十一日です。"),
    ],
)
def test_digits_in_kanji_become_ascii_without_grouping(text: str, said: str) -> None:
    assert spelled(text, {}) == said
    assert has_signs(text, "ja") == (text != said)


@pytest.mark.parametrize(
    ("source", "target", "language", "said"),
    [
        ("25℃です。", "기온은 25도입니다.", "ko", "기온은 25℃입니다."),
        ("25℃です。", "It is 25 degrees Celsius.", "en", "It is 25°C."),
        ("32℃、18℃です。", "It was 18 degrees, 32 degrees.", "en", "It was 18°C, 32°C."),
        ("10µLです。", "It is 10 mL.", "en", "It is 10 µL."),
        ("±2度です。", "It is 2 degrees.", "en", "It is ±2 degrees."),
        ("25℃です。", "It is warm.", "en", "It is warm."),  # everyday words may say it otherwise
        ("10µLです。", "It is 10 minutes.", "en", None),  # a stand-in may not
        ("10µLです。", "Es ist 10 mL.", "de", None),
    ],
)
def test_the_authors_sign_comes_back(
    source: str, target: str, language: str, said: str | None
) -> None:
    back = restored(rewritten(source, "ja", FIRST), target, language)
    assert (None if back is None else edits.apply(back, target, None)[0]) == said


def test_every_sign_is_in_its_own_trials_and_its_spellings_are_not() -> None:
    for language, signs in SIGNS.items():
        for sign in signs:
            for carrier, want in sign.trials:
                assert sign in signs_in(carrier, language), sign.name
                found = rewritten(carrier, language, {sign.name: sign.spellings[0]})
                said, _ = edits.apply([one.edit for one in found], carrier, None)
                assert sign.spellings[0].apart or sign not in signs_in(said, language), said
                for pattern in want.values():
                    re.compile(pattern)


@pytest.mark.parametrize(
    ("source", "target", "pair", "lost"),
    [
        ("気温は25℃です。", "기온은 25분입니다.", Pair("ja", "ko"), True),
        ("気温は25℃です。", "기온은 25℃입니다.", Pair("ja", "ko"), False),
        ("温度差は2度です。", "온도 차이는 두 번입니다.", Pair("ja", "ko"), True),
        ("設定→一般を開く", "Open the settings", Pair("ja", "en"), True),
        ("設定→一般を開く", "Settings → General", Pair("ja", "en"), False),
        ("β版です。", "탱 버전입니다.", Pair("ja", "ko"), True),
        ("25℃です。", "25 minutes", Pair("en", "ko"), False),
    ],
)
def test_a_sign_whose_sense_is_gone(source: str, target: str, pair: Pair, lost: bool) -> None:
    assert bool(unsaid(source, target, pair)) == lost
