"""What earlier rules left in the memory: judged by the present gate, decoded only if refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.database import open_database
from translate.engines.fake import FakeEngine
from translate.memory.memory import Memory
from translate.pipeline.cache_keys import sentence_key
from translate.pipeline.translator import Translator
from translate.quality.glossary import Glossary
from translate.sentence_result import SentenceResult
from translate.types import Document, Pair

EN = Pair("ja", "en")
SUNNY = "今日は晴れです。"


class Upgraded:
    """A memory with outcomes under the earlier keys, and a translator of today."""

    def __init__(self, folder: Path, *pairs: Pair) -> None:
        self.engine = FakeEngine(pairs=pairs or (EN,))
        self.memory = Memory(open_database(f"sqlite:///{folder}/memory.db"))
        self.path = self.engine.path(Pair("ja", (pairs or (EN,))[-1].target))

    def earlier_key(self, text: str) -> str:
        return sentence_key(text, self.path, Glossary(), earlier=True)

    def remember(self, text: str, said: str, **fields: object) -> None:
        outcome = SentenceResult(text=said, score=-0.3, **fields)  # type: ignore[arg-type]
        self.memory.put_many({self.earlier_key(text): outcome.to_json()})

    def translate(self, text: str) -> SentenceResult:
        return Translator(self.engine, self.memory).outcomes([text], self.path)[text]

    @property
    def decoded(self) -> set[str]:
        return {text for _, text in self.engine.decoded}


@pytest.fixture
def upgraded(tmp_path: Path) -> Upgraded:
    return Upgraded(tmp_path)


def test_sentences_that_todays_checks_accept_are_not_decoded(upgraded: Upgraded) -> None:
    upgraded.remember(SUNNY, "It is sunny today.")
    assert upgraded.translate(SUNNY).text == "It is sunny today."
    upgraded.memory.delete_many([upgraded.earlier_key(SUNNY)])
    assert upgraded.translate(SUNNY).text == "It is sunny today."  # under today's key
    assert upgraded.decoded == set()


def test_a_full_stop_behind_a_title_is_taken_away_without_decoding(upgraded: Upgraded) -> None:
    upgraded.remember("性能は1.8倍", "The performance is 1.8 times.")
    assert upgraded.translate("性能は1.8倍").text == "The performance is 1.8 times"
    assert upgraded.decoded == set()


def test_sentences_that_todays_checks_reject_are_decoded_again(upgraded: Upgraded) -> None:
    upgraded.remember("私は行きません。", "I will go there.")
    upgraded.translate("私は行きません。")
    assert "私は行きません。" in upgraded.decoded


def test_sentences_with_a_changed_spelling_are_decoded_again(upgraded: Upgraded) -> None:
    upgraded.remember("9時～17時です。", "From 9 to 17.")
    upgraded.translate("9時～17時です。")
    assert "9時～17時です。" in upgraded.decoded


def test_sentences_left_in_the_original_stay_so(upgraded: Upgraded) -> None:
    upgraded.remember(SUNNY, SUNNY, kept=True, reasons=("loop",))
    outcome = upgraded.translate(SUNNY)
    assert (outcome.kept, outcome.reasons) == (True, ("loop",))
    assert upgraded.decoded == set()


def test_decimals_are_written_as_the_author_does(upgraded: Upgraded) -> None:
    upgraded.remember("値は0.60です。", "The value is 0.6.")
    assert upgraded.translate("値は0.60です。").text == "The value is 0.60."


def test_on_a_pivot_both_sentences_are_judged(tmp_path: Path) -> None:
    upgraded = Upgraded(tmp_path, EN, Pair("en", "ko"))
    upgraded.remember(SUNNY, "오늘은 맑습니다.", pivot="It is sunny today.")
    upgraded.remember("私は行きません。", "저는 가지 않습니다.", pivot="I will go there.")
    assert upgraded.translate(SUNNY).text == "오늘은 맑습니다."
    assert upgraded.decoded == set()
    upgraded.translate("私は行きません。")
    assert "私は行きません。" in upgraded.decoded


def test_only_sentences_with_changed_rules_are_decoded(upgraded: Upgraded) -> None:
    upgraded.remember("題です。", "It is a title.")
    upgraded.remember(SUNNY, "It is sunny today.")
    page = Document(language="ja", title="題です。", summary="", html=f"<p>{SUNNY}雨です。</p>")
    Translator(upgraded.engine, upgraded.memory).translate(page, "en")
    assert upgraded.decoded == {"雨です。"}


def test_the_dot_of_a_list_is_read_apart(upgraded: Upgraded) -> None:
    """Earlier rules gave it to the package, and lost it."""
    upgraded.remember("・今日は晴れです。", "It is sunny today.")
    assert upgraded.translate("・今日は晴れです。").text.startswith("・")
    assert upgraded.decoded == {SUNNY}
