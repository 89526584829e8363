"""A document through memory, engine, gate and ladder."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from infra.database import open_database
from translate.engines.fake import PAIRS, FakeEngine
from translate.memory.memory import Memory
from translate.pipeline import document as document_pipeline
from translate.pipeline import translator
from translate.pipeline.translator import Translator
from translate.quality.fallbacks import DISGUISED, RUNGS, STAND_INS
from translate.quality.glossary import Glossary, GlossaryTerm
from translate.text import numbers
from translate.types import (
    Decoding,
    Document,
    Hop,
    Hypothesis,
    Pair,
    Translation,
)

PIVOT = (Pair("ja", "en"), Pair("en", "ko"))


def many(count: int) -> str:
    """That many different sentences."""
    return "".join(f"<p>これは{'とても' * (i % 5)}良い話題{i + 10}です。</p>" for i in range(count))


def document(html: str = "<p>今日は晴れです。</p>", **fields: object) -> Document:
    base = Document(language="ja", title="天気の話", summary="短い要約です。", html=html)
    return dataclasses.replace(base, **fields)  # type: ignore[arg-type]


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(open_database(f"sqlite:///{tmp_path}/memory.db"))


class Stubborn(FakeEngine):
    """Says what it is told to where it is told to, and remembers how it was asked."""

    def __init__(self, say: Callable[[str, Decoding, int], str | None]) -> None:
        super().__init__()
        self.say = say
        self.asked: list[tuple[str, Decoding]] = []

    def decode(
        self, hop: Hop, sentences: Sequence[str], options: Decoding
    ) -> list[list[Hypothesis]]:
        self.asked.extend((sentence, options) for sentence in sentences)
        results = super().decode(hop, sentences, options)
        for sentence, hypotheses in zip(sentences, results, strict=True):
            for rank, hypothesis in enumerate(hypotheses):
                text = self.say(sentence, options, rank)
                if text is not None:
                    hypotheses[rank] = Hypothesis(text, hypothesis.score)
        return results


class Mortal(FakeEngine):
    """Dies after so many calls."""

    def __init__(self, calls: int) -> None:
        super().__init__()
        self.calls = calls

    def decode(
        self, hop: Hop, sentences: Sequence[str], options: Decoding
    ) -> list[list[Hypothesis]]:
        if not self.calls:
            raise MemoryError
        self.calls -= 1
        return super().decode(hop, sentences, options)


def test_everything_of_a_document_is_translated(memory: Memory) -> None:
    given = document(
        '<p>今日は<a href="/a">晴れ</a>です。<img src="b.png" alt="青い空"></p>', labels=("投資",)
    )
    result = Translator(FakeEngine(), memory).translate(given, "ko")
    assert result.publishable
    assert result.score == 1.0
    assert 'href="/a"' in result.html
    assert 'src="b.png"' in result.html
    for text in (result.title, result.summary, result.html, *result.labels):
        assert not any("\u3041" <= character <= "\u9fff" for character in text)


def test_what_has_nothing_of_the_source_language_passes_through(memory: Memory) -> None:
    engine = FakeEngine()
    given = document(
        "<p>Building intelligence for the future of work.</p>", labels=("OpenAI", "C++")
    )
    result = Translator(engine, memory).translate(given, "ko")
    assert result.html == given.html
    assert result.labels == given.labels
    assert all("Building" not in text for _, text in engine.decoded)


def test_a_sentence_without_end_stays_in_the_original(memory: Memory) -> None:
    """Its numbers cannot even be read: Python takes none of more than 4,300 digits."""
    engine = FakeEngine()
    html = f"<p>{'9' * 5_000}億。今日は晴れです。</p>"
    made = Translator(engine, memory).translate(document(html), "en")
    kept = [sentence for sentence in made.sentences if sentence.kept]
    assert [len(sentence.source) for sentence in kept] == [5_002]
    assert kept[0].reasons == ("length",)
    assert f'<span lang="ja">{"9" * 5_000}億。</span>' in made.html


def test_a_sentence_that_stands_twice_is_decoded_once(memory: Memory) -> None:
    engine = FakeEngine()
    Translator(engine, memory).translate(
        document("<p>晴れです。</p>" * 3, title="晴れです。"), "en"
    )
    assert [text for _, text in engine.decoded].count("晴れです。") == 1


def test_remembered_sentences_are_not_decoded_again(memory: Memory) -> None:
    given = document(many(30))
    first = Translator(FakeEngine(), memory).translate(given, "en")
    engine = FakeEngine()
    assert Translator(engine, memory).translate(given, "en") == first
    assert engine.decoded == []


def test_one_edited_sentence_is_one_sentence_decoded(memory: Memory) -> None:
    Translator(FakeEngine(), memory).translate(document(many(30)), "en")
    engine = FakeEngine()
    edited = many(30).replace("話題20", "問題20")
    Translator(engine, memory).translate(document(edited), "en")
    assert len(engine.decoded) == 1


def test_death_in_the_middle_costs_one_batch(memory: Memory) -> None:
    given = document(many(3 * translator.BATCH))
    with pytest.raises(MemoryError):
        Translator(Mortal(2), memory).translate(given, "en")
    engine = FakeEngine()
    result = Translator(engine, memory).translate(given, "en")
    assert result.publishable
    assert len(engine.decoded) == len(result.sentences) - 2 * translator.BATCH


def test_progress_is_reported_once_per_batch(memory: Memory) -> None:
    told: list[tuple[int, int]] = []
    given = document(many(2 * translator.BATCH))
    total = 2 * translator.BATCH + 2
    Translator(FakeEngine(), memory).translate(given, "en", lambda *step: told.append(step))
    assert told == [(translator.BATCH, total), (2 * translator.BATCH, total), (total, total)]


def test_another_version_of_a_package_is_tested_again(memory: Memory) -> None:
    Translator(FakeEngine(version="1.0"), memory).translate(document(), "en")
    engine = FakeEngine(version="1.1")
    Translator(engine, memory).translate(document(), "en")
    assert len(engine.decoded) == 3


def test_a_new_term_touches_only_the_sentences_that_have_it(memory: Memory) -> None:
    given = document("<p>半導体の話です。</p><p>天気の話です。</p>")
    Translator(FakeEngine(), memory).translate(given, "en")
    engine = FakeEngine()
    terms = Glossary([GlossaryTerm(text="半導体", renderings={"en": ("chip",)})])
    result = Translator(engine, memory, terms).translate(given, "en")
    assert {text for _, text in engine.decoded if "天気" in text} == set()
    assert "chip" in result.html or 'lang="ja"' in result.html


def test_the_english_of_a_pivot_serves_both_languages(memory: Memory) -> None:
    engine = FakeEngine(pairs=PIVOT)
    both = Translator(engine, memory)
    korean = both.translate(document(), "ko")
    decoded = list(engine.decoded)
    english = both.translate(document(), "en")
    assert engine.decoded == decoded  # not one more
    assert [one.pivot for one in korean.sentences] == [one.target for one in english.sentences]
    assert [hop.pair for hop in korean.hops] == list(PIVOT)


def test_and_the_other_way_round(memory: Memory) -> None:
    engine = FakeEngine(pairs=PIVOT)
    both = Translator(engine, memory)
    both.translate(document(), "en")
    before = len(engine.decoded)
    both.translate(document(), "ko")
    assert {pair for pair, _ in engine.decoded[before:]} == {Pair("en", "ko")}


def test_a_refused_sentence_climbs_the_ladder_in_order(memory: Memory) -> None:
    source = "価格は5ドルで、会社は2つです。"
    engine = Stubborn(lambda text, *_: "no no no no" if text else None)
    result = Translator(engine, memory).translate(document(f"<p>{source}</p>"), "en")
    asked = [options for text, options in engine.asked if text == source]
    assert asked == list(RUNGS)
    kept = next(one for one in result.sentences if one.source == source)
    assert kept.kept
    assert kept.target == source
    assert kept.score == 0
    assert {"loop", "numbers"} <= set(kept.reasons)
    assert f'<p lang="ja">{source}</p>' in result.html or f'<span lang="ja">{source}' in result.html


@pytest.mark.parametrize(("rung", "rank"), [(0, 0), (0, 3), (1, 0), (1, 7)])
def test_the_first_hypothesis_that_is_fit_stops_the_climb(
    memory: Memory, rung: int, rank: int
) -> None:
    def say(text: str, options: Decoding, place: int) -> str | None:
        good = options == RUNGS[rung] and place == rank
        return None if good or text != "明日は雨です。" else "bad bad bad bad"

    engine = Stubborn(say)
    result = Translator(engine, memory).translate(document("<p>明日は雨です。</p>"), "en")
    asked = [options for text, options in engine.asked if text == "明日は雨です。"]
    assert asked == list(RUNGS[: rung + 1])
    [ended] = [one for one in result.sentences if one.source == "明日は雨です。"]
    assert not ended.kept
    assert ended.reasons == (("loop",) if rung or rank else ())


def test_refused_sentences_of_a_batch_climb_together(memory: Memory) -> None:
    calls: list[int] = []

    class Counting(Stubborn):
        def decode(
            self, hop: Hop, sentences: Sequence[str], options: Decoding
        ) -> list[list[Hypothesis]]:
            calls.append(len(sentences))
            return super().decode(hop, sentences, options)

    engine = Counting(lambda _, options, __: "bad bad bad" if options == RUNGS[0] else None)
    Translator(engine, memory).translate(document(many(20)), "en")
    assert calls == [22, 22]


def test_a_long_sentence_is_tried_in_pieces(memory: Memory) -> None:
    source = "昨日の朝はとても寒い一日でしたが、今日の午後はとても暖かい一日になりました。"
    engine = Stubborn(lambda text, *_: "bad bad bad" if text == source else None)
    result = Translator(engine, memory).translate(document(f"<p>{source}</p>"), "en")
    [ended] = [one for one in result.sentences if one.source == source]
    assert not ended.kept
    assert "loop" in ended.reasons


def test_garbled_numbers_are_decoded_in_disguise(memory: Memory) -> None:
    """A model that can't say 億 can say 37."""
    source = "総額2,378億ウォンを投入すると発表しました。"

    def say(text: str, _: Decoding, __: int) -> str | None:
        if text == source:
            return "It announced a total."
        return "It will spend a total of 37 won." if "37ウォン" in text else None

    engine = Stubborn(say)
    result = Translator(engine, memory).translate(document(f"<p>{source}</p>"), "en")
    assert "<p>It will spend a total of 237.8 billion won.</p>" in result.html
    assert DISGUISED in [options for _, options in engine.asked]


