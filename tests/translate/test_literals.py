"""What no translation may change, and names put right."""

from __future__ import annotations

import pytest

from translate import edits, literals


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("詳細はhttps://example.org/a_(b)?c=1。", ("https://example.org/a_(b)?c=1",)),
        ("See https://example.org/a.", ("https://example.org/a",)),
        ("連絡はa.b+c@example.co.jpまで", ("a.b+c@example.co.jp",)),
        ("@naverと#AIの話、C#とF#、#1、#日本", ("@naver", "#AI")),
        ("今日は #日本 の話", ("#日本",)),
    ],
)
def test_literals_are_found(text: str, found: tuple[str, ...]) -> None:
    assert literals.find_literals(text) == found


def test_names_are_latin_words_with_capitals() -> None:
    text = "NAVERのHyperCLOVA XとiPhone、GPT-4oはgood。https://Example.org/A"
    assert literals.find_names(text) == ("NAVER", "HyperCLOVA", "iPhone", "GPT-4o")


@pytest.mark.parametrize(
    ("source", "target", "repaired"),
    [
        ("UpstageとLG", "Ustage and LG", "Upstage and LG"),
        ("Upstageの話", "LG andUpstage's story", "LG and Upstage's story"),
        ("Solarの話", "Solararar is here", "Solar is here"),
        ("NAVER CLOUDの話", "NAVERCLOUD's growth", "NAVER CLOUD's growth"),
        ("Appleの話", "They apply it", "They apply it"),
        ("LLMの話", "LLMs are here", "LLMs are here"),
        ("Solarの話", "Solars are here", "Solars are here"),
        ("会社の話", "A company, Ustage", "A company, Ustage"),
    ],
)
def test_misspelled_names_are_put_right(source: str, target: str, repaired: str) -> None:
    assert edits.apply(literals.repair_names(source, target), target, None)[0] == repaired
