"""No text makes a pattern of ours try for seconds what takes one look."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC

import pytest

from content.parsing.language_detection import detect_language
from content.parsing.post_parser import parse_post
from translate.html import boundaries, tokenizer
from translate.quality import gate

LONG = 60_000


def permalink(text: str) -> None:
    parse_post(
        f'---\npermalink: ":{text}"\n---\n\n本文。'.encode(),
        "2026-01-01-a.md",
        language="ja",
        timezone=UTC,
    )


CASES: dict[str, tuple[Callable[[str], object], str]] = {
    "permalink": (permalink, "e"),
    "language, tags": (lambda text: detect_language("", text, "ko"), "{%"),
    "language, elements": (lambda text: detect_language("", text, "ko"), "<"),
    "gate": (gate._TOKEN.findall, "-"),
    "gate, dots": (gate._TOKEN.findall, "."),
    "stops": (boundaries._STOP.search, "。"),
    "spaces": (boundaries._TRAILING.search, " "),
    "attributes": (lambda text: list(tokenizer._ATTRIBUTE.finditer(f"{text}/")), "\n"),
}


@pytest.mark.parametrize("name", CASES)
def test_work_grows_as_the_text_does(name: str) -> None:
    run, character = CASES[name]
    started = time.process_time()
    run(character * LONG + ("x" if name != "stops" else "a"))
    assert time.process_time() - started < 0.2


def test_words_are_found_as_before() -> None:
    said = "Don't stop-gap v1.2 ... 'tis the -end- of U.S. e-mail--- 東京の朝 x_y"
    assert gate._TOKEN.findall(said) == [
        *("Don't", "stop-gap", "v1.2", "'tis", "the", "-end", "of", "U.S", "e-mail", "東京の朝"),
        "x_y",
    ]
