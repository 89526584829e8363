"""Installs packages from a package index."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from packaging.version import Version

from translate.packages.archive import PackageError, hash_file
from translate.packages.http_fetch import (
    ProgressCallback,
    RetryPolicy,
    delete_part_file,
    fetch_file,
    local_path,
    lock_part_file,
)
from translate.packages.installed import Package, Packages
from translate.packages.package_index import IndexEntry, choose_packages, fetch_index

log = logging.getLogger(__name__)

_RETRY_POLICY = RetryPolicy(timeout=20, tries=5)


def install_from_index(
    packages: Packages,
    index: str,
    languages: Sequence[str],
    *,
    progress: ProgressCallback | None = None,
    policy: RetryPolicy = _RETRY_POLICY,
) -> tuple[Package, ...]:
    """Installs the packages that connect the languages; returns the new ones.

    A package that is installed in the index's version or a newer one is left out. Raises
    `PackageError`; packages that were installed before the error stay, and the next call
    resumes an interrupted download.
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
            new.append(_install(packages, entry, progress or _ignore_progress, policy))
    return tuple(new)


def _install(
    packages: Packages, entry: IndexEntry, report: ProgressCallback, policy: RetryPolicy
) -> Package:
    """Installs from the first link of the entry that serves a valid package."""
    last_error = PackageError(entry.metadata.name, "the index has no link to it")
    for link in entry.links:
        try:
            if link.startswith("file:"):
                return packages.install_file(
                    local_path(link), pair=entry.metadata.pair, source=link
                )
            part = packages.folder / ".downloads" / f"{entry.metadata.name}.part"
            with lock_part_file(part):
                fetch_file(link, part, entry.metadata.name, report, policy)
                return _install_part(packages, entry, link, part)
        except PackageError as error:
            log.warning("%s", error)
            last_error = error
    raise last_error


def _install_part(packages: Packages, entry: IndexEntry, link: str, part: Path) -> Package:
    try:
        if entry.sha256 and hash_file(part) != entry.sha256:
            raise PackageError(link, "sha256 differs from the index")
        return packages.install_file(part, pair=entry.metadata.pair, source=link)
    finally:
        # Installed or damaged: there is nothing to resume.
        delete_part_file(part)


def _ignore_progress(name: str, done: int, total: int | None) -> None:
    pass
