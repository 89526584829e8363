"""`flask backup` and `flask restore`: what readers have seen survives the machine."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tarfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import MetaData

from feeds.ops.backup import BackupError, backup, restore
from infra.locks import StateLock, WorkersLock
from tests.support.blog import Blog
from tests.support.servers import Postgres
from translate.jobs.heartbeats import Heartbeats, TranslatorStatus

FEEDS = ("/ja/feed.rss", "/ko/feed.atom", "/en/tags/ai/feed.json", "/ko/archive/1/feed.rss")


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(tmp_path / "first")
    for n in range(1, 4):
        blog.write(f"2026-01-0{n}-p{n}.md", title=f"題名{'一二三'[n - 1]}", tags="[AI]")
    blog.look()
    for path in FEEDS:
        blog.get(path)
    blog.translate()
    blog.write("2026-01-01-p1.md", "書き直した本文。", title="題名一", tags="[AI]")
    blog.look()  # what only the ledger knows: when the edit was first seen
    return blog


def elsewhere(blog: Blog, folder: Path) -> Blog:
    """The same posts on another machine, which nothing is known of."""
    shutil.copytree(blog.settings.posts_dir, folder / "posts")
    return Blog(folder)


def test_a_restored_service_serves_the_same_bytes(blog: Blog, tmp_path: Path) -> None:
    served = {path: blog.get(path).data for path in FEEDS}
    backup(blog.settings, tmp_path / "b.tar.gz")
    other = elsewhere(blog, tmp_path / "second")
    other.look()
    assert other.get("/ko/feed.atom").data != served["/ko/feed.atom"]
    shutil.rmtree(other.settings.state_dir)
    other.open()
    restore(other.settings, tmp_path / "b.tar.gz")
    other.open()
    other.look()
    assert {path: other.get(path).data for path in FEEDS} == served


def test_a_backup_during_writes_is_consistent(blog: Blog, tmp_path: Path) -> None:
    database = blog.settings.state_dir / "feedglot.sqlite3"
    with closing(sqlite3.connect(database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO memory VALUES ('half', 'done')")
        backup(blog.settings, tmp_path / "b.tar.gz")
        writer.execute("ROLLBACK")
    with tarfile.open(tmp_path / "b.tar.gz") as archive:
        archive.extract("feedglot.sqlite3", tmp_path, filter="data")
    with closing(sqlite3.connect(tmp_path / "feedglot.sqlite3")) as copy:
        assert copy.execute("SELECT count(*) FROM ledger_posts").fetchone() == (3,)
        assert copy.execute("SELECT 1 FROM memory WHERE key = 'half'").fetchone() is None
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".feedglot-")] == []


def test_recorded_posts_are_replaced_only_by_force(blog: Blog, tmp_path: Path) -> None:
    backup(blog.settings, tmp_path / "b.tar.gz")
    with pytest.raises(BackupError, match="has recorded posts: --force"):
        restore(blog.settings, tmp_path / "b.tar.gz")
    restore(blog.settings, tmp_path / "b.tar.gz", force=True)


def test_a_running_service_is_not_restored_into(blog: Blog, tmp_path: Path) -> None:
    backup(blog.settings, tmp_path / "b.tar.gz")
    running = StateLock(blog.settings.state_dir)
    assert running.acquire()
    with pytest.raises(BackupError, match="stop the service first"):
        restore(blog.settings, tmp_path / "b.tar.gz", force=True)
    running.release()


def test_a_restore_fails_while_web_workers_run(blog: Blog, tmp_path: Path) -> None:
    backup(blog.settings, tmp_path / "b.tar.gz")
    worker = WorkersLock(blog.settings.state_dir)
    worker.share()
    with pytest.raises(BackupError, match=r"web workers use .*stop the service first"):
        restore(blog.settings, tmp_path / "b.tar.gz", force=True)
    worker.release()
    restore(blog.settings, tmp_path / "b.tar.gz", force=True)


def test_the_replaced_database_stays_in_its_folder(blog: Blog, tmp_path: Path) -> None:
    backup(blog.settings, tmp_path / "b.tar.gz")
    blog.write("2026-01-09-later.md")
    blog.look()
    blog.site.close()
    restore(blog.settings, tmp_path / "b.tar.gz", force=True)
    (kept,) = blog.settings.state_dir.glob("feedglot.sqlite3.before-*[0-9]")
    for path, posts in ((kept, 4), (blog.settings.state_dir / "feedglot.sqlite3", 3)):
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("SELECT count(*) FROM ledger_posts").fetchone() == (posts,)


def test_a_backup_ends_on_a_busy_site(blog: Blog, tmp_path: Path) -> None:
    """One snapshot: a commit at every moment does not make it begin anew."""
    database = blog.settings.state_dir / "feedglot.sqlite3"
    with closing(sqlite3.connect(database)) as writer, writer:
        filler = ((f"k{n}", "x" * 2000) for n in range(10_000))
        writer.executemany("INSERT INTO memory VALUES (?, ?)", filler)
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(database, timeout=30)) as writer:
            number = 0
            while not stop.is_set():
                number += 1
                with writer:
                    writer.execute("INSERT INTO memory VALUES (?, ?)", (f"w{number}", "x"))

    busy = threading.Thread(target=write)
    busy.start()
    try:
        started = time.monotonic()
        backup(blog.settings, tmp_path / "b.tar.gz")
        assert time.monotonic() - started < 60
    finally:
        stop.set()
        busy.join()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON memory BEGIN DELETE FROM ledger_posts; END",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE elsewhere (x)",
    ],
)
def test_a_file_with_foreign_objects_is_rejected(
    blog: Blog, tmp_path: Path, statement: str
) -> None:
    backup(blog.settings, tmp_path / "b.tar.gz")
    with tarfile.open(tmp_path / "b.tar.gz") as archive:
        archive.extractall(tmp_path / "in", filter="data")
    with closing(sqlite3.connect(tmp_path / "in" / "feedglot.sqlite3")) as odd, odd:
        odd.execute(statement)
    with tarfile.open(tmp_path / "odd.tar.gz", "w:gz") as archive:
        for path in (tmp_path / "in").iterdir():
            archive.add(path, path.name)
    before = rows(blog)
    with pytest.raises(BackupError, match=r"has unexpected objects: (trigger t|view v|table else)"):
        restore(blog.settings, tmp_path / "odd.tar.gz", force=True)
    assert rows(blog) == before


def test_half_a_backup_and_a_newer_one_are_refused(blog: Blog, tmp_path: Path) -> None:
    whole = tmp_path / "b.tar.gz"
    backup(blog.settings, whole)
    half = tmp_path / "half.tar.gz"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(BackupError, match="not a complete backup"):
        restore(blog.settings, half, force=True)
    with blog.site.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0999'")
    with pytest.raises(Exception, match="schema 0999"):
        backup(blog.settings, tmp_path / "newer.tar.gz")
    with blog.site.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert blog.get("/ja/feed.rss").status_code == 200


@pytest.mark.slow
def test_a_backup_moves_between_sqlite_and_postgresql(
    blog: Blog, tmp_path: Path, postgres: Postgres
) -> None:
    served = {path: blog.get(path).data for path in FEEDS}
    first, second = tmp_path / "sqlite.tar.gz", tmp_path / "postgresql.tar.gz"
    backup(blog.settings, first)
    other = elsewhere(blog, tmp_path / "second")
    other.with_settings(database_url=postgres.new_database())
    restore(other.settings, first)
    other.open()
    other.look()
    assert {path: other.get(path).data for path in FEEDS} == served
    backup(other.settings, second)
    third = elsewhere(blog, tmp_path / "third")
    restore(third.settings, second)
    third.open()
    assert rows(third) == rows(other)
    third.look()
    assert {path: third.get(path).data for path in FEEDS} == served
    assert third.get("/ja/feed.json?q=x").status_code == 200  # its index is made anew


def rows(blog: Blog) -> dict[str, list[Any]]:
    tables = MetaData()
    # What search makes of the others is no part of what is restored.
    tables.reflect(blog.site.engine, only=lambda name, _: not name.startswith("search_"))
    with blog.site.engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(table.select())), key=repr)
            for table in tables.sorted_tables
        }


@pytest.mark.slow
def test_a_server_is_replaced_whole_or_not_at_all(
    blog: Blog, tmp_path: Path, postgres: Postgres
) -> None:
    backup(blog.settings, tmp_path / "b.tar.gz")
    other = elsewhere(blog, tmp_path / "second")
    other.with_settings(database_url=postgres.new_database())
    other.write("2026-01-09-new.md")
    other.look()
    with pytest.raises(BackupError, match="has recorded posts: --force"):
        restore(other.settings, tmp_path / "b.tar.gz")
    before = rows(other)
    half = tmp_path / "half.tar.gz"
    half.write_bytes((tmp_path / "b.tar.gz").read_bytes()[:-2000])
    with pytest.raises(BackupError, match="not a complete backup"):
        restore(other.settings, half, force=True)
    assert rows(other) == before
    alive = TranslatorStatus(
        holder="x",
        host="elsewhere",
        pid=7,
        started_at=time.time(),
        seen_at=time.time(),
        packages=(),
        memory_bytes=0,
        sentences=0,
    )
    Heartbeats(other.site.engine).record(alive)
    with pytest.raises(BackupError, match="stop every node first"):
        restore(other.settings, tmp_path / "b.tar.gz", force=True)


class TestCommands:
    """As they are found without the app, which would wait for a database that is damaged."""

    @pytest.fixture
    def command(self, blog: Blog, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
        monkeypatch.setenv("FEEDS_STATE_DIR", str(blog.settings.state_dir))
        found = {point.name: point for point in entry_points(group="flask.commands")}

        def run(name: str, *arguments: object) -> Result:
            return CliRunner().invoke(found[name].load(), [str(one) for one in arguments])

        return run

    def test_they_report_their_result(self, command: Callable[..., Result], tmp_path: Path) -> None:
        file = tmp_path / "b.tar.gz"
        assert " MB" in command("backup", file).stdout
        made = command("backup", file, "--json")
        assert json.loads(made.stdout) == {"file": str(file), "bytes": file.stat().st_size}
        refused = command("restore", file)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert "--force" in refused.stderr
        done = command("restore", "--force", "--json", file)
        assert (done.exit_code, json.loads(done.stdout)) == (0, {"restored": str(file)})

    def test_a_damaged_database_is_replaced_by_force(
        self, command: Callable[..., Result], blog: Blog, tmp_path: Path
    ) -> None:
        served = {path: blog.get(path).data for path in FEEDS}
        file, database = tmp_path / "b.tar.gz", blog.settings.state_dir / "feedglot.sqlite3"
        backup(blog.settings, file)
        blog.site.close()
        database.write_bytes(database.read_bytes()[:5000] + b"\xff" * 40_000)
        refused = command("restore", file)
        assert (refused.exit_code, "is damaged: --force" in refused.stderr) == (1, True)
        assert command("restore", file, "--force").exit_code == 0
        blog.open()
        blog.look()
        assert {path: blog.get(path).data for path in FEEDS} == served

    def test_where_there_is_no_database_none_is_made(
        self, command: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FEEDS_STATE_DIR", str(tmp_path / "wrong"))
        refused = command("backup", tmp_path / "b.tar.gz")
        assert (refused.exit_code, "no database" in refused.stderr) == (1, True)
        assert not (tmp_path / "wrong").exists()
        monkeypatch.setenv("FEEDS_STATE_DIRECTORY", "x")
        assert "FEEDS_STATE_DIRECTORY: unknown setting" in command("backup", "b.tar.gz").stderr
