"""A model folder as OPUS-MT publishes it becomes a package. The model is made here: tiny,
with weights by chance, and in every way in Marian's format. Folders of Hugging Face: see
test_transformers.py."""

from __future__ import annotations

import json
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import pytest
import sentencepiece
import yaml

from feeds.cli.models import register
from tests.support.blog import Blog
from translate.engines.argos import ArgosEngine
from translate.packages.archive import PackageError
from translate.packages.installed import Packages
from translate.packages.opus_import import import_opus
from translate.types import Decoding, Pair

WIDTH, INNER = 16, 32
CONFIG = {
    "type": "transformer",
    "transformer-decoder-autoreg": "self-attention",
    "transformer-no-projection": False,
    "transformer-ffn-activation": "relu",
    "transformer-preprocess": "",
    "transformer-postprocess": "dan",
    "transformer-postprocess-emb": "d",
    "transformer-postprocess-top": "",
    "transformer-guided-alignment-layer": "last",
    "transformer-heads": 2,
    "enc-depth": 1,
    "dec-depth": 1,
}


@pytest.fixture(scope="module")
def pieces() -> bytes:
    model = BytesIO()
    lines = ["今日は晴れです。", "明日は雨です。", "the rain is over", "sunny today"]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines * 20),
        model_writer=model,
        vocab_size=45,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return model.getvalue()


@pytest.fixture
def folder(tmp_path: Path, pieces: bytes) -> Path:
    folder = tmp_path / "opus-mt-ja-de"
    folder.mkdir()
    (folder / "source.spm").write_bytes(pieces)
    processor = sentencepiece.SentencePieceProcessor(model_proto=pieces)
    known = [processor.id_to_piece(n) for n in range(3, processor.get_piece_size())]
    write_model(folder, [*known, ">>deu<<"])
    (folder / "README.md").write_text("CC-BY 4.0")
    return folder


def write_model(folder: Path, known: list[str]) -> None:
    tokens = ["</s>", "<unk>", *known, "<pad>"]
    lines = [f'"{token}": {number}' for number, token in enumerate(tokens)]
    (folder / "vocab.yml").write_text("\n".join(lines), "utf-8")
    np.savez(folder / "model.npz", **weights(len(tokens)))
    told = {"models": ["model.npz"], "vocabs": ["vocab.yml", "vocab.yml"]}
    (folder / "decoder.yml").write_text(yaml.safe_dump(told), "utf-8")


def weights(size: int) -> dict[str, Any]:
    chance = np.random.default_rng(1)

    def some(*shape: int) -> Any:
        return chance.normal(0, 0.3, shape).astype(np.float32)

    found: dict[str, Any] = {"Wemb": some(size, WIDTH), "decoder_ff_logit_out_b": some(1, size)}
    found["decoder_ff_logit_out_b"][0, :3] = -9  # not the end at once, nor <unk>, nor white space
    for layer in ("encoder_l1", "decoder_l1"):
        for block in ("self", "context")[: 1 if layer == "encoder_l1" else 2]:
            for name in "qkvo":
                found[f"{layer}_{block}_W{name}"] = some(WIDTH, WIDTH)
                found[f"{layer}_{block}_b{name}"] = some(1, WIDTH)
            found[f"{layer}_{block}_Wo_ln_scale"] = some(1, WIDTH)
            found[f"{layer}_{block}_Wo_ln_bias"] = some(1, WIDTH)
        found |= {f"{layer}_ffn_W1": some(WIDTH, INNER), f"{layer}_ffn_b1": some(1, INNER)}
        found |= {f"{layer}_ffn_W2": some(INNER, WIDTH), f"{layer}_ffn_b2": some(1, WIDTH)}
        found |= {f"{layer}_ffn_ffn_ln_{name}": some(1, WIDTH) for name in ("scale", "bias")}
    config = yaml.safe_dump(CONFIG).encode() + b"\0"
    return found | {"special:model.yml": np.frombuffer(config, dtype=np.int8)}


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    place = tmp_path / "packages"
    return Packages(place, tmp_path / "no-starter", unpack=place / ".starter")


