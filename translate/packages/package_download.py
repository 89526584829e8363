"""Download: packages installed from an index."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from packaging.version import Version

from translate.packages.archive import PackageError, hash_file
from translate.packages.http_fetch import Report, RetryPolicy, discard, fetch_file, hold, local_path
from translate.packages.installed import Package, Packages
from translate.packages.package_index import IndexEntry, choose_packages, fetch_index

log = logging.getLogger(__name__)

_PATIENCE = RetryPolicy(timeout=20, tries=5)


def install_from_index(
    packages: Packages,
    index: str,
    languages: Sequence[str],
    *,
    progress: Report | None = None,
    patience: RetryPolicy = _PATIENCE,
) -> tuple[Package, ...]:
    """Installs what connects the languages with each other; the packages that are new.

    What is there in the index's version or a newer one is left alone. Raises
    `PackageError`; packages that were installed before that stay, and so does what was
    downloaded of an unfinished one, to go on from there.
    """
    entries = fetch_index(index)
    present = [package for package in packages.installed() if not package.starter]
    new = []
    for entry in choose_packages(entries, languages):
        wanted = entry.metadata
        if not any(
            package.pair == wanted.pair and Version(package.version) >= Version(wanted.version)
            for package in present
        ):
            new.append(_install(packages, entry, progress or _unseen, patience))
    return tuple(new)


def _install(
    packages: Packages, entry: IndexEntry, report: Report, patience: RetryPolicy
) -> Package:
    """Installs from the first of the entry's links that has a good package."""
    refused = PackageError(entry.metadata.name, "the index names no place to get it from")
    for link in entry.links:
        try:
            if link.startswith("file:"):
                return packages.install_file(
                    local_path(link), pair=entry.metadata.pair, source=link
                )
            part = packages.folder / ".downloads" / f"{entry.metadata.name}.part"
            with hold(part):
                fetch_file(link, part, entry.metadata.name, report, patience)
                return _install_part(packages, entry, link, part)
        except PackageError as error:
            log.warning("%s", error)
            refused = error
    raise refused


def _install_part(packages: Packages, entry: IndexEntry, link: str, part: Path) -> Package:
    try:
        if entry.sha256 and hash_file(part) != entry.sha256:
            raise PackageError(link, "not what the index promised: its sha256 is another")
        return packages.install_file(part, pair=entry.metadata.pair, source=link)
    finally:
        # Installed or no good: neither is to be gone on with.
        discard(part)


def _unseen(name: str, done: int, total: int | None) -> None:
    pass
