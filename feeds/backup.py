"""Backups: the one thing that cannot be made again, and its way back.

That is the database: the ledger (ids, links and dates that readers have seen), what was
translated and is remembered. Posts and glossary are files of their owner's; packages are
installed again; the queue only rings a bell.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import sqlalchemy
from sqlalchemy import make_url

from feeds import __version__
from feeds.settings import Settings
from translate.lock import StateLock
from translate.migrations import NewerDatabaseError, revision

DATABASE = "feedglot.sqlite3"  # the member of the archive
ABOUT = "about.json"
MOST_BYTES = 100 * 2**30


class BackupError(Exception):
    """What stands in the way; the message says what to do."""


def backup(settings: Settings, file: Path) -> int:
    """Writes a backup while the service runs; returns its size in bytes.

    SQLite copies page by page and starts again when somebody writes, so that the copy is of
    one moment (https://www.sqlite.org/backup.html).
    """
    database = _database(settings)
    with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".feedglot-") as folder:
        copy, packed = Path(folder) / DATABASE, Path(folder) / "packed"
        with closing(_open(database)) as source, closing(_open(copy)) as target:
            source.backup(target, pages=1000, sleep=0.01)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, without a -wal beside it
        about = {
            "feedglot": __version__,
            "schema": _revision(copy),
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        with tarfile.open(packed, "w:gz", compresslevel=6) as archive:
            text = json.dumps(about).encode()
            member = tarfile.TarInfo(ABOUT)
            member.size = len(text)
            archive.addfile(member, BytesIO(text))
            archive.add(copy, DATABASE)
        packed.chmod(0o600)
        os.replace(packed, file)  # noqa: PTH105 - in one step: never half a backup
    return file.stat().st_size


def restore(settings: Settings, file: Path, *, force: bool = False) -> None:
    """Makes the database what it was; the service must not run.

    Raises `BackupError`, having touched nothing, when the file is no good backup, when it is
    of a newer feedglot, or when posts are on record already, unless `force`.
    """
    database = _database(settings)
    lock = StateLock(settings.state_dir)
    if not lock.acquire():
        raise BackupError(f"a translator works for {settings.state_dir}: stop the service first")
    try:
        with tempfile.TemporaryDirectory(dir=settings.state_dir) as folder:
            copy = Path(folder) / DATABASE
            _unpack(file, copy)
            with closing(_open(copy)) as source, closing(_open(database)) as target:
                if not force and _has_posts(target):
                    raise BackupError(f"{database} has posts on record: --force replaces it")
                source.backup(target)
    finally:
        lock.release()


def _unpack(file: Path, copy: Path) -> None:
    try:
        with tarfile.open(file) as archive:
            member = archive.getmember(DATABASE)
            content = archive.extractfile(member)
            if content is None or member.size > MOST_BYTES:
                raise BackupError(f"{file}: {DATABASE} is not a file")
            with content, copy.open("wb") as out:
                while some := content.read(2**20):
                    out.write(some)
        with closing(_open(copy)) as database:
            found = database.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            raise BackupError(f"{file}: the database in it is damaged: {found}")
        _revision(copy)
    except (OSError, tarfile.TarError, EOFError, KeyError, sqlite3.DatabaseError) as error:
        raise BackupError(f"{file}: not a whole backup: {error}") from error
    except NewerDatabaseError as error:
        raise BackupError(f"{file}: {error}") from error


def _database(settings: Settings) -> Path:
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise BackupError(
            "the database is a PostgreSQL server's: use pg_dump and pg_restore, "
            "which keep everything that this command would"
        )
    return Path(url.database)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=30.0)


def _revision(path: Path) -> str | None:
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    try:
        return revision(engine)
    finally:
        engine.dispose()


def _has_posts(database: sqlite3.Connection) -> bool:
    known = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'ledger_posts'").fetchone()
    return bool(known and database.execute("SELECT 1 FROM ledger_posts").fetchone())
