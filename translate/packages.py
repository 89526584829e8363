"""Packages: which translation models are installed, and where.

No model is opened here, and neither CTranslate2 nor Argos Translate is imported: the web
workers list packages too.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from packaging.version import Version

from translate.archive import (
    ATTENTION,
    RECORD,
    PackageError,
    find_missing,
    hash_file,
    load_metadata,
    read_metadata,
    unpack_archive,
)
from translate.types import Hop, NoPathError, Pair

log = logging.getLogger(__name__)

STARTER = Path(__file__).with_name("starter")
SUFFIX = ".argosmodel"
_MAX_HOPS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """One installed package. A starter package is unpacked when it is first needed."""

    pair: Pair
    name: str
    version: str
    starter: bool
    path: Path  # the unpacked folder, or where the starter archive will be unpacked
    archive: Path | None  # the starter archive; None: unpacked for good
    checksum: str  # sha256 of the archive it came from; see `Packages.installed`

    @property
    def hop(self) -> Hop:
        return Hop(pair=self.pair, name=self.name, version=self.version, starter=self.starter)


class Packages:
    """The packages of one installation: a folder of unpacked ones, and the starter set.

    `unpack` is where starter archives are unpacked, because CTranslate2 needs files.
    Any number of processes may read, install and unpack at once.
    """

    def __init__(self, folder: Path, starter: Path = STARTER, *, unpack: Path) -> None:
        self.folder = folder
        self.starter = starter
        self.unpack = unpack
        self._starters: dict[Path, tuple[tuple[int, int], Package]] = {}

    # What is there

    def installed(self) -> tuple[Package, ...]:
        """Every usable package, by name; read from disk each time, in under a millisecond.

        Folders that are no package are left out (`verify` names them). A folder put there
        by hand, without a record of where it came from, has a checksum made of its files'
        sizes and times.
        """
        found = [self._load_folder(path) for path in _folders(self.folder)]
        found += [self._load_starter(path) for path in _archives(self.starter)]
        return tuple(sorted((p for p in found if p), key=lambda p: (p.starter, p.name)))

    def fingerprint(self) -> str:
        """Changes whenever a package comes, goes or is replaced."""
        facts = [[p.name, p.version, p.starter, p.checksum] for p in self.installed()]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def get(self, name: str) -> Package:
        """The package of that name; an installed one before a starter one."""
        for package in self.installed():
            if package.name == name:
                return package
        raise PackageError(name, "no such package", "see `flask models list`")

    def unpacked(self, package: Package) -> Path:
        """The folder with the package's files, unpacked now if it was not before.

        Two processes may start at once: each unpacks into a folder of its own, and the
        first to finish gives it the name; the other takes what is there.
        """
        if package.archive is None or package.path.is_dir():
            return package.path
        try:
            with self._workbench(self.unpack) as bench:
                unpack_archive(package.archive, bench / "new")
                with suppress(FileExistsError, OSError):
                    os.rename(bench / "new", package.path)  # noqa: PTH104 (fails if taken)
        except OSError as error:
            raise PackageError(
                self.unpack,
                f"cannot unpack {package.archive.name} here ({error.strerror})",
                "make FEEDS_PACKAGES_DIR writable for the service",
            ) from error
        if not package.path.is_dir():
            raise PackageError(package.path, "could not be put in place", "look at the disk")
        return package.path

    # How it is kept

    def _load_folder(self, path: Path) -> Package | None:
        if find_missing(path):
            return None
        try:
            metadata = load_metadata(path)
        except PackageError:
            return None
        return Package(
            pair=metadata.pair,
            name=path.name,
            version=metadata.version,
            starter=False,
            path=path,
            archive=None,
            checksum=_read_record(path).get("sha256") or _stat_checksum(path),
        )

    def _load_starter(self, archive: Path) -> Package | None:
        # Reading and hashing ten megabytes takes 10 ms; once per file and process is enough.
        facts = archive.stat()
        key = (facts.st_mtime_ns, facts.st_size)
        known = self._starters.get(archive)
        if known and known[0] == key:
            return known[1]
        try:
            metadata, _ = read_metadata(archive)
        except PackageError as error:
            log.warning("starter package left out: %s", error)
            return None
        checksum = hash_file(archive)
        package = Package(
            pair=metadata.pair,
            name=archive.stem,
            version=metadata.version,
            starter=True,
            path=self.unpack / f"{archive.stem}-{checksum[:16]}",
            archive=archive,
            checksum=checksum,
        )
        self._starters[archive] = (key, package)
        return package

    @contextmanager
    def _workbench(self, folder: Path) -> Iterator[Path]:
        """A folder to build in, on the same disk as the place where the work will stand."""
        folder.mkdir(parents=True, exist_ok=True)
        bench = Path(mkdtemp(prefix=".work-", dir=folder))
        try:
            yield bench
        finally:
            shutil.rmtree(bench, ignore_errors=True)


def find_path(
    packages: Iterable[Package], pair: Pair, preferences: Mapping[str, str] | None = None
) -> tuple[Hop, ...]:
    """The packages to translate with, in order; raises `NoPathError`.

    The shortest path wins; at equal length the one with fewer starter packages; for one
    pair the newest version. `preferences` comes before all of that: for a target language,
    words that name packages to use or languages to go through (`{"ko": "en"}`: through
    English even where a direct package is there). What can't be had is passed over.
    """
    wanted = set((preferences or {}).get(pair.target, "").replace(",", " ").split())

    def rank(package: Package) -> tuple[bool, bool, Version, str]:
        newest = Version(package.version)
        return package.name in wanted, not package.starter, newest, package.name

    best: dict[Pair, Package] = {}
    for package in packages:
        if package.pair not in best or rank(package) > rank(best[package.pair]):
            best[package.pair] = package
    paths = list(_walk(best, (), pair))
    if not paths:
        raise NoPathError(pair)

    def cost(path: Sequence[Package]) -> tuple[int, int, int, list[str]]:
        met = wanted & ({p.name for p in path} | {p.pair.source for p in path[1:]})
        return -len(met), len(path), sum(p.starter for p in path), [p.name for p in path]

    return tuple(package.hop for package in min(paths, key=cost))


def _walk(
    best: Mapping[Pair, Package], path: tuple[Package, ...], pair: Pair
) -> Iterator[tuple[Package, ...]]:
    """Every way from the pair's source to its target that visits no language twice."""
    been = {package.pair.source for package in path} | {pair.source}
    for step, package in best.items():
        if step.source != pair.source or step.target in been:
            continue
        if step.target == pair.target:
            yield (*path, package)
        elif len(path) + 1 < _MAX_HOPS:
            yield from _walk(best, (*path, package), Pair(step.target, pair.target))


def _folders(folder: Path) -> list[Path]:
    return [p for p in _listed(folder) if p.is_dir() and not p.name.startswith(".")]


def _archives(folder: Path) -> list[Path]:
    return [p for p in _listed(folder) if p.suffix == SUFFIX and p.is_file()]


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []


def _read_record(folder: Path) -> dict[str, Any]:
    """What was recorded when the package was installed; empty for one put there by hand."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _stat_checksum(folder: Path) -> str:
    facts = []
    for path in _package_files(folder):
        stat = path.stat()
        facts.append([str(path.relative_to(folder)), stat.st_size, stat.st_mtime_ns])
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _package_files(folder: Path) -> list[Path]:
    ours = {folder / RECORD, folder / ATTENTION}
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path not in ours]
