"""Reads Argos packages, as zip files or folders, without trusting their contents.

An Argos package is a zip with one top folder: metadata.json, model/ (of CTranslate2) and
sentencepiece.model or bpe.model, sometimes a README.md and data of sentence splitters.
https://github.com/argosopentech/argos-translate
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from packaging.version import InvalidVersion, Version

from translate.types import Pair

# Files that feedglot writes into a package's folder:
RECORD = "record.json"  # source of the package, checksums of its files
ATTENTION = "attention.json"  # result of its canary sentences
SIGNS = "signs.json"  # signs that its model reads, and spellings that replace the others

DISK_REMEDY = "set FEEDS_PACKAGES_DIR to a writable folder with free space on its disk"

# The engines that packages are made for. Argos packages name none: theirs is the default.
ARGOS, FIREFOX = "argos", "firefox"

# Official packages are 50 to 300 MB; the largest model of their kind that a CPU can still
# serve is below 2 GB. Weights hardly compress, so the zip file is never much smaller.
_MAX_BYTES = 2 << 30
_MAX_RATIO = 40
_MAX_FILES = 10_000
_MAX_METADATA = 1 << 20
_CHUNK = 1 << 20

# zipfile raises these for bad checksums, broken streams, unknown methods, passwords, and names
# that are not in the encoding they claim.
_DAMAGE_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_STEM = re.compile(r"translate-([A-Za-z-]+)_([A-Za-z-]+)-[0-9_.]+")


class PackageError(Exception):
    """A package that cannot be used. The message: which package, why, what to do."""

    def __init__(self, where: Path | str, what: str, remedy: str = "") -> None:
        self.where = str(where)
        self.remedy = remedy
        super().__init__(": ".join(filter(None, (self.where, what, remedy))))


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """The fields of metadata.json that feedglot uses."""

    pair: Pair
    version: str
    # feedglot's field, for models that take the target language before each sentence: >>kor<<.
    source_prefix: str = ""
    engine: str = ARGOS

    @property
    def name(self) -> str:
        """Folder name as in Argos packages: translate-ja_en-1_1."""
        version = self.version.replace(".", "_")
        return f"translate-{self.pair.source}_{self.pair.target}-{version}"


def parse_metadata(text: str | bytes, where: Path | str) -> Metadata:
    """Metadata of a translation package; raises `PackageError` for anything else."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PackageError(where, "metadata.json: not JSON") from error
    if not isinstance(fields, dict):
        raise PackageError(where, "metadata.json: not an object")
    if fields.get("type", "translate") != "translate":
        raise PackageError(where, f"not a translation package but {fields['type']!r:.40}")
    codes = fields.get("from_code"), fields.get("to_code")
    for code in codes:
        if not isinstance(code, str) or not _LANGUAGE.fullmatch(code):
            raise PackageError(where, f"metadata.json: not a language: {code!r:.40}")
    if codes[0] == codes[1]:
        raise PackageError(where, f"metadata.json: from {codes[0]} to {codes[1]}")
    version = fields.get("package_version")
    try:
        Version(str(version))
    except InvalidVersion as error:
        raise PackageError(where, f"metadata.json: not a version: {version!r:.40}") from error
    prefix = fields.get("source_prefix", "")
    if not isinstance(prefix, str):
        raise PackageError(where, f"metadata.json: source_prefix: not a text: {prefix!r:.40}")
    engine = fields.get("engine", ARGOS)
    if engine not in (ARGOS, FIREFOX):
        remedy = "a newer feedglot may know it"
        raise PackageError(where, f"metadata.json: engine: unknown: {engine!r:.40}", remedy)
    return Metadata(
        pair=Pair(str(codes[0]), str(codes[1])),
        version=str(version),
        source_prefix=prefix,
        engine=engine,
    )


def read_metadata(archive: Path) -> tuple[Metadata, str]:
    """Metadata of a package file, and its top folder; raises `PackageError`."""
    with _open_archive(archive) as bundle:
        top = _top_folder(bundle, archive)
        return _read_member_metadata(bundle, top, archive), top


