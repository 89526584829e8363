"""Which marks of a sentence a person's translation would lose."""

from __future__ import annotations

import pytest

from translate.pipeline.sentence_marks import LostMarks, lost_marks
from translate.types import Document

DOCUMENT = Document(
    language="ja",
    title="晴れです。",
    summary="",
    html=(
        "<p>晴れです。</p>"
        "<p><code>ls</code>と<code>ls -l</code>を使います。</p>"
        "<p><code>a1</code>は<code>a1</code>です。</p>"
        '<p><a href="/1">赤</a>と<em>青</em>です。</p>'
        '<p>改行の<br>あとと<img src="x.png">です。</p>'
        "<p><ruby>漢字<rt>かんじ</rt></ruby>の<code>x</code>です。</p>"
    ),
)
CODE = "lsとls -lを使います。"
TWICE = "a1はa1です。"


@pytest.mark.parametrize(
    ("source", "target", "lost"),
    [
        ("晴れです。", "!", None),
        ("ない文です。", "!", None),
        (CODE, "Use ls -l after ls.", None),
        (CODE, "Use ls.", LostMarks(("ls -l",))),
        (CODE, "Use lsof.", LostMarks(("ls", "ls -l"))),
        (TWICE, "a1 is a1.", None),
        (TWICE, "a1 is it.", LostMarks(("a1",))),
        ("赤と青です。", "Red and blue.", None),
        ("赤と青です。", "It is.", None),
        ("赤と青です。", "!", LostMarks(is_crowded=True)),
        ("改行の あととです。", "!", None),
        ("漢字のxです。", "The x of kanji.", None),
        ("漢字のxです。", "Kanji.", LostMarks(("x",))),
    ],
)
def test_it_names_them(source: str, target: str, lost: LostMarks | None) -> None:
    assert lost_marks(DOCUMENT, "en", source, target) == lost
