"""Imports a model folder of Firefox Translations as a package.

The folder holds `model.*.intgemm.alphas.bin` and `vocab.*.spm`, or `srcvocab.*.spm` and
`trgvocab.*.spm` if each language has its own vocabulary. A shortlist (`lex.*.bin`) is not
used: without it the engine scores the whole vocabulary for each word, which is slower and
not worse.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from translate.packages.archive import FIREFOX, PackageError, parse_metadata
from translate.packages.installed import Package, Packages
from translate.packages.marian_file import check_model, read_items
from translate.types import Pair

_MODEL = "model.*.intgemm.alphas.bin"
_SHARED, _SOURCE, _TARGET = "vocab.*.spm", "srcvocab.*.spm", "trgvocab.*.spm"
_NAMED_PAIR = re.compile(r"model\.([a-z]{2})([a-z]{2})\.")  # model.jaen.intgemm.alphas.bin
_COPIED_FILES = ("README.md", "LICENSE")
_MAX_BYTES = 1 << 30


def load_library() -> Any:
    """The module fxtranslate; raises `PackageError` if it is not installed."""
    try:
        return import_module("fxtranslate")
    except ImportError as error:
        remedy = "`pip install 'feedglot[firefox]'`"
        raise PackageError("fxtranslate", "not installed", remedy) from error


def is_firefox(folder: Path) -> bool:
    """Whether the folder holds a model of Firefox Translations, perhaps packed (.gz, .zst)."""
    return any(folder.glob(f"{_MODEL}*"))


def import_firefox(
    packages: Packages, folder: Path, pair: Pair, *, version: str = "1.0"
) -> Package:
    """Installs the model in `folder`; raises `PackageError` if the model cannot run."""
    load_library()  # a package that nothing runs would fail every post
    model = _single_file(folder, _MODEL)
    named = _NAMED_PAIR.match(model.name)
    if named and named.groups() != tuple(code.partition("-")[0] for code in pair):
        remedy = f"`--from {named[1]} --to {named[2]}`, or rename the file"
        raise PackageError(folder, f"{model.name}: not from {pair.source} to {pair.target}", remedy)
    if any(folder.glob(_SHARED)) or not any(folder.glob(_SOURCE)):
        vocabularies = [_single_file(folder, _SHARED)] * 2
    else:
        vocabularies = [_single_file(folder, _SOURCE), _single_file(folder, _TARGET)]
    source, target = (_count_pieces(path) for path in vocabularies)
    check_model(read_items(model.read_bytes(), model), (source, target), model)
    metadata = {
        "package_version": version,
        "type": "translate",
        "engine": FIREFOX,
        "from_code": pair.source,
        "to_code": pair.target,
    }
    text = json.dumps(metadata)
    parse_metadata(text, folder)
    with tempfile.TemporaryDirectory(prefix="feedglot-") as work:
        package_folder = Path(work) / folder.resolve().name
        (package_folder / "model").mkdir(parents=True)
        shutil.copyfile(model, package_folder / "model" / "model.bin")
        for path, name in zip(vocabularies, ("source.spm", "target.spm"), strict=True):
            shutil.copyfile(path, package_folder / name)
        for name in _COPIED_FILES:
            if (folder / name).is_file():
                shutil.copyfile(folder / name, package_folder / name)
        (package_folder / "metadata.json").write_text(text, "utf-8")
        [package] = packages.install_folder(package_folder)
        return package


def _single_file(folder: Path, pattern: str) -> Path:
    """The only file that matches; raises `PackageError` for none, or for several."""
    matches = sorted(folder.glob(pattern))
    if len(matches) != 1:
        reason = f"{pattern}: {f'{len(matches)} files' if matches else 'missing'}"
        is_packed = not matches and any(folder.glob(f"{pattern}.*"))
        remedy = "unpack the files first" if is_packed else "a folder holds the files of one model"
        raise PackageError(folder, reason, remedy)
    [path] = matches
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise PackageError(folder, f"{path.name}: not a file in the folder")
    if path.stat().st_size > _MAX_BYTES:
        raise PackageError(folder, f"{path.name}: too large for a model")
    return path


def _count_pieces(path: Path) -> int:
    import sentencepiece

    try:
        # Given the path, the library reads the file itself and does not say what is wrong; of
        # an empty file it makes a vocabulary without pieces.
        processor = sentencepiece.SentencePieceProcessor(model_proto=path.read_bytes() or b"-")
    except RuntimeError as error:
        remedy = "download it again"
        raise PackageError(path, "not a vocabulary of SentencePiece", remedy) from error
    return int(processor.get_piece_size())
