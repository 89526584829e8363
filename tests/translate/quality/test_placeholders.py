"""What is put in the place of numbers and literals."""

from __future__ import annotations

import pytest

from translate.quality.placeholders import insert_placeholders, restore
from translate.text import edits


@pytest.mark.parametrize(
    ("text", "dressed"),
    [
        ("2,378億ウォンを3回", "37ウォンを58回"),
        ("２．６．０を3回", "58を37回"),
        ("2026.01.31に2026-01-31 15:30から", "37に58から"),
        ("電話は0120-12-3456です", "電話は37-58-64です"),
        ("番号は51234-56-78です", "番号は37-58-64です"),
        ("2つとhttps://example.org/37", "37つと58"),
    ],
)
def test_each_number_and_literal_has_a_figure_of_its_own(text: str, dressed: str) -> None:
    worn = [standin.edit for standin in insert_placeholders(text, "ja")]
    assert edits.apply(worn, text, None)[0] == dressed


@pytest.mark.parametrize(
    ("said", "restored"),
    [
        ("한국의 '37'과 '58'은", "한국의 '카카오'와 '네이버'는"),
        ("37이 58으로", "카카오가 네이버로"),
        ("37에서 58까지", "카카오에서 네이버까지"),
    ],
)
def test_particles_agree_with_korean_words(said: str, restored: str) -> None:
    standins = insert_placeholders("韓国の「카카오」と「네이버」", "ja")
    back = restore(said, "ko", standins)
    assert back is not None
    assert edits.apply(back, said, None)[0] == restored
