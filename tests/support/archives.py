"""Package files for tests."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

from translate.types import Pair

JA_EN = Pair("ja", "en")


def make_archive(
    path: Path,
    pair: Pair = JA_EN,
    version: str = "1.0",
    changes: Mapping[str, bytes | None] | None = None,
) -> Path:
    """A package file with everything a package needs, but no model that could be loaded.

    `changes` replaces a member's content by its name (None leaves it out).
    """
    metadata = {"from_code": pair.source, "to_code": pair.target, "package_version": version}
    members: dict[str, bytes | None] = {
        "metadata.json": json.dumps(metadata).encode(),
        "model/model.bin": b"weights",
        "sentencepiece.model": b"pieces",
        "README.md": b"A package.",
        **(changes or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in members.items():
            if content is not None:
                bundle.writestr(f"top/{name}", content)
    return path
