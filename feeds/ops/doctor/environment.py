"""Checks of the environment: Python, SQLite, port, disk and address."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from importlib.metadata import PackageNotFoundError, requires, version
from ipaddress import ip_address
from urllib.parse import urlsplit

from packaging.requirements import Requirement

from feeds.folders import nearest
from feeds.ops.doctor.finding import Finding
from feeds.server.addresses import is_feedglot
from feeds.setting_values import SettingsError, listen_address
from feeds.settings import Settings
from infra.command_name import command_line
from infra.error_text import cause

PYTHON = (3, 11)
FAILED_BELOW = (
    200 * 2**20
)  # bytes free on the disk; the database grows by about 50 MB per 1000 posts
WARN_BELOW = 2**30

_FTS5 = "CREATE VIRTUAL TABLE probe USING fts5 (text)"  # distributions may build SQLite without

# Accepted instead: the distribution that the authors of Argos Translate publish.
_ALTERNATIVES = {"argos-translate-lt": "argostranslate"}


def check_python(settings: Settings) -> Iterator[Finding]:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < PYTHON:
        yield Finding("python", "failed", f"{found} is too old", "install Python 3.11 or newer")
    else:
        yield Finding("python", "ok", found)
    try:
        requirements = [Requirement(line) for line in requires("feedglot") or ()]
    except PackageNotFoundError:
        yield Finding("distributions", "warning", "feedglot is not installed", "pip install -e .")
        return
    extras = {"postgres"} if settings.database_url.startswith("postgres") else set()
    extras |= {"redis"} if settings.queue_url.startswith(("redis", "unix:")) else set()
    extras |= {"postgres"} if settings.queue_url.startswith("postgres") else set()
    wrong = [trouble for one in requirements if (trouble := _missing(one, extras))]
    if wrong:
        remedy = "run make, or pip install -U feedglot, in the environment of the service"
        yield Finding("distributions", "failed", "; ".join(wrong), remedy)
    else:
        yield Finding("distributions", "ok", f"feedglot {version('feedglot')} and its dependencies")


def check_sqlite(settings: Settings) -> Iterator[Finding]:
    """Yields a failure if SQLite holds the database and lacks the index that search uses."""
    if not settings.database_url.startswith("sqlite"):
        return
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            database.execute(_FTS5)
    except sqlite3.Error as error:
        what = f"SQLite {sqlite3.sqlite_version} lacks FTS5, which search needs: {error}"
        remedy = "use a Python whose SQLite has FTS5, or PostgreSQL (FEEDS_DATABASE_URL)"
        yield Finding("sqlite", "failed", what, remedy)
    else:
        yield Finding("sqlite", "ok", f"SQLite {sqlite3.sqlite_version} has FTS5")


def _missing(requirement: Requirement, extras: set[str]) -> str | None:
    marker = requirement.marker
    if marker and not any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
        return None
    try:
        found = version(requirement.name)
    except PackageNotFoundError:
        alternative = _ALTERNATIVES.get(requirement.name)
        if alternative is not None:
            return _missing(Requirement(alternative), extras)
        return f"{requirement.name} is missing"
    if requirement.specifier.contains(found, prereleases=True):
        return None
    return f"{requirement.name} {found} is not {requirement.specifier}"


def check_port(environ: Mapping[str, str]) -> Iterator[Finding]:
    remedy = "set PORT to another port, such as PORT=9000"
    try:
        host, port = listen_address(environ)
    except SettingsError as error:
        yield Finding("port", "failed", str(error), remedy)
        return
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        if is_feedglot(host, port):
            yield Finding("port", "ok", f"feedglot answers at {host}:{port}")
        else:
            yield Finding("port", "failed", f"{host}:{port}: {cause(error)}", remedy)
    else:
        yield Finding("port", "ok", f"{host}:{port} is free")


def check_disk(settings: Settings) -> Iterator[Finding]:
    folder = nearest(settings.state_dir)
    free = shutil.disk_usage(folder).free
    what = f"{free / 1e9:.1f} GB free for {settings.state_dir}"
    remedy = (
        f"free disk space: `{command_line('memory prune')}`, old logs, or another FEEDS_STATE_DIR"
    )
    if free < WARN_BELOW:
        yield Finding("disk", "failed" if free < FAILED_BELOW else "warning", what, remedy)
    else:
        yield Finding("disk", "ok", what)


def check_address(settings: Settings) -> Iterator[Finding]:
    parts = urlsplit(settings.site_url)
    host = parts.hostname or ""
    remedy = "set FEEDS_SITE_URL to the public address; ids of entries are made of its host"
    if _is_local(host):
        yield Finding(
            "address", "warning", f"{settings.site_url} is reachable from this machine only", remedy
        )
    elif host.endswith((".example", ".example.com")) or host == "example.com":
        yield Finding("address", "warning", f"{settings.site_url} is an example", remedy)
    elif parts.scheme != "https":
        what = f"{settings.site_url} is not https"
        yield Finding("address", "warning", what, "readers and hubs prefer https")
    else:
        yield Finding("address", "ok", settings.site_url)


def _is_local(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local")) or "." not in host
    return address.is_private or address.is_unspecified
