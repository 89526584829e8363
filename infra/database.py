"""The database: SQLite in the state directory, or PostgreSQL.

Home of what SQLAlchemy and the two databases surprised us with. The rest of the room
opens transactions with `reading` and `writing` and writes plain SQLAlchemy Core.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    MetaData,
    Table,
    Text,
    event,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from infra import migrations
from infra.locks import FileLock
from infra.private_files import private_file, private_folder
from infra.urls import database_kind

T = TypeVar("T")

metadata = MetaData()

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# A statement may carry 32,766 values in SQLite; 500 rows of few columns stay well below.
CHUNK = 500

# A process that stops in the middle of a transaction (paused, or its machine lost) would
# hold its locks forever: PostgreSQL ends its session after this.
_IDLE_SECONDS = 5


def open_database(url: str, *, patience: float = 30.0) -> Engine:
    """The engine of `sqlite:///path` or `postgresql://...`, its tables in place.

    Two processes may open a new database at the same time. Raises `ServerError` for another
    address, and `NewerDatabaseError`, with nothing touched, when a newer feedglot has changed
    the tables. `patience`: how many seconds a
    writer waits for its turn before it gets an error.
    """
    kind, parsed = database_kind(url), make_url(url)
    if kind == "postgresql":
        engine = _postgres_engine(parsed, patience)
        _migrate(engine)
        return engine
    assert parsed.database is not None  # noqa: S101 - narrows the type
    path = Path(parsed.database)
    private_folder(path.parent)
    with _opening_alone(path):
        private_file(path)  # SQLite makes those beside it (-wal, -shm) like it
        engine = _sqlite_engine(parsed, patience)
        _migrate(engine)
    return engine


@contextmanager
def _opening_alone(path: Path) -> Iterator[None]:
    """Holds a lock file while a SQLite file is opened and its schema created.

    When several processes switch a new file to WAL at the same time, all but one get "database
    is locked", whatever their busy timeout.
    """
    try:
        lock = FileLock(path.with_name(f"{path.name}.lock"))
    except OSError:  # a folder that is read-only, a disk that is full
        yield
        return
    try:
        lock.acquire(wait=True)
        yield
    finally:
        lock.release()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the database and blocks no other."""
    if engine.dialect.name == "postgresql":
        # By default each statement of a transaction sees another state there.
        engine = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
    with engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine, *, alone: str | None = None) -> Iterator[Connection]:
    """A transaction that may write, committed at the end of the block.

    SQLite has one writer at a time. A transaction that reads first and writes later fails
    at once with SQLITE_BUSY when another wrote in between, whatever the busy timeout; one
    that says so at the start waits for its turn. PostgreSQL has as many as come: what is
    decided on rows read before is `alone` among all that give the same name.
    """
    with engine.execution_options(feedglot_begin="BEGIN IMMEDIATE").begin() as connection:
        if alone is not None and connection.dialect.name == "postgresql":
            number = zlib.crc32(f"feedglot {alone}".encode())
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": number})
        yield connection


def insert(connection: Connection, table: Table) -> Any:
    """INSERT of the dialect in use, for `on_conflict_do_update` (the same in both)."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def next_number(connection: Connection, name: str) -> int:
    """The next value of a counter.

    The row stays locked until the commit, so numbers become visible in their order: a
    reader who has seen 7 has seen everything up to 7. (A PostgreSQL sequence does not
    promise that.)
    """
    statement = (
        sqlalchemy.update(counters)
        .where(counters.c.name == name)
        .values(value=counters.c.value + 1)
        .returning(counters.c.value)
    )
    return int(connection.execute(statement).scalar_one())


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """The items in lists of at most `size`."""
    listed = list(items)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


def _postgres_engine(url: sqlalchemy.URL, patience: float) -> Engine:
    limits = {
        "idle_in_transaction_session_timeout": f"{_IDLE_SECONDS}s",
        "lock_timeout": f"{int(patience * 1000)}ms",
    }
    options = [str(url.query["options"])] if "options" in url.query else []
    options += [f"-c {name}={value}" for name, value in limits.items()]
    return sqlalchemy.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,  # after a restart of the server every kept connection is dead
        pool_timeout=2,
        connect_args={
            "connect_timeout": 2,  # seconds, the least that libpq takes
            "tcp_user_timeout": 4000,  # milliseconds until an unanswered packet ends it
            "options": " ".join(options),
        },
    )


def _sqlite_engine(url: sqlalchemy.URL, patience: float) -> Engine:
    engine = sqlalchemy.create_engine(url, connect_args={"timeout": patience})

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        # Python's sqlite3 opens transactions on its own and never before a SELECT;
        # None leaves BEGIN to the hook below.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
        connection.execute("PRAGMA journal_mode = WAL")
        # In WAL mode NORMAL survives any death of a process with nothing lost; only a
        # power cut may take the last commits with it, never the file. Every batch of
        # sentences commits: FULL would make each wait for the disk.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        connection.exec_driver_sql(options.get("feedglot_begin", "BEGIN"))

    return engine


def _migrate(engine: Engine) -> None:
    """Brings the tables up to date; a second process waits for the first to be done."""
    if migrations.revision(engine) == migrations.KNOWN[-1]:
        return  # the usual start needs no lock
    with writing(engine, alone="schema") as connection:
        migrations.upgrade(connection)
