"""The doctor: looks at everything the service stands on, and says what to do about it.

Each check is on its own: it gives its findings, and no trouble of one keeps the next from
looking. Nothing is changed, and no database is made; starter packages are unpacked where the
translator would do it.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, requires, version
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from packaging.requirements import Requirement
from sqlalchemy import Engine as Database
from sqlalchemy import make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from feeds.cli_translate import engine_options
from feeds.ledger import Ledger
from feeds.origins import mask
from feeds.settings import Settings
from feeds.site import open_library
from feeds.trial import OpenEngine, Trial, pairs, try_offline, try_packages
from translate import migrations
from translate.database import MissingDriverError, open_database, writing
from translate.engines import open_engine, open_ways
from translate.packages import Packages
from translate.queue import open_bell
from translate.translators import ALIVE_SECONDS, Translators
from translate.types import NoPathError
from translate.work import Work

Level = Literal["ok", "warning", "failed"]

PYTHON = (3, 11)
LITTLE = 200 * 2**20  # bytes on the disk; the database grows by about 50 MB per 1000 posts
SCARCE = 2**30
LATE = 3600.0  # seconds in line
SKEW = timedelta(minutes=1)

# What stands for another: the distribution that Argos Translate itself publishes.
_STAND_INS = {"argos-translate-lt": "argostranslate"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. The remedy is empty where all is well."""

    check: str
    level: Level
    what: str
    remedy: str = ""


def examine(
    settings: Settings,
    now: datetime,
    environ: Mapping[str, str] = os.environ,
    *,
    offline: bool = False,
    open_engine: OpenEngine = open_engine,
) -> Iterator[Finding]:
    """The findings, check by check; models are loaded for the canaries only.

    `offline`: translates in a process of its own, where no socket opens unseen.
    """
    yield from look_at_python(settings)
    yield from look_at_posts(settings)
    yield from look_at_packages(settings)
    yield from look_at_translations(settings, open_engine, offline=offline)
    database = _existing_database(settings)
    if isinstance(database, Finding):
        yield database
    else:
        yield from look_at_database(database)
        yield from look_at_clock(database, now)
        yield from look_at_queue(settings, database, now)
        database.dispose()
    yield from look_at_port(environ)
    yield from look_at_disk(settings)
    yield from look_at_address(settings)


def look_at_python(settings: Settings) -> Iterator[Finding]:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < PYTHON:
        yield Finding("python", "failed", f"{found} is too old", "install Python 3.11 or newer")
    else:
        yield Finding("python", "ok", found)
    try:
        wanted = [Requirement(line) for line in requires("feedglot") or ()]
    except PackageNotFoundError:
        yield Finding("distributions", "warning", "feedglot is not installed", "pip install -e .")
        return
    extras = {"postgres"} if settings.database_url.startswith("postgres") else set()
    extras |= {"redis"} if settings.queue_url.startswith(("redis", "unix:")) else set()
    extras |= {"postgres"} if settings.queue_url.startswith("postgres") else set()
    wrong = [trouble for one in wanted if (trouble := _missing(one, extras))]
    if wrong:
        remedy = "make, or pip install -e . in the environment that runs the service"
        yield Finding("distributions", "failed", "; ".join(wrong), remedy)
    else:
        yield Finding("distributions", "ok", f"feedglot {version('feedglot')} and what it needs")


def _missing(wanted: Requirement, extras: set[str]) -> str | None:
    marker = wanted.marker
    if marker and not any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
        return None
    try:
        found = version(wanted.name)
    except PackageNotFoundError:
        stand_in = _STAND_INS.get(wanted.name)
        if stand_in is not None:
            return _missing(Requirement(stand_in), extras)
        return f"{wanted.name} is missing"
    if wanted.specifier.contains(found, prereleases=True):
        return None
    return f"{wanted.name} {found} is not {wanted.specifier}"


def look_at_posts(settings: Settings) -> Iterator[Finding]:
    library = open_library(settings)
    library.refresh()
    posts, problems = library.snapshot.posts, library.snapshot.problems
    if not posts:
        what = f"none can be read in {settings.posts_dir}"
        yield Finding("posts", "failed", what, "make FEEDS_POSTS_DIR the folder of posts")
    elif problems:
        what = f"{len(posts)} good, {len(problems)} set aside: {problems[0]}"
        yield Finding("posts", "warning", what, "`flask content check` names each of them")
    else:
        yield Finding("posts", "ok", f"{len(posts)} good, none set aside")


