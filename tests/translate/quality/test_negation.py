"""Negations of a Japanese source that are lost on the way."""

from __future__ import annotations

import pytest

from translate.quality import gate, negation
from translate.types import Pair

EN, KO = Pair("ja", "en"), Pair("ja", "ko")


@pytest.mark.parametrize(
    ("source", "target", "pair"),
    [
        ("この方法は使えません。", "This method can be used.", EN),
        ("この方法は使えません。", "이 방법은 사용할 수 있습니다.", KO),
        ("彼は会議に来なかった。", "He came to the meeting.", EN),
        ("数字にこだわらず、質を選びました。", "We chose quality and the number.", EN),
        ("説明が足りないと言われました。", "I was told that the explanation is enough.", EN),
        ("雨は降らないでしょう。", "비가 올 것입니다.", KO),
    ],
)
def test_a_lost_negation_is_refused(source: str, target: str, pair: Pair) -> None:
    assert "negation" in gate.check(source, target, pair)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("雨が降るかもしれません。", "It may rain."),
        ("三つしかありません。", "There are three."),
        ("注意しなければなりません。", "You must be careful."),
        ("急がなければならない。", "We must hurry."),
        ("一緒に行きませんか。", "Shall we go together?"),
        ("失敗する会社も少なくない。", "Many companies fail."),
        ("彼女に違いありません。", "It must be her."),
        ("速いだけでなく安い。", "It is fast and cheap."),
        ("必ず確認します。", "I always check."),
        ("まず水を入れます。", "First, add water."),
        ("電源は欠かせません。", "Power is essential."),
        ("まもなく始まります。", "It starts soon."),
        ("そう思えてなりません。", "I keep thinking so."),
        ("すみません、遅れました。", "Sorry, I am late."),
        ("後でもかまいません。", "Later is fine."),
        ("手放さざるえなかった。", "I had to part with it."),
        ("どちらでも問題ありません。", "Either is fine."),
    ],
)
def test_what_only_looks_like_one_is_none(source: str, target: str) -> None:
    assert not negation.is_lost(source, target, EN)


@pytest.mark.parametrize(
    ("source", "target", "pair"),
    [
        ("この方法は使えません。", "This method cannot be used.", EN),
        ("この方法は使えません。", "This method is useless.", EN),
        ("この方法は使えません。", "You can 't use this method.", EN),
        ("彼は来なかった。", "그는 오지 않았다.", KO),
        ("そんな人ではありません。", "그런 사람이 아닙니다.", KO),
        ("Rien ne va plus.", "All goes well.", Pair("fr", "en")),
    ],
)
def test_a_negation_in_other_words_passes(source: str, target: str, pair: Pair) -> None:
    assert not negation.is_lost(source, target, pair)