def test_a_misspelled_literal_is_put_right_where_it_stands(memory: Memory) -> None:
    source = "2.6.0-preview1を公開しました。"
    engine = Stubborn(lambda text, *_: "It is 2.6.0-preiew1." if text == source else None)
    result = Translator(engine, memory).translate(document(f"<p>{source}</p>"), "en")
    assert "<p>It is 2.6.0-preview1.</p>" in result.html
    assert [options for text, options in engine.asked if text == source] == [RUNGS[0]]


@pytest.mark.parametrize(
    "literal",
    [
        "2.6.0-preview1",
        "CVE-2024-27281",
        "https://blog.example/a_b",
        "2026-01-31 15:30:00",
        "2026.01.31",
    ],
)
def test_garbled_literals_are_decoded_in_disguise(memory: Memory, literal: str) -> None:
    source = f"{literal}を3回確認してください。"

    def say(text: str, _: Decoding, __: int) -> str | None:
        return (
            "Check 37 and 58 times."
            if text == "58を37回確認してください。"
            else "Check it 3 times."
        )

    result = Translator(Stubborn(say), memory).translate(document(f"<p>{source}</p>"), "en")
    assert f"<p>Check 3 and {literal} times.</p>" in result.html


def test_refusals_are_remembered(memory: Memory) -> None:
    engine = Stubborn(lambda *_: "bad bad bad bad")
    first = Translator(engine, memory).translate(document(), "en")
    asked = len(engine.asked)
    second = Translator(engine, memory).translate(document(), "en")
    assert len(engine.asked) == asked
    assert second == first


