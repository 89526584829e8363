"""Opus: a model folder as OPUS-MT publishes it (Marian's), made into an Argos package.

Such a folder has decoder.yml, which names the weights (.npz) and the vocabularies (.yml), and
source.spm. https://github.com/Helsinki-NLP/OPUS-MT-train/tree/master/models
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import yaml

from translate.archive import PackageError, parse_metadata
from translate.packages import Package, Packages
from translate.types import Pair

_KEPT = ("README.md", "LICENSE")  # whose model it is, and on what terms


def import_opus(
    packages: Packages, folder: Path, pair: Pair, *, version: str = "1.0", prefix: str = ""
) -> Package:
    """Converts the model in `folder` and installs it; raises `PackageError`.

    `prefix` is the first token by which a model of several languages is told its target,
    such as `>>kor<<`. The weights are stored in int8, as in Argos' own packages.
    """
    check_opus(folder)
    metadata: dict[str, Any] = {
        "package_version": version,
        "argos_version": "1.9",
        "type": "translate",
        "from_code": pair.source,
        "to_code": pair.target,
    }
    if prefix:
        metadata["target_prefix"] = prefix
    text = json.dumps(metadata)
    parse_metadata(text, folder)
    from translate.argos import convert_opus  # loads CTranslate2

    with tempfile.TemporaryDirectory(prefix="feedglot-") as bench:
        made = Path(bench) / folder.resolve().name
        made.mkdir()
        convert_opus(folder, made / "model")
        # Argos reads and writes with one model of pieces. What the target's has beyond it is
        # written as the piece says.
        shutil.copyfile(folder / "source.spm", made / "sentencepiece.model")
        for name in _KEPT:
            if (folder / name).is_file():
                shutil.copyfile(folder / name, made / name)
        (made / "metadata.json").write_text(text, "utf-8")
        (package,) = packages.install_folder(made)
        return package


def check_opus(folder: Path) -> None:
    """Refuses, with `PackageError`, what is no such folder, or not all of it."""
    decoder = folder / "decoder.yml"
    if not decoder.is_file():
        remedy = "a folder of OPUS-MT has decoder.yml, weights (.npz), vocabularies and source.spm"
        if any((folder / name).is_file() for name in ("pytorch_model.bin", "model.safetensors")):
            remedy = "that is a model for transformers: get the original one from OPUS-MT"
        raise PackageError(folder, "decoder.yml: missing", remedy)
    try:
        told = yaml.safe_load(decoder.read_text("utf-8"))
        named = [*told["models"], *told["vocabs"]]
        weights = [str(name) for name in told["models"]]
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        what = "decoder.yml: names no models and vocabs"
        raise PackageError(folder, what, "get the folder again") from error
    if len(weights) != 1 or not weights[0].endswith(".npz"):
        raise PackageError(folder, "decoder.yml: not one model in a file of .npz")
    if not (folder / "source.spm").is_file() and (folder / "source.bpe").is_file():
        raise PackageError(folder, "source.bpe: models with BPE cannot be imported", "take a .spm")
    for name in (*map(str, named), "source.spm"):
        if not (folder / name).resolve().is_relative_to(folder.resolve()):
            raise PackageError(folder, f"{name!r:.80}: leads out of the folder")
        if not (folder / name).is_file():
            raise PackageError(folder, f"{name}: missing", "get the folder again")
