"""A trained model as an Argos package, the attention chosen that finds words best.

    python -m training.package data/ja_en out/ja_en 1.0 packages --readme ja_en.md \\
        --essays essays.jsonl.xz

Several folders of weights, such as those of processes that trained one model, are averaged.
Links in posts are put back by the attention of one head. Which one is tried on names and
numbers that an essay and its translation share; the chosen head becomes the first one of
its layer, since CTranslate2 returns the first heads of a layer and no other.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import sentencepiece
from ctranslate2.specs import common_spec, transformer_spec

from training import corpus
from training.corpus import Row
from translate.engines.argos import ArgosEngine
from translate.engines.canaries import judge_attention
from translate.packages.installed import SUFFIX, Packages
from translate.types import Hypothesis

LANGUAGES = {"ja": "Japanese", "en": "English", "ko": "Korean"}
Weights = Mapping[str, Any]
_POSITIONS = 1536  # a model that loops is stopped long before
# CTranslate2's own tokens, by the ids that `training.model` gives them.
_TOKENS = {
    "unk_token": "<unk>",
    "bos_token": "<s>",
    "eos_token": "</s>",
    "decoder_start_token": "<s>",
    "add_source_bos": False,
    "add_source_eos": False,
}


class Head(NamedTuple):
    """One head of the decoder's attention over the source."""

    layer: int
    head: int
    also: tuple[int, ...] = ()  # heads of the layer whose attention is averaged with it


class Trial(NamedTuple):
    """How many of the copied words the attention of a head found."""

    head: Head
    found: int
    tried: int


def load_weights(folders: Sequence[Path]) -> dict[str, Any]:
    """The weights that trainings left; the mean of several."""
    every = [dict(np.load(folder / "weights.npz")) for folder in folders]
    sizes = [{n: int(v) for n, v in one.items() if n.startswith("size.")} for one in every]
    if any(size != sizes[0] for size in sizes):
        raise SystemExit(f"models of several sizes: {', '.join(map(str, folders))}")
    return {
        name: value if name in sizes[0] else np.mean([one[name] for one in every], 0, np.float32)
        for name, value in every[0].items()
    }


def make_spec(weights: Weights, pieces: Sequence[str], head: Head) -> Any:
    """What CTranslate2 makes a model of; `head` is the one whose attention it returns."""
    # To quantise a spec scales its arrays where they are.
    weights = {name: np.array(value) for name, value in weights.items()}
    size = {name.removeprefix("size."): int(weights[name]) for name in weights if "size." in name}
    spec = transformer_spec.TransformerSpec.from_config(
        (size["encoder"], size["decoder"]),
        size["heads"],
        pre_norm=True,
        activation=common_spec.Activation.RELU,
        alignment_layer=head.layer,
        alignment_heads=1 + len(head.also),
    )
    embedding = weights["embedding.weight"]
    spec.encoder.embeddings[0].weight = embedding
    spec.decoder.embeddings.weight = embedding
    spec.decoder.projection.weight = embedding
    spec.decoder.projection.bias = weights["bias"]
    for name, side in (("encoder", spec.encoder), ("decoder", spec.decoder)):
        side.scale_embeddings = True
        side.position_encodings.encodings = _positions(size["width"])
        _norm(side.layer_norm, weights, f"{name}_norm")
        for place, layer in enumerate(side.layer):
            at = f"{name}.{place}."
            own = layer.self_attention
            _norm(own.layer_norm, weights, at + "self_norm")
            _linear(own.linear[0], weights, at + "self_attention.all")
            _linear(own.linear[1], weights, at + "self_attention.out")
            if name == "decoder":
                first = (head.head, *head.also) if place == head.layer else ()
                order = _heads_in_order(size["heads"], first)
                _cross(layer.attention, weights, at, order)
            _norm(layer.ffn.layer_norm, weights, at + "inner_norm")
            _linear(layer.ffn.linear_0, weights, at + "inner")
            _linear(layer.ffn.linear_1, weights, at + "outer")
    spec.register_source_vocabulary(list(pieces))
    spec.register_target_vocabulary(list(pieces))
    for name, value in _TOKENS.items():
        setattr(spec.config, name, value)
    spec.validate()
    spec.optimize(quantization="int8")
    return spec


