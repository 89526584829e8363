"""Imports a model folder of Firefox Translations as a package.

The folder holds `model.*.intgemm.alphas.bin` and `vocab.*.spm`, or `srcvocab.*.spm` and
`trgvocab.*.spm` if each language has its own vocabulary. A shortlist (`lex.*.bin`) is not
used: without it the engine scores the whole vocabulary for each word, which is slower and
not worse.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from translate.packages.archive import FIREFOX, PackageError, parse_metadata
from translate.packages.installed import Package, Packages
from translate.packages.marian_file import check_model, read_items
from translate.types import Pair

_MODEL = "model.*.intgemm.alphas.bin"
_SHARED, _SOURCE, _TARGET = "vocab.*.spm", "srcvocab.*.spm", "trgvocab.*.spm"
_COPIED_FILES = ("README.md", "LICENSE")
_MAX_BYTES = 1 << 30


def is_firefox(folder: Path) -> bool:
    """Whether the folder holds a model of Firefox Translations."""
    return any(folder.glob(_MODEL))


def import_firefox(
    packages: Packages, folder: Path, pair: Pair, *, version: str = "1.0"
) -> Package:
    """Installs the model in `folder`; raises `PackageError` if the model cannot run."""
    model = _single_file(folder, _MODEL)
    if any(folder.glob(_SHARED)):
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
        raise PackageError(folder, reason, "a folder holds the files of one model")
    [path] = matches
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise PackageError(folder, f"{path.name}: not a file in the folder")
    if path.stat().st_size > _MAX_BYTES:
        raise PackageError(folder, f"{path.name}: too large for a model")
    return path


def _count_pieces(path: Path) -> int:
    import sentencepiece

    try:
        # Given the path, the library reads the file itself and does not say what is wrong.
        processor = sentencepiece.SentencePieceProcessor(model_proto=path.read_bytes())
    except RuntimeError as error:
        remedy = "download it again"
        raise PackageError(path, "not a vocabulary of SentencePiece", remedy) from error
    return int(processor.get_piece_size())