def test_a_failure_of_the_engine_is_never_remembered(memory: Memory) -> None:
    with pytest.raises(MemoryError):
        Translator(Mortal(0), memory).translate(document(), "en")
    assert len(memory) == 0


def test_a_post_of_which_little_passed_is_not_publishable(memory: Memory) -> None:
    engine = Stubborn(lambda text, *_: "bad bad bad" if "話題" in text else None)
    result = Translator(engine, memory).translate(document(many(20)), "en")
    assert not result.publishable
    assert result.score < document_pipeline.PUBLISHABLE


def test_a_title_that_is_refused_stays_whole(memory: Memory) -> None:
    engine = Stubborn(lambda text, *_: "bad bad bad" if "何" in text else None)
    given = document(title="韓国AIの話。真意とは何？")
    result = Translator(engine, memory).translate(given, "en")
    assert result.title == given.title
    assert result.summary != given.summary


def test_the_glossary_translates_labels_first(memory: Memory) -> None:
    terms = Glossary([GlossaryTerm(text="投資", renderings={"en": ("Investing",)})])
    engine = Stubborn(lambda text, *_: "bad bad bad" if text == "分析" else None)
    result = Translator(engine, memory, terms).translate(
        document(labels=("投資", "分析", "AI")), "en"
    )
    assert result.labels == ("Investing", "分析", "AI")


def test_a_missing_term_is_inserted_into_the_source(memory: Memory) -> None:
    """What the decoder leaves out it copies when the source already says it."""
    terms = Glossary([GlossaryTerm(text="研究院", renderings={"en": ("LG AI Research",)})])
    result = Translator(FakeEngine(), memory, terms).translate(
        document("<p>研究院が発表しました。</p>"), "en"
    )
    assert "LG AI Research" in result.html


