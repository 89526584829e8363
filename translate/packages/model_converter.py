"""Converts models of Marian and Hugging Face for CTranslate2, with CTranslate2's converters."""

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

# The converters raise these for invalid weights, vocabularies and configurations.
_CONVERSION_ERRORS = (
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
    """Converts a Marian folder of OPUS-MT to the folder `model`; raises `PackageError`."""
    try:
        OpusMTConverter(str(folder)).convert(str(model), quantization="int8")
    except _CONVERSION_ERRORS as error:
        raise _conversion_error(folder, error) from error


def convert_transformers(folder: Path, model: Path) -> None:
    """Converts a Hugging Face folder to the folder `model`; needs torch and transformers."""
    # All files are in the folder: no look-ups on the network.
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        for name in ("torch", "transformers", "safetensors"):
            import_module(name)
    except ImportError as error:
        what = "a model of Hugging Face needs torch and transformers, which are not installed"
        remedy = "pip install torch transformers; the service itself does not need them"
        raise PackageError(folder, what, remedy) from error
    broken: type[Exception] = import_module("safetensors").SafetensorError
    try:
        TransformersConverter(str(folder)).convert(str(model), quantization="int8")
        # The tokenizer of transformers appends the end-of-sentence token; Argos' does not.
        config = model / "config.json"
        config_fields = json.loads(config.read_bytes()) | {"add_source_eos": True}
        config.write_text(json.dumps(config_fields, indent=2), "utf-8")
    except (*_CONVERSION_ERRORS, broken) as error:
        raise _conversion_error(folder, error) from error


def _conversion_error(folder: Path, error: Exception) -> PackageError:
    reason = " ".join(str(error).split()) or type(error).__name__
    return PackageError(folder, f"cannot be converted ({reason:.300})", "download it again")
