"""The checks of `flask doctor`.

Each check is independent: it returns findings, and its failure does not stop the next. Nothing
is changed, and no database is made; starter packages are unpacked where the translator would
do it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine as Database
from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError

from feeds.folders import posts_trouble, state_trouble
from feeds.ops.doctor.environment import (
    look_at_address,
    look_at_disk,
    look_at_port,
    look_at_python,
)
from feeds.ops.doctor.finding import Finding
from feeds.ops.doctor.package_probe import (
    OpenEngine,
    PackageProbe,
    pairs,
    try_offline,
    try_packages,
)
from feeds.setting_values import is_wildcard
from feeds.settings import Settings
from feeds.store.ledger import Ledger
from feeds.store.posts_folder import open_library
from infra import migrations
from infra.command_name import command_line
from infra.database import open_database, writing
from infra.error_text import cause, mask
from translate.engines.factory import open_engine, open_router
from translate.jobs.heartbeats import Heartbeats
from translate.jobs.notify import open_notifier
from translate.jobs.queue import TranslationQueue
from translate.packages.advice import advise
from translate.packages.installed import Packages
from translate.types import NoPathError

LATE = 3600.0  # seconds in line
SKEW = timedelta(minutes=1)


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
    if trouble := state_trouble(settings, make=False):
        what, _, remedy = trouble.rpartition(": ")
        yield Finding("state", "failed", what, remedy)
    else:
        yield from look_at_packages(settings)
        yield from look_at_translations(settings, open_engine, offline=offline)
        yield from _look_into_state(settings, now)
    yield from look_at_port(environ)
    yield from look_at_disk(settings)
    yield from look_at_address(settings)


def _look_into_state(settings: Settings, now: datetime) -> Iterator[Finding]:
    database = _existing_database(settings)
    if isinstance(database, Finding):
        yield database
    else:
        yield from look_at_database(database)
        yield from look_at_clock(database, now)
        yield from look_at_authority(settings, database)
        yield from look_at_queue(settings, database, now)
        database.dispose()


def look_at_posts(settings: Settings) -> Iterator[Finding]:
    library = open_library(settings)
    library.refresh()
    posts, problems = library.snapshot.posts, library.snapshot.problems
    if trouble := posts_trouble(settings):
        what, _, remedy = trouble.rpartition(": ")
        yield Finding("posts", "failed", what, remedy)
    elif not posts:
        what = f"none can be read in {settings.posts_dir}"
        yield Finding("posts", "failed", what, "make FEEDS_POSTS_DIR the folder of posts")
    elif problems:
        what = f"{len(posts)} good, {len(problems)} set aside: {problems[0]}"
        yield Finding(
            "posts", "warning", what, f"`{command_line('content check')}` names each of them"
        )
    else:
        yield Finding("posts", "ok", f"{len(posts)} good, none set aside")


def look_at_packages(settings: Settings) -> Iterator[Finding]:
    ways = open_router(settings.translator_options())
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
    packages = Packages(settings.packages, unpack=settings.packages / ".starter")
    if advice := advise(packages.installed(), pairs(settings), settings.preferences):
        what = f"small starter models are in use: {', '.join(advice.starters)}"
        remedy = (
            f"better ones: `{advice.command}` ({advice.megabytes} MB; licence: {advice.licence})"
        )
        yield Finding("models", "ok", what, remedy)
    checked = packages.verify()
    damaged = [one for one in checked if one.problem]
    for one in damaged:
        remedy = f"install it again: `{command_line('models install')}`"
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
    again = f"`{command_line('models verify')}`, then install it again"
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


def _judge_offline(trial: PackageProbe) -> Finding:
    names = ", ".join(one.hop for one in trial.tried)
    if trial.wanted:
        what = f"translating wanted the network: {', '.join(sorted(set(trial.wanted)))}"
        return Finding("offline", "failed", what, "report it, with the packages and their versions")
    if not names:
        return Finding(
            "offline", "failed", "no package to try it with", f"`{command_line('models install')}`"
        )
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
            return Finding("database", "ok", f"{shown}: not there yet, made at the first start")
        return open_database(settings.database_url, patience=2.0)
    except migrations.NewerDatabaseError as error:
        what, _, remedy = str(error).partition(": ")
        return Finding("database", "failed", what, remedy)
    except (SQLAlchemyError, OSError) as error:
        return Finding("database", "failed", f"{shown}: {cause(error)}", remedy)


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
        yield Finding("database", "failed", f"cannot be written: {cause(error)}", remedy)


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


def look_at_authority(settings: Settings, database: Database) -> Iterator[Finding]:
    """Nothing unless the ids of entries are made of an address that means every one."""
    try:
        recorded = "" if settings.id_authority else Ledger(database).known_fact("id_authority")
    except SQLAlchemyError:
        return  # told of the database
    if recorded and is_wildcard(recorded):
        yield Finding(
            *("authority", "warning"),
            f"ids of entries are made of {recorded}, recorded at a start without FEEDS_SITE_URL",
            "set FEEDS_ID_AUTHORITY to the public host before anybody subscribes; later every "
            "entry would be new to readers",
        )


def look_at_queue(settings: Settings, database: Database, now: datetime) -> Iterator[Finding]:
    shown, epoch = mask(settings.queue_url), now.timestamp()
    trouble = open_notifier(settings.queue_url).trouble()
    if trouble:
        remedy = "start the server, or set FEEDS_QUEUE_URL; work is found later without it"
        yield Finding("queue", "failed", f"{shown}: {mask(trouble)}", remedy)
        return
    try:
        oldest = TranslationQueue(database).oldest(settings.languages)
        alive = Heartbeats(database).alive(epoch)
    except SQLAlchemyError:
        return  # told of the database
    if oldest is None:
        yield Finding("queue", "ok", f"{shown}: nothing is in line")
    elif not alive and settings.translator != "off":
        what = f"{shown}: work waits, and no translator is heard of"
        yield Finding(
            "queue", "warning", what, f"start the service, or `{command_line('translate run')}`"
        )
    elif epoch - oldest > LATE:
        what = f"{shown}: the oldest has waited for {(epoch - oldest) / 3600:.1f} hours"
        yield Finding("queue", "warning", what, "see /status; another translator node helps")
    else:
        yield Finding("queue", "ok", f"{shown}: {len(alive)} translators at work")
