"""Package index: the list of packages that the official index or a mirror offers.

A JSON list with the metadata.json of each package and its `links`. The index is an http(s)
address, a file, or a folder with an index.json; relative links are resolved against it.
https://github.com/argosopentech/argospm-index
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from packaging.version import Version

from translate.packages.archive import Metadata, PackageError, parse_metadata
from translate.packages.http_fetch import REMEDY, DownloadError, RetryPolicy, read_address
from translate.packages.installed import Package
from translate.packages.routing import find_path
from translate.types import NoPathError, Pair

INDEX = "https://raw.githubusercontent.com/argosopentech/argospm-index/main/index.json"

_SCHEMES = {
    "file": ("http", "https", "file"),
    "http": ("http", "https"),
    "https": ("https",),
}
_MAX_INDEX = 8 << 20  # bytes; the official index has 60,000
# A person waits for the index: without a network, the error comes within seconds.
_RETRY_POLICY = RetryPolicy(timeout=4, tries=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexEntry:
    """One package of an index."""

    metadata: Metadata
    links: tuple[str, ...]  # absolute; http, https, or file if the index is a file
    sha256: str | None  # None: not stated (the official index states none)


def fetch_index(index: str, *, policy: RetryPolicy = _RETRY_POLICY) -> tuple[IndexEntry, ...]:
    """The entries of the index with a usable link; raises `DownloadError` within seconds."""
    address = index_address(index)
    text = read_address(address, _MAX_INDEX, policy)
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DownloadError(address, "not a package index (not JSON)", REMEDY) from error
    if not isinstance(rows, list):
        raise DownloadError(address, "not a package index (not a list)", REMEDY)
    return tuple(entry for row in rows if (entry := _parse_entry(row, address)))


def choose_packages(
    entries: Sequence[IndexEntry], languages: Sequence[str]
) -> tuple[IndexEntry, ...]:
    """The newest packages that translate each language into each other.

    Pairs without a direct package are connected through other languages.
    """
    newest: dict[str, IndexEntry] = {}
    for entry in sorted(entries, key=lambda entry: Version(entry.metadata.version)):
        newest["_".join(entry.metadata.pair)] = entry
    available = [_as_package(name, entry) for name, entry in newest.items()]
    wanted: dict[str, IndexEntry] = {}
    for pair in permutations(languages, 2):
        try:
            hops = find_path(available, Pair(*pair))
        except NoPathError as error:
            reason = f"the index has no route from {pair[0]} to {pair[1]}"
            raise DownloadError("package index", reason) from error
        wanted.update({hop.name: newest[hop.name] for hop in hops})
    return tuple(wanted.values())


def index_address(index: str, file: str = "index.json") -> str:
    """The address of an index that is given as an address, a file or the folder of `file`."""
    scheme = urlsplit(index).scheme
    if scheme in ("http", "https", "file"):
        return index
    if "://" in index:
        raise DownloadError(index, f"{scheme} is not supported", "use http, https or a file")
    path = Path(index).resolve()
    return (path / file if path.is_dir() else path).as_uri()


def _parse_entry(row: Any, address: str) -> IndexEntry | None:
    """One row of an index; None if it is not a translation package or has no usable link."""
    try:
        metadata = parse_metadata(json.dumps(row), address)
    except PackageError:
        return None
    # Only an index that is a file may link to files, and an index over https not to http.
    schemes = _SCHEMES[urlsplit(address).scheme]
    raw_links = row.get("links")
    try:
        links = [urljoin(address, str(link)) for link in raw_links if isinstance(raw_links, list)]
        links = [link for link in links if urlsplit(link).scheme in schemes]
    except (TypeError, ValueError):
        return None
    sha256 = row.get("sha256")
    if not links:
        return None
    return IndexEntry(
        metadata=metadata,
        links=tuple(links),
        sha256=sha256.lower() if isinstance(sha256, str) else None,
    )


def _as_package(name: str, entry: IndexEntry) -> Package:
    return Package(
        pair=entry.metadata.pair,
        name=name,
        version=entry.metadata.version,
        starter=False,
        path=Path(),
        archive=None,
        checksum="",
    )
