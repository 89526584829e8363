"""Installed packages: lists, installs, verifies and removes translation models.

Opens no model and imports neither CTranslate2 nor Argos Translate: web workers list packages
too.
"""

from __future__ import annotations

import fcntl
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
    DISK_REMEDY,
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
    """One installed package. A starter package is unpacked at its first use."""

    pair: Pair
    name: str
    version: str
    starter: bool
    path: Path  # the unpacked folder, or where the starter archive will be unpacked
    archive: Path | None  # the starter archive; None: not a starter package
    checksum: str  # sha256 of its archive; see `Packages.installed`
    engine: str = ARGOS

    @property
    def hop(self) -> Hop:
        return Hop(pair=self.pair, name=self.name, version=self.version, starter=self.starter)


class PackageCheck(NamedTuple):
    """Result of `Packages.verify` for one package."""

    name: str
    starter: bool
    problem: str | None  # None: unchanged since it was installed


class Packages:
    """The packages of one installation: a folder of unpacked packages and the starter set.

    Starter archives are unpacked to the folder `unpack`, because CTranslate2 needs files.
    Any number of processes may read, install and unpack at the same time.
    """

    def __init__(self, folder: Path, starter: Path = STARTER, *, unpack: Path) -> None:
        self.folder = folder
        self.starter = starter
        self.unpack = unpack
        self._starters: dict[Path, tuple[tuple[int, int], Package]] = {}

    # Queries

    def installed(self) -> tuple[Package, ...]:
        """Every usable package, ordered by name; reads the disk each time, in under 1 ms.

        Folders that are not packages are left out (`verify` reports them). The checksum of a
        folder without a record (copied there by hand) is made of its files' sizes and times.
        """
        packages = [self._load_folder(path) for path in _folders(self.folder)]
        packages += [self._load_starter(path) for path in _archives(self.starter)]
        return tuple(sorted((p for p in packages if p), key=lambda p: (p.starter, p.name)))

    def get(self, name: str) -> Package:
        """The package of that name, an installed one rather than a starter package."""
        for package in self.installed():
            if package.name == name:
                return package
        raise PackageError(name, "no such package", f"see `{command_line('models list')}`")

    def unpacked(self, package: Package) -> Path:
        """The folder with the package's files; unpacks a starter package at its first use.

        When two processes start at the same time, one unpacks and the other waits.
        """
        if package.archive is None or package.path.is_dir():
            return package.path
        with _work_folder(self.unpack) as work:
            if not package.path.is_dir():
                unpack_archive(package.archive, work / "new")
                write_record(work / "new", package.checksum, package.archive.name)
                (work / "new").rename(package.path)
        return package.path

    def verify(self) -> tuple[PackageCheck, ...]:
        """Compares every package with the record of its installation.

        Reads all files: takes seconds for large packages.
        """
        checked = []
        for folder in _folders(self.folder):
            checked.append(PackageCheck(folder.name, False, find_damage(folder)))
        for archive in _archives(self.starter):
            checked.append(PackageCheck(archive.stem, True, self._find_starter_damage(archive)))
        return tuple(checked)

    # Changes

    def install(self, path: Path, languages: Sequence[str] | None = None) -> tuple[Package, ...]:
        """Installs a package file, an unpacked package, or a folder of package files."""
        if path.is_dir():
            return self.install_folder(path, languages)
        return (self.install_file(path),)

    def install_file(
        self, archive: Path, *, pair: Pair | None = None, source: str | None = None
    ) -> Package:
        """Checks a package file completely, then installs it; raises `PackageError`.

        `pair` is the pair that the package must translate, if known; `source` is recorded as
        its origin (default: the file).
        """
        with _work_folder(self.folder) as work:
            metadata = unpack_archive(archive, work / "new")
            if pair is not None and metadata.pair != pair:
                actual = f"{metadata.pair.source} to {metadata.pair.target}"
                raise PackageError(archive, f"wrong pair: the package inside is {actual}")
            write_record(work / "new", hash_file(archive), source or str(archive))
            return self._put_in_place(work, metadata)

    def install_folder(
        self, folder: Path, languages: Sequence[str] | None = None
    ) -> tuple[Package, ...]:
        """Installs an unpacked package, or every package file of a folder.

        `languages` leaves out files that translate from or to any other language. Raises
        `PackageError`; packages that were installed before the error stay.
        """
        if (folder / "metadata.json").is_file():
            with _work_folder(self.folder) as work:
                metadata = copy_folder(folder, work / "new")
                write_record(work / "new", None, str(folder))
                return (self._put_in_place(work, metadata),)
        archives = _archives(folder)
        if languages is not None:
            archives = [a for a in archives if set(read_metadata(a)[0].pair) <= set(languages)]
        if not archives:
            wanted = f" for {', '.join(languages)}" if languages else ""
            remedy = f"`{command_line('models import')}` takes models of OPUS-MT and of Firefox"
            raise PackageError(folder, f"no package{wanted} (*{SUFFIX}) in this folder", remedy)
        return tuple(self.install_file(archive) for archive in archives)

    def remove(self, name: str) -> Package:
        """Removes an installed package; a translator that has it loaded uses it until released."""
        package = self.get(name)
        if package.starter:
            raise PackageError(
                name, "a starter package can't be removed", "an installed package replaces it"
            )
        with _work_folder(self.folder) as work:
            package.path.rename(work / "old")
        return package

    # Files

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
        # Reading and hashing 10 MB takes 10 ms; once per file and process is enough.
        stat = archive.stat()
        key = (stat.st_mtime_ns, stat.st_size)
        known = self._starters.get(archive)
        if known and known[0] == key:
            return known[1]
        try:
            metadata, _ = read_metadata(archive)
        except PackageError as error:
            log.warning("skipped a starter package: %s", error)
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

    def _put_in_place(self, work: Path, metadata: Metadata) -> Package:
        # Translations are stored under name and version, so no name is a starter package's too.
        is_starter = any(one.stem == metadata.name for one in _archives(self.starter))
        target = self.folder / (f"{metadata.name}-own" if is_starter else metadata.name)
        replaces = target.exists()
        if replaces:
            if read_record(target).get("sha256") != read_record(work / "new").get("sha256"):
                log.warning(
                    "%s: replaces a package of the same version, whose translations stay; a new "
                    "version translates them again",
                    target.name,
                )
            target.rename(work / "old")
        try:
            (work / "new").rename(target)
        except OSError:
            if replaces:
                (work / "old").rename(target)
            raise
        return self.get(target.name)


@contextmanager
def _work_folder(folder: Path) -> Iterator[Path]:
    """An empty working folder on the same disk, for one process at a time.

    Deletes what a killed process left behind.
    """
    work = folder / ".work"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            try:
                yield work
            finally:
                shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        # copytree raises the errors of all files as one: the last item tells what happened.
        reason = error.args[0][0][-1] if isinstance(error, shutil.Error) else error.strerror
        reason = f"cannot be written ({reason or error})"
        raise PackageError(folder, reason, DISK_REMEDY) from error


def _folders(folder: Path) -> list[Path]:
    return [p for p in _list_sorted(folder) if p.is_dir() and not p.name.startswith(".")]


def _archives(folder: Path) -> list[Path]:
    return [p for p in _list_sorted(folder) if p.suffix == SUFFIX and p.is_file()]


def _list_sorted(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []
