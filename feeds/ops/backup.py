"""Backup and restore of the database, the only state that cannot be rebuilt.

It holds the ledger (ids, links and dates that readers have seen), translations and memory.
Posts and glossary are the owner's files, packages can be installed again, and the notifier's
queue holds no data.

A backup holds an SQLite file, also for PostgreSQL: a backup of either database can be restored
into the other.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import sqlalchemy
from sqlalchemy import Engine, MetaData, make_url

from feeds.settings import Settings
from feeds.store import search_index
from feeds.version import __version__
from infra.database import CHUNK, open_database, reading, writing
from infra.locks import StateLock, WorkersLock
from infra.migrations import NewerDatabaseError, revision
from infra.private_files import private_file, private_folder
from translate.jobs.heartbeats import Heartbeats

DATABASE = "feedglot.sqlite3"  # the member of the archive
ABOUT = "about.json"
MAX_BYTES = 100 * 2**30


class BackupError(Exception):
    """A backup or restore that is not possible; the message says what to do."""


def backup(settings: Settings, file: Path) -> int:
    """Writes a backup while the service runs; returns its size in bytes.

    The copy is consistent while the service writes: SQLite and PostgreSQL read in one
    transaction. It holds no deleted data, not even in free pages.
    """
    database = _file(settings)
    if database is not None and not database.is_file():
        raise BackupError(f"{database}: no database: check that FEEDS_STATE_DIR is the service's")
    with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".feedglot-") as folder:
        copy, packed = Path(folder) / DATABASE, Path(folder) / "packed"
        if database is None:
            with _engine(settings.database_url) as server, _engine(f"sqlite:///{copy}") as copied:
                _copy_rows(server, copied)
        else:
            private_file(copy)
            with closing(_open(database)) as source:
                source.execute("VACUUM INTO ?", (str(copy),))
        with closing(_open(copy)) as target:
            target.execute("PRAGMA journal_mode = DELETE")  # one file, without a -wal file
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
        _sync(packed)  # after a power failure the file must not be empty
        os.replace(packed, file)  # noqa: PTH105 - in one step: never an incomplete backup
        _sync(file.absolute().parent)
    return file.stat().st_size


def restore(settings: Settings, file: Path, *, force: bool = False) -> None:
    """Replaces the database by a backup; the service must not run.

    Copies only rows of feedglot's own tables. The replaced database stays in the state
    directory. Raises `BackupError`, without changes, when the backup is invalid or of a newer
    feedglot, when the service runs, or, without `force`, when the database has recorded posts.
    """
    database = _file(settings)
    private_folder(settings.state_dir)
    lock, workers = StateLock(settings.state_dir), WorkersLock(settings.state_dir)
    try:
        if not lock.acquire():
            where = settings.state_dir
            raise BackupError(f"a translator uses {where}: stop the service first")
        if not workers.exclude():
            raise BackupError(f"web workers use {settings.state_dir}: stop the service first")
        with tempfile.TemporaryDirectory(dir=settings.state_dir) as folder:
            copy = Path(folder) / DATABASE
            _unpack(file, copy)
            with _engine(f"sqlite:///{copy}"):
                pass  # opening it runs the migrations
            if database is None:
                _restore_server(settings, copy, force=force)
                return
            if not force and (reason := _reason_to_keep(database)):
                raise BackupError(f"{database} {reason}: --force replaces it")
            new_database = Path(folder) / "fresh.sqlite3"
            _take_rows(copy, new_database)
            _sync(new_database)
            _move_away(database)
            new_database.replace(database)
            _sync(database.parent)
    finally:
        workers.release()
        lock.release()


def _take_rows(copy: Path, new_database: Path) -> None:
    """Creates a database with the rows of `copy`, which has the current schema."""
    with _engine(f"sqlite:///{new_database}") as engine:
        tables = sorted(_own_names(engine))
    with closing(_open(new_database)) as target:
        target.execute("PRAGMA journal_mode = DELETE")
        target.execute("ATTACH ? AS taken", (str(copy),))
        with target:
            for table in tables:
                columns = [row[1] for row in target.execute(f'PRAGMA table_info("{table}")')]
                names = ", ".join(f'"{column}"' for column in columns)
                target.execute(f'DELETE FROM "{table}"')  # noqa: S608 - our own table names
                target.execute(
                    f'INSERT INTO "{table}" ({names}) SELECT {names} FROM taken."{table}"'  # noqa: S608
                )


def _move_away(database: Path) -> None:
    """Renames the replaced database, even if damaged: its data may be recoverable."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    for suffix in ("", "-wal", "-shm"):
        path = Path(f"{database}{suffix}")
        if path.exists():
            path.rename(f"{database}.before-{stamp}{suffix}")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _restore_server(settings: Settings, copy: Path, *, force: bool) -> None:
    """Restores in one transaction: readers see the old rows or the new ones, no mixture."""
    url = settings.database_url
    with _engine(url) as server, _engine(f"sqlite:///{copy}") as source:
        for translator in Heartbeats(server).alive(time.time()):
            where = f"{translator.host}, process {translator.pid}"
            raise BackupError(f"a translator runs at {where}: stop every node first")
        with reading(server) as connection:
            known = connection.exec_driver_sql("SELECT 1 FROM ledger_posts LIMIT 1").first()
        if known and not force:
            raise BackupError("the database has recorded posts: --force replaces them")
        if known:
            stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
            backup(settings, settings.state_dir / f"before-{stamp}.tar.gz")
        _copy_rows(source, server)


