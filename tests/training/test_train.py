"""A training goes on where it was, and CTranslate2 computes what torch does."""

from __future__ import annotations

from pathlib import Path

import ctranslate2
import numpy as np
import pytest
import sentencepiece
import torch

from training import prepare, train
from training.batches import Batches
from training.model import BOS, EOS
from training.package import Head, load_weights, write_package
from translate.packages.installed import Packages

from .conftest import SENTENCES

pytestmark = pytest.mark.slow


@pytest.fixture
def data(tmp_path: Path, essays: Path, pairs: Path) -> Path:
    """A prepared folder whose training rows and rows to measure with are few."""
    command = ["ja_en", str(tmp_path / "data"), "--essays", str(essays), "--pairs", str(pairs)]
    prepare.prepare(
        prepare.parser().parse_args(
            [*command, "--vocabulary", "400", "--signs", "3", "--numbers", "6"]
        )
    )
    dev = tmp_path / "data" / "dev.npz"
    dev.write_bytes((tmp_path / "data" / "train.npz").read_bytes())
    return tmp_path / "data"


def open_training(data: Path, out: Path) -> train.Training:
    command = [str(data), str(out), "--seconds", "1000000", "--device", "cpu", "--tokens", "128"]
    return train.Training(train.parser().parse_args([*command, "--resume", "--drop", "0"]))


def test_a_training_learns_and_is_resumed(tmp_path: Path, data: Path) -> None:
    first = open_training(data, tmp_path / "out")
    first.warm_up = 5
    before = first.judge()
    rows = Batches(data / "train.npz", first.device, first.tokens)
    for _ in range(20):
        first.learn(rows)
    after = first.judge()
    assert after < before - 2
    first.save_state()
    again = open_training(data, tmp_path / "out")
    assert (again.step, again.seen) == (20, first.seen)
    assert again.judge() == pytest.approx(after, abs=1e-3)


def test_a_training_leaves_weights_and_state(tmp_path: Path, data: Path) -> None:
    command = [str(data), str(tmp_path / "out"), "--seconds", "0", "--device", "cpu"]
    train.Training(train.parser().parse_args(command)).run()
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "log.txt",
        "state.pt",
        "weights.npz",
    }


def test_the_package_computes_what_the_model_does(tmp_path: Path, data: Path) -> None:
    """The score of a given translation, by CTranslate2 in int8 and by torch."""
    training = open_training(data, tmp_path / "out")
    training.finish()
    archive = tmp_path / "starter" / "translate-ja_en-1_0.argosmodel"
    archive.parent.mkdir()
    weights = load_weights([tmp_path / "out"])
    write_package(archive, weights, data / "spm.model", "ja_en", "1.0", "Tiny.", Head(1, 2))
    packages = Packages(tmp_path / "none", archive.parent, unpack=tmp_path / "used")
    [package] = packages.installed()
    decoder = ctranslate2.Translator(str(packages.unpacked(package) / "model"))
    processor = sentencepiece.SentencePieceProcessor(model_file=str(data / "spm.model"))
    source, target = SENTENCES[0]
    pieces = [processor.encode(text, out_type=str) for text in (source, target)]
    [scored] = decoder.score_batch([pieces[0]], [pieces[1]])
    training.model.eval()
    with torch.no_grad():
        loss, count = training.model.loss(
            torch.tensor([processor.encode(source)]),
            torch.tensor([[*processor.encode(target), EOS]]),
            0.0,
        )
    assert count == len(scored.log_probs)
    assert -float(loss) == pytest.approx(float(np.mean(scored.log_probs)), abs=0.2)


def test_rows_are_padded_to_the_next_edge_and_end(data: Path) -> None:
    rows = Batches(data / "train.npz", torch.device("cpu"), 64)
    seen = 0
    for source, target in rows.all():
        assert source.shape == target.shape
        assert source.shape[1] in rows.edges
        assert ((target == EOS).sum(1) == 1).all()
        assert (target != BOS).all()
        seen += len(source)
    assert seen == len(np.load(data / "train.npz")["sl"])
