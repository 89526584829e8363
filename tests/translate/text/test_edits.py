"""Words changed in place, and the alignment that goes along."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from translate.sentence_result import SentenceResult
from translate.text import edits
from translate.text.edits import Edit
from translate.types import Alignment, Span

SOURCE, TARGET = "価格は2,378億", "The price is 37 won"
LOOKED = Alignment(
    (Span(0, 2), Span(3, 9)), (Span(0, 9), Span(13, 15), Span(16, 19)), ((1, 0), (0, 1), (0, 1))
)


def test_what_stands_behind_an_edit_moves_with_it() -> None:
    text, alignment = edits.apply([Edit(Span(13, 15), "237.8 billion")], TARGET, LOOKED)
    assert alignment is not None
    assert [text[slice(*piece)] for piece in alignment.target] == [
        "The price",
        "237.8 billion",
        "won",
    ]
    assert alignment.weights == LOOKED.weights


def test_the_pieces_of_an_edit_become_one() -> None:
    text, alignment = edits.apply([Edit(Span(13, 19), "free")], TARGET, LOOKED)
    assert text == "The price is free"
    assert alignment is not None
    assert alignment.target == (Span(0, 9), Span(13, 17))


def test_an_alignment_is_led_back_behind_a_disguise() -> None:
    """The engine read 価格は37; the reader of the alignment has 価格は2,378億."""
    worn = [Edit(Span(3, 9), "37")]
    assert edits.apply(worn, SOURCE, None)[0] == "価格は37"
    seen = Alignment((Span(0, 2), Span(3, 5)), LOOKED.target, LOOKED.weights)
    back = edits.traced(seen, worn)
    assert back is not None
    assert [SOURCE[slice(*piece)] for piece in back.source] == ["価格", "2,378億"]


def test_joined_pieces_keep_their_alignments() -> None:
    half = Alignment((Span(0, 2),), (Span(0, 3),), ((1.0,),))
    text, alignment = edits.join([(Span(0, 2), "one", half), (Span(3, 5), "two", half)], " ")
    assert text == "one two"
    assert alignment == Alignment(
        (Span(0, 2), Span(3, 5)), (Span(0, 3), Span(4, 7)), ((1.0, 0.0), (0.0, 1.0))
    )


@given(st.text(max_size=30), st.data())
def test_edits_leave_the_rest_as_it_was(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    words = data.draw(st.text(max_size=5))
    alignment = Alignment((Span(0, 1),), (Span(0, len(text)),), ((1.0,),))
    changed, moved = edits.apply([Edit(Span(start, end), words)], text, alignment)
    assert changed == text[:start] + words + text[end:]
    assert moved is not None
    assert all(0 <= one.start <= one.end <= len(changed) for one in moved.target)


def test_an_outcome_is_remembered_whole() -> None:
    outcome = SentenceResult(
        text="price", score=-0.5, reasons=("loop", "numbers"), alignment=LOOKED, pivot="prix"
    )
    assert SentenceResult.from_json(outcome.to_json()) == outcome
    assert SentenceResult.from_json(outcome.to_json()).to_json() == outcome.to_json()
