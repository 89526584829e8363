"""Signs and emoji at the ends of a sentence go around the engine."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from translate.engines.fake import FakeEngine
from translate.memory.memory import Memory
from translate.pipeline.translator import Translator
from translate.quality import gate
from translate.quality.glossary import Glossary
from translate.sentence_result import SentenceResult
from translate.text import symbols
from translate.types import Alignment, Decoding, Document, Hop, Hypothesis, Pair, Span


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("※架空の話です。", "架空の話です。"),
        ("🎉 新しい版", "新しい版"),
        ("ありがとう 🙏🏽✨", "ありがとう"),
        ("⚠️ 注意", "注意"),
        ("👩‍💻の一日", "の一日"),
        ("■ → 手順", "手順"),
        ("●準備するもの", "準備するもの"),
        ("・東京", "東京"),
        ("･ 東京・大阪", "東京・大阪"),
        ("東京・", "東京・"),
        ("— 社の言葉", "社の言葉"),
        ("新機能✨です", "新機能✨です"),
        ("±5%と①と㈱空、-3℃", "±5%と①と㈱空、-3℃"),
        ("#日本 > 東京", "#日本 > 東京"),
    ],
)
def test_the_core_of_a_sentence_has_no_signs_at_its_ends(text: str, core: str) -> None:
    assert symbols.core(text) == core


@given(st.text("※🎉→✨⚠\ufe0f 本文。a・"))
def test_what_is_taken_off_is_put_back(text: str) -> None:
    core = symbols.core(text)
    assert symbols.core(core) == core
    assert symbols.dressed(SentenceResult(text=core), text).text == text


def test_an_alignment_leads_from_each_sign_to_itself() -> None:
    words = Alignment((Span(0, 2),), (Span(0, 7),), ((1.0,),))
    found = symbols.dressed(SentenceResult(text="weather", alignment=words), "🎉 天気✨")
    assert found.text == "🎉 weather✨"
    assert found.alignment == Alignment(
        (Span(0, 2), Span(2, 4), Span(4, 5)),
        (Span(0, 2), Span(2, 9), Span(9, 10)),
        ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    )


class Plain(FakeEngine):
    """As a small model: it has never seen a sign."""

    def decode(
        self, hop: Hop, sentences: Sequence[str], options: Decoding
    ) -> list[list[Hypothesis]]:
        assert not any(symbols.SIGN.search(sentence) for sentence in sentences)
        return super().decode(hop, sentences, options)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_titles_and_sentences_keep_their_signs(database: Engine, language: str) -> None:
    document = Document(
        language="ja", title="🎉 新しい版の話", summary="", html="<p>※架空の話です。また明日🙏</p>"
    )
    result = Translator(Plain(), Memory(database), Glossary([])).translate(document, language)
    assert result.title.startswith("🎉 ")
    assert "<p>※" in result.html
    assert result.html.endswith("🙏</p>")
    assert not any(sentence.kept for sentence in result.sentences)


@pytest.mark.parametrize("target", ["⻐이 기사는 가상의 것입니다.", "⏏ 이 기사는 가상의 것입니다."])
def test_signs_that_a_model_makes_up_are_refused(target: str) -> None:
    assert gate.check("この記事は架空のものです。", target, Pair("ja", "ko"))