def look_at_packages(settings: Settings) -> Iterator[Finding]:
    ways = open_ways(engine_options(settings))
    for pair in pairs(settings):
        try:
            names = [hop.name for hop in ways.path(pair)]
        except NoPathError as error:
            what, _, remedy = str(error).rpartition(": ")
            yield Finding("packages", "failed", what, remedy)
        else:
            yield Finding("packages", "ok", f"{pair.source} to {pair.target}: {', '.join(names)}")
    if settings.engine != "argos":
        return
    checked = Packages(settings.packages, unpack=settings.packages / ".starter").verify()
    damaged = [one for one in checked if one.problem]
    for one in damaged:
        remedy = "install it again: `flask models install`"
        if one.starter:
            remedy = "get the files of translate/starter again, and empty .starter of the packages"
        yield Finding("checksums", "failed", f"{one.name}: {one.problem}", remedy)
    if not damaged:
        yield Finding("checksums", "ok", f"{len(checked)} packages are as they were installed")


def look_at_translations(
    settings: Settings, open_engine: OpenEngine, *, offline: bool
) -> Iterator[Finding]:
    if settings.translator == "off" and not offline:
        yield Finding("canary", "ok", "nothing is translated: FEEDS_TRANSLATOR=off")
        return
    again = "`flask models verify`, then install it again"
    try:
        trial = (try_offline if offline else try_packages)(settings, open_engine)
    except ChildProcessError as error:
        yield Finding("canary", "failed", str(error), again)
        return
    for one in trial.tried:
        told = f"{one.hop}: {one.sentence} → {one.decoded}"
        if one.lost is None:
            yield Finding("canary", "ok", told)
        else:
            remedy = "install another package of these languages; this one translates badly"
            yield Finding("canary", "failed", f"{told} ({one.lost})", remedy)
    if trial.broken:
        yield Finding("canary", "failed", trial.broken, again)
    if offline:
        yield _judge_offline(trial)


def _judge_offline(trial: Trial) -> Finding:
    names = ", ".join(one.hop for one in trial.tried)
    if trial.wanted:
        what = f"translating wanted the network: {', '.join(sorted(set(trial.wanted)))}"
        return Finding("offline", "failed", what, "report it, with the packages and their versions")
    if not names:
        return Finding("offline", "failed", "no package to try it with", "`flask models install`")
    if trial.sealed:
        return Finding("offline", "ok", f"the kernel saw no socket, with {names}")
    what = f"Python opened no socket, with {names}; what other code does is not seen here"
    remedy = (
        "on Linux (x86_64, aarch64) the kernel watches: it would not, or this is another system"
    )
    return Finding("offline", "warning", what, remedy)


def _existing_database(settings: Settings) -> Database | Finding:
    shown = mask(settings.database_url)
    remedy = "see docs/running.md: restore a backup, or free the disk and its permissions"
    try:
        parsed = make_url(settings.database_url)
        if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
            folder = _nearest(Path(parsed.database or "."))
            if not os.access(folder, os.W_OK):
                remedy = "make FEEDS_STATE_DIR a folder that the service may write"
                return Finding("database", "failed", f"{folder} cannot be written", remedy)
            return Finding("database", "ok", f"{shown}: not there yet, made at the first start")
        return open_database(settings.database_url, patience=2.0)
    except migrations.NewerDatabaseError as error:
        what, _, remedy = str(error).partition(": ")
        return Finding("database", "failed", what, remedy)
    except MissingDriverError as error:
        what, _, remedy = str(error).partition(": ")
        return Finding("database", "failed", what, remedy)
    except (SQLAlchemyError, ArgumentError, ValueError, OSError) as error:
        return Finding("database", "failed", f"{shown}: {_cause(error)}", remedy)


class _Undo(Exception):  # noqa: N818 - not an error: takes back what was written to try
    pass


def look_at_database(database: Database) -> Iterator[Finding]:
    try:
        found = migrations.revision(database)
        with writing(database) as connection:
            connection.execute(text("CREATE TABLE feedglot_doctor (n INTEGER)"))
            raise _Undo
    except _Undo:
        yield Finding("database", "ok", f"can be written, schema {found}")
    except SQLAlchemyError as error:
        remedy = "who runs this must own the file and its folder; try again if it was busy"
        yield Finding("database", "failed", f"cannot be written: {_cause(error)}", remedy)


