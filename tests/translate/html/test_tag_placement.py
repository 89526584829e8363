"""Where markup goes in a translated sentence."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translate.html.boundaries import fit
from translate.html.tag_placement import Mark, compose, place
from translate.types import Alignment, Pair, Span

JA_EN = Pair("ja", "en")
JA_KO = Pair("ja", "ko")
LABELLED = Path(__file__).parents[2] / "data" / "placements.jsonl"


def put(
    source: str, target: str, alignment: Alignment | None = None, pair: Pair = JA_EN
) -> list[str]:
    """What of the target each [bracketed] stretch of the source comes to mark."""
    plain, marks = "", []
    for index, piece in enumerate(source.replace("]", "[").split("[")):
        if index % 2:
            marks.append(Mark(Span(len(plain), len(plain) + len(piece))))
        plain += piece
    spans = place(plain, marks, target, alignment, pair)
    assert spans is not None
    return [target[start:end] for start, end in spans]


def aligned(source: str, target: str, *pairs: tuple[str, str]) -> Alignment:
    """An alignment in which the words of each pair, and no others, belong together."""
    spans = [
        (Span(source.index(one), source.index(one) + len(one)),
         Span(target.index(other), target.index(other) + len(other)))
        for one, other in pairs
    ]  # fmt: skip
    sources = sorted(one for one, _ in spans)
    spans.sort(key=lambda both: both[1])
    weights = tuple(tuple(float(one == span) for span in sources) for one, _ in spans)
    return Alignment(tuple(sources), tuple(other for _, other in spans), weights)


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("索引に[SQLite]を使う。", "The index uses SQLite.", ["SQLite"]),
        ("[ＬＧ]と[Upstage]", "Upstage and LG", ["LG", "Upstage"]),
        ("[make serve]を実行", "Run make serve again.", ["make serve"]),
        ("[GPU]が高い", "GPUs are expensive", ["GPUs"]),
        ("CO[2]を減らす", "Reduce CO2 now", ["2"]),
        (
            "売上は[2,378億ウォン]だ",
            "Sales were 237.8 billion won last year",
            ["237.8 billion won"],
        ),
        ("[75%]の人", "Of people, 75% agree", ["75%"]),
        ("[「Solar Pro 2」]を出した", "It released “Solar Pro 2” today", ["“Solar Pro 2”"]),
        ("AとBと[A]", "A and B and A", ["A"]),
    ],
)
def test_what_is_written_alike_is_found(source: str, target: str, expected: list[str]) -> None:
    assert put(source, target) == expected


def test_the_second_of_two_equal_words_stays_the_second() -> None:
    plain = "LGの話とLGの話"
    spans = place(plain, [Mark(Span(5, 7))], "LG and then LG", None, JA_EN)
    assert spans == [Span(12, 14)]


def test_alignment_tells_which_of_two_equal_words() -> None:
    source, target = "LGの春とLGの秋", "Autumn for LG, then LG in spring"
    alignment = Alignment(
        (Span(0, 4), Span(5, 9)),
        (Span(0, 13), Span(15, 32)),
        ((0.0, 1.0), (1.0, 0.0)),
    )
    spans = place(source, [Mark(Span(5, 7))], target, alignment, JA_EN)
    assert spans == [Span(11, 13)]


def test_words_are_found_by_alignment_whatever_the_order() -> None:
    source, target = (
        "障害は公式の発表によると復旧した",
        "According to the announcement it recovered",
    )
    alignment = aligned(
        source, target, ("公式の発表", "the announcement"), ("復旧した", "recovered")
    )
    assert put("障害は[公式の発表]によると[復旧した]", target, alignment) == [
        "the announcement",
        "recovered",
    ]


def test_a_word_that_looked_elsewhere_does_not_cut_a_mark_in_two() -> None:
    target = "The big old library is far"
    alignment = Alignment(
        (Span(0, 2), Span(2, 5), Span(6, 8)),
        (Span(4, 7), Span(8, 11), Span(12, 19), Span(23, 26)),
        ((1.0, 0.0, 0.0), (0.3, 0.1, 0.6), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    )
    assert put("[古い図書館]は遠い", target, alignment) == ["big old library"]


def test_attention_to_punctuation_counts_for_nothing() -> None:
    target = "I like black dogs."
    alignment = Alignment(
        (Span(0, 2), Span(2, 3), Span(4, 8), Span(8, 9)),
        (Span(0, 1), Span(2, 6), Span(7, 12), Span(13, 17)),
        ((0.0, 0.0, 0.1, 0.9), (0.0, 0.0, 0.1, 0.9), (0.1, 0.0, 0.0, 0.9), (0.0, 0.1, 0.0, 0.9)),
    )
    assert put("[黒い犬]が好きだ。", target, alignment) == ["black dogs"]


def test_an_anchor_draws_the_rest_of_its_mark() -> None:
    target = "I really do like the new LG"
    nothing = Alignment((Span(0, 12),), (Span(0, 24),), ((0.0,),))
    assert put("[とても新しいLG]が好きだ", target, nothing) == ["LG"]
    assert put("[とても新しいLG]が好きだ", target) == ["LG"]


def test_one_mark_leaves_a_word_to_the_next() -> None:
    alignment = Alignment(
        (Span(0, 1), Span(1, 2)),
        (Span(0, 3), Span(4, 7), Span(8, 11)),
        ((0.6, 0.4), (0.7, 0.3), (1.0, 0.0)),
    )
    assert put("[犬][猫]", "one two six", alignment) == ["six", "one"]


def test_what_shows_no_text_does_not_cut_into_a_mark() -> None:
    alignment = Alignment(
        (Span(0, 1), Span(2, 5)),
        (Span(0, 3), Span(4, 9), Span(10, 14)),
        ((0.45, 0.55), (0.0, 1.0), (0.0, 0.0)),
    )
    marks = [Mark(Span(1, 1), atom=True), Mark(Span(2, 5))]
    spans = place("犬の大きな話", marks, "big house here", alignment, JA_EN)
    assert spans == [Span(9, 9), Span(0, 9)]


def test_a_stop_belongs_to_the_mark_that_is_made_of_it() -> None:
    alignment = aligned("犬。は！", "A dog!", ("犬", "dog"))
    assert put("[犬。]は[！]", "A dog!", alignment) == ["dog", "!"]


def test_prepositions_that_the_source_leaves_out_stay_out() -> None:
    source, target = "秋に始まる", "It starts in autumn"
    alignment = aligned(source, target, ("秋", "in autumn"), ("始まる", "starts"))
    assert put("[秋]に始まる", target, alignment) == ["autumn"]


def test_verbs_that_the_source_leaves_out_stay_out() -> None:
    source, target = "公式の文書を見る", "See the official document"
    alignment = aligned(source, target, ("公式の文書", "See the official document"))
    assert put("[公式の文書]を見る", target, alignment) == ["the official document"]
    assert put("[公式の文書を見る]。", target, alignment) == [target]


def test_a_comma_that_the_source_leaves_out_stays_out() -> None:
    source, target = "秋葉原で買い、帰る", "I buy in Akihabara, and go"
    alignment = aligned(source, target, ("秋葉原", "in Akihabara, and"), ("帰る", "go"))
    assert put("[秋葉原]で買い、帰る", target, alignment) == ["Akihabara"]


def test_a_mark_on_a_comma_keeps_it() -> None:
    assert fit("a", Span(0, 1), "b, c", Span(1, 2), "en") == Span(1, 2)


def test_a_marked_quotation_is_the_quotation() -> None:
    source, target = "前回の「秋を歩く」を参照", 'See the "Walk" of last time'
    alignment = aligned(source, target, ("「秋を歩く」", 'the "Walk" of'), ("参照", "See"))
    assert put("前回の[「秋を歩く」]を参照", target, alignment) == ['"Walk"']
    target = '이전의 "가을"을 참조'
    alignment = aligned(source, target, ("「秋を歩く」", '가을"을'), ("参照", "참조"))
    assert put("前回の[「秋を歩く」]を参照", target, alignment, JA_KO) == ['"가을"']


def test_a_mark_has_both_or_neither_of_two_quotation_marks() -> None:
    source, target = "前回の秋の話を参照", 'See the "autumn tale" again'
    for words in ('"autumn tale', 'autumn tale"'):
        alignment = aligned(source, target, ("秋の話", words), ("参照", "See"))
        assert put("前回の[秋の話]を参照", target, alignment) in (
            ['"autumn tale"'],
            ["autumn tale"],
        )


def test_korean_particles_stay_out_where_the_source_leaves_them_out() -> None:
    source, target = "速度を改善する", "속도를 개선한다"
    alignment = aligned(source, target, ("速度", "속도를"), ("改善する", "개선한다"))
    assert put("[速度]を改善する", target, alignment, JA_KO) == ["속도"]
    assert put("[速度を]改善する", target, alignment, JA_KO) == ["속도를"]


def test_an_atom_takes_the_bracket_that_closes_its_words() -> None:
    source, target = "if (a < b)の条件", "Conditions of if (ab. C)."
    alignment = aligned(source, target, ("if (a < b)", "if (ab. C"), ("条件", "Conditions"))
    spans = place(source, [Mark(Span(0, 10), atom=True)], target, alignment, JA_EN)
    assert spans is not None
    assert target[slice(*spans[0])] == "if (ab. C)"


def test_korean_particles_stay_out_of_marks_with_marks_inside() -> None:
    source, target = "公式の資料を見る", "공식 자료를 보세요"
    marks = [Mark(Span(0, 5)), Mark(Span(0, 2), parent=0), Mark(Span(3, 5), parent=0)]
    alignment = aligned(source, target, ("公式", "공식"), ("資料", "자료를"), ("見る", "보세요"))
    spans = place(source, marks, target, alignment, JA_KO)
    assert spans is not None
    assert [target[start:end] for start, end in spans] == ["공식 자료", "공식", "자료"]


def test_a_latin_word_is_found_inside_of_a_korean_one() -> None:
    assert put("[SQLite]を使う", "SQLite를 쓴다", None, JA_KO) == ["SQLite"]


def test_without_any_evidence_korean_keeps_the_order() -> None:
    found = put("[新しい索引]はとても[速い]", "새로운 색인은 아주 빠르다", None, JA_KO)
    assert found == ["새로운 색인", "빠르다"]


def test_a_mark_on_all_words_marks_all_words() -> None:
    assert put("[とても重要だ]。", "It is very important.") == ["It is very important"]
    assert put("[とても重要だ。]", "It is very important.") == ["It is very important."]


def test_what_shows_no_text_stays_beside_its_word() -> None:
    source, target = "LGは韓国の会社だ。", "In Korea, LG is a company."
    places = [Mark(Span(place, place), atom=True) for place in (2, 9, 10)]
    spans = place(source, [Mark(Span(0, 2)), *places], target, None, JA_EN)
    assert spans == [Span(10, 12), Span(12, 12), Span(25, 25), Span(26, 26)]


def test_an_atom_replaces_its_own_text() -> None:
    source, target = "pip installを使う", "Use pip install now"
    assert place(source, [Mark(Span(0, 11), atom=True)], target, None, JA_EN) == [Span(4, 15)]


def test_an_atom_whose_text_was_lost_replaces_nothing_on_a_guess() -> None:
    source, target = "git stashを使う", "Use it now"
    [span] = place(source, [Mark(Span(0, 9), atom=True)], target, None, JA_EN) or []
    assert span.start == span.end


def test_marks_without_room_are_refused() -> None:
    marks = [Mark(Span(0, 1)), Mark(Span(1, 2)), Mark(Span(2, 3))]
    assert place("一二三", marks, "ab", None, JA_EN) is None
    assert place("一二三", marks, "abc", None, JA_EN) == [Span(0, 1), Span(1, 2), Span(2, 3)]


WORDS = st.lists(
    st.sampled_from(
        ["LG", "3.5", "犬", "は", " ", "the ", "“", "”", "。", ".", "서울은 ", "100億"]
    ),
    min_size=1,
    max_size=20,
).map("".join)


@st.composite
def spans_of(draw: st.DrawFn, text: str, most: int = 8) -> tuple[Span, ...]:
    """Pieces of a text, in order."""
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=most)) | {0, len(text)})
    return tuple(Span(*both) for both in pairwise(cuts))


@st.composite
def alignments(draw: st.DrawFn, source: str, target: str) -> Alignment | None:
    if not source or not target or draw(st.booleans()):
        return None
    sources, targets = draw(spans_of(source)), draw(spans_of(target))
    row = st.lists(st.floats(0, 1), min_size=len(sources), max_size=len(sources)).map(tuple)
    rows = draw(st.lists(row, min_size=len(targets), max_size=len(targets)))
    return Alignment(sources, targets, tuple(rows))


@st.composite
def forests(draw: st.DrawFn, source: str) -> list[Mark]:
    """Marks that nest as markup does."""
    marks: list[Mark] = []

    def grow(bounds: Span, parent: int | None, depth: int) -> None:
        place = bounds.start
        while draw(st.booleans()) and place <= bounds.end and len(marks) < 12:
            start = draw(st.integers(place, bounds.end))
            end = draw(st.integers(start, bounds.end))
            atom = end == start or draw(st.integers(0, 3)) == 0
            marks.append(Mark(Span(start, end), atom, parent))
            if not atom and depth < 3:
                grow(Span(start, end), len(marks) - 1, depth + 1)
            place = end

    grow(Span(0, len(source)), None, 0)
    return marks


@given(st.data())
def test_marks_nest_as_in_the_source_and_none_is_empty(data: st.DataObject) -> None:
    source, target = data.draw(WORDS), data.draw(WORDS | st.text(max_size=20))
    marks = data.draw(forests(source))
    alignment = data.draw(alignments(source, target))
    spans = place(source, marks, target, alignment, data.draw(st.sampled_from([JA_EN, JA_KO])))
    if spans is None:
        return
    assert len(spans) == len(marks)
    for index, (mark, span) in enumerate(zip(marks, spans, strict=True)):
        bounds = Span(0, len(target)) if mark.parent is None else spans[mark.parent]
        assert bounds.start <= span.start <= span.end <= bounds.end
        if not mark.atom:
            assert target[span.start : span.end].strip()
        for other, beside in zip(marks[:index], spans, strict=False):
            if other.parent == mark.parent and beside != span:
                assert span.end <= beside.start or beside.end <= span.start
            elif other.parent == mark.parent:
                assert span.start == span.end


@given(st.data())
def test_enough_words_are_room_enough(data: st.DataObject) -> None:
    source = data.draw(WORDS)
    marks = data.draw(forests(source))
    target = "word " * sum(not mark.atom for mark in marks)
    alignment = data.draw(alignments(source, target))
    assert place(source, marks, target, alignment, JA_EN) is not None


def test_a_pivot_composes() -> None:
    first = Alignment((Span(0, 1), Span(1, 2)), (Span(0, 3), Span(4, 7)), ((1.0, 0.0), (0.2, 0.8)))
    second = Alignment((Span(0, 7),), (Span(0, 2), Span(3, 5)), ((1.0,), (1.0,)))
    over = compose(first, second)
    assert (over.source, over.target) == (first.source, second.target)
    assert over.weights[0] == pytest.approx((0.6, 0.4))
    through = Alignment(first.target, (Span(0, 2), Span(3, 5)), ((0.0, 1.0), (1.0, 0.0)))
    assert compose(first, through).weights == ((0.2, 0.8), (1.0, 0.0))


@pytest.mark.parametrize("pair", [JA_EN, JA_KO])
def test_labelled_latin_words_and_numbers_land_right_without_any_alignment(pair: Pair) -> None:
    """The bar that a package without usable attention has to take as well."""
    right = []
    for line in LABELLED.read_text("utf-8").splitlines():
        row = json.loads(line)
        marks = [Mark(Span(mark["start"], mark["end"])) for mark in row["marks"]]
        target = row[pair.target]
        spans = place(row["ja"], marks, target, None, pair) or []
        for span, want, kind in zip(spans, row[f"{pair.target}_marks"], row["class"], strict=True):
            common = max(0, min(span.end, want[1]) - max(span.start, want[0]))
            if kind != "japanese":
                right.append(2 * common >= 0.7 * (span.end - span.start + want[1] - want[0]))
    assert sum(right) >= 0.85 * len(right)
