"""No process takes the site back: commands record nothing, and most posts do not go at once."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from feeds.cli import models, service
from feeds.cli.translate import site_of_app
from feeds.ops.export.export import ExportError, export
from feeds.store import ledger_tables
from feeds.store.removal_guard import WAIT_SECONDS
from infra.database import reading
from infra.locks import WorkersLock, is_served
from tests.support.blog import Blog

LATER = WAIT_SECONDS + 1


def after(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    """A service with four posts on record."""
    blog = Blog(tmp_path)
    for n in (1, 2, 3, 4):
        blog.write(f"2026-01-0{n}-p{n}.md", f"{n}つ目。", tags=f"[AI, t{n}]")
    blog.look(after(0))
    blog.site.removals.wait = WAIT_SECONDS
    return blog


def elsewhere(blog: Blog, *names: str) -> Blog:
    """Another process on the same state, whose folder has only these posts."""
    other = Blog.__new__(Blog)
    folder = blog.settings.posts_dir.with_name("elsewhere")
    folder.mkdir(exist_ok=True)
    other.settings = replace(blog.settings, posts_dir=folder)
    other.engine = blog.engine
    for name in names:
        other.write(name)
    other.open()
    return other


def entries(blog: Blog, path: str = "/ja/feed.json") -> list[str]:
    answer = blog.get(path)
    assert answer.status_code == 200
    return [item["id"] for item in json.loads(answer.data)["items"]]


def on_record(blog: Blog) -> int:
    with reading(blog.site.engine) as db:
        statement = select(ledger_tables.posts).where(ledger_tables.posts.c.removed_at.is_(None))
        return len(db.execute(statement).all())


def command(blog: Blog, *arguments: str) -> tuple[int, str]:
    models.register(blog.app)
    service.register(blog.app)
    result = blog.app.test_cli_runner().invoke(args=list(arguments))
    return result.exit_code, result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("memory", "stats"),
        ("memory", "prune", "--dry-run"),
        ("memory", "export", "out.tmx"),
        ("feeds", "list"),
        ("translate", "inspect", "p1", "--lang", "ko"),
    ],
)
def test_a_command_records_nothing(
    blog: Blog, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    revision = blog.site.ledger.revision()
    blog.write("2026-01-05-p5.md")
    blog.remove("2026-01-04-p4.md")
    worker = Blog.__new__(Blog)
    worker.settings, worker.engine = blog.settings, blog.engine
    worker.open()
    command(worker, *arguments)
    assert worker.site.ledger.revision() == revision
    # What it shows is the folder as it is.
    with worker.app.app_context():
        assert {post.key for post in site_of_app().catalogue.posts} == {
            f"2026-01-0{n}:p{n}" for n in (1, 2, 3, 5)
        }
    assert blog.site.ledger.revision() == revision


def test_a_command_with_another_folder_is_refused(blog: Blog) -> None:
    blog.site.check_folder(record=True)
    before = entries(blog)
    other = elsewhere(blog, "2026-02-01-other.md")
    for arguments in (("feeds", "list"), ("translate", "run"), ("memory", "prune", "--dry-run")):
        status, said = command(other, *arguments)
        assert status == 1
        assert "lacks 4 of the 4 posts on record" in said
        assert f"FEEDS_POSTS_MOVED_FROM={blog.settings.posts_dir}" in said
    with pytest.raises(ExportError, match="posts on record, which come from"):
        export(other.settings, other.settings.state_dir / "out")
    blog.look(after(LATER))
    assert entries(blog) == before
    assert on_record(blog) == 4


def test_a_service_with_another_folder_is_refused(blog: Blog) -> None:
    blog.site.check_folder(record=True)
    other = elsewhere(blog, "2026-02-01-other.md")
    with pytest.raises(RuntimeError, match="lacks 4 of the 4 posts on record"):
        other.site.check_folder(record=True)
    other.with_settings(posts_moved_from=blog.settings.posts_dir)
    other.site.check_folder(record=True)
    assert blog.site.ledger.known_fact("posts_dir") == str(other.settings.posts_dir)


def test_a_folder_that_has_moved_with_its_posts_is_the_same_one(blog: Blog) -> None:
    blog.site.check_folder(record=True)
    other = elsewhere(blog)
    shutil.copytree(blog.settings.posts_dir, other.settings.posts_dir, dirs_exist_ok=True)
    (other.settings.posts_dir / "2026-01-01-p1.md").unlink()  # one was deleted on the way
    other.open()
    other.site.check_folder(record=True)
    other.look(after(0))
    assert len(entries(other)) == 3


def test_posts_of_an_emptied_folder_stay_for_a_minute(
    blog: Blog, caplog: pytest.LogCaptureFixture
) -> None:
    before = entries(blog), blog.get("/ja/tags/t1/feed.atom").data
    for name in ("p1", "p2", "p3", "p4"):
        (blog.settings.posts_dir / f"2026-01-0{name[1]}-{name}.md").unlink()
    with caplog.at_level(logging.ERROR):
        blog.look(after(0))
        blog.look(after(30))
    assert caplog.text.count("4 of 4 posts on record are not in the posts' folder") == 1
    assert (entries(blog), blog.get("/ja/tags/t1/feed.atom").data) == before
    ready = blog.get("/readyz")
    assert ready.status_code == 503
    assert "posts: 4 of 4 on record are not in the folder" in ready.text
    pending = blog.get("/api/status").json["posts"]["pending_removal"]  # type: ignore[index]
    assert (pending["missing"], pending["on_record"]) == (4, 4)
    for language in ("ja", "en", "ko"):
        assert 'class="alarm"' in blog.get(f"/status?lang={language}").text

    blog.look(after(LATER))
    assert entries(blog) == []
    assert on_record(blog) == 0
    assert "the folder has none, and there were some" in blog.get("/readyz").text

    for n in (1, 2, 3, 4):
        blog.write(f"2026-01-0{n}-p{n}.md", f"{n}つ目。", tags=f"[AI, t{n}]")
    blog.look(after(LATER))
    assert entries(blog) == before[0]


def test_posts_that_are_moved_within_the_folder_are_not_removed(blog: Blog) -> None:
    before = entries(blog)
    folder = blog.settings.posts_dir
    (folder / "2026").mkdir()
    for path in folder.glob("*.md"):
        path.rename(folder / "2026" / path.name)
    blog.look(after(0))
    assert blog.site.removals.pending is None
    assert entries(blog) == before


def test_a_worker_records_its_posts_again_after_another_removed_them(blog: Blog) -> None:
    """A node whose checkout lags has not got the two newest posts."""
    before = entries(blog)
    other = elsewhere(blog)
    for n in (1, 2):
        name = f"2026-01-0{n}-p{n}.md"
        shutil.copyfile(blog.settings.posts_dir / name, other.settings.posts_dir / name)
    other.write("2026-02-01-own.md")
    other.open()
    other.look(after(0))
    assert len(entries(other)) == 3
    assert on_record(other) == 3

    assert entries(blog) == before  # at once: readers see nothing of it
    blog.look(after(2))
    assert entries(blog) == before
    blog.look(after(30))
    assert entries(blog) == before
    assert on_record(other) == 5  # and what the other one has was not taken back
    revision = blog.site.ledger.revision()
    for seconds in (40, 50, 60):
        for node in (other, blog):
            node.look(after(seconds))
            entries(node)
    assert blog.site.ledger.revision() == revision  # they do not quarrel


def test_a_deletion_found_by_another_worker_first_stays_deleted(blog: Blog) -> None:
    other = Blog.__new__(Blog)
    other.settings, other.engine = blog.settings, blog.engine
    other.open()
    other.look(after(0))
    blog.remove("2026-01-04-p4.md")
    other.look(after(0))
    assert len(entries(other)) == 3
    blog.look(after(1))
    blog.look(after(30))
    assert len(entries(blog)) == 3
    assert on_record(blog) == 3


def test_an_export_without_most_posts_is_refused(blog: Blog, tmp_path: Path) -> None:
    export(blog.settings, tmp_path / "out")
    page = tmp_path / "out" / "ja" / "posts" / "p1" / "index.html"
    assert page.is_file()
    for name in ("2026-01-01-p1.md", "2026-01-02-p2.md", "2026-01-03-p3.md"):
        blog.remove(name)
    with pytest.raises(ExportError, match=r"3 of 4 recorded posts are missing.*--force"):
        export(blog.settings, tmp_path / "out")
    assert page.is_file()
    assert on_record(blog) == 4
    export(blog.settings, tmp_path / "out", force=True)
    assert not page.exists()


def test_an_export_records_only_where_no_web_worker_does(blog: Blog, tmp_path: Path) -> None:
    blog.write("2026-01-05-p5.md")
    lock = WorkersLock(blog.settings.state_dir)
    lock.share()
    try:
        assert is_served(blog.settings.state_dir)
        export(blog.settings, tmp_path / "out")
        assert on_record(blog) == 4
        assert (tmp_path / "out/ja/posts/p5/index.html").is_file()
    finally:
        lock.release()
    export(blog.settings, tmp_path / "out")
    assert on_record(blog) == 5


def unreadable(folder: Path) -> Callable[[], None]:
    away = folder.with_name("away")
    folder.rename(away)
    folder.symlink_to(folder.name)

    def put_back() -> None:
        folder.unlink()
        away.rename(folder)

    return put_back


def test_a_folder_that_cannot_be_read_removes_nothing_ever(blog: Blog) -> None:
    before = entries(blog)
    put_back = unreadable(blog.settings.posts_dir)
    try:
        worker = Blog.__new__(Blog)
        worker.settings, worker.engine = blog.settings, blog.engine
        worker.open()
        for seconds in (0, LATER, LATER + 3600):
            worker.look(after(seconds))
            blog.look(after(seconds))
        assert on_record(blog) == 4
        assert entries(blog) == before
    finally:
        put_back()


def test_a_post_and_its_record_hold_equal_values_once(blog: Blog) -> None:
    """They are read apart, and a worker may hold 100,000 of them."""
    site = elsewhere(blog, *(f"2026-01-0{n}-p{n}.md" for n in (1, 2, 3, 4))).site
    site.load(after(0))
    for each in site.catalogue.posts:
        post, record = each.post, each.record
        assert record.digest is post.digest
        assert record.slug is post.slug
        assert record.published is post.published
        assert record.once_by_hand is site.catalogue.posts[0].record.once_by_hand
        assert next(p for p in site.catalogue.page.records if p == post.path) is post.path
