"""`flask backup` and `flask restore`: what readers have seen survives the machine."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from blog import Blog

from feeds import operate
from feeds.backup import BackupError, backup, restore
from translate.lock import StateLock

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


def test_a_backup_can_be_made_while_somebody_writes(blog: Blog, tmp_path: Path) -> None:
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


def test_what_is_there_is_replaced_only_by_force(blog: Blog, tmp_path: Path) -> None:
    backup(blog.settings, tmp_path / "b.tar.gz")
    with pytest.raises(BackupError, match="has posts on record: --force"):
        restore(blog.settings, tmp_path / "b.tar.gz")
    restore(blog.settings, tmp_path / "b.tar.gz", force=True)


def test_a_running_service_is_not_restored_into(blog: Blog, tmp_path: Path) -> None:
    backup(blog.settings, tmp_path / "b.tar.gz")
    running = StateLock(blog.settings.state_dir)
    assert running.acquire()
    with pytest.raises(BackupError, match="stop the service first"):
        restore(blog.settings, tmp_path / "b.tar.gz", force=True)
    running.release()


def test_half_a_backup_and_a_newer_one_are_refused(blog: Blog, tmp_path: Path) -> None:
    whole = tmp_path / "b.tar.gz"
    backup(blog.settings, whole)
    half = tmp_path / "half.tar.gz"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(BackupError, match="not a whole backup"):
        restore(blog.settings, half, force=True)
    with blog.site.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0999'")
    with pytest.raises(Exception, match="schema 0999"):
        backup(blog.settings, tmp_path / "newer.tar.gz")
    with blog.site.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert blog.get("/ja/feed.rss").status_code == 200


def test_a_server_has_tools_of_its_own(blog: Blog, tmp_path: Path) -> None:
    from dataclasses import replace

    settings = replace(blog.settings, database_url="postgresql://db.example/feeds")
    with pytest.raises(BackupError, match="pg_dump"):
        backup(settings, tmp_path / "b.tar.gz")


def test_the_commands(blog: Blog, tmp_path: Path) -> None:
    operate.register(blog.app)
    run = blog.app.test_cli_runner().invoke
    file = tmp_path / "b.tar.gz"
    assert " MB" in run(args=["backup", str(file)]).stdout
    made = run(args=["backup", str(file), "--json"])
    assert json.loads(made.stdout) == {"file": str(file), "bytes": file.stat().st_size}
    refused = run(args=["restore", str(file)])
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    done = run(args=["restore", "--force", "--json", str(file)])
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"restored": str(file)})
