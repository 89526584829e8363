"""Opus: a model folder of OPUS-MT, in either form that it comes in, made into an Argos package.

- Marian's, as OPUS-MT publishes it: decoder.yml, which names the weights (.npz) and the
  vocabularies (.yml), and source.spm, or source.bpe where the model is older.
  https://github.com/Helsinki-NLP/OPUS-MT-train/tree/master/models
- Hugging Face's: config.json, model.safetensors or pytorch_model.bin, vocab.json, source.spm.
  https://huggingface.co/docs/transformers/model_doc/marian
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import yaml

from translate.packages.archive import PackageError, parse_metadata
from translate.packages.installed import Package, Packages
from translate.types import Pair

_KEPT = ("README.md", "LICENSE")  # whose model it is, and on what terms
_PIECES = {"source.spm": "sentencepiece.model", "source.bpe": "bpe.model"}
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_AGAIN = "get the folder again"


def import_opus(
    packages: Packages, folder: Path, pair: Pair, *, version: str = "1.0", prefix: str = ""
) -> Package:
    """Converts the model in `folder` and installs it; raises `PackageError`.

    `prefix` is what a model of several languages is told its target by, such as `>>kor<<`,
    before each sentence. The weights are stored in int8, as in Argos' own packages.
    """
    pieces = check_opus(folder)
    metadata: dict[str, Any] = {
        "package_version": version,
        "argos_version": "1.9",
        "type": "translate",
        "from_code": pair.source,
        "to_code": pair.target,
    }
    if prefix:
        metadata["source_prefix"] = prefix
    text = json.dumps(metadata)
    parse_metadata(text, folder)
    from translate.packages.model_converter import (  # load CTranslate2
        convert_marian,
        convert_transformers,
    )

    convert = convert_marian if _is_marian(folder) else convert_transformers
    with tempfile.TemporaryDirectory(prefix="feedglot-") as bench:
        made = Path(bench) / folder.resolve().name
        made.mkdir()
        convert(folder, made / "model")
        # Argos reads and writes with one model of pieces. What the target's has beyond it is
        # written as the piece says.
        shutil.copyfile(folder / pieces, made / _PIECES[pieces])
        for name in _KEPT:
            if (folder / name).is_file():
                shutil.copyfile(folder / name, made / name)
        (made / "metadata.json").write_text(text, "utf-8")
        (package,) = packages.install_folder(made)
        return package


def check_opus(folder: Path) -> str:
    """The name of the file of pieces; raises `PackageError` for what is not all there."""
    if _is_marian(folder):
        needed = _named_by_decoder(folder)
    elif any((folder / name).is_file() for name in ("config.json", *_WEIGHTS)):
        needed = _needed_by_transformers(folder)
    else:
        remedy = "a folder of OPUS-MT has decoder.yml, or config.json where it is of Hugging Face"
        raise PackageError(folder, "decoder.yml: missing", remedy)
    pieces = next((name for name in _PIECES if (folder / name).is_file()), "source.spm")
    for name in (*needed, pieces):
        if not (folder / name).resolve().is_relative_to(folder.resolve()):
            raise PackageError(folder, f"{name!r:.80}: leads out of the folder")
        if not (folder / name).is_file():
            raise PackageError(folder, f"{name}: missing", _AGAIN)
    return pieces


def _is_marian(folder: Path) -> bool:
    return (folder / "decoder.yml").is_file()


def _named_by_decoder(folder: Path) -> list[str]:
    try:
        told = yaml.safe_load((folder / "decoder.yml").read_text("utf-8"))
        weights, vocabularies = map(str, told["models"]), map(str, told["vocabs"])
        named = [*weights, *vocabularies]
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        what = "decoder.yml: names no models and vocabs"
        raise PackageError(folder, what, _AGAIN) from error
    if len(told["models"]) != 1 or not named[0].endswith(".npz"):
        raise PackageError(folder, "decoder.yml: not one model in a file of .npz")
    return named


def _needed_by_transformers(folder: Path) -> list[str]:
    try:
        kind = json.loads((folder / "config.json").read_bytes())["model_type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PackageError(folder, "config.json: names no model_type", _AGAIN) from error
    if kind != "marian":
        what = f"config.json: a model of the type {kind!r:.40}"
        raise PackageError(folder, what, "take one of OPUS-MT: its type is marian")
    weights = next((name for name in _WEIGHTS if (folder / name).is_file()), _WEIGHTS[0])
    return [weights, "vocab.json"]