def unpack_archive(archive: Path, folder: Path) -> Metadata:
    """Checks a package file and unpacks it to `folder`, which it creates.

    Raises `PackageError` for files that are not zip files or are damaged, for names that lead
    out of the folder, links, zip bombs, and packages without a model or a tokenizer.
    """
    with _open_archive(archive) as bundle:
        top = _top_folder(bundle, archive)
        metadata = _read_member_metadata(bundle, top, archive)
        stem = _STEM.fullmatch(archive.stem)
        if stem and stem.groups() != tuple(metadata.pair):
            actual = f"{metadata.pair.source} to {metadata.pair.target}"
            raise PackageError(archive, f"wrong pair: the package inside is {actual}")
        folder.mkdir(parents=True)
        for member in bundle.infolist():
            path = folder / PurePosixPath(member.filename).relative_to(top)
            if member.is_dir():
                path.mkdir(parents=True, exist_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            with (
                _name_damaged_member(member, archive),
                bundle.open(member) as source,
                path.open("xb") as target,
            ):
                shutil.copyfileobj(source, target, _CHUNK)
    if missing := find_missing(folder):
        raise PackageError(archive, f"{missing}: missing", "not a complete package")
    return metadata


def check_archive(archive: Path) -> None:
    """Reads a whole package file; raises `PackageError` if it is damaged."""
    with _open_archive(archive) as bundle:
        for member in bundle.infolist():
            with _name_damaged_member(member, archive), bundle.open(member) as source:
                while source.read(_CHUNK):
                    pass


def copy_folder(source: Path, folder: Path) -> Metadata:
    """Copies an unpacked package to `folder`, which it creates; checks as `unpack_archive` does."""
    if missing := find_missing(source):
        raise PackageError(source, f"{missing}: missing", "not an unpacked package")
    total = 0
    for count, path in enumerate(sorted(source.rglob("*"))):
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise PackageError(source, f"{path.relative_to(source)}: a link or a device")
        total += path.stat().st_size
        if total > _MAX_BYTES or count >= _MAX_FILES:
            raise PackageError(source, "too large for a package")
    metadata = load_metadata(source)
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns(RECORD, ATTENTION, SIGNS))
    return metadata


def load_metadata(folder: Path) -> Metadata:
    """Metadata of an unpacked package; raises `PackageError`."""
    path = folder / "metadata.json"
    try:
        if path.stat().st_size > _MAX_METADATA:
            raise PackageError(folder, "metadata.json: too large")
        return parse_metadata(path.read_bytes(), folder)
    except OSError as error:
        raise PackageError(folder, f"metadata.json: {error.strerror}") from error


def find_missing(folder: Path) -> str | None:
    """Name of the first required file that an unpacked package lacks; None: complete."""
    for name in ("metadata.json", "model/model.bin"):
        if not (folder / name).is_file():
            return name
    if (folder / "source.spm").is_file() and (folder / "target.spm").is_file():
        return None  # a model of Firefox
    if not any((folder / name).is_file() for name in ("sentencepiece.model", "bpe.model")):
        return "sentencepiece.model or bpe.model"
    return None


def hash_file(path: Path) -> str:
    """The file's sha256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _open_archive(archive: Path) -> Iterator[zipfile.ZipFile]:
    """The open archive, with its list of members checked."""
    try:
        with zipfile.ZipFile(archive) as bundle:
            _check_members(bundle.infolist(), archive)
            yield bundle
    except OSError as error:
        raise PackageError(archive, error.strerror or str(error)) from error
    except _DAMAGE_ERRORS as error:
        reason = f"not a zip file, or incomplete ({error})"
        raise PackageError(archive, reason, "download it again") from error


def _check_members(members: list[zipfile.ZipInfo], archive: Path) -> None:
    if len(members) > _MAX_FILES:
        raise PackageError(archive, f"{len(members)} files: too many for a package")
    # The archive states these sizes itself, but zipfile never reads more than is stated, and a
    # member that holds more or less fails its checksum.
    size = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if size > _MAX_BYTES or size > _MAX_RATIO * max(packed, _CHUNK):
        raise PackageError(archive, f"would unpack to {size:,} bytes: a zip bomb")
    seen: set[str] = set()
    for member in members:
        name = member.filename
        path = PurePosixPath(name)
        if "\\" in name or "\0" in name or ":" in name or path.is_absolute():
            raise PackageError(archive, f"{name!r:.80}: leads out of the package")
        if ".." in path.parts or not path.parts:
            raise PackageError(archive, f"{name!r:.80}: leads out of the package")
        if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise PackageError(archive, f"{name!r:.80}: a link or a device")
        if str(path).casefold() in seen:
            raise PackageError(archive, f"{name!r:.80}: twice in the package")
        seen.add(str(path).casefold())


def _top_folder(bundle: zipfile.ZipFile, archive: Path) -> str:
    top_folders = {PurePosixPath(member.filename).parts[0] for member in bundle.infolist()}
    if len(top_folders) != 1:
        raise PackageError(archive, "not a package: a package holds exactly one folder")
    return top_folders.pop()


def _read_member_metadata(bundle: zipfile.ZipFile, top: str, archive: Path) -> Metadata:
    try:
        member = bundle.getinfo(f"{top}/metadata.json")
    except KeyError as error:
        raise PackageError(archive, "metadata.json: missing", "not an Argos package") from error
    if member.file_size > _MAX_METADATA:
        raise PackageError(archive, "metadata.json: too large")
    with _name_damaged_member(member, archive):
        text = bundle.read(member)
    return parse_metadata(text, archive)


@contextmanager
def _name_damaged_member(member: zipfile.ZipInfo, archive: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGE_ERRORS as error:
        reason = f"{member.filename}: damaged ({error})"
        raise PackageError(archive, reason, "download it again") from error
