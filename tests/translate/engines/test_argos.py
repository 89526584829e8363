"""Argos packages on CTranslate2. Nothing hangs on what the packages say, or how well."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.engine_contract import EngineContract
from translate.engines.argos import ArgosEngine
from translate.engines.argos_model import Model
from translate.engines.canaries import canaries_for
from translate.engines.subwords import Pieces, align_pieces
from translate.packages.installed import Packages
from translate.types import Alignment, Decoding, Engine, Hop, Pair

pytestmark = pytest.mark.slow

ODD = (
    "２０２５年、Ｎａｖｅｒは　HyperCLOVA X を㌔公開した。",
    "ﾃｽﾄ snake_case と ㈱𠮷野家😀が届いた。",
    "  先頭  空白  と末尾  ",
    "👨‍👩‍👧と🇰🇷の絵文字。",
    "e\u0301 と が\u3099 の結合文字。",
    "<unk> と </s> と ▁ という文字。",
)


@pytest.fixture(scope="module", params=["ja_en", "ja_ko", "en_ko"])
def any_hop(request: pytest.FixtureRequest, loaded: ArgosEngine) -> Hop:
    """Each starter package in turn."""
    source, target = request.param.split("_")
    return loaded.path(Pair(source, target))[0]


@pytest.fixture(scope="module")
def exact(packages: Packages) -> ArgosEngine:
    """Decodes in float32. In int8, numbers are rounded otherwise in other company, and of
    two hypotheses that are nearly as good, sometimes the other one wins (1 sentence of 100).
    """
    return ArgosEngine(packages, threads=1, compute_type="float32")


class TestContract(EngineContract):
    @pytest.fixture
    def engine(self, exact: ArgosEngine) -> Engine:
        return exact


class TestKoreanContract(TestContract):
    pair = Pair("ja", "ko")


# What comes back


def check_alignment(alignment: Alignment, source: str, target: str) -> None:
    for text, spans in ((source, alignment.source), (target, alignment.target)):
        position = 0
        for start, end in spans:
            assert position <= start < end <= len(text)
            assert text[start:end] == text[start:end].strip()
            position = end
    assert len(alignment.weights) == len(alignment.target)
    for row in alignment.weights:
        assert len(row) == len(alignment.source)
        assert math.isclose(sum(row), 1, abs_tol=0.01)
        assert min(row) >= 0


def test_alignments_fit_both_texts_however_odd(loaded: ArgosEngine, any_hop: Hop) -> None:
    assert loaded.attention_usable(any_hop)
    for source, hypotheses in zip(
        ODD, loaded.decode(any_hop, ODD, Decoding(hypotheses=2)), strict=True
    ):
        for hypothesis in hypotheses:
            assert hypothesis.text == hypothesis.text.strip()
            assert unicodedata.is_normalized("NFC", hypothesis.text)
            if hypothesis.text:
                assert hypothesis.alignment is not None
                check_alignment(hypothesis.alignment, source, hypothesis.text)


def test_spans_cover_every_character_but_white_space(loaded: ArgosEngine, hop: Hop) -> None:
    """Also where the model reads other characters than were written: Ｎ as N, ㈱ as (株)."""
    for source in ODD[:2]:
        [[best]] = loaded.decode(hop, [source], Decoding())
        assert best.alignment is not None
        for text, spans in ((source, best.alignment.source), (best.text, best.alignment.target)):
            covered = {place for start, end in spans for place in range(start, end)}
            assert {place for place, one in enumerate(text) if not one.isspace()} == covered


def test_alignments_are_the_same_in_any_company(exact: ArgosEngine, any_hop: Hop) -> None:
    """In a batch CTranslate2 gives sentences the first row of another one."""
    sentences = canaries_for(any_hop.pair.source)
    together = exact.decode(any_hop, sentences, Decoding(hypotheses=2))
    for sentence, hypotheses in zip(sentences, together, strict=True):
        [alone] = exact.decode(any_hop, [sentence], Decoding(hypotheses=2))
        for one, other in zip(alone, hypotheses, strict=True):
            assert one.alignment is not None
            assert other.alignment is not None
            for row, same in zip(one.alignment.weights, other.alignment.weights, strict=True):
                assert row == pytest.approx(same, abs=0.01)


def test_another_search_of_a_sentence_takes_the_first_row_of_the_one_before(
    packages: Packages, hop: Hop, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = ArgosEngine(packages, threads=1)
    assert engine.attention_usable(hop)
    steps: list[int] = []
    first_steps = engine._first_steps

    def counted(model: Model, sources: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], Any]:
        steps.append(len(sources))
        return first_steps(model, sources)

    monkeypatch.setattr(engine, "_first_steps", counted)
    [[usual], _] = engine.decode(hop, ODD[:2], Decoding())
    [[best, *_]] = engine.decode(hop, ODD[:1], Decoding(hypotheses=2))
    assert steps == [2, 0]
    assert usual.alignment is not None
    assert best.alignment is not None
    for row, same in zip(usual.alignment.weights, best.alignment.weights, strict=True):
        assert row == pytest.approx(same, abs=0.01)


def test_a_given_translation_is_aligned_as_when_it_was_decoded(
    exact: ArgosEngine, any_hop: Hop
) -> None:
    sentences = canaries_for(any_hop.pair.source)
    compared = 0
    for source, [best] in zip(sentences, exact.decode(any_hop, sentences, Decoding()), strict=True):
        given = exact.align(any_hop, source, best.text)
        assert given is not None
        assert best.alignment is not None
        check_alignment(given, source, best.text)
        if given.target == best.alignment.target:  # most likely cut into the same tokens
            compared += all(
                one == pytest.approx(other, abs=0.01)
                for one, other in zip(given.weights, best.alignment.weights, strict=True)
            )
    assert compared >= len(sentences) / 2


def test_batches_give_the_results_of_single_sentences(exact: ArgosEngine, any_hop: Hop) -> None:
    sentences = [*canaries_for(any_hop.pair.source), "", ODD[0]]
    together = exact.decode(any_hop, sentences, Decoding(hypotheses=2))
    for sentence, hypotheses in zip(sentences, together, strict=True):
        [alone] = exact.decode(any_hop, [sentence], Decoding(hypotheses=2))
        assert [one.text for one in alone] == [one.text for one in hypotheses]
        assert math.isclose(alone[0].score, hypotheses[0].score, abs_tol=1e-3)


def test_underscores_are_kept(loaded: ArgosEngine, hop: Hop) -> None:
    decoded = loaded.decode(hop, ["snake_case と foo_bar_baz と MAX_SIZE を使う。"], Decoding())
    assert "_" in decoded[0][0].text


def test_a_text_without_words_gives_an_empty_translation(loaded: ArgosEngine, hop: Hop) -> None:
    for text in ("", "   ", "\n", "\u3000"):
        [[nothing]] = loaded.decode(hop, [text], Decoding(hypotheses=3))
        assert (nothing.text, nothing.alignment) == ("", None)
    assert loaded.decode(hop, [], Decoding()) == []
    assert loaded.align(hop, "", "text") is None


def test_what_is_no_text_does_no_harm(loaded: ArgosEngine, hop: Hop) -> None:
    for text in ("\ud800", "a\x00b", "\u200b", "\x1b[0m", "\ufffe"):
        [[answer]] = loaded.decode(hop, [text], Decoding())
        assert isinstance(answer.text, str)


def test_a_sentence_without_end_is_not_half_translated(loaded: ArgosEngine, hop: Hop) -> None:
    """It comes back empty, for the caller to split; its neighbours are not affected."""
    started = time.monotonic()
    long, short = loaded.decode(hop, ["長い文と、" * 100, "短い文。"], Decoding())
    assert long[0].text == ""
    assert short[0].text
    assert time.monotonic() - started < 30


def test_a_loop_is_stopped_in_proportion_to_its_source(loaded: ArgosEngine, any_hop: Hop) -> None:
    source = ("ha ha " if any_hop.pair.source == "en" else "わはは") * 20
    [[best]] = loaded.decode(any_hop, [source], Decoding())
    alignment = loaded.align(any_hop, source, best.text)
    assert alignment is not None
    assert len(alignment.target) <= 3 * len(source) + 32


def test_the_search_obeys(loaded: ArgosEngine, hop: Hop) -> None:
    sentences = ["わはは" * 10, "ああ、ああ、ああ、ああ、ああ、ああ、ああ。"]
    for [best] in loaded.decode(hop, sentences, Decoding(no_repeat_ngram=3)):
        words = best.text.split()
        runs = [tuple(words[place : place + 3]) for place in range(len(words) - 2)]
        assert len(runs) == len(set(runs))
    [many] = loaded.decode(hop, ["今日は晴れです。"], Decoding(beam_size=2, hypotheses=5))
    assert len(many) == 5


def test_scores_are_means_whatever_length_the_search_likes(exact: ArgosEngine, hop: Hop) -> None:
    sentences = canaries_for("ja")
    plain, longer = (
        exact.decode(hop, sentences, Decoding(hypotheses=4, length_penalty=penalty))
        for penalty in (1.0, 2.0)
    )
    compared = 0
    for one, other in zip(plain, longer, strict=True):
        scores = {hypothesis.text: hypothesis.score for hypothesis in one}
        for hypothesis in other:
            if hypothesis.text in scores:
                compared += 1
                assert hypothesis.score == pytest.approx(scores[hypothesis.text], abs=1e-3)
    assert compared >= len(sentences)


# Attention


def test_attention_that_points_nowhere_is_not_used(
    packages: Packages, hop: Hop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ours = Packages(tmp_path / "none", unpack=tmp_path)  # a place without yesterday's verdict
    engine = ArgosEngine(ours, threads=1)

    def blind(
        source: Pieces, target: Pieces, attention: Sequence[Sequence[float]]
    ) -> Alignment | None:
        last = [0.0] * (len(source.tokens) - 1) + [1.0]
        return align_pieces(source, target, [last for _ in attention])

    monkeypatch.setattr("translate.engines.argos_model.align_pieces", blind)
    assert not engine.attention_usable(hop)
    [[best]] = engine.decode(hop, ["今日は晴れです。"], Decoding())
    assert best.alignment is None


def test_a_package_is_tried_once(hop: Hop, tmp_path: Path) -> None:
    packages = Packages(tmp_path / "none", unpack=tmp_path)
    assert ArgosEngine(packages, threads=1).attention_usable(hop)
    [beside] = tmp_path.rglob("attention.json")
    beside.write_text(beside.read_text().replace('"usable": true', '"usable": false'))
    assert not ArgosEngine(packages, threads=1).attention_usable(hop)
    beside.write_text(beside.read_text().replace('"checksum": "', '"checksum": "0'))
    assert ArgosEngine(packages, threads=1).attention_usable(hop)


# The process around it


@pytest.fixture
def read_only_home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.write_text("not even a folder")
    return home


def test_nothing_is_written_to_the_home_and_no_socket_opened(
    packages: Packages, read_only_home: Path, tmp_path: Path
) -> None:
    program = """
import os, socket, sys
from pathlib import Path

def forbidden(*arguments, **more):
    raise AssertionError("a socket was opened")

socket.socket.connect = socket.getaddrinfo = socket.create_connection = forbidden
before = dict(os.environ)
from translate.engines.argos import ArgosEngine
from translate.engines.argos_model import Model
from translate.packages.installed import Packages
from translate.types import Decoding, Pair

state = Path(sys.argv[1])
engine = ArgosEngine(Packages(state, unpack=state), threads=1)
for pair in (Pair("ja", "en"), Pair("ja", "ko"), Pair("en", "ko")):
    for hop in engine.path(pair):
        engine.decode(hop, ["2025"], Decoding())
changed = {name for name in os.environ if os.environ[name] != before.get(name)}
print(changed - {"KMP_DUPLICATE_LIB_OK"}, "torch" in sys.modules, "stanza" in sys.modules)
"""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "ARGOS_"))}
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "state")],
        env={**environment, "HOME": str(read_only_home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "set() False False\n", done.stderr


def test_the_version_names_both_libraries(loaded: ArgosEngine) -> None:
    assert "ctranslate2 " in loaded.version
    assert loaded.version.startswith("argos")
