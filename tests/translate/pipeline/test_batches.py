"""How many sentences go to the engine at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from infra.database import open_database
from translate.engines.fake import FakeEngine
from translate.memory.memory import Memory
from translate.pipeline.translator import BATCH, Translator
from translate.types import Decoding, Document, Hop, Hypothesis, Pair


class Counting(FakeEngine):
    def __init__(self, *pairs: Pair) -> None:
        super().__init__(pairs=pairs)
        self.sizes: list[int] = []

    def decode(
        self, hop: Hop, sentences: Sequence[str], options: Decoding
    ) -> list[list[Hypothesis]]:
        self.sizes.append(len(sentences))
        return super().decode(hop, sentences, options)


@pytest.mark.parametrize(("smaller", "most"), [(0, BATCH), (1, 16), (2, 4), (3, 1), (99, 1)])
@pytest.mark.parametrize("pairs", [(("ja", "ko"),), (("ja", "en"), ("en", "ko"))])
def test_slow_jobs_have_smaller_batches(
    tmp_path: Path, pairs: tuple[tuple[str, str], ...], smaller: int, most: int
) -> None:
    text = "".join(f"<p>これは良い話題{number}です。</p>" for number in range(BATCH + 6))
    document = Document(language="ja", title="題", summary="", html=text)
    engine = Counting(*(Pair(*pair) for pair in pairs))
    memory = Memory(open_database(f"sqlite:///{tmp_path}/memory.db"))
    translation = Translator(engine, memory).translate(document, "ko", smaller=smaller)
    assert translation.score == 1.0
    assert max(engine.sizes) == most
