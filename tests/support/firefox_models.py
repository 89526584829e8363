"""Tiny models of Firefox Translations with random weights, in Marian's binary format.

A file is a header, the items' names, their shapes, padding and the items' data, all little
endian. Weights are int8, transposed, with the number that they were multiplied with after
them; an activation's multiplier is an item of its own (`_QuantMultA`).
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece

_FLOAT32, _INTGEMM8, _INT8 = 0x404, 0x4101, 0x101
_WIDTH, _INNER, _HEADS, _LAYERS = 64, 64, 2, 1
PIECES = 400  # of a vocabulary, at most
_BYTES = range(2, 258)  # after the end of a sentence and the unknown piece
_WORDS = 258
_TEXTS = (
    "今日は晴れです。 新しいモデルは2025年に公開されました。 価格は0.5ドルです。 検索の会社です。",
    "The weather is fine today. A new model was published in 2025. The price is 0.5 dollars.",
    "오늘은 맑습니다. 새 모델이 2025년에 공개되었습니다. 검색 회사입니다.",
)


def write_vocabulary(path: Path, *, seed: int = 0) -> Path:
    """A SentencePiece model of a few sentences; another seed gives another one."""
    texts = [*_TEXTS, f"Sentence number {seed}."]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts * 3),
        model_prefix=str(path.with_suffix("")),
        vocab_size=PIECES,
        hard_vocab_limit=False,
        byte_fallback=True,
        unk_id=1,
        eos_id=0,
        bos_id=-1,
        pad_id=-1,
        minloglevel=2,
    )
    path.with_suffix(".model").rename(path)
    path.with_suffix(".vocab").unlink()
    return path


def weights(
    rows: tuple[int, int], *, split: bool = False, writes: str = "words", seed: int = 1
) -> dict[str, Any]:
    """Random items of a model for vocabularies of so many pieces (source, target).

    It `writes` pieces that are words, or bytes of characters that have no piece.
    """
    random = np.random.default_rng(seed)
    items: dict[str, Any] = {"special:model.yml": _config()}

    def matrix(name: str, inside: int, outside: int, multiplier: str | None = None) -> None:
        values = random.integers(-40, 40, size=(outside, inside), dtype=np.int8)
        items[name] = (_INTGEMM8, (inside, outside), values.tobytes() + struct.pack("<f", 127.0))
        items[f"{multiplier or name}_QuantMultA"] = _floats([20.0], (1, 1))

    def vector(name: str, size: int, value: float | None = None) -> None:
        values = random.normal(scale=0.1, size=size) if value is None else np.full(size, value)
        items[name] = _floats(values, (1, size))

    def embedding(name: str, count: int) -> None:
        values = random.integers(-60, 60, size=(count, _WIDTH), dtype=np.int8)
        items[name] = (_INTGEMM8, (count, _WIDTH), values.tobytes() + struct.pack("<f", 127.0))

    def norm(name: str) -> None:
        vector(f"{name}_ln_scale", _WIDTH, 1.0)
        vector(f"{name}_ln_bias", _WIDTH, 0.0)

    def attention(name: str) -> None:
        for each in "qkvo":
            matrix(f"{name}_W{each}", _WIDTH, _WIDTH)
            vector(f"{name}_b{each}", _WIDTH)
        norm(f"{name}_Wo")

    def feed_forward(name: str) -> None:
        matrix(f"{name}_W1", _WIDTH, _INNER)
        matrix(f"{name}_W2", _INNER, _WIDTH)
        vector(f"{name}_b1", _INNER)
        vector(f"{name}_b2", _WIDTH)
        norm(f"{name}_ffn")

    for layer in range(1, _LAYERS + 1):
        attention(f"encoder_l{layer}_self")
        feed_forward(f"encoder_l{layer}_ffn")
        matrix(f"decoder_l{layer}_rnn_W", _WIDTH, _WIDTH)
        matrix(f"decoder_l{layer}_rnn_Wf", _WIDTH, _WIDTH)
        vector(f"decoder_l{layer}_rnn_bf", _WIDTH)
        norm(f"decoder_l{layer}_rnn_ffn")
        attention(f"decoder_l{layer}_context")
        feed_forward(f"decoder_l{layer}_ffn")
    source, target = rows
    if split:
        embedding("encoder_Wemb", source)
        embedding("decoder_Wemb", target)
        items["decoder_Wemb_QuantMultA"] = (
            _INTGEMM8,
            (1, 1),
            struct.pack("<bf", 127, 127 / 20.0),
        )
    else:
        embedding("Wemb", target)
        items["none_QuantMultA"] = _floats([20.0], (1, 1))
    # Random weights would choose the end of a sentence (0), or what says nothing, at once.
    bias = random.normal(scale=0.1, size=target)
    bias[: _WORDS if writes == "words" else _BYTES.start] -= 100.0
    if writes == "bytes":
        bias[_BYTES.stop :] -= 100.0
    items["decoder_ff_logit_out_b"] = _floats(bias, (1, target))
    return items


def pack(items: dict[str, Any]) -> bytes:
    """The file of a model."""
    padded = {name: data + bytes(-len(data) % 256) for name, (_, _, data) in items.items()}
    head = struct.pack("<QQ", 1, len(items))
    for name, (kind, shape, _) in items.items():
        head += struct.pack("<QQQQ", len(name) + 1, kind, len(shape), len(padded[name]))
    head += b"".join(name.encode() + b"\0" for name in items)
    head += b"".join(struct.pack(f"<{len(shape)}i", *shape) for _, shape, _ in items.values())
    gap = -(len(head) + 8) % 256
    return head + struct.pack("<Q", gap) + bytes(gap) + b"".join(padded.values())


def write_model(
    folder: Path, *, pair: str = "jaen", split: bool = False, writes: str = "words"
) -> Path:
    """A folder as Firefox Translations has it: model and vocabularies."""
    folder.mkdir(parents=True)
    names = ("srcvocab", "trgvocab") if split else ("vocab",)
    files = [
        write_vocabulary(folder / f"{name}.{pair}.spm", seed=seed)
        for seed, name in enumerate(names)
    ]
    sizes = [
        sentencepiece.SentencePieceProcessor(model_file=str(file)).get_piece_size()
        for file in files
    ]
    model = pack(weights((sizes[0], sizes[-1]), split=split, writes=writes))
    (folder / f"model.{pair}.intgemm.alphas.bin").write_bytes(model)
    return folder


def _floats(values: Any, shape: tuple[int, ...]) -> tuple[int, tuple[int, ...], bytes]:
    return _FLOAT32, shape, np.asarray(values, np.float32).tobytes()


def _config() -> tuple[int, tuple[int, ...], bytes]:
    text = (
        f"dim-emb: {_WIDTH}\ntransformer-heads: {_HEADS}\nenc-depth: {_LAYERS}\n"
        f"dec-depth: {_LAYERS}\ntransformer-dim-ffn: {_INNER}\n"
    )
    data = text.encode() + b"\0"
    return _INT8, (len(data),), data
