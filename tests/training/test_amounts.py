"""Rows with other numbers: both sides say the same one, each as its language writes it."""

from __future__ import annotations

import re

import pytest

from training import amounts
from training.corpus import Row
from translate.text.numbers import compare
from translate.types import Pair

ROWS = [
    Row("essays", "年4000億ドルを使う。", "It spends 400 billion dollars a year."),
    Row("essays", "月の利用料は3万8,000円です。", "The fee is 38,000 yen a month."),
    Row("essays", "2016年に会員は92万人でした。", "In 2016 it had 920,000 members."),
    Row("manual", "前のバージョンは12ページだった。", "The version before had 12 pages."),
]


@pytest.mark.parametrize(
    ("value", "english", "japanese", "korean"),
    [
        (38_000, "38,000", "3万8,000", "3만 8,000"),
        (920_000, "920,000", "92万", "92만"),
        (19_000_000, "19 million", "1,900万", "1,900만"),
        (400_000_000_000, "400 billion", "4,000億", "4,000억"),
        (3_750_000_000_000, "3.75 trillion", "3兆7,500億", "3조 7,500억"),
    ],
)
def test_an_amount_is_written_and_read_as_its_language_does(
    value: int, english: str, japanese: str, korean: str
) -> None:
    for language, text in (("en", english), ("ja", japanese), ("ko", korean)):
        assert amounts.write(value, language) == text
        assert [number.value for number in amounts.numbers(text, language)] == [value]


def test_both_sides_of_a_row_get_the_same_number() -> None:
    made = amounts.number_rows(ROWS, 200, "ja", "en")
    assert len(made) == 200
    assert len(set(made)) > 150
    for row in made:
        assert not compare(row.source, row.target, Pair("ja", "en")), row
    assert sum("万" in row.source or "億" in row.source or "兆" in row.source for row in made) > 90


def test_a_year_stays_a_year() -> None:
    for row in amounts.number_rows(ROWS[2:3], 20, "ja", "en"):
        assert re.search(r"In (199|20[0-3])\d it had", row.target)


def test_a_number_that_is_a_name_or_is_said_twice_stays() -> None:
    rows = [
        Row("a", "GPT-4とA100と1.2.3。", "GPT-4, A100 and 1.2.3."),
        Row("a", "20ドルと20ドル。", "20 dollars and 20 dollars."),
        Row("a", "3〜5回の方法。", "A way 3-5 times."),
    ]
    assert amounts.number_rows(rows, 10, "ja", "en") == []