def test_a_name_has_the_form_of_its_reading_throughout_the_post(memory: Memory) -> None:
    """A model that takes its characters for words copies a stand-in."""

    def say(text: str, _: Decoding, __: int) -> str | None:
        name = STAND_INS[0] if STAND_INS[0] in text else "A mountain"
        return f"{name} lives in Tokyo." if "東京" in text else f"{name} writes a blog."

    html = "<p>山田太郎（やまだ たろう）さんは東京に住む。</p><p>山田太郎は毎日ブログを書く。</p>"
    result = Translator(Stubborn(say), memory).translate(document(html, title="", summary=""), "en")
    assert "<p>Yamada Taro lives in Tokyo.</p><p>Yamada Taro writes a blog.</p>" in result.html
    assert all("names" in sentence.reasons for sentence in result.sentences)
    assert (
        "Yamada"
        not in Translator(Stubborn(say), memory)
        .translate(document("<p>山田太郎は毎日ブログを書く。</p>"), "en")
        .html
    ), "another post says nothing of him"


def test_a_name_that_does_not_come_through_is_refused(memory: Memory) -> None:
    source = "金明洙（キム・ミョンス）氏が発表した。"
    engine = Stubborn(lambda *_: "The gold fisherman announced it.")
    result = Translator(engine, memory).translate(document(f"<p>{source}</p>"), "en")
    [sentence] = [one for one in result.sentences if one.source == source]
    assert sentence.kept
    assert "names" in sentence.reasons


def test_a_name_in_korean_has_its_particle(memory: Memory) -> None:
    def say(text: str, _: Decoding, __: int) -> str | None:
        return f"{STAND_INS[0]}는 도쿄에 산다." if STAND_INS[0] in text else "산은 도쿄에 있다."

    html = "<p>高倉健（たかくら けん）さんは東京に住む。</p>"
    given = document(html, title="", summary="")
    result = Translator(Stubborn(say), memory).translate(given, "ko")
    assert "<p>다카쿠라 겐은 도쿄에 산다.</p>" in result.html


def test_two_names_of_a_sentence_keep_their_places(memory: Memory) -> None:
    def say(text: str, _: Decoding, __: int) -> str | None:
        first, second = STAND_INS[:2]
        return f"{second} met {first}." if first in text else "A mountain met a river."

    html = "<p>山田太郎（やまだ たろう）が佐藤花子（さとう はなこ）に会う。</p>"
    result = Translator(Stubborn(say), memory).translate(document(html), "en")
    assert "<p>Sato Hanako met Yamada Taro.</p>" in result.html


def test_a_form_of_its_own_that_sounds_like_a_foreign_reading_stands(memory: Memory) -> None:
    engine = Stubborn(lambda text, *_: "Xi Jinping held a meeting." if "平" in text else None)
    html = "<p>習近平（シー・ジンピン）主席は会議を開いた。</p>"
    result = Translator(engine, memory).translate(document(html), "en")
    assert "<p>Xi Jinping held a meeting.</p>" in result.html


def test_the_glossary_has_the_last_word_about_a_name(memory: Memory) -> None:
    terms = Glossary([GlossaryTerm(text="馬雲", renderings={"en": ("Jack Ma",)})])
    engine = Stubborn(lambda text, *_: "Jack Ma left the company." if "馬" in text else None)
    html = "<p>馬雲（マー・ユン）氏は会社を離れた。</p>"
    result = Translator(engine, memory, terms).translate(document(html), "en")
    assert "<p>Jack Ma left the company.</p>" in result.html


def test_misspelled_names_are_put_right(memory: Memory) -> None:
    engine = Stubborn(lambda text, *_: "Ustage is a company." if "Upstage" in text else None)
    result = Translator(engine, memory).translate(document("<p>Upstageは会社です。</p>"), "en")
    assert "<p>Upstage is a company.</p>" in result.html


def test_the_hypothesis_with_more_names_wins(memory: Memory) -> None:
    def say(text: str, _: Decoding, rank: int) -> str | None:
        if "Solar" not in text:
            return None
        return "Solar by Upstage is out." if rank == 3 else "It is out now."

    result = Translator(Stubborn(say), memory).translate(
        document("<p>UpstageがSolarを発表しました。</p>"), "en"
    )
    assert "Solar by Upstage is out." in result.html


@pytest.mark.parametrize("pairs", [PAIRS, PIVOT])
@pytest.mark.parametrize(
    "html",
    [
        "<p>総額2,378億ウォン（約260億円）を、<b>5社</b>に投じます。</p>",
        "<ul><li>75%以上の企業</li><li>19位と20位</li><li>2025年3月期は14億2000万円</li></ul>",
        "<p><code>x = 1</code>は約10分の1で、https://example.org/a?b=2 にあります。</p>",
    ],
)
def test_every_number_of_the_source_is_there_or_the_sentence_is(
    memory: Memory, html: str, pairs: Sequence[Pair]
) -> None:
    result: Translation = Translator(FakeEngine(pairs=pairs), memory).translate(
        document(html), "ko"
    )
    for one in result.sentences:
        assert one.kept or not numbers.compare(one.source, one.target, Pair("ja", "ko"))
