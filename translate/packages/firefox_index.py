"""Installs models of Firefox Translations from Mozilla's Remote Settings or from a mirror.

Remote Settings serves a list of records, one per file; the files are attachments, compressed
with zstd, on another server. Its authors ask not to use it in production. A mirror is a file
`records.json` of the same form in the folder of the attachments.
https://remote-settings.readthedocs.io/
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from itertools import permutations
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import urljoin, urlsplit

from packaging.version import InvalidVersion, Version

from translate.packages.archive import PackageError
from translate.packages.firefox_import import import_firefox, load_library
from translate.packages.http_fetch import (
    DownloadError,
    ProgressCallback,
    RetryPolicy,
    delete_part_file,
    fetch_file,
    local_path,
    lock_part_file,
    read_address,
)
from translate.packages.installed import Package, Packages
from translate.packages.package_index import index_address
from translate.types import Pair

FIREFOX_INDEX = (
    "https://firefox.settings.services.mozilla.com"
    "/v1/buckets/main/collections/translations-models-v2/records"
)
_MIRROR_FILE = "records.json"
_RETRY_POLICY = RetryPolicy(timeout=20, tries=5)
_MAX_INDEX = 16 << 20
_MAX_FILE = 1 << 30
_CHUNK = 1 << 20
_AGAIN = "the same command downloads it again; if that does not help, the index is wrong"
_MAJOR = 3  # of the models that fxtranslate 0.5 runs
# Largest first: a server has the time for the larger one where a pair has several.
_ARCHITECTURES = ("base", "base-memory", "tiny")
_NAMES = {
    "model": "model.{}.intgemm.alphas.bin",
    "vocab": "vocab.{}.spm",
    "srcvocab": "srcvocab.{}.spm",
    "trgvocab": "trgvocab.{}.spm",
}
Record = dict[str, Any]  # one of fxtranslate.discovery.parse_records


def install_from_firefox(
    packages: Packages,
    index: str,
    languages: Sequence[str],
    *,
    progress: ProgressCallback,
    policy: RetryPolicy = _RETRY_POLICY,
) -> tuple[Package, ...]:
    """Installs the models that connect the languages; returns the new packages.

    Languages without a direct model are connected through English. A package that is
    installed in the index's version or a newer one is left out. Raises `PackageError`; the
    next call resumes an interrupted download.
    """
    address = index_address(index, _MIRROR_FILE)
    discovery = load_library().discovery
    body = read_address(address, _MAX_INDEX, policy).decode("utf-8", "replace")
    try:
        records: list[Record] = discovery.parse_records(body)
        pairs = _route_pairs(discovery, body, languages)
    except ValueError as error:
        raise DownloadError(address, f"no models for these languages ({error})") from error
    base = _attachments_address(address, policy)
    new = []
    for pair in pairs:
        files = choose_files(records, pair)
        version = str(next(iter(files.values()))["version"])
        if not any(
            one.pair == pair and not one.starter and Version(one.version) >= Version(version)
            for one in packages.installed()
        ):
            new.append(_install(packages, pair, version, files, base, progress, policy))
    return tuple(new)


def choose_files(records: Iterable[Record], pair: Pair) -> dict[str, Record]:
    """The files of the newest complete model, by kind; raises `DownloadError` if there is none.

    A release is preferred to a pre-release (`3.1a1`).
    """
    sets: dict[tuple[bool, Version, int], dict[str, Record]] = {}
    for record in records:
        kind, architecture = record["fileType"], record["architecture"] or "base"
        if (record["sourceLanguage"], record["targetLanguage"]) != pair or kind not in _NAMES:
            continue
        try:
            version = Version(record["version"])
        except InvalidVersion:
            continue
        if architecture in _ARCHITECTURES and version.major == _MAJOR:
            size = -_ARCHITECTURES.index(architecture)
            rank = not version.is_prerelease, version, size
            sets.setdefault(rank, {})[kind] = record
    for rank in sorted(sets, reverse=True):
        if "model" in sets[rank] and ("vocab" in sets[rank] or "srcvocab" in sets[rank]):
            return sets[rank]
    raise DownloadError("_".join(pair), "the index has no model with a vocabulary")


def unpack_file(packed: Path, file: Path, sha256: str | None) -> None:
    """Unpacks a zstd file; raises `PackageError` unless the contents have that hash."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd

    digest, size = hashlib.sha256(), 0
    try:
        with cast(IO[bytes], zstd.open(packed)) as source, file.open("wb") as target:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                if size > _MAX_FILE:
                    raise PackageError(file.name, "too large for a model")
                digest.update(chunk)
                target.write(chunk)
    except (zstd.ZstdError, EOFError) as error:
        reason = f"not a zstd file, or incomplete ({error})"
        raise PackageError(file.name, reason, _AGAIN) from error
    except OSError as error:
        raise PackageError(file, f"cannot be written ({error.strerror})") from error
    if not sha256 or digest.hexdigest() != sha256.lower():
        raise PackageError(file.name, "sha256 differs from the index", _AGAIN)


def _route_pairs(discovery: Any, body: str, languages: Sequence[str]) -> list[Pair]:
    """The pairs of the models that translate each language into each other."""
    pairs: dict[Pair, None] = {}
    for source, target in permutations(languages, 2):
        route = discovery.resolve_route(body, source, target)
        route_languages = [
            route["src"],
            *([route["pivot"]] if route["kind"] == "pivot" else []),
            route["trg"],
        ]
        pairs.update(dict.fromkeys(map(Pair, route_languages, route_languages[1:])))
    return list(pairs)


def _install(
    packages: Packages,
    pair: Pair,
    version: str,
    files: dict[str, Record],
    base: str,
    report: ProgressCallback,
    policy: RetryPolicy,
) -> Package:
    short = "".join(pair)
    with tempfile.TemporaryDirectory(prefix="feedglot-") as work:
        folder = Path(work) / short
        folder.mkdir()
        for kind, record in files.items():
            name = _NAMES[kind].format(short)
            url = urljoin(base, str(record["location"]))
            if not url.startswith(base):
                raise DownloadError(url, f"{name}: leads out of {base}")
            part = packages.folder / ".downloads" / f"{name}-{version}.part"
            with lock_part_file(part):
                if url.startswith("file:"):
                    shutil.copyfile(local_path(url), part)
                else:
                    fetch_file(url, part, name, report, policy)
                try:
                    unpack_file(part, folder / name, record["decompressedHash"])
                finally:
                    # Unpacked or damaged: there is nothing to resume.
                    delete_part_file(part)
        return import_firefox(packages, folder, pair, version=version)


def _attachments_address(address: str, policy: RetryPolicy) -> str:
    """The base address of attachments: stated by the service; the list's folder for a mirror."""
    root, separator, _ = address.partition("/v1/buckets/")
    if not separator or urlsplit(address).scheme == "file":
        return urljoin(address, ".")
    text = read_address(f"{root}/v1/", _MAX_INDEX, policy)
    try:
        base = str(json.loads(text)["capabilities"]["attachments"]["base_url"])
    except (ValueError, KeyError, TypeError) as error:
        raise DownloadError(f"{root}/v1/", "names no address of attachments") from error
    if urlsplit(base).scheme not in ("http", "https"):
        raise DownloadError(base, "not an http address of attachments")
    return base if base.endswith("/") else f"{base}/"