def look_at_clock(database: Database, now: datetime) -> Iterator[Finding]:
    try:
        newest = max(Ledger(database).read().touched.values(), default=None)
    except SQLAlchemyError:
        return  # told of the database
    shown = now.isoformat(timespec="seconds")
    if newest is not None and newest > now + SKEW:
        what = f"{shown} is before {newest.isoformat(timespec='seconds')}, the newest on record"
        yield Finding("clock", "failed", what, "set the clock: timedatectl set-ntp true")
    else:
        yield Finding("clock", "ok", shown)


def look_at_queue(settings: Settings, database: Database, now: datetime) -> Iterator[Finding]:
    shown, epoch = mask(settings.queue_url), now.timestamp()
    try:
        trouble = open_bell(settings.queue_url).trouble()
    except (MissingDriverError, ArgumentError, ValueError) as error:
        trouble = str(error)
    if trouble:
        remedy = "start the server, or set FEEDS_QUEUE_URL; work is found later without it"
        yield Finding("queue", "failed", f"{shown}: {mask(trouble)}", remedy)
        return
    try:
        oldest = Work(database).oldest()
        alive = [t for t in Translators(database).all() if epoch - t.seen_at < ALIVE_SECONDS]
    except SQLAlchemyError:
        return  # told of the database
    if oldest is None:
        yield Finding("queue", "ok", f"{shown}: nothing is in line")
    elif not alive and settings.translator != "off":
        what = f"{shown}: work waits, and no translator is heard of"
        yield Finding("queue", "warning", what, "start the service, or `flask translate run`")
    elif epoch - oldest > LATE:
        what = f"{shown}: the oldest has waited for {(epoch - oldest) / 3600:.1f} hours"
        yield Finding("queue", "warning", what, "see /status; another translator node helps")
    else:
        yield Finding("queue", "ok", f"{shown}: {len(alive)} translators at work")


def look_at_port(environ: Mapping[str, str]) -> Iterator[Finding]:
    host = environ.get("HOST") or "127.0.0.1"
    remedy = "PORT=9000 chooses another"
    try:
        port = int(environ.get("PORT") or 8000)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except ValueError:
        yield Finding("port", "failed", f"PORT={environ['PORT']} is no number", remedy)
    except (OSError, OverflowError) as error:
        asked = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared
        if _is_feedglot(asked, port):
            yield Finding("port", "ok", f"feedglot answers at {host}:{port}")
        else:
            yield Finding("port", "failed", f"{host}:{port}: {_cause(error)}", remedy)
    else:
        yield Finding("port", "ok", f"{host}:{port} is free")


def _is_feedglot(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/api/status")
        report = json.loads(connection.getresponse().read(2**20))
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()
    return isinstance(report, dict) and {"posts", "languages", "translators"} <= report.keys()


def look_at_disk(settings: Settings) -> Iterator[Finding]:
    folder = _nearest(settings.state_dir)
    free = shutil.disk_usage(folder).free
    what = f"{free / 1e9:.1f} GB free for {settings.state_dir}"
    remedy = "make room: `flask memory prune`, old logs, or another FEEDS_STATE_DIR"
    if not os.access(folder, os.W_OK):
        remedy = "make FEEDS_STATE_DIR a folder that the service may write"
        yield Finding("disk", "failed", f"{folder} cannot be written", remedy)
    elif free < SCARCE:
        yield Finding("disk", "failed" if free < LITTLE else "warning", what, remedy)
    else:
        yield Finding("disk", "ok", what)


def look_at_address(settings: Settings) -> Iterator[Finding]:
    parts = urlsplit(settings.site_url)
    host = parts.hostname or ""
    remedy = "set FEEDS_SITE_URL to the public address; ids of entries are made of its host"
    if _is_local(host):
        yield Finding("address", "warning", f"{settings.site_url} leads nowhere else", remedy)
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


def _nearest(path: Path) -> Path:
    """The path itself or the first folder above it that is there."""
    path = path.absolute()
    return next(one for one in (path, *path.parents) if one.is_dir())


def _cause(error: BaseException) -> str:
    """One line; SQLAlchemy would add its statement and a link, servers their passwords."""
    lines = str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__]
    return mask(re.sub(r"\s+", " ", lines[0]))
