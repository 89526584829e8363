"""Readings beside Japanese words."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.database import open_database
from translate.engines.fake import FakeEngine
from translate.html.ruby import without_readings
from translate.memory.memory import Memory
from translate.pipeline.translator import Translator
from translate.types import Document, Pair


@pytest.mark.parametrize(
    ("html", "bare"),
    [
        ("<p><ruby>東京<rt>とうきょう</rt></ruby>です。</p>", "<p>東京です。</p>"),
        ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rt>じ</rt></ruby>", "漢字"),
        ("<ruby><rb>北京</rb><rt>ペキン</rt></ruby>", "北京"),
        (
            '<ruby><a href="/a">語<b>源</b></a><rt>ごげん</rt></ruby>',
            '<a href="/a">語<b>源</b></a>',
        ),
        ("<p>1 &lt; 2 &amp; 3</p>", "<p>1 &lt; 2 &amp; 3</p>"),
        ("<code>&lt;ruby&gt;</code>", "<code>&lt;ruby&gt;</code>"),
        ("<ruby>a &lt; b<rt>x</rt></ruby>", "a &lt; b"),
    ],
)
def test_the_base_stays(html: str, bare: str) -> None:
    assert without_readings(html) == bare


def test_the_base_is_translated_as_one_sentence(tmp_path: Path) -> None:
    html = "<p>私は<ruby>東京<rt>とうきょう</rt></ruby>に住んでいます。</p>"
    engine = FakeEngine(pairs=(Pair("ja", "en"),))
    translator = Translator(engine, Memory(open_database(f"sqlite:///{tmp_path}/m.db")))
    document = Document(language="ja", title="題", summary="", html=html)
    translation = translator.translate(document, "en")
    assert (Pair("ja", "en"), "私は東京に住んでいます。") in engine.decoded
    assert "とうきょう" not in translation.html
    assert "<ruby" not in translation.html
