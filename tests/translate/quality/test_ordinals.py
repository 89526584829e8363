"""Ordinals of a Japanese source that are lost or changed on the way."""

from __future__ import annotations

import pytest

from translate.quality import gate, ordinals
from translate.types import Pair

EN, KO = Pair("ja", "en"), Pair("ja", "ko")


@pytest.mark.parametrize(
    ("source", "target", "pair", "lost"),
    [
        ("第一に、値段です。", "It is the price.", EN, ("第一",)),
        ("第一に、値段です。", "First, it is the price.", EN, ()),
        ("二つ目の理由は場所です。", "The third reason is the place.", EN, ("二つ目",)),
        ("二つ目の理由は場所です。", "The second reason is the place.", EN, ()),
        ("二つ目の理由は場所です。", "The next reason is the place.", EN, ()),
        ("3番目の駅で降ります。", "두 번째 역에서 내립니다.", KO, ("3番目",)),
        ("3番目の駅で降ります。", "세 번째 역에서 내립니다.", KO, ()),
        ("第三者に見せます。", "I show it to others.", EN, ()),
        ("一人目標を立てる。", "They set goals.", EN, ()),
        ("１人目は彼です。", "It is him.", EN, ("1人目",)),
    ],
)
def test_lost(source: str, target: str, pair: Pair, lost: tuple[str, ...]) -> None:
    assert ordinals.lost(source, target, pair) == lost


def test_the_gate_refuses_it() -> None:
    assert "ordinals" in gate.check("一本目の物差しです。", "It is a yardstick.", EN)
