"""What earlier rules left in the memory: judged by the present gate, decoded only if refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.database import open_database
from translate.engines.fake import FakeEngine
from translate.memory.memory import Memory
from translate.pipeline.cache_keys import EARLIER, sentence_key
from translate.pipeline.translator import Translator
from translate.quality.glossary import Glossary
from translate.sentence_result import SentenceResult
from translate.types import Document, Pair

EN = Pair("ja", "en")
SUNNY = "今日は晴れです。"


class Upgraded:
    """A memory with outcomes under keys of earlier rules, and a translator of today."""

    def __init__(self, folder: Path, *pairs: Pair, rules: str = "gate-9") -> None:
        self.rules = rules
        self.engine = FakeEngine(pairs=pairs or (EN,))
        self.memory = Memory(open_database(f"sqlite:///{folder}/memory.db"))
        self.path = self.engine.path(Pair("ja", (pairs or (EN,))[-1].target))

    def earlier_key(self, text: str) -> str:
        return sentence_key(text, self.path, Glossary(), rules=self.rules)

    def remember(self, text: str, said: str, **fields: object) -> None:
        outcome = SentenceResult(text=said, score=-0.3, **fields)  # type: ignore[arg-type]
        self.memory.put_many({self.earlier_key(text): outcome.to_json()})

    def translate(self, text: str) -> SentenceResult:
        return Translator(self.engine, self.memory).outcomes([text], self.path)[text]

    @property
    def decoded(self) -> set[str]:
        return {text for _, text in self.engine.decoded}


@pytest.fixture(params=EARLIER)
def upgraded(tmp_path: Path, request: pytest.FixtureRequest) -> Upgraded:
    return Upgraded(tmp_path, rules=request.param)


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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("9月30日に出る。", "It comes out on the 30th."),
        ("「한국어」と書く。", 'I write "Korean".'),
        ("出力は24Wです。", "The output is 24WW."),
        ("彼は「はい」と言った。", 'He said "yes.'),
        ("それは無理だ。", "Fuck it."),
    ],
)
def test_rules_of_the_current_gate_apply(upgraded: Upgraded, text: str, said: str) -> None:
    upgraded.remember(text, said)
    assert upgraded.translate(text).text != said
    assert upgraded.decoded


@pytest.mark.parametrize(("rules", "is_decoded"), [("gate-8", True), ("gate-9", False)])
def test_signs_that_a_package_read_otherwise_are_decoded_again(
    tmp_path: Path, rules: str, is_decoded: bool
) -> None:
    """gate-8 gave signs and the dots of lists to the packages, which lost them."""
    upgraded = Upgraded(tmp_path, rules=rules)
    upgraded.remember("9時～17時です。", "From 9 to 17.")
    upgraded.remember("・今日は晴れです。", "・It is sunny today.")
    upgraded.translate("9時～17時です。")
    upgraded.translate("・今日は晴れです。")
    assert (upgraded.decoded == {"9時～17時です。", SUNNY}) == is_decoded
    assert bool(upgraded.decoded) == is_decoded


def test_the_newest_rules_that_have_a_sentence_are_looked_up_first(tmp_path: Path) -> None:
    sayings = ("It is a sunny day.", "It is sunny today.")
    for rules, said in zip(EARLIER, sayings, strict=True):
        upgraded = Upgraded(tmp_path, rules=rules)
        upgraded.remember(SUNNY, said)
    assert upgraded.translate(SUNNY).text == sayings[0]


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
