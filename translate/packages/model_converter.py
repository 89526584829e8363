"""Convert: the models of others made into CTranslate2's, by its own converters."""

from __future__ import annotations

import json
import os
from importlib import import_module
from pathlib import Path
from pickle import UnpicklingError
from zipfile import BadZipFile

from ctranslate2.converters import OpusMTConverter, TransformersConverter
from yaml import YAMLError

from translate.packages.archive import PackageError

# What they raise for weights, vocabularies and configurations that are none.
_UNCONVERTED = (
    ValueError,
    RuntimeError,
    LookupError,
    OSError,
    EOFError,
    AttributeError,
    TypeError,
    BadZipFile,
    UnpicklingError,
    YAMLError,
)


def convert_marian(folder: Path, model: Path) -> None:
    """Converts Marian's folder of OPUS-MT into CTranslate2's `model`; raises `PackageError`."""
    try:
        OpusMTConverter(str(folder)).convert(str(model), quantization="int8")
    except _UNCONVERTED as error:
        raise _unconverted(folder, error) from error


def convert_transformers(folder: Path, model: Path) -> None:
    """The same for a folder of Hugging Face; needs torch and transformers to read it."""
    # What is to be read is in the folder: nothing is looked up.
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        for name in ("torch", "transformers", "safetensors"):
            import_module(name)
    except ImportError as error:
        what = "models of Hugging Face are read with torch and transformers, which are not here"
        remedy = "pip install torch transformers; the service itself does not need them"
        raise PackageError(folder, what, remedy) from error
    broken: type[Exception] = import_module("safetensors").SafetensorError
    try:
        TransformersConverter(str(folder)).convert(str(model), quantization="int8")
        # The tokenizer of transformers ends each sentence itself; Argos' leaves that to this.
        config = model / "config.json"
        told = json.loads(config.read_bytes()) | {"add_source_eos": True}
        config.write_text(json.dumps(told, indent=2), "utf-8")
    except (*_UNCONVERTED, broken) as error:
        raise _unconverted(folder, error) from error


def _unconverted(folder: Path, error: Exception) -> PackageError:
    reason = " ".join(str(error).split()) or type(error).__name__
    return PackageError(folder, f"cannot be converted ({reason:.300})", "get it again")
