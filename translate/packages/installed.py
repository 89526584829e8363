"""Packages: which translation models are installed, and where.

No model is opened here, and neither CTranslate2 nor Argos Translate is imported: the web
workers list packages too.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from infra.command_name import command_line
from translate.packages.archive import (
    ARGOS,
    Metadata,
    PackageError,
    check_archive,
    copy_folder,
    find_missing,
    hash_file,
    load_metadata,
    read_metadata,
    unpack_archive,
)
from translate.packages.manifest import find_damage, read_record, stat_checksum, write_record
from translate.types import Hop, Pair

log = logging.getLogger(__name__)

STARTER = Path(__file__).parents[1] / "starter"
SUFFIX = ".argosmodel"


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
    engine: str = ARGOS

    @property
    def hop(self) -> Hop:
        return Hop(pair=self.pair, name=self.name, version=self.version, starter=self.starter)


class Checked(NamedTuple):
    """What `Packages.verify` found of one package."""

    name: str
    starter: bool
    problem: str | None  # None: as it was installed


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
        raise PackageError(name, "no such package", f"see `{command_line('models list')}`")

    def unpacked(self, package: Package) -> Path:
        """The folder with the package's files; a starter package is unpacked by its first user.

        When two processes start at once, one unpacks and the other waits for it.
        """
        if package.archive is None or package.path.is_dir():
            return package.path
        with _workbench(self.unpack) as bench:
            if not package.path.is_dir():
                unpack_archive(package.archive, bench / "new")
                write_record(bench / "new", package.checksum, package.archive.name)
                (bench / "new").rename(package.path)
        return package.path

    def verify(self) -> tuple[Checked, ...]:
        """Every package compared with what was recorded when it was installed.

        Reads all files: seconds for large packages.
        """
        checked = []
        for folder in _folders(self.folder):
            checked.append(Checked(folder.name, False, find_damage(folder)))
        for archive in _archives(self.starter):
            checked.append(Checked(archive.stem, True, self._find_starter_damage(archive)))
        return tuple(checked)

    # How it changes

    def install(self, path: Path, languages: Sequence[str] | None = None) -> tuple[Package, ...]:
        """Installs a package file, an unpacked package, or a folder of package files."""
        if path.is_dir():
            return self.install_folder(path, languages)
        return (self.install_file(path),)

    def install_file(
        self, archive: Path, *, pair: Pair | None = None, source: str | None = None
    ) -> Package:
        """Installs a package file. Nothing is replaced before all of it has been checked.

        `pair` is what the package must translate, if that is known; `source` is recorded
        as where it came from (default: the file). Raises `PackageError`.
        """
        with _workbench(self.folder) as bench:
            metadata = unpack_archive(archive, bench / "new")
            if pair is not None and metadata.pair != pair:
                said = f"{metadata.pair.source} to {metadata.pair.target}"
                raise PackageError(archive, f"wrong pair: the package inside is {said}")
            write_record(bench / "new", hash_file(archive), source or str(archive))
            return self._put_in_place(bench, metadata)

    def install_folder(
        self, folder: Path, languages: Sequence[str] | None = None
    ) -> tuple[Package, ...]:
        """Installs an unpacked package, or every package file in a folder of them.

        `languages` leaves out the files that translate from or to any other language.
        Raises `PackageError`; what was installed before it stays.
        """
        if (folder / "metadata.json").is_file():
            with _workbench(self.folder) as bench:
                metadata = copy_folder(folder, bench / "new")
                write_record(bench / "new", None, str(folder))
                return (self._put_in_place(bench, metadata),)
        archives = _archives(folder)
        if languages is not None:
            archives = [a for a in archives if set(read_metadata(a)[0].pair) <= set(languages)]
        if not archives:
            wanted = f" for {', '.join(languages)}" if languages else ""
            raise PackageError(folder, f"no package{wanted} (*{SUFFIX}) in this folder")
        return tuple(self.install_file(archive) for archive in archives)

    def remove(self, name: str) -> Package:
        """Takes an installed package away; one that is loaded works on until it is released."""
        package = self.get(name)
        if package.starter:
            raise PackageError(
                name, "a starter package can't be removed", "it rests when another is installed"
            )
        with _workbench(self.folder) as bench:
            package.path.rename(bench / "old")
        return package

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
            checksum=read_record(path).get("sha256") or stat_checksum(path),
            engine=metadata.engine,
        )

    def _load_starter(self, archive: Path) -> Package | None:
        with suppress(FileNotFoundError):  # an upgrade is replacing the files
            return self._read_starter(archive)
        return None

    def _read_starter(self, archive: Path) -> Package | None:
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

    def _find_starter_damage(self, archive: Path) -> str | None:
        try:
            check_archive(archive)
        except PackageError as error:
            return str(error)
        package = self._load_starter(archive)
        return find_damage(package.path) if package and package.path.is_dir() else None

    def _put_in_place(self, bench: Path, metadata: Metadata) -> Package:
        place = self.folder / metadata.name
        replaces = place.exists()
        if replaces:
            place.rename(bench / "old")
        try:
            (bench / "new").rename(place)
        except OSError:
            if replaces:
                (bench / "old").rename(place)
            raise
        return self.get(metadata.name)


@contextmanager
def _workbench(folder: Path) -> Iterator[Path]:
    """A place to build in, on the disk where the work will stand; one process at a time.

    What a killed process left there is thrown away by the next.
    """
    bench = folder / ".work"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            shutil.rmtree(bench, ignore_errors=True)
            bench.mkdir()
            try:
                yield bench
            finally:
                shutil.rmtree(bench, ignore_errors=True)
    except OSError as error:
        raise PackageError(
            folder,
            f"cannot be written ({error.strerror or error})",
            "make FEEDS_PACKAGES_DIR a folder that the service may write, with room on its disk",
        ) from error


def _folders(folder: Path) -> list[Path]:
    return [p for p in _listed(folder) if p.is_dir() and not p.name.startswith(".")]


def _archives(folder: Path) -> list[Path]:
    return [p for p in _listed(folder) if p.suffix == SUFFIX and p.is_file()]


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []
