"""What persons say wins, whatever the machine and its judges think of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.database import open_database
from translate.engines.fake import FakeEngine
from translate.memory.corrections import (
    Correction,
    add_corrections,
    find_corrections,
    load_corrections,
    states,
    withdraw_correction,
)
from translate.memory.memory import Memory
from translate.pipeline.translator import Translator
from translate.types import Document, Pair

ENGLISH = Pair("ja", "en")
KOREAN = Pair("ja", "ko")
PIVOT = (Pair("ja", "en"), Pair("en", "ko"))
PAGE = Document(
    language="ja",
    title="晴れの話",
    summary="",
    html='<p>今日は<a href="/a">AI</a>です。明日は雨です。</p>',
    labels=("技術",),
)


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(open_database(f"sqlite:///{tmp_path}/memory.db"))


def correct(memory: Memory, source: str, target: str, pair: Pair = ENGLISH) -> int:
    mine = Correction(pair=pair, source=source, target=target)
    return add_corrections(memory, [mine]).taken


def test_a_correction_is_published_unjudged_with_its_markup(memory: Memory) -> None:
    said = "AI AI AI AI, 日本語"  # no gate would let this pass
    correct(memory, "今日はAIです。", said)
    result = Translator(FakeEngine(), memory).translate(PAGE, "en")
    assert "日本語" in result.html
    assert result.html.count('<a href="/a">AI</a>') == 1
    first = next(one for one in result.sentences if one.source == "今日はAIです。")
    assert (first.target, first.by_hand, first.kept, first.score) == (said, True, False, 1.0)
    assert not any(one.by_hand for one in result.sentences if one is not first)


def test_titles_and_labels_are_corrected_too(memory: Memory) -> None:
    correct(memory, "晴れの話", "On Sunshine")
    correct(memory, "技術", "Engineering")
    result = Translator(FakeEngine(), memory).translate(PAGE, "en")
    assert (result.title, result.labels) == ("On Sunshine", ("Engineering",))


def test_it_is_for_its_pair_only(memory: Memory) -> None:
    correct(memory, "晴れの話", "맑음", KOREAN)
    assert Translator(FakeEngine(), memory).translate(PAGE, "en").title != "맑음"
    assert Translator(FakeEngine(), memory).translate(PAGE, "ko").title == "맑음"


def test_korean_through_english_hears_of_the_corrected_english(memory: Memory) -> None:
    engine = FakeEngine(pairs=PIVOT)
    translator = Translator(engine, memory)
    before = translator.translate(PAGE, "ko")
    asked = len(engine.decoded)
    correct(memory, "明日は雨です。", "it rains tomorrow.")
    after = translator.translate(PAGE, "ko")
    assert engine.decoded[asked:] == [(Pair("en", "ko"), "it rains tomorrow.")]
    assert after.html != before.html


def test_texts_are_kept_as_posts_are_cut(memory: Memory) -> None:
    correct(memory, " か\u3099ん\n 見 ", "x")
    assert [(one.source, one.target) for one in load_corrections(memory)] == [("がん 見", "x")]


def test_a_state_changes_with_every_change_of_its_pair(memory: Memory) -> None:
    assert states(memory, [ENGLISH, KOREAN]) == ["", ""]
    assert correct(memory, "甲", "A") == 1
    first, none = states(memory, [ENGLISH, KOREAN])
    assert first
    assert none == ""
    assert correct(memory, "甲", "A") == 0
    assert states(memory, [ENGLISH]) == [first]
    assert correct(memory, "甲", "B") == 1
    assert states(memory, [ENGLISH]) != [first]
    assert [one.target for one in load_corrections(memory)] == ["B"]


def test_an_empty_text_is_no_correction(memory: Memory) -> None:
    assert correct(memory, "甲", " ") == 0
    assert correct(memory, "", "A") == 0
    assert list(load_corrections(memory)) == []


def test_remembered_sentences_are_previewed_without_decoding(memory: Memory) -> None:
    engine = FakeEngine()
    translator = Translator(engine, memory)
    pending = translator.recall(PAGE, "en")
    assert {one.reasons for one in pending.sentences} == {("pending",)}
    done = translator.translate(PAGE, "en")
    asked = len(engine.decoded)
    assert translator.recall(PAGE, "en") == done
    assert len(engine.decoded) == asked


def test_keys_are_all_that_a_document_needs(memory: Memory) -> None:
    translator = Translator(FakeEngine(pairs=PIVOT), memory)
    translator.translate(PAGE, "ko")
    assert set(translator.keys(PAGE, "ko")) == {key for key, _ in memory.items()}


def test_what_a_correction_replaces_is_kept_with_its_time(memory: Memory) -> None:
    for at, text in ((1.0, "A"), (2.0, "B"), (3.0, "C")):
        mine = Correction(pair=ENGLISH, source="甲。", target=text)
        changes = add_corrections(memory, [mine], now=at)
        assert (changes.taken, changes.replaced) == (1, int(at > 1))
    [(_, value)] = [(k, v) for k, v in memory.items("hand") if k.count(" ") == 2]
    assert json.loads(value)["replaced"] == [["A", 2.0], ["B", 3.0]]
    assert withdraw_correction(memory, ENGLISH, " 甲。", previous=True) == "B"
    before = states(memory, [ENGLISH])
    assert withdraw_correction(memory, ENGLISH, "甲。") == ""
    assert states(memory, [ENGLISH]) != before  # whoever translates sees it
    assert find_corrections(memory, ["甲。"], [ENGLISH]) == {}
    with pytest.raises(LookupError, match="no correction of '甲。' from ja to en"):
        withdraw_correction(memory, ENGLISH, "甲。")


def test_an_older_correction_replaces_no_newer_one(memory: Memory) -> None:
    add_corrections(memory, [Correction(pair=ENGLISH, source="甲。", target="New")], now=100.0)
    old = Correction(pair=ENGLISH, source="甲。", target="Old", at=50.0)
    assert add_corrections(memory, [old], now=200.0).older == 1
    undated = Correction(pair=ENGLISH, source="甲。", target="Undated")
    assert add_corrections(memory, [undated], now=200.0).replaced == 1


def test_thousands_are_one_transaction(memory: Memory) -> None:
    """What fails in the middle leaves nothing behind."""

    def many() -> Iterator[Correction]:
        for number in range(6_000):
            yield Correction(pair=ENGLISH, source=f"{number}番。", target=f"No. {number}")
        raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError):
        add_corrections(memory, many())
    assert list(load_corrections(memory)) == []
    assert states(memory, [ENGLISH]) == [""]


def test_a_dry_run_counts_and_stores_nothing(memory: Memory) -> None:
    mine = Correction(pair=ENGLISH, source="甲。", target="A")
    assert add_corrections(memory, [mine], dry_run=True).taken == 1
    assert list(load_corrections(memory)) == []
