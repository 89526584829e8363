"""The record of a package: its source, the sha256 of its archive and of each file.

Written when the package is unpacked. It is a file in the package's folder, so that both are
installed, replaced and removed in one step.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from translate.packages.archive import (
    ATTENTION,
    RECORD,
    SIGNS,
    PackageError,
    find_missing,
    hash_file,
    load_metadata,
)


def read_record(folder: Path) -> dict[str, Any]:
    """The record of a package; empty for a folder that was copied there by hand."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def write_record(folder: Path, sha256: str | None, source: str) -> None:
    """Writes the record. `sha256` is the archive's; None: a hash of the files' checksums."""
    files = {str(path.relative_to(folder)): hash_file(path) for path in _package_files(folder)}
    if sha256 is None:
        sha256 = hashlib.sha256(json.dumps(files).encode()).hexdigest()
    record = {"sha256": sha256, "source": source, "files": files}
    (folder / RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")


def find_damage(folder: Path) -> str | None:
    """The problem of an unpacked package, as a message; None: no problem found."""
    if missing := find_missing(folder):
        return f"{missing}: missing: install it again"
    try:
        load_metadata(folder)
    except PackageError as error:
        return str(error)
    files = read_record(folder).get("files")
    for name, checksum in files.items() if isinstance(files, dict) else ():
        if not (folder / name).is_file():
            return f"{name}: missing: install it again"
        if hash_file(folder / name) != checksum:
            return f"{name}: changed since it was installed: install it again"
    return None


def stat_checksum(folder: Path) -> str:
    """Checksum of a package without a record, from its files' sizes and times."""
    facts = []
    for path in _package_files(folder):
        stat = path.stat()
        facts.append([str(path.relative_to(folder)), stat.st_size, stat.st_mtime_ns])
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _package_files(folder: Path) -> list[Path]:
    own_files = {folder / RECORD, folder / ATTENTION, folder / SIGNS}
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path not in own_files]
