"""A package made of weights: the engine reads it, and the chosen head is the one it sees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training.corpus import Row
from training.package import Head, load_weights, try_heads, write_package
from training.prepare import learn_vocabulary
from translate.engines.argos import ArgosEngine
from translate.packages.installed import Packages
from translate.types import Alignment, Decoding, Pair

from .conftest import SENTENCES

pytestmark = pytest.mark.slow
_PIECES, _WIDTH, _INNER, _HEADS, _LAYERS = 380, 8, 16, 2, 2
_SIZE = {"vocabulary": _PIECES, "width": _WIDTH, "heads": _HEADS, "encoder": 1, "decoder": _LAYERS}


@pytest.fixture
def vocabulary(tmp_path: Path) -> Path:
    learn_vocabulary(tmp_path, [Row("manual", ja, en) for ja, en in SENTENCES], _PIECES)
    return tmp_path / "spm.model"


@pytest.fixture
def weights() -> dict[str, Any]:
    """Random weights of a tiny model, as a training leaves them."""
    random = np.random.default_rng(7)
    made: dict[str, Any] = {
        "embedding.weight": random.normal(size=(_PIECES, _WIDTH)),
        "bias": np.zeros(_PIECES),
    }

    def linear(name: str, rows: int, columns: int) -> None:
        made[f"{name}.weight"] = random.normal(size=(rows, columns))
        made[f"{name}.bias"] = random.normal(size=rows)

    def norm(name: str) -> None:
        made[f"{name}.weight"], made[f"{name}.bias"] = np.ones(_WIDTH), np.zeros(_WIDTH)

    for side, layers in (("encoder", 1), ("decoder", _LAYERS)):
        norm(f"{side}_norm")
        for place in range(layers):
            at = f"{side}.{place}."
            for name in ("self_norm", "inner_norm", "cross_norm"):
                norm(at + name)
            linear(at + "self_attention.all", 3 * _WIDTH, _WIDTH)
            linear(at + "self_attention.out", _WIDTH, _WIDTH)
            linear(at + "inner", _INNER, _WIDTH)
            linear(at + "outer", _WIDTH, _INNER)
            linear(at + "cross_attention.query", _WIDTH, _WIDTH)
            linear(at + "cross_attention.memory", 2 * _WIDTH, _WIDTH)
            linear(at + "cross_attention.out", _WIDTH, _WIDTH)
    arrays = {name: value.astype(np.float32) for name, value in made.items()}
    sizes = {f"size.{name}": np.array(value) for name, value in {**_SIZE, "inner": _INNER}.items()}
    return {**arrays, **sizes}


def said(folder: Path, archive: Path) -> tuple[str, Alignment | None]:
    """What the package says of a sentence, and what it looks at for a given translation."""
    packages = Packages(folder / "none", archive.parent, unpack=folder / f"{archive.parent}-used")
    engine = ArgosEngine(packages, threads=1)
    [hop] = engine.path(Pair("ja", "en"))
    source, target = SENTENCES[1]
    [[best, *_]] = engine.decode(hop, [source], Decoding())
    return best.text, engine.align(hop, source, target)


def test_the_chosen_head_is_the_one_whose_attention_comes_back(
    tmp_path: Path, vocabulary: Path, weights: dict[str, Any]
) -> None:
    texts, looked = set(), set()
    heads = [Head(layer, place) for layer in range(_LAYERS) for place in range(_HEADS)]
    heads.append(Head(1, 0, also=(1,)))
    for number, head in enumerate(heads):
        archive = tmp_path / str(number) / "translate-ja_en-1_0.argosmodel"
        archive.parent.mkdir()
        write_package(archive, weights, vocabulary, "ja_en", "1.0", "Tiny.", head)
        text, alignment = said(tmp_path, archive)
        texts.add(text)
        looked.add(alignment)
    assert len(texts) == 1  # the order of heads changes nothing else
    assert len(looked) == len(heads)


def test_the_same_weights_give_the_same_bytes(
    tmp_path: Path, vocabulary: Path, weights: dict[str, Any]
) -> None:
    archive = tmp_path / "translate-ja_en-1_0.argosmodel"
    written = []
    for _ in range(2):
        write_package(archive, weights, vocabulary, "ja_en", "1.0", "Tiny.", Head(1, 0))
        written.append(archive.read_bytes())
    assert written[0] == written[1]
    [package] = Packages(tmp_path / "none", tmp_path, unpack=tmp_path / "used").installed()
    assert (package.pair, package.version) == (Pair("ja", "en"), "1.0")


def test_every_head_is_tried_on_words_of_both_sides(
    vocabulary: Path, weights: dict[str, Any]
) -> None:
    rows = [Row("essays", ja, en) for ja, en in SENTENCES]
    trials = try_heads(weights, vocabulary, "ja_en", rows)
    assert [trial.head for trial in trials] == [Head(0, 0), Head(0, 1), Head(1, 0), Head(1, 1)]
    # 15, 48, GitHub, mail, 799 and API; the e of e-mail is in other words too.
    assert {trial.tried for trial in trials} == {6}
    assert all(0 <= trial.found <= trial.tried for trial in trials)


def test_several_trainings_are_averaged(tmp_path: Path, weights: dict[str, Any]) -> None:
    for name, more in (("a", 0.0), ("b", 1.0)):
        (tmp_path / name).mkdir()
        np.savez(tmp_path / name / "weights.npz", **{**weights, "bias": weights["bias"] + more})
    mean = load_weights([tmp_path / "a", tmp_path / "b"])
    assert mean["bias"] == pytest.approx(weights["bias"] + 0.5)
    assert int(mean["size.heads"]) == _HEADS
    np.savez(tmp_path / "b" / "weights.npz", **{**weights, "size.heads": np.array(1)})
    with pytest.raises(SystemExit, match="models of several sizes"):
        load_weights([tmp_path / "a", tmp_path / "b"])
