"""Which pieces a package may write, as CTranslate2 is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from translate.engines.argos import ArgosEngine
from translate.engines.target_vocabulary import vocabulary_map, with_map
from translate.packages.installed import Packages
from translate.types import Decoding, Hop

PIECES = ["<unk>", "<s>", "</s>", "<0xE3>", "▁The", "▁", "日本", "▁カ", "々", ">>kor<<", "。", "가"]
KEPT = "\t<unk> <s> </s> <0xE3> ▁The ▁ >>kor<< 。 가\n"


def write(folder: Path, name: str, pieces: list[str]) -> Path:
    text = json.dumps(pieces) if name.endswith(".json") else "\n".join(pieces) + "\n"
    (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "name", ["shared_vocabulary.json", "target_vocabulary.json", "shared_vocabulary.txt"]
)
def test_what_the_gate_refuses_is_not_in_the_map(name: str, tmp_path: Path) -> None:
    rules = vocabulary_map(write(tmp_path, name, PIECES), "ko")
    assert rules is not None
    assert rules.split() == KEPT.split()
    assert rules.startswith("\t")
    assert rules.count("\n") == 1


def test_the_targets_own_vocabulary_counts(tmp_path: Path) -> None:
    write(tmp_path, "source_vocabulary.json", PIECES)
    write(tmp_path, "target_vocabulary.json", ["<unk>", "▁The", "▁a"])
    assert vocabulary_map(tmp_path, "en") is None


@pytest.mark.parametrize("language", ["ja", "zh"])
def test_no_map_where_japanese_is_written(language: str, tmp_path: Path) -> None:
    assert vocabulary_map(write(tmp_path, "shared_vocabulary.json", PIECES), language) is None


def test_no_map_that_would_spare_next_to_nothing_or_lose_pieces(tmp_path: Path) -> None:
    few = ["日本", *(f"▁w{number}" for number in range(9))]
    assert vocabulary_map(write(tmp_path, "shared_vocabulary.json", few), "en") is None
    spaced = [*PIECES, "New York"]  # the map's format has no way to say it
    assert vocabulary_map(write(tmp_path, "shared_vocabulary.json", spaced), "en") is None
    assert vocabulary_map(tmp_path / "none", "en") is None


def test_the_models_folder_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, temporary = tmp_path / "model", tmp_path / "temporary"
    model.mkdir()
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    write(model, "shared_vocabulary.json", PIECES)
    (model / "vmap.txt").write_text("the package's own")
    with with_map(model, KEPT) as place:
        assert (place / "vmap.txt").read_text() == KEPT
        assert json.loads((place / "shared_vocabulary.json").read_bytes()) == PIECES
    assert (model / "vmap.txt").read_text() == "the package's own"
    assert not list(temporary.iterdir())


@pytest.mark.slow
def test_a_package_writes_only_what_its_map_has(
    hop: Hop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "translate.engines.target_vocabulary.gate.is_foreign", lambda piece, _: "e" in piece
    )
    engine = ArgosEngine(Packages(tmp_path / "none", unpack=tmp_path), threads=1)
    for options in (Decoding(hypotheses=4), Decoding(hypotheses=8, no_repeat_ngram=3)):
        [hypotheses] = engine.decode(hop, ["会社は東京にあります。"], options)
        assert len(hypotheses) == options.hypotheses
        assert not any("e" in hypothesis.text for hypothesis in hypotheses)
