"""Full stops and spaces that a model adds."""

from __future__ import annotations

import pytest

from translate.text import edits, punctuation


@pytest.mark.parametrize(
    ("source", "target", "tidied"),
    [
        ("性能は1.8倍", "The performance is 1.8 times.", "The performance is 1.8 times"),
        ("主な変更点", "주요 변경 사항입니다.", "주요 변경 사항입니다"),
        ("「秋を歩く」", 'The "Walk".', 'The "Walk"'),
        ("主な変更点。", "The main changes.", "The main changes."),
        ("今日は晴れです", "It is sunny today.", "It is sunny today."),
        ("東京、大阪など", "Tokyo, Osaka, etc.", "Tokyo, Osaka, etc."),
        ("東京と大阪他", "Tokyo, Osaka, etc.", "Tokyo, Osaka, etc."),
        ("株式会社楓", "Kaede Inc.", "Kaede Inc."),
        ("米国", "The U.S.", "The U.S."),
        ("日米の話、そして楓", "Of two countries. And maples.", "Of two countries. And maples."),
        ("続きは次回…", "More next time...", "More next time..."),
        ("30日（現地時間）です。", "30일( 현지 시간 )입니다.", "30일(현지 시간)입니다."),
        ("「速度」です。", "' 속도'입니다.", "'속도'입니다."),
        ("鍵は ' ' です。", "키는 ' '입니다.", "키는 ' '입니다."),
        ("月額20ドル。", "$20 dollars a month.", "$20 a month."),
        ("3百万ドル。", "It is $3 million US dollars.", "It is $3 million."),
        ("1,000円。", "It is ¥1,000 yen.", "It is ¥1,000."),
        ("20ドル。", "20 dollars, $5.", "20 dollars, $5."),
        ("犬の食事。", "The dogs' food.", "The dogs' food."),
        ("日本語、英語など。", "Japanese,  English.", "Japanese, English."),
        ("( ^_^ )です。", "It is ( ^_^ ).", "It is ( ^_^ )."),
    ],
)
def test_what_the_source_has_not_is_taken_away(source: str, target: str, tidied: str) -> None:
    assert edits.apply(punctuation.tidied(source, target), target, None)[0] == tidied
