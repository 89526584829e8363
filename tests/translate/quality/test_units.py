"""What a number counts, in a sentence and in its translation."""

from __future__ import annotations

import pytest

from translate.quality import units
from translate.types import Pair


@pytest.mark.parametrize(
    ("source", "target", "language"),
    [
        ("気温は25℃です。", "The temperature is 25 minutes C.", "en"),
        ("気温は18℃です。", "It is 18 people.", "en"),
        ("気温は25℃です。", "기온은 25분 C입니다.", "ko"),
        ("30分かかります。", "It takes 30 hours.", "en"),
        ("３０分かかります。", "30초 걸립니다.", "ko"),
        ("重さは3kgです。", "It is 3 km.", "en"),
        ("5キロメートル走った。", "I ran 5 kg.", "en"),
        ("10km走った。", "10m를 달렸다.", "ko"),
        ("100円です。", "It is 100 people.", "en"),
        ("3回試した。", "I tried for 3 years.", "en"),
        ("卵が5個あります。", "There are 5 minutes of eggs.", "en"),
        ("50%です。", "It is 50 people.", "en"),
        ("5人が来た。", "Five kilometers came.", "en"),
    ],
)
def test_another_unit_is_wrong(source: str, target: str, language: str) -> None:
    assert units.is_wrong(source, target, Pair("ja", language))


@pytest.mark.parametrize(
    ("source", "target", "language"),
    [
        ("気温は25℃です。", "The temperature is 25 degrees.", "en"),
        ("2人で2時間話した。", "Two people talked for two hours.", "en"),
        ("18人が参加した。", "18 engineers took part.", "en"),
        ("3人が来た。", "세 분이 오셨다.", "ko"),
        ("5キロ走った。", "I ran 5 kilometers.", "en"),
        ("5キロ痩せた。", "I lost 5 kilos.", "en"),
        ("5歳の子です。", "He is 5 years old.", "en"),
        ("17時に終わる。", "It ends at 17 hours.", "en"),
        ("半年で2倍になった。", "It doubled in six months.", "en"),
        ("3年で3倍になった。", "It grew 3 times in 3 years.", "en"),
        ("30分です。", "Il dure 30 heures.", "fr"),
    ],
)
def test_the_same_unit_or_none_is_not(source: str, target: str, language: str) -> None:
    assert not units.is_wrong(source, target, Pair("ja", language))
