"""The fake engine keeps the contract that Argos keeps, so that tests with it mean something."""

from __future__ import annotations

import pytest

from tests.support.engine_contract import EngineContract
from translate.engines.fake import FakeEngine
from translate.quality import gate
from translate.types import Decoding, Engine, Pair


class TestFakeEngine(EngineContract):
    @pytest.fixture
    def engine(self) -> Engine:
        return FakeEngine()


@pytest.mark.parametrize(
    "sentence",
    [
        "総額2,378億ウォン（約260億円）を投入すると発表しました。",
        "詳しくはhttps://example.org/a?b=1かa@example.orgまで。",
        "「GPT-4o」は十二か国語で、約10分の1の価格です。",
    ],
)
@pytest.mark.parametrize("target", ["en", "ko"])
def test_what_it_says_is_fit_to_publish(sentence: str, target: str) -> None:
    pair = Pair("ja", target)
    engine = FakeEngine()
    [[best]] = engine.decode(engine.path(pair)[0], [sentence], Decoding())
    assert gate.check(sentence, best.text, pair, best.score) == ()


def test_a_pivot_is_found_where_there_is_no_direct_way() -> None:
    engine = FakeEngine(pairs=[Pair("ja", "en"), Pair("en", "ko")])
    assert [hop.pair for hop in engine.path(Pair("ja", "ko"))] == [("ja", "en"), ("en", "ko")]
