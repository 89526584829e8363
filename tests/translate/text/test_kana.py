"""Kana in Latin letters, in Hangul, and by sound."""

from __future__ import annotations

import pytest

from translate.text import kana


@pytest.mark.parametrize(
    ("reading", "latin", "hangul"),
    [
        ("やまだ たろう", "Yamada Taro", "야마다 다로"),
        ("なかむら・しゅうじ", "Nakamura Shuji", "나카무라 슈지"),
        ("すずき いちろう", "Suzuki Ichiro", "스즈키 이치로"),
        ("いのうえ", "Inoue", "이노우에"),
        ("おおた", "Ota", "오타"),
        ("はっとり", "Hattori", "핫토리"),
        ("しんいち", "Shinichi", "신이치"),
        ("じゅんいち", "Junichi", "준이치"),
        ("ちば", "Chiba", "지바"),
        ("つだ", "Tsuda", "쓰다"),
        ("きょうこ", "Kyoko", "교코"),
    ],
)
def test_japanese_names(reading: str, latin: str, hangul: str) -> None:
    assert (kana.hepburn(reading), kana.hangul(reading)) == (latin, hangul)


@pytest.mark.parametrize(
    ("reading", "latin"),
    [
        ("キム・ミョンス", "Kim Myonsu"),
        ("ユン・ソンニョル", "Yun Sonnyol"),
        ("ジャック・マー", "Jak Ma"),
        ("イ・ジェミョン", "Yi Jemyon"),
    ],
)
def test_names_from_other_languages(reading: str, latin: str) -> None:
    assert kana.hepburn(reading) == latin


def test_one_sound_in_three_scripts() -> None:
    assert kana.sounds("シー・ジンピン") == kana.sounds("Xi Jinping") == kana.sounds("시진핑")


@pytest.mark.parametrize(
    ("name", "behind_a_vowel", "particle"),
    [
        ("다로", "는", "는"),
        ("켄", "는", "은"),
        ("Jensun Fuan", "가", "이"),
        ("Kim Myonsu", "를", "를"),
        ("신", "로", "으로"),
        ("폴", "로", "로"),
        ("켄", "", ""),
    ],
)
def test_particles_behind_names(name: str, behind_a_vowel: str, particle: str) -> None:
    assert kana.particle(name, behind_a_vowel) == particle
