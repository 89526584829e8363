#!/usr/bin/env bash
# A busy timeout does not help a transaction of SQLite that reads first and writes later: when
# another connection has written in between, its write fails immediately with "database is locked",
# whatever the timeout, because its snapshot stays outdated (WAL mode). The same
# transaction with BEGIN IMMEDIATE waits.
# Hurts: developers who set timeout=30 and search for a lock that was held for so long.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_pypi apsw==3.54.1.0

python - >seen <<'PY'
import time

import apsw


def connect():
    connection = apsw.Connection("posts.db")
    connection.set_busy_timeout(10_000)
    return connection


one, two = connect(), connect()
one.execute("PRAGMA journal_mode = WAL").fetchall()
one.execute("CREATE TABLE posts (n)")
for begin in ("BEGIN", "BEGIN IMMEDIATE"):
    start = time.monotonic()
    one.execute(begin)
    one.execute("SELECT count(*) FROM posts").fetchall()
    if begin == "BEGIN":
        two.execute("INSERT INTO posts VALUES (1)")
    try:
        one.execute("INSERT INTO posts VALUES (2)")
        one.execute("COMMIT")
        result = "written"
    except apsw.BusyError as error:
        one.execute("ROLLBACK")
        result = f"{error} ({apsw.mapping_extended_result_codes[error.extendedresult]})"
    waited = "at once" if time.monotonic() - start < 1 else "after a wait"
    print(f"{begin}: {result}, {waited}")
PY
expect <<'END'
BEGIN: database is locked (SQLITE_BUSY_SNAPSHOT), at once
BEGIN IMMEDIATE: written, at once
END
