"""The checks of `flask doctor`.

Each check is independent: it yields findings, and its failure does not stop the next. Checks
change nothing and create no database; they unpack starter packages as the translator would.
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
    check_address,
    check_disk,
    check_port,
    check_python,
    check_sqlite,
)
from feeds.ops.doctor.finding import Finding
from feeds.ops.doctor.package_probe import (
    OpenEngine,
    PackageProbe,
    pairs,
    probe_offline,
    probe_packages,
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

LATE_SECONDS = 3600.0  # of waiting in the queue
SKEW = timedelta(minutes=1)


def examine(
    settings: Settings,
    now: datetime,
    environ: Mapping[str, str] = os.environ,
    *,
    offline: bool = False,
    open_engine: OpenEngine = open_engine,
) -> Iterator[Finding]:
    """Yields the findings check by check; only the canary sentences load models.

    `offline`: translates them in a child process that cannot open sockets.
    """
    yield from check_python(settings)
    yield from check_sqlite(settings)
    yield from check_posts(settings)
    if trouble := state_trouble(settings, make=False):
        what, _, remedy = trouble.rpartition(": ")
        yield Finding("state", "failed", what, remedy)
    else:
        yield from check_packages(settings)
        yield from check_translations(settings, open_engine, offline=offline)
        yield from _check_state(settings, now)
    yield from check_port(environ)
    yield from check_disk(settings)
    yield from check_address(settings)


def _check_state(settings: Settings, now: datetime) -> Iterator[Finding]:
    database = _existing_database(settings)
    if isinstance(database, Finding):
        yield database
    else:
        yield from check_database(database)
        yield from check_clock(database, now)
        yield from check_authority(settings, database)
        yield from check_queue(settings, database, now)
        database.dispose()


def check_posts(settings: Settings) -> Iterator[Finding]:
    library = open_library(settings)
    library.refresh()
    posts, problems = library.snapshot.posts, library.snapshot.problems
    if trouble := posts_trouble(settings):
        what, _, remedy = trouble.rpartition(": ")
        yield Finding("posts", "failed", what, remedy)
    elif not posts:
        what = f"no readable post in {settings.posts_dir}"
        yield Finding("posts", "failed", what, "set FEEDS_POSTS_DIR to the folder of posts")
    elif problems:
        what = f"{len(posts)} valid, {len(problems)} set aside: {problems[0]}"
        yield Finding(
            "posts", "warning", what, f"`{command_line('content check')}` names each of them"
        )
    else:
        yield Finding("posts", "ok", f"{len(posts)} valid, none set aside")


def check_packages(settings: Settings) -> Iterator[Finding]:
    router = open_router(settings.translator_options())
    for pair in pairs(settings):
        try:
            names = [hop.name for hop in router.path(pair)]
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
            remedy = "reinstall feedglot, and delete .starter in the packages folder"
        yield Finding("checksums", "failed", f"{one.name}: {one.problem}", remedy)
    if not damaged:
        yield Finding("checksums", "ok", f"{len(checked)} packages are unchanged")


def check_translations(
    settings: Settings, open_engine: OpenEngine, *, offline: bool
) -> Iterator[Finding]:
    if settings.translator == "off" and not offline:
        yield Finding("canary", "ok", "translation is disabled: FEEDS_TRANSLATOR=off")
        return
    reinstall = f"`{command_line('models verify')}`, then install it again"
    try:
        probe = (probe_offline if offline else probe_packages)(settings, open_engine)
    except ChildProcessError as error:
        yield Finding("canary", "failed", str(error), reinstall)
        return
    for one in probe.sentences:
        text_shown = f"{one.hop}: {one.sentence} → {one.decoded}"
        if one.lost is None:
            yield Finding("canary", "ok", text_shown)
        else:
            remedy = "install another package of these languages: this one translates badly"
            yield Finding("canary", "failed", f"{text_shown} ({one.lost})", remedy)
    if probe.error:
        yield Finding("canary", "failed", probe.error, probe.remedy or reinstall)
    if offline:
        yield _offline_finding(probe)


def _offline_finding(probe: PackageProbe) -> Finding:
    names = ", ".join(one.hop for one in probe.sentences)
    if probe.network_requests:
        requests = ", ".join(sorted(set(probe.network_requests)))
        what = f"translation tried to use the network: {requests}"
        return Finding("offline", "failed", what, "report it, with the packages and their versions")
    if not names:
        return Finding(
            "offline", "failed", "no package to test with", f"`{command_line('models install')}`"
        )
    if probe.kernel_filter:
        return Finding(
            "offline", "ok", f"no socket was opened (checked by the kernel), with {names}"
        )
    what = f"Python opened no socket, with {names}; sockets of other code are not checked"
    remedy = "the full check needs Linux on x86_64 or aarch64 with seccomp"
    return Finding("offline", "warning", what, remedy)


def _existing_database(settings: Settings) -> Database | Finding:
    shown = mask(settings.database_url)
    remedy = "see docs/running.md: restore a backup, or free the disk and its permissions"
    try:
        parsed = make_url(settings.database_url)
        if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
            return Finding("database", "ok", f"{shown}: missing, created at the first start")
        return open_database(settings.database_url, patience=2.0)
    except migrations.NewerDatabaseError as error:
        what, _, remedy = str(error).partition(": ")
        return Finding("database", "failed", what, remedy)
    except (SQLAlchemyError, OSError) as error:
        return Finding("database", "failed", f"{shown}: {cause(error)}", remedy)


class _Undo(Exception):  # noqa: N818 - not an error: rolls the test transaction back
    pass


def check_database(database: Database) -> Iterator[Finding]:
    try:
        found = migrations.revision(database)
        with writing(database) as connection:
            connection.execute(text("CREATE TABLE feedglot_doctor (n INTEGER)"))
            raise _Undo
    except _Undo:
        yield Finding("database", "ok", f"writable, schema {found}")
    except SQLAlchemyError as error:
        remedy = "run as the owner of the file and its folder; retry if it was busy"
        yield Finding("database", "failed", f"not writable: {cause(error)}", remedy)


def check_clock(database: Database, now: datetime) -> Iterator[Finding]:
    try:
        newest = max(Ledger(database).read().touched.values(), default=None)
    except SQLAlchemyError:
        return  # `check_database` reports it
    shown = now.isoformat(timespec="seconds")
    if newest is not None and newest > now + SKEW:
        what = (
            f"{shown} is before {newest.isoformat(timespec='seconds')}, the newest recorded change"
        )
        yield Finding("clock", "failed", what, "set the clock: timedatectl set-ntp true")
    else:
        yield Finding("clock", "ok", shown)


def check_authority(settings: Settings, database: Database) -> Iterator[Finding]:
    """Yields a warning if entry ids contain a wildcard address."""
    try:
        recorded = "" if settings.id_authority else Ledger(database).known_fact("id_authority")
    except SQLAlchemyError:
        return  # `check_database` reports it
    if recorded and is_wildcard(recorded):
        yield Finding(
            *("authority", "warning"),
            f"ids of entries are made of {recorded}, recorded at a start without FEEDS_SITE_URL",
            "set FEEDS_ID_AUTHORITY to the public host before readers subscribe; later every "
            "entry would be new to readers",
        )


def check_queue(settings: Settings, database: Database, now: datetime) -> Iterator[Finding]:
    shown, epoch = mask(settings.queue_url), now.timestamp()
    error = open_notifier(settings.queue_url).error()
    if error:
        remedy = "start the server, or set FEEDS_QUEUE_URL; until then translators poll for jobs"
        yield Finding("queue", "failed", f"{shown}: {mask(error)}", remedy)
        return
    try:
        oldest = TranslationQueue(database).oldest(settings.languages)
        alive = Heartbeats(database).alive(epoch)
    except SQLAlchemyError:
        return  # `check_database` reports it
    if oldest is None:
        yield Finding("queue", "ok", f"{shown}: the queue is empty")
    elif not alive and settings.translator != "off":
        what = f"{shown}: jobs are waiting, and no translator runs"
        yield Finding(
            "queue", "warning", what, f"start the service, or `{command_line('translate run')}`"
        )
    elif epoch - oldest > LATE_SECONDS:
        what = f"{shown}: the oldest job has waited for {(epoch - oldest) / 3600:.1f} hours"
        yield Finding("queue", "warning", what, "see /status; add a translator node")
    else:
        yield Finding("queue", "ok", f"{shown}: {len(alive)} translators running")
