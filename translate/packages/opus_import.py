"""Imports a model folder of OPUS-MT, in one of its two forms, as an Argos package.

- Marian's, as OPUS-MT publishes it: decoder.yml, which names the weights (.npz) and the
  vocabularies (.yml), and source.spm, or source.bpe in older models.
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

_COPIED_FILES = ("README.md", "LICENSE")  # author and licence of the model
_PIECES = {"source.spm": "sentencepiece.model", "source.bpe": "bpe.model"}
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_REMEDY = "download the folder again"


def import_opus(
    packages: Packages, folder: Path, pair: Pair, *, version: str = "1.0", prefix: str = ""
) -> Package:
    """Converts the model in `folder` and installs it; raises `PackageError`.

    `prefix` is the token that a model of several target languages needs before each sentence,
    such as `>>kor<<`. The weights are stored in int8, as in Argos packages.
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
    with tempfile.TemporaryDirectory(prefix="feedglot-") as work:
        package_folder = Path(work) / folder.resolve().name
        package_folder.mkdir()
        convert(folder, package_folder / "model")
        # Argos encodes and decodes with one SentencePiece model. Pieces that only the target's
        # model has are decoded as they are spelt.
        shutil.copyfile(folder / pieces, package_folder / _PIECES[pieces])
        for name in _COPIED_FILES:
            if (folder / name).is_file():
                shutil.copyfile(folder / name, package_folder / name)
        (package_folder / "metadata.json").write_text(text, "utf-8")
        (package,) = packages.install_folder(package_folder)
        return package


def check_opus(folder: Path) -> str:
    """Name of the file with the pieces; raises `PackageError` for an incomplete folder."""
    if _is_marian(folder):
        needed = _named_by_decoder(folder)
    elif any((folder / name).is_file() for name in ("config.json", *_WEIGHTS)):
        needed = _needed_by_transformers(folder)
    else:
        remedy = (
            "an OPUS-MT folder has decoder.yml, or config.json if it is from Hugging Face; a "
            "folder of Firefox has model.*.intgemm.alphas.bin"
        )
        raise PackageError(folder, "decoder.yml: missing", remedy)
    pieces = next((name for name in _PIECES if (folder / name).is_file()), "source.spm")
    for name in (*needed, pieces):
        if not (folder / name).resolve().is_relative_to(folder.resolve()):
            raise PackageError(folder, f"{name!r:.80}: leads out of the folder")
        if not (folder / name).is_file():
            raise PackageError(folder, f"{name}: missing", _REMEDY)
    return pieces


def _is_marian(folder: Path) -> bool:
    return (folder / "decoder.yml").is_file()


def _named_by_decoder(folder: Path) -> list[str]:
    try:
        decoder = yaml.safe_load((folder / "decoder.yml").read_text("utf-8"))
        weights, vocabularies = map(str, decoder["models"]), map(str, decoder["vocabs"])
        files = [*weights, *vocabularies]
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        what = "decoder.yml: names no models and vocabs"
        raise PackageError(folder, what, _REMEDY) from error
    if len(decoder["models"]) != 1 or not files[0].endswith(".npz"):
        raise PackageError(folder, "decoder.yml: must name exactly one model, an .npz file")
    return files


def _needed_by_transformers(folder: Path) -> list[str]:
    try:
        kind = json.loads((folder / "config.json").read_bytes())["model_type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PackageError(folder, "config.json: names no model_type", _REMEDY) from error
    if kind != "marian":
        what = f"config.json: a model of the type {kind!r:.40}"
        raise PackageError(folder, what, "use a model of OPUS-MT: its type is marian")
    weights = next((name for name in _WEIGHTS if (folder / name).is_file()), _WEIGHTS[0])
    return [weights, "vocab.json"]
