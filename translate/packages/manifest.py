"""Record: what is written down beside a package's files when it is unpacked.

Where it came from, the sha256 of its archive, and that of each file. It lies inside the
package's folder, so that the two are put in place, replaced and removed in one step.
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
    """What was recorded when the package was installed; empty for one put there by hand."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def write_record(folder: Path, sha256: str | None, source: str) -> None:
    """Records what the package's files hash to. Without an archive's `sha256`, that of theirs."""
    files = {str(path.relative_to(folder)): hash_file(path) for path in _package_files(folder)}
    if sha256 is None:
        sha256 = hashlib.sha256(json.dumps(files).encode()).hexdigest()
    record = {"sha256": sha256, "source": source, "files": files}
    (folder / RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")


def find_damage(folder: Path) -> str | None:
    """What is wrong with an unpacked package, for people; None: nothing that we could see."""
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
    """What stands for the checksum of a package without a record: its files' sizes and times."""
    facts = []
    for path in _package_files(folder):
        stat = path.stat()
        facts.append([str(path.relative_to(folder)), stat.st_size, stat.st_mtime_ns])
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _package_files(folder: Path) -> list[Path]:
    ours = {folder / RECORD, folder / ATTENTION, folder / SIGNS}
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path not in ours]
