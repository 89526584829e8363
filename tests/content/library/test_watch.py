"""What has changed in a folder: as the kernel tells it, and as each file says."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from content.library import watch
from content.library.scan import Signature, brief, list_posts
from content.library.watch import Watch


def in_brief(found: Mapping[str, Signature]) -> dict[str, int]:
    return {path: brief(signature) for path, signature in found.items()}


def there(folder: Path) -> dict[str, int]:
    return in_brief(list_posts(folder).found)


class Seen:
    """What somebody knows of a folder who goes by `Watch`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.watch = Watch(folder)
        self.known: dict[str, int] = {}
        self.look()
        self.look()  # from now on inotify reports changes

    def look(self) -> dict[str, int]:
        scan = self.watch.scan(self.known, ())
        for path in scan.missing(self.known.keys()):
            del self.known[path]
        self.known.update(in_brief(scan.found))
        return self.known

    @property
    def is_told(self) -> bool:
        return self.watch._notices is not None


@contextmanager
def looks_at_all(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """How often every file is looked at."""
    looks: list[Path] = []

    def counted(folder: Path, *rest: object) -> object:
        looks.append(folder)
        return list_posts(folder, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(watch, "list_posts", counted)
        yield looks


def test_no_file_is_read_while_nothing_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(50):
        (tmp_path / f"{n}.md").write_text("本文。")
    with looks_at_all(monkeypatch) as looks:
        seen = Seen(tmp_path)
        assert len(seen.known) == 50
        assert seen.watch.scan(seen.known, ()).at == set()
        (tmp_path / "7.md").write_text("別の本文。")
        assert seen.watch.scan(seen.known, {"8.md"}).found.keys() == {"7.md", "8.md"}
        (tmp_path / ".7.md.swp").write_text("")
        (tmp_path / ".git").mkdir()
        (tmp_path / "7.md~").write_text("")
        (tmp_path / "4913").write_text("")  # vim asks whether it may
        (tmp_path / "photo.jpg").write_text("")
        assert seen.watch.scan(seen.known, ()).at == set()
        assert len(looks) == 2


class Life(RuleBasedStateMachine):
    """Files and folders come, go and move; who is told knows what who looks at each does."""

    names = st.sampled_from(["a.md", "b.markdown", "photo.jpg", "_draft.md", "sub", "sub.md"])
    folders = st.sampled_from(["", "sub", "sub/deep", "sub.md", "_posts", ".git", "gone"])

    def __init__(self) -> None:
        super().__init__()
        self.base = Path(tempfile.mkdtemp())
        self.away = self.base / "away"
        self.away.mkdir()
        for release in ("one", "two"):
            (self.base / release / "posts").mkdir(parents=True)
        (self.base / "current").symlink_to("one")
        self.folder = self.base / "current" / "posts"
        self.seen = Seen(self.folder)
        self.seen.look()

    def teardown(self) -> None:
        del self.seen  # a user has 128 instances of inotify
        shutil.rmtree(self.base)

    @rule(folder=folders, name=names, text=st.sampled_from(["一", "二つ", "三つ目"]))
    def write(self, folder: str, name: str, text: str) -> None:
        with suppress(OSError):
            (self.folder / folder / name).write_text(text)

    @rule(folder=folders, name=names)
    def remove(self, folder: str, name: str) -> None:
        with suppress(OSError):
            (self.folder / folder / name).unlink()

    @rule(folder=folders, name=names)
    def touch(self, folder: str, name: str) -> None:
        with suppress(OSError):
            os.utime(self.folder / folder / name, ns=(time.time_ns(), time.time_ns()))

    @rule(folder=folders)
    def make_folder(self, folder: str) -> None:
        with suppress(OSError):
            (self.folder / folder).mkdir()

    @rule(folder=folders.filter(bool))
    def remove_folder(self, folder: str) -> None:
        if (self.folder / folder).is_symlink():
            (self.folder / folder).unlink()
        shutil.rmtree(self.folder / folder, ignore_errors=True)

    @rule(folder=folders, name=names, to=folders, as_=names)
    def move(self, folder: str, name: str, to: str, as_: str) -> None:
        with suppress(OSError):
            (self.folder / folder / name).rename(self.folder / to / as_)

    @rule(folder=folders, name=names, back=st.booleans())
    def move_away_and_back(self, folder: str, name: str, back: bool) -> None:
        inside, outside = self.folder / folder / name, self.away / name
        with suppress(OSError):
            outside.rename(inside) if back else inside.rename(outside)

    @rule(folder=folders, name=names, to=st.sampled_from(["a.md", "sub", "."]))
    def link(self, folder: str, name: str, to: str) -> None:
        with suppress(OSError):
            (self.folder / folder / name).symlink_to(self.away / to)

    @rule(name=names, text=st.sampled_from(["四", "五つ", "六つ目"]))
    def write_behind_links(self, name: str, text: str) -> None:
        with suppress(OSError):
            (self.away / name).write_text(text)

    @rule(release=st.sampled_from(["one", "two"]))
    def deploy(self, release: str) -> None:
        (self.base / "next").symlink_to(release)
        (self.base / "next").rename(self.base / "current")

    @rule()
    def lose_the_folder_and_find_it(self) -> None:
        self.folder.rename(self.base / "lost")
        assert self.seen.watch.scan(self.seen.known, ()).unseen == [""]
        (self.base / "lost").rename(self.folder)

    @invariant()
    def who_is_told_knows_all(self) -> None:
        assert self.seen.look() == there(self.folder)
        assert self.seen.is_told


Life.TestCase.settings = settings(stateful_step_count=40, deadline=None)
TestLife = Life.TestCase


def test_changes_behind_links_are_found(tmp_path: Path) -> None:
    posts, away = tmp_path / "posts", tmp_path / "away"
    for folder in (posts, away, away / "sub"):
        folder.mkdir()
    (away / "a.md").write_text("本文。")
    for name in ("a.md", "later.md", "sub", "later"):
        (posts / name).symlink_to(away / name)
    seen = Seen(posts)
    assert seen.known.keys() == {"a.md"}
    (away / "a.md").write_text("別の本文。")
    (away / "later.md").write_text("あとから来た本文。")
    assert seen.look() == there(posts)
    (away / "sub" / "b.md").write_text("フォルダの中の本文。")
    (away / "later").mkdir()
    (away / "later" / "c.md").write_text("あとから来たフォルダの本文。")
    assert seen.look() == there(posts)
    assert seen.known.keys() == {"a.md", "later.md", "sub/b.md", "later/c.md"}
    assert seen.is_told


def test_a_flood_of_changes_is_no_loss(tmp_path: Path) -> None:
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    names = [tmp_path / f"{n}.md" for n in range(3)]
    for name in names:
        name.write_text("本文。")
    seen = Seen(tmp_path)
    seen.look()
    for n in range(limit + 10):  # one notice each
        names[n % 2].touch()
    names[2].write_text("キューからあふれた変更。")
    assert seen.look() == there(tmp_path)
    assert seen.is_told


def test_without_an_event_every_file_is_scanned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with the files of another machine: here a second name of the file outside the folder."""
    posts, outside = tmp_path / "posts", tmp_path / "outside.md"
    posts.mkdir()
    outside.write_text("本文。")
    (posts / "a.md").hardlink_to(outside)
    seen = Seen(posts)
    seen.look()
    outside.write_text("別の本文。")
    assert seen.look() != there(posts), "the kernel told of it: no test of the rest"

    monkeypatch.setattr(seen.watch, "_whole_at", time.monotonic())
    assert seen.look() == there(posts)
    seen.look()
    assert not seen.is_told
    outside.write_text("また別の本文。")
    assert seen.look() == there(posts)


def test_a_change_just_before_its_notice_is_no_reason_for_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("本文。")
    seen = Seen(tmp_path)
    seen.look()

    def change_first(folder: Path, *rest: object) -> object:
        (tmp_path / "a.md").write_text("別の本文。")
        return list_posts(folder, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(watch, "list_posts", change_first)
        patch.setattr(seen.watch, "_whole_at", time.monotonic())
        seen.look()
    seen.look()
    assert seen.is_told


def test_reported_changes_and_links_do_not_cause_scans(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts, away = tmp_path / "posts", tmp_path / "away.md"
    posts.mkdir()
    away.write_text("本文。")
    (posts / "link.md").symlink_to(away)
    seen = Seen(posts)
    (posts / "a.md").write_text("本文。")
    away.write_text("別の本文。")
    monkeypatch.setattr(seen.watch, "_whole_at", time.monotonic())
    assert seen.look().keys() == {"a.md", "link.md"}
    seen.look()
    assert seen.is_told


def test_a_folder_that_could_not_be_opened_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.md").write_text("本文。")
    usual = os.open

    def refuse(path: str, *rest: int) -> int:
        if str(path).endswith("/sub"):
            raise OSError(24, "Too many open files")
        return usual(path, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        seen = Seen(tmp_path)
        assert seen.known == {}
    assert seen.look().keys() == {"sub/a.md"}
    assert seen.is_told


def test_without_inotify_every_file_is_scanned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("inotify_simple.INotify.add_watch", refuse)
    seen = Seen(tmp_path)
    seen.look()
    assert not seen.is_told
    (tmp_path / "a.md").write_text("本文。")
    assert seen.look() == there(tmp_path)


def test_a_network_file_system_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_file_system", lambda _: "nfs4")
    seen = Seen(tmp_path)
    seen.look()
    assert not seen.is_told


def test_the_kind_of_a_file_system_is_known() -> None:
    assert watch._file_system(Path("/proc")) == "proc"
    assert watch._file_system(Path("/nowhere")) == ""