def _copy_rows(source: Engine, target: Engine) -> None:
    """Copies the rows of feedglot's tables; both databases have the current schema."""
    file = source if source.dialect.name == "sqlite" else target
    tables = MetaData()
    tables.reflect(source, only=list(_own_names(file)))
    with reading(source) as rows, writing(target) as into:
        for derived in search_index.metadata.sorted_tables:  # of the replaced rows
            into.execute(derived.delete())
        for table in tables.sorted_tables:
            into.execute(table.delete())
            result = rows.execution_options(yield_per=CHUNK).execute(table.select())
            for some in result.mappings().partitions():
                into.execute(table.insert(), [dict(row) for row in some])


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = open_database(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _unpack(file: Path, copy: Path) -> None:
    try:
        with tarfile.open(file) as archive:
            member = archive.getmember(DATABASE)
            content = archive.extractfile(member)
            if content is None or member.size > MAX_BYTES:
                raise BackupError(f"{file}: {DATABASE} is not a file")
            with content, copy.open("wb") as out:
                while some := content.read(2**20):
                    out.write(some)
        with closing(_open(copy)) as database:
            result = database.execute("PRAGMA integrity_check").fetchone()[0]
        if result != "ok":
            raise BackupError(f"{file}: its database is damaged: {result}")
        if foreign := _foreign(copy):
            raise BackupError(f"{file}: its database has unexpected objects: {foreign}")
        _revision(copy)
    except (OSError, tarfile.TarError, EOFError, KeyError, sqlite3.DatabaseError) as error:
        raise BackupError(f"{file}: not a complete backup: {error}") from error
    except NewerDatabaseError as error:
        raise BackupError(f"{file}: {error}") from error


def _own_names(engine: Engine) -> set[str]:
    """Names of the tables whose rows are restored: feedglot's, without those of search.

    Search rebuilds its tables. Rows of an FTS5 table cannot be copied, and PostgreSQL has none.
    """
    names = set(sqlalchemy.inspect(engine).get_table_names()) - {"alembic_version"}
    return {name for name in names if not name.startswith("search_")}


def _foreign(copy: Path) -> str:
    """Objects in a database that feedglot does not create, as text; empty: none.

    A trigger or a view could run with any statement of the service.
    """
    statement = "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "own.sqlite3"
        with _engine(f"sqlite:///{own}"), closing(_open(own)) as database:
            known = set(database.execute(statement))
    with closing(_open(copy)) as database:
        result = sorted(set(database.execute(statement)) - known)
    return ", ".join(f"{kind} {name}" for kind, name in result)


def _file(settings: Settings) -> Path | None:
    """The database's file; None: the database is on a server."""
    url = make_url(settings.database_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=30.0)


def _revision(path: Path) -> str | None:
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    try:
        return revision(engine)
    finally:
        engine.dispose()


def _reason_to_keep(database: Path) -> str | None:
    """Why the file is replaced only with `force`; None: no reason."""
    if _is_damaged(database):
        return "is damaged"
    with closing(_open(database)) as target:
        known = target.execute("SELECT 1 FROM sqlite_master WHERE name = 'ledger_posts'").fetchone()
        if known and target.execute("SELECT 1 FROM ledger_posts").fetchone():
            return "has recorded posts"
    return None


def _is_damaged(database: Path) -> bool:
    try:
        with closing(_open(database)) as target:
            return bool(target.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok")
    except sqlite3.DatabaseError:
        return True