def test_it_becomes_a_package_that_translates(
    packages: Packages, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    package = import_opus(packages, Path(), Pair("ja", "de"), version="2.1")
    assert (package.name, package.version) == ("translate-ja_de-2_1", "2.1")
    assert [one.problem for one in packages.verify()] == [None]
    assert (package.path / "README.md").read_text() == "CC-BY 4.0"
    engine = ArgosEngine(packages, threads=1)
    [hop] = engine.path(Pair("ja", "de"))
    [[best]] = engine.decode(hop, ["今日は晴れです。"], Decoding(beam_size=2))
    assert best.text  # without sense, but of the vocabulary
    assert best.score < 0


def test_a_model_with_bpe_becomes_a_package_that_translates(
    packages: Packages, folder: Path
) -> None:
    """The older ones: words of Moses, cut by merges as subword-nmt learns them."""
    (folder / "source.spm").unlink()
    (folder / "source.bpe").write_text("#version: 0.2\ns u\nn n\nsu nn\ny</w> </w>\n")
    write_model(folder, ["s@@", "su@@", "sunn@@", "y", "the", "rain", "is", "over", "&apos;s"])
    package = import_opus(packages, folder, Pair("en", "de"))
    assert not (package.path / "sentencepiece.model").exists()
    engine = ArgosEngine(packages, threads=1)
    [hop] = engine.path(Pair("en", "de"))
    [[best], [unsaid]] = engine.decode(hop, ["the rain's sunny", "  "], Decoding(beam_size=2))
    assert best.text
    assert "@@" not in best.text
    assert unsaid.text == ""


def test_merges_that_are_none_cost_the_package_not_the_translator(
    packages: Packages, folder: Path
) -> None:
    (folder / "source.spm").unlink()
    (folder / "source.bpe").write_text("#version: 0.2\nno merge at all\n")
    import_opus(packages, folder, Pair("en", "de"))
    engine = ArgosEngine(packages, threads=1)
    [hop] = engine.path(Pair("en", "de"))
    with pytest.raises(PackageError, match="cannot be loaded"):
        engine.decode(hop, ["the rain is over"], Decoding())


def test_a_model_of_several_languages_gets_the_target_before_each_sentence(
    packages: Packages, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[list[str]] = []
    translate = ctranslate2.Translator.translate_batch

    def listening(self: Any, sources: list[list[str]], *others: Any, **options: Any) -> Any:
        read.extend(sources)
        return translate(self, sources, *others, **options)

    monkeypatch.setattr(ctranslate2.Translator, "translate_batch", listening)
    import_opus(packages, folder, Pair("ja", "de"), prefix=">>deu<<")
    engine = ArgosEngine(packages, threads=1)
    [hop] = engine.path(Pair("ja", "de"))
    [[best], [unsaid]] = engine.decode(hop, ["今日は晴れです。", " "], Decoding(beam_size=2))
    assert best.score < 0
    assert unsaid.text == ""  # the prefix alone is nothing to translate
    assert read
    assert all(tokens[0] == ">>deu<<" and len(tokens) > 2 for tokens in read)


def test_an_invalid_folder_is_rejected(packages: Packages, folder: Path, tmp_path: Path) -> None:
    def refusal(pair: Pair = Pair("ja", "de"), version: str = "1.0") -> str:  # noqa: B008
        with pytest.raises(PackageError) as caught:
            import_opus(packages, folder, pair, version=version)
        return str(caught.value)

    assert "not a version" in refusal(version="new")
    assert "not a language" in refusal(Pair("ja", "German"))
    weights = (folder / "model.npz").read_bytes()
    (folder / "model.npz").write_bytes(weights[: len(weights) // 2])
    assert "cannot be converted" in refusal()
    (folder / "model.npz").unlink()
    assert "model.npz: missing" in refusal()
    (tmp_path / "model.npz").write_bytes(weights)
    decoder = folder / "decoder.yml"
    decoder.write_text("models: [../model.npz]\nvocabs: [vocab.yml]\n")
    assert "leads out of the folder" in refusal()
    decoder.write_text("- 1")
    assert "names no models" in refusal()
    decoder.unlink()
    assert "decoder.yml: missing" in refusal()
    assert packages.installed() == ()


def test_a_folder_of_hugging_face_that_cannot_be_read_says_what_is_missing(
    packages: Packages, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusal() -> str:
        with pytest.raises(PackageError) as caught:
            import_opus(packages, folder, Pair("ja", "de"))
        return str(caught.value)

    (folder / "decoder.yml").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"")
    assert "config.json: names no model_type" in refusal()
    (folder / "config.json").write_text('{"model_type": "t5"}')
    assert "a model of the type 't5'" in refusal()
    (folder / "config.json").write_text('{"model_type": "marian"}')
    assert "vocab.json: missing" in refusal()
    (folder / "vocab.json").write_text("{}")
    monkeypatch.setitem(sys.modules, "torch", None)  # as where it is not installed
    assert "pip install torch transformers" in refusal()


def test_the_command_installs_or_says_why_not(folder: Path, tmp_path: Path) -> None:
    blog = Blog(tmp_path)
    register(blog.app)
    runner = blog.app.test_cli_runner()
    arguments = ["models", "import", str(folder), "--from", "ja", "--to", "de", "--json"]
    done = runner.invoke(args=arguments)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["name"], told["version"]) == ("translate-ja_de-1_0", "1.0")
    (folder / "source.spm").unlink()
    refused = runner.invoke(args=arguments)
    assert refused.exit_code == 1
    assert "source.spm: missing" in refused.stderr
    assert "--prefix" in runner.invoke(args=["models", "import", "--help"]).output
