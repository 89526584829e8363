"""Cache of includes and data files that templates read."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from content.library.scan import Signature, file_signature
from content.parsing.yaml_values import DataError, parse_data

MAX_BYTES = 4 * 1024 * 1024
DATA_EXTENSIONS = (".yml", ".yaml", ".json", ".csv", ".tsv")

_NOT_IN_KEY = re.compile(r"[^\w\s-]+")


@dataclass(slots=True)
class _File:
    signature: Signature | None
    digest: str  # "" where there is no such file
    text: str | None
    data: Any = None
    error: str | None = None
    is_parsed: bool = False


class BlogFiles:
    """Reads files below the blog's folder, and follows no symbolic links."""

    def __init__(self) -> None:
        self._root: Path | None = None
        self._files: dict[str, _File] = {}
        self._folders: dict[str, tuple[str, tuple[tuple[str, bool], ...]]] = {}

    def set_root(self, root: Path | None) -> None:
        if root != self._root:
            self._root = root
            self._files.clear()
            self._folders.clear()

    def digest(self, name: str) -> str:
        """The SHA-256 of a file; "" if there is no file."""
        return self._get(name).digest

    def text(self, name: str) -> str | None:
        return self._get(name).text

    def data(self, name: str) -> Any:
        """The value of a data file. Raises `DataError`."""
        file = self._get(name)
        if not file.is_parsed and file.text is not None:
            try:
                file.data = parse_data(file.text, Path(name).suffix.lower())
            except DataError as error:
                file.error = str(error)
            file.is_parsed = True
        if file.error is not None:
            raise DataError(f"{name}: {file.error}")
        return file.data

    def folder_digest(self, name: str) -> str:
        """The SHA-256 of the names in a folder."""
        return self._folder(name)[0]

    def data_names(self, folder: str) -> dict[str, tuple[str, bool]]:
        """The keys of a folder in `site.data`: key -> (path, whether it is a folder)."""
        found: dict[str, tuple[str, bool]] = {}
        for name, is_folder in self._folder(folder)[1]:
            stem, dot, extension = name.rpartition(".")
            if not is_folder and (not dot or f".{extension.lower()}" not in DATA_EXTENSIONS):
                continue
            key = re.sub(r"\s+", "_", _NOT_IN_KEY.sub("", name if is_folder else stem))
            found.setdefault(key, (f"{folder}/{name}", is_folder))
        return found

    def refresh(self) -> bool:
        """Drops changed files from the cache; True if there are any."""
        changed = [
            name for name, file in self._files.items() if self._signature(name) != file.signature
        ]
        for name in changed:
            del self._files[name]
        gone = [
            name for name, (digest, _) in self._folders.items() if self._list(name)[0] != digest
        ]
        for name in gone:
            del self._folders[name]
        return bool(changed or gone)

    def _get(self, name: str) -> _File:
        file = self._files.get(name)
        if file is None:
            file = self._files[name] = self._read(name)
        return file

    def _read(self, name: str) -> _File:
        path = self._inside(name)
        signature = file_signature(path) if path else None
        if path is None or signature is None:
            return _File(signature, "", None)
        try:
            opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
        except OSError:
            return _File(signature, "", None)
        with open(opened, "rb") as file:  # noqa: PTH123 - it is open already
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                return _File(signature, "", None)
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            return _File(signature, "", None)
        text = data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
        return _File(signature, hashlib.sha256(data).hexdigest(), text)

    def _signature(self, name: str) -> Signature | None:
        path = self._inside(name)
        return file_signature(path) if path else None

    def _inside(self, name: str) -> Path | None:
        """The path of a file; None if it is outside or a part of it is a symbolic link."""
        if self._root is None or "\0" in name:
            return None
        path = self._root
        for part in name.split("/"):
            if part in ("", ".", ".."):
                return None
            path = path / part
            if path.is_symlink():
                return None
        return path

    def _folder(self, name: str) -> tuple[str, tuple[tuple[str, bool], ...]]:
        found = self._folders.get(name)
        if found is None:
            found = self._folders[name] = self._list(name)
        return found

    def _list(self, name: str) -> tuple[str, tuple[tuple[str, bool], ...]]:
        path = self._inside(name)
        entries: tuple[tuple[str, bool], ...] = ()
        if path is not None:
            try:
                with os.scandir(path) as found:
                    entries = tuple(
                        sorted(
                            (one.name, one.is_dir(follow_symlinks=False))
                            for one in found
                            if not one.is_symlink()
                        )
                    )
            except OSError:
                entries = ()
        return hashlib.sha256(repr(entries).encode()).hexdigest(), entries
