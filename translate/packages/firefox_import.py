"""A model folder of Firefox Translations, made into a package.

It holds `model.*.intgemm.alphas.bin` and `vocab.*.spm`, or `srcvocab.*.spm` and
`trgvocab.*.spm` where the languages have a vocabulary each. A shortlist (`lex.*.bin`) is not
used: without one the whole vocabulary is looked at for each word, which is slower and no worse.
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
_KEPT = ("README.md", "LICENSE")
_MAX_BYTES = 1 << 30


def is_firefox(folder: Path) -> bool:
    """Does the folder hold a model of Firefox Translations?"""
    return any(folder.glob(_MODEL))


def import_firefox(
    packages: Packages, folder: Path, pair: Pair, *, version: str = "1.0"
) -> Package:
    """Installs the model in `folder`; raises `PackageError` for one that could not run."""
    model = _the_one(folder, _MODEL)
    if any(folder.glob(_SHARED)):
        vocabularies = [_the_one(folder, _SHARED)] * 2
    else:
        vocabularies = [_the_one(folder, _SOURCE), _the_one(folder, _TARGET)]
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
    with tempfile.TemporaryDirectory(prefix="feedglot-") as bench:
        made = Path(bench) / folder.resolve().name
        (made / "model").mkdir(parents=True)
        shutil.copyfile(model, made / "model" / "model.bin")
        for path, name in zip(vocabularies, ("source.spm", "target.spm"), strict=True):
            shutil.copyfile(path, made / name)
        for name in _KEPT:
            if (folder / name).is_file():
                shutil.copyfile(folder / name, made / name)
        (made / "metadata.json").write_text(text, "utf-8")
        [package] = packages.install_folder(made)
        return package


def _the_one(folder: Path, pattern: str) -> Path:
    """The file of that kind; raises `PackageError` where there is none, or several."""
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        reason = f"{pattern}: {'missing' if not found else f'{len(found)} of them'}"
        raise PackageError(folder, reason, "a folder holds the files of one model")
    [path] = found
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise PackageError(folder, f"{path.name}: not a file in the folder")
    if path.stat().st_size > _MAX_BYTES:
        raise PackageError(folder, f"{path.name}: too large for a model")
    return path


def _count_pieces(path: Path) -> int:
    import sentencepiece

    try:
        # The path itself would be read by a library that says nothing of what is wrong.
        processor = sentencepiece.SentencePieceProcessor(model_proto=path.read_bytes())
    except RuntimeError as error:
        raise PackageError(path, "not a vocabulary of SentencePiece", "get it again") from error
    return int(processor.get_piece_size())
