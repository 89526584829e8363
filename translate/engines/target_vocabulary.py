"""Pieces that a package may write: those that a translation into its language can hold.

Most packages have one vocabulary for both of their languages, so that up to half of it can
only make what the gate refuses: Japanese in English or Korean. CTranslate2 leaves such
pieces out of its search where a vocabulary map (`vmap.txt`) does not name them. The map has
one rule, which holds for every sentence, so that a sentence's result does not depend on
those decoded with it, as it would where each word brings candidates of its own.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from translate.quality import gate

_FILES = ("target_vocabulary", "shared_vocabulary")
_LEAST_SHARE = 0.1  # of the vocabulary; below, the map spares less than choosing from it costs
_SEPARATORS = frozenset(" \t\r\n")  # of the map's format


def vocabulary_map(model: Path, language: str) -> str | None:
    """The map of a model's folder; None where it would spare too little, or cannot be made."""
    pieces = _read_vocabulary(model)
    kept = [piece for piece in pieces if not gate.is_foreign(piece, language)]
    if len(pieces) - len(kept) <= _LEAST_SHARE * len(pieces):
        return None
    if any(_SEPARATORS.intersection(piece) for piece in kept):
        return None
    # An empty n-gram of the source stands before what is always a candidate.
    return "\t" + " ".join(kept) + "\n"


@contextmanager
def with_map(model: Path, rules: str) -> Iterator[Path]:
    """A temporary folder, for as long as loading takes, with the model's files and the map.

    Links, because files handed over by `Translator(files=...)` are in memory twice more: 310
    in place of 130 MB at the peak with a package of the official size, 220 afterwards.
    """
    with tempfile.TemporaryDirectory() as folder:
        for file in model.iterdir():
            Path(folder, file.name).symlink_to(file.resolve())
        rule = Path(folder, "vmap.txt")
        rule.unlink(missing_ok=True)
        rule.write_text(rules, encoding="utf-8")
        yield Path(folder)


def _read_vocabulary(model: Path) -> list[str]:
    for name in _FILES:
        with suppress(OSError):
            return list(json.loads((model / f"{name}.json").read_bytes()))
        with suppress(OSError):  # converters before CTranslate2 3.14
            return (model / f"{name}.txt").read_text(encoding="utf-8").split("\n")
    return []
