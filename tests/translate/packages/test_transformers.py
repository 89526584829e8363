"""A model folder of Hugging Face becomes a package that scores as transformers does.

Collected only where torch and transformers are, which nothing else here needs:
pip install torch transformers. The model is made here: tiny, with weights by chance.
"""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import ctranslate2
import pytest
import sentencepiece
import torch
import transformers

from translate.engines.argos import ArgosEngine
from translate.packages.archive import PackageError
from translate.packages.installed import Packages
from translate.packages.opus_import import import_opus
from translate.types import Decoding, Pair

pytestmark = pytest.mark.slow

SENTENCES = ["今日は晴れです。", "明日は雨です。", "the rain is over"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "opus-mt-ja-de"
    folder.mkdir()
    model = BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([*SENTENCES, "sunny today"] * 20),
        model_writer=model,
        vocab_size=45,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    for name in ("source.spm", "target.spm"):
        (folder / name).write_bytes(model.getvalue())
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    known = [processor.id_to_piece(n) for n in range(3, processor.get_piece_size())]
    tokens = ["</s>", "<unk>", *known, ">>deu<<", "<pad>"]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    told = {"source_lang": "ja", "target_lang": "de", "tokenizer_class": "MarianTokenizer"}
    (folder / "tokenizer_config.json").write_text(json.dumps(told))
    return folder


def write_model(folder: Path, chance: int) -> Any:
    last = len(json.loads((folder / "vocab.json").read_text())) - 1
    torch.manual_seed(chance)
    layers = {f"{room}_layers": 2 for room in ("encoder", "decoder")}
    heads = {f"{room}_attention_heads": 2 for room in ("encoder", "decoder")}
    inner = {f"{room}_ffn_dim": 32 for room in ("encoder", "decoder")}
    config = transformers.MarianConfig(
        **layers,
        **heads,
        **inner,
        vocab_size=last + 1,
        d_model=16,
        init_std=0.3,
        scale_embedding=True,
        activation_function="swish",
        max_position_embeddings=64,
        pad_token_id=last,
        decoder_start_token_id=last,
        bad_words_ids=[[last]],
        eos_token_id=0,
        forced_eos_token_id=None,
    )
    model = transformers.MarianMTModel(config).eval()
    model.save_pretrained(folder)
    return model


@pytest.mark.parametrize("chance", range(4))
def test_it_scores_words_as_transformers_does(tmp_path: Path, folder: Path, chance: int) -> None:
    model = write_model(folder, chance)
    packages = Packages(tmp_path / "packages", tmp_path / "none", unpack=tmp_path / "unpacked")
    package = import_opus(packages, folder, Pair("ja", "de"))
    engine = ArgosEngine(packages, threads=1)
    [hop] = engine.path(Pair("ja", "de"))
    assert len(engine.decode(hop, SENTENCES, Decoding(beam_size=2))) == len(SENTENCES)
    converted = ctranslate2.Translator(str(package.path / "model"))
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    for sentence in SENTENCES:
        read = tokenizer([sentence], return_tensors="pt")
        words = tokenizer(text_target=[SENTENCES[0]], return_tensors="pt").input_ids
        with torch.no_grad():
            scores = model(**read, labels=words).logits[..., :-1].log_softmax(-1)
        expected = scores[0].gather(1, words[0][:, None]).flatten().tolist()
        pieces = tokenizer.convert_ids_to_tokens(read.input_ids[0])[:-1]  # without the end
        target = tokenizer.convert_ids_to_tokens(words[0])[:-1]
        [found] = converted.score_batch([pieces], [target])
        # Stored in int8.
        assert found.log_probs == pytest.approx(expected, abs=0.3)


def test_a_damaged_folder_is_refused(tmp_path: Path, folder: Path) -> None:
    write_model(folder, 1)
    packages = Packages(tmp_path / "packages", tmp_path / "none", unpack=tmp_path / "unpacked")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:999])
    with pytest.raises(PackageError, match="cannot be converted"):
        import_opus(packages, folder, Pair("ja", "de"))
    weights.rename(folder / "pytorch_model.bin")
    with pytest.raises(PackageError, match="cannot be converted"):
        import_opus(packages, folder, Pair("ja", "de"))
    assert packages.installed() == ()
