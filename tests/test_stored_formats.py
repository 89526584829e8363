"""What is stored, by value: a name in the code may change, a key, a fingerprint or a row may not.

A change of one of these translates every post again, or parses every post again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from content.library import parse_cache
from content.post import Post, Problem
from translate.jobs import serialize
from translate.pipeline.cache_keys import fingerprint, sentence_key
from translate.quality import gate
from translate.quality.glossary import Glossary, GlossaryTerm
from translate.types import Hop, Pair, Sentence, Translation

TEXT = "半導体の話です。"
ENGLISH = Hop(pair=Pair("ja", "en"), name="ja_en", version="1", starter=False)
KOREAN = Hop(pair=Pair("en", "ko"), name="en_ko", version="1", starter=False)
CHIP = Glossary([GlossaryTerm(text="半導体", renderings={"en": ("chip",)})])


@pytest.mark.parametrize(
    ("rules", "keys"),
    [
        (
            gate.VERSION,
            [
                "e39c2826d4f953d004830212bc46334a104d12e2b1c65c59e743b3f9611a49a3",
                "e711d639056c7ab67a7ab30ba416ba0aad4f13c659f6465e18d5e8f2b97601a7",
                "26510781a4c47089db07f7653f4c48d550de9ae84661e7096514de0098df9ac6",
            ],
        ),
        (
            "gate-9",
            [
                "a7843e5bc9c211da12828462156fe69761029f3c3a9ada0aa00c1e65f628b82f",
                "f46f25d312c58a7c69b3ade0cb6607cc2c1d10b7aac8a09b57e51dcf05918fbf",
                "fcc724561b622b12ba703d1e59c92d85629e27d2924e6f5b356bd360334c9a2f",
            ],
        ),
        (
            "gate-8",
            [
                "0ef36901d16b650244d32a7473f9f4b3288e05b896d51fbd14237b2032131281",
                "2e7cd20184392f3d2afbbcaf92ac35e70ada007ade0a3443d418da215bb28d97",
                "83495e2899ea74d23fc9b44caf6204abff9a68db4d67afbe7aa4502e9e85c4cc",
            ],
        ),
    ],
)
def test_keys_of_sentences(rules: str, keys: list[str]) -> None:
    """What is stored under earlier rules is looked up, judged by the present gate and kept."""
    pivot = (ENGLISH, KOREAN)
    corrected = {Pair("ja", "en"): "About chips."}
    assert [
        sentence_key(TEXT, (ENGLISH,), Glossary(), rules=rules),
        sentence_key(TEXT, pivot, CHIP, rules=rules),
        sentence_key(TEXT, pivot, CHIP, corrected, rules=rules),
    ] == keys


def test_fingerprints_of_pairs() -> None:
    assert [
        fingerprint(Pair("ja", "ko"), (ENGLISH, KOREAN), CHIP),
        fingerprint(Pair("ja", "en"), (ENGLISH,), Glossary(), ["a state"]),
    ] == [
        "ja-ko: ja_en 1, en_ko 1; terms 68d06499; rules cb278b21",
        "ja-en: ja_en 1; terms 4f53cda1; rules cb278b21; by hand 39228332",
    ]


def test_a_row_of_the_parse_cache() -> None:
    post = Post(
        path="2026-01-31-hello.md",
        day=date(2026, 1, 31),
        slug="hello",
        language="ja",
        title="題",
        published=datetime(2026, 1, 31, 3, tzinfo=UTC),
        edited=None,
        categories=("AI",),
        tags=("x", "y"),
        authors=("山田",),
        permalink="/2026/01/31/hello.html",
        image="a.png",
        versions=(),
        digest="d",
        text_digest=b"t",
        guid="https://old.example/?p=1",
        pair="ref: hello",
        remarks=(Problem(path="2026-01-31-hello.md", line=3, what="w", remedy="r"),),
        reads=(("file", "_includes/a.html", "d"),),
    )
    assert parse_cache._row(post) == [
        *("post", "2026-01-31", "hello", "ja", "題", "2026-01-31T03:00:00+00:00", None),
        *(("AI",), ("x", "y"), ("山田",), "/2026/01/31/hello.html", "a.png", "d"),
        *("74", "https://old.example/?p=1", "", "ref: hello", [[3, "w", "r"]]),
        *((("file", "_includes/a.html", "d"),), "", True, None),
    ]


def test_a_translation_as_json_and_back() -> None:
    """Stored rows stay readable, and text is written byte for byte as before."""
    sentence = Sentence(source="題", target="Title", kept=False, score=1, reasons=("empty",))
    written = Translation(
        language="en",
        title="Title",
        summary="S",
        html="<p>H</p>",
        labels=("AI",),
        sentences=(sentence,),
        hops=(ENGLISH,),
        score=0.5,
        publishable=True,
    )
    text = (
        '{"hops":[{"name":"ja_en","pair":["ja","en"],"starter":false,"version":"1"}],'
        '"html":"<p>H</p>","labels":["AI"],"language":"en","publishable":true,"score":0.5,'
        '"sentences":[{"by_hand":false,"kept":false,"pivot":null,"reasons":["empty"],"score":1,'
        '"source":"題","target":"Title"}],"summary":"S","title":"Title"}'
    )
    assert serialize.dump(written) == text
    assert serialize.load_translation(text) == written
    surrogate = replace(written, title="\ud800")
    assert serialize.load_translation(serialize.dump(surrogate)) == surrogate
