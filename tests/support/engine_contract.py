"""What every engine promises. One subclass for each implementation."""

from __future__ import annotations

from itertools import pairwise

import pytest

from translate.types import Decoding, Engine, Hop, NoPathError, Pair

SENTENCES = (
    "LG AI研究院の「EXAONE」は2025年に公開されました。",
    "今日は晴れです。",
    "価格は100万トークンあたり0.5ドルです。",
    "NAVERは検索の会社です。",
)


class EngineContract:
    """Subclasses give an `engine` fixture and a pair that it translates from Japanese."""

    pair = Pair("ja", "en")

    @pytest.fixture
    def engine(self) -> Engine:
        raise NotImplementedError

    @pytest.fixture
    def hop(self, engine: Engine) -> Hop:
        return engine.path(self.pair)[0]

    def test_a_path_leads_from_source_to_target(self, engine: Engine) -> None:
        path = engine.path(self.pair)
        assert path[0].pair.source == self.pair.source
        assert path[-1].pair.target == self.pair.target
        for before, after in pairwise(path):
            assert before.pair.target == after.pair.source

    def test_no_path_is_an_error_that_says_what_to_do(self, engine: Engine) -> None:
        with pytest.raises(NoPathError, match="flask models install"):
            engine.path(Pair("ja", "tlh"))

    def test_each_sentence_has_its_answer_in_its_place(self, engine: Engine, hop: Hop) -> None:
        together = engine.decode(hop, SENTENCES, Decoding())
        assert len(together) == len(SENTENCES)
        for sentence, [best, *_] in zip(SENTENCES, together, strict=True):
            [[alone, *_]] = engine.decode(hop, [sentence], Decoding())
            assert best.text == alone.text

    def test_the_order_given_is_the_order_returned(self, engine: Engine, hop: Hop) -> None:
        forth = engine.decode(hop, SENTENCES, Decoding())
        back = engine.decode(hop, SENTENCES[::-1], Decoding())
        assert [best[0].text for best in back] == [best[0].text for best in forth[::-1]]

    def test_the_same_question_has_the_same_answer(self, engine: Engine, hop: Hop) -> None:
        options = Decoding(hypotheses=2)
        first, second = (engine.decode(hop, SENTENCES, options) for _ in range(2))
        assert [[one.text for one in some] for some in first] == [
            [one.text for one in some] for some in second
        ]

    def test_as_many_hypotheses_as_asked_best_first(self, engine: Engine, hop: Hop) -> None:
        for hypotheses in engine.decode(hop, SENTENCES, Decoding(hypotheses=4)):
            assert len(hypotheses) == 4
            scores = [one.score for one in hypotheses]
            assert scores == sorted(scores, reverse=True)
            assert all(score <= 0 for score in scores)
            assert all(isinstance(one.text, str) and one.text for one in hypotheses)

    def test_alignments_point_into_both_texts(self, engine: Engine, hop: Hop) -> None:
        for sentence, [best, *_] in zip(
            SENTENCES, engine.decode(hop, SENTENCES, Decoding()), strict=True
        ):
            if best.alignment is None:
                continue
            for text, pieces in (
                (sentence, best.alignment.source),
                (best.text, best.alignment.target),
            ):
                assert list(pieces) == sorted(pieces)
                assert all(0 <= one.start <= one.end <= len(text) for one in pieces)
            assert len(best.alignment.weights) == len(best.alignment.target)
            for row in best.alignment.weights:
                assert len(row) == len(best.alignment.source)
                assert sum(row) == pytest.approx(1, abs=0.1)

    def test_nothing_to_say_is_no_error(self, engine: Engine, hop: Hop) -> None:
        assert engine.decode(hop, [], Decoding()) == []
        blank, [one, *_] = engine.decode(hop, ["", "今日は晴れです。"], Decoding())
        assert blank
        assert blank[0].text == ""
        assert one.text