def write_package(
    archive: Path,
    weights: Weights,
    vocabulary: Path,
    pair: str,
    version: str,
    readme: str,
    head: Head,
) -> None:
    """Writes the archive; the same weights give the same bytes."""
    processor = sentencepiece.SentencePieceProcessor(model_file=str(vocabulary))
    pieces = [processor.id_to_piece(place) for place in range(processor.get_piece_size())]
    source, _, target = pair.partition("_")
    metadata = {
        "package_version": version,
        "argos_version": "1.9",
        "from_code": source,
        "from_name": LANGUAGES.get(source, source),
        "to_code": target,
        "to_name": LANGUAGES.get(target, target),
    }
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, archive.stem)
        (root / "model").mkdir(parents=True)
        make_spec(weights, pieces, head).save(str(root / "model"))
        (root / "sentencepiece.model").write_bytes(vocabulary.read_bytes())
        (root / "metadata.json").write_text(json.dumps(metadata, indent=1), encoding="utf-8")
        (root / "README.md").write_text(readme, encoding="utf-8")
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
            for path in sorted(path for path in root.rglob("*") if path.is_file()):
                entry = zipfile.ZipInfo(str(path.relative_to(folder)))
                entry.external_attr = 0o644 << 16
                zipped.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def try_heads(weights: Weights, vocabulary: Path, pair: str, rows: Sequence[Row]) -> list[Trial]:
    """What the attention of each head finds of the words that rows have on both sides."""
    trials = []
    for layer in range(int(weights["size.decoder"])):
        for place in range(int(weights["size.heads"])):
            head = Head(layer, place)
            with tempfile.TemporaryDirectory() as folder:
                starter = Path(folder, "starter")
                starter.mkdir()
                archive = starter / f"translate-{pair}-0{SUFFIX}"
                write_package(archive, weights, vocabulary, pair, "0", "", head)
                packages = Packages(Path(folder, "none"), starter, unpack=Path(folder, "unpacked"))
                [package] = packages.installed()
                engine = ArgosEngine(packages, threads=1)
                said = [
                    Hypothesis(row.target, 0.0, engine.align(package.hop, row.source, row.target))
                    for row in rows
                ]
            trials.append(Trial(head, *judge_attention([row.source for row in rows], said)))
    return trials


def _norm(spec: Any, weights: Weights, name: str) -> None:
    spec.gamma, spec.beta = weights[f"{name}.weight"], weights[f"{name}.bias"]


def _linear(spec: Any, weights: Weights, name: str) -> None:
    spec.weight, spec.bias = weights[f"{name}.weight"], weights[f"{name}.bias"]


def _cross(spec: Any, weights: Weights, at: str, order: Sequence[int]) -> None:
    """The attention over the source, its heads in the order given."""
    _norm(spec.layer_norm, weights, at + "cross_norm")
    at += "cross_attention."
    query, memory, out = spec.linear
    query.weight = _reordered(weights[at + "query.weight"], order)
    query.bias = _reordered(weights[at + "query.bias"], order)
    memory.weight, memory.bias = (
        np.concatenate([_reordered(half, order) for half in np.split(weights[at + name], 2)])
        for name in ("memory.weight", "memory.bias")
    )
    out.weight = np.ascontiguousarray(_reordered(weights[at + "out.weight"].T, order).T)
    out.bias = weights[at + "out.bias"]


def _reordered(rows: Any, order: Sequence[int]) -> Any:
    return np.concatenate([np.split(rows, len(order))[head] for head in order])


def _heads_in_order(count: int, first: Sequence[int]) -> list[int]:
    return [*first, *(head for head in range(count) if head not in first)]


def _positions(width: int) -> Any:
    """As `training.model.positions`, for more places."""
    half = width // 2
    rates = np.exp(np.arange(half) * (-np.log(10_000.0) / (half - 1)))
    angles = np.arange(_POSITIONS)[:, None] * rates
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    made.add_argument("data", type=Path, help="the folder that training.prepare wrote")
    made.add_argument("trained", type=Path, nargs="+", help="folders that training.train wrote")
    made.add_argument("version")
    made.add_argument("out", type=Path, help="where the package goes")
    made.add_argument("--readme", type=Path, required=True, help="becomes the package's README.md")
    made.add_argument("--essays", type=Path, nargs="*", default=[], help="to choose a head with")
    made.add_argument(
        "--also", type=int, nargs="*", default=[], help="heads of its layer averaged with it"
    )
    return made


def main() -> None:
    options = parser().parse_args()
    pair = json.loads((options.data / "meta.json").read_text("utf-8"))["pair"]
    vocabulary = options.data / "spm.model"
    weights = load_weights(options.trained)
    head = Head(int(weights["size.decoder"]) - 1, 0)
    source, _, target = pair.partition("_")
    rows = [row for path in options.essays for row in corpus.read_essays(path, source, target)]
    copied = [row for row in rows if judgeable(row)][:400]
    if copied:
        trials = try_heads(weights, vocabulary, pair, copied)
        for trial in trials:
            print(
                f"layer {trial.head.layer}, head {trial.head.head}: "
                f"{trial.found} of {trial.tried} copied words found"
            )
        head = max(trials, key=lambda trial: trial.found).head
    head = head._replace(also=tuple(options.also))
    options.out.mkdir(parents=True, exist_ok=True)
    archive = options.out / f"translate-{pair}-{options.version.replace('.', '_')}{SUFFIX}"
    readme = options.readme.read_text("utf-8")
    write_package(archive, weights, vocabulary, pair, options.version, readme, head)
    print(f"{archive}: {archive.stat().st_size / 1e6:.1f} MB, attention of {head}")


def judgeable(row: Row) -> bool:
    """Whether a row has a name or a number on both sides."""
    words = set(row.source.split()) | {row.source}
    return any(c.isascii() and c.isalnum() for word in words for c in word) and len(row.source) > 12


if __name__ == "__main__":
    main()
