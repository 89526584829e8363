"""Models of Firefox Translations, from Firefox' delivery service or a mirror of it.

The service is Remote Settings: a list of records, one for each file, whose attachments are
zstd files somewhere else. Its authors ask not to use it in production; a mirror is a file
`records.json` of the same form, beside the attachments.
https://remote-settings.readthedocs.io/
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from importlib import import_module
from itertools import permutations
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import urljoin, urlsplit

from packaging.version import InvalidVersion, Version

from translate.packages.archive import PackageError
from translate.packages.firefox_import import import_firefox
from translate.packages.http_fetch import (
    DownloadError,
    Report,
    RetryPolicy,
    discard,
    fetch_file,
    hold,
    local_path,
    read_address,
)
from translate.packages.installed import Package, Packages
from translate.packages.package_index import index_address
from translate.types import Pair

FIREFOX_INDEX = (
    "https://firefox.settings.services.mozilla.com"
    "/v1/buckets/main/collections/translations-models-v2/records"
)
_PATIENCE = RetryPolicy(timeout=20, tries=5)
_MAX_INDEX = 16 << 20
_MAX_FILE = 1 << 30
_CHUNK = 1 << 20
_MAJOR = 3  # of the models that fxtranslate 0.5 runs
# The larger one where a pair has several: this is a server.
_ARCHITECTURES = ("base", "base-memory", "tiny")
_NAMES = {
    "model": "model.{}.intgemm.alphas.bin",
    "vocab": "vocab.{}.spm",
    "srcvocab": "srcvocab.{}.spm",
    "trgvocab": "trgvocab.{}.spm",
}
Record = dict[str, Any]  # as fxtranslate.discovery.parse_records tells it


def install_from_firefox(
    packages: Packages,
    index: str,
    languages: Sequence[str],
    *,
    progress: Report,
    patience: RetryPolicy = _PATIENCE,
) -> tuple[Package, ...]:
    """Installs the models that connect the languages, over English where none is direct.

    What is there in the index's version or a newer one is left alone; the packages that are
    new. Raises `PackageError`; a download that was cut off is gone on with the next time.
    """
    address = index_address(index)
    discovery = _discovery()
    body = read_address(address, _MAX_INDEX, patience).decode("utf-8", "replace")
    try:
        records: list[Record] = discovery.parse_records(body)
        pairs = _connect(discovery, body, languages)
    except ValueError as error:
        raise DownloadError(address, f"no models for these languages ({error})") from error
    base = _base(address, patience)
    new = []
    for pair in pairs:
        files = choose_files(records, pair)
        version = str(next(iter(files.values()))["version"])
        if not any(
            one.pair == pair and not one.starter and Version(one.version) >= Version(version)
            for one in packages.installed()
        ):
            new.append(_install(packages, pair, version, files, base, progress, patience))
    return tuple(new)


def choose_files(records: Iterable[Record], pair: Pair) -> dict[str, Record]:
    """The newest model's files by their kind; raises `DownloadError` where some are missing.

    A release comes before a version that is being tried (`3.1a1`).
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
            place = not version.is_prerelease, version, size
            sets.setdefault(place, {})[kind] = record
    for place in sorted(sets, reverse=True):
        if "model" in sets[place] and ("vocab" in sets[place] or "srcvocab" in sets[place]):
            return sets[place]
    raise DownloadError("_".join(pair), "the index has no model with a vocabulary")


def unpack_file(packed: Path, file: Path, sha256: str | None) -> None:
    """Unpacks a zstd file whose contents have that hash; raises `PackageError`."""
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
        raise PackageError(file.name, f"not a zstd file, or half of one ({error})") from error
    if not sha256 or digest.hexdigest() != sha256.lower():
        raise PackageError(file.name, "not what the index promised: its sha256 is another")


def _connect(discovery: Any, body: str, languages: Sequence[str]) -> list[Pair]:
    """The pairs of the models that lead from each language to each other."""
    pairs: dict[Pair, None] = {}
    for source, target in permutations(languages, 2):
        route = discovery.resolve_route(body, source, target)
        way = [route["src"], *([route["pivot"]] if route["kind"] == "pivot" else []), route["trg"]]
        pairs.update(dict.fromkeys(map(Pair, way, way[1:])))
    return list(pairs)


def _install(
    packages: Packages,
    pair: Pair,
    version: str,
    files: dict[str, Record],
    base: str,
    report: Report,
    patience: RetryPolicy,
) -> Package:
    short = "".join(pair)
    with tempfile.TemporaryDirectory(prefix="feedglot-") as bench:
        folder = Path(bench) / short
        folder.mkdir()
        for kind, record in files.items():
            name = _NAMES[kind].format(short)
            url = urljoin(base, str(record["location"]))
            if not url.startswith(base):
                raise DownloadError(url, f"{name}: leads out of {base}")
            part = packages.folder / ".downloads" / f"{name}-{version}.part"
            with hold(part):
                if url.startswith("file:"):
                    shutil.copyfile(local_path(url), part)
                else:
                    fetch_file(url, part, name, report, patience)
                try:
                    unpack_file(part, folder / name, record["decompressedHash"])
                finally:
                    # Unpacked or no good: neither is to be gone on with.
                    discard(part)
        return import_firefox(packages, folder, pair, version=version)


def _base(address: str, patience: RetryPolicy) -> str:
    """Where attachments are: the service tells it, a mirror has them beside its list."""
    root, found, _ = address.partition("/v1/buckets/")
    if not found or urlsplit(address).scheme == "file":
        return urljoin(address, ".")
    text = read_address(f"{root}/v1/", _MAX_INDEX, patience)
    try:
        base = str(json.loads(text)["capabilities"]["attachments"]["base_url"])
    except (ValueError, KeyError, TypeError) as error:
        raise DownloadError(f"{root}/v1/", "does not say where attachments are") from error
    if urlsplit(base).scheme not in ("http", "https"):
        raise DownloadError(base, "not an address of attachments")
    return base if base.endswith("/") else f"{base}/"


def _discovery() -> Any:
    try:
        return import_module("fxtranslate").discovery
    except ImportError as error:
        remedy = "`pip install 'feedglot[firefox]'`"
        raise PackageError("fxtranslate", "is not installed", remedy) from error
