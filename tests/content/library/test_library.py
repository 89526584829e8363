"""A folder of posts, looked at while people write in it."""

from __future__ import annotations

import logging
import os
import threading
from datetime import UTC
from pathlib import Path

import pytest

from content.library.library import BodyGone, Library


class Folder:
    """A posts folder with a clock, so that tests need not wait for files to settle."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = 1_000_000.0
        self.library = self.open()

    def open(self, **settings: float) -> Library:
        return Library(
            self.path,
            language="ja",
            languages=("ja", "en", "ko"),
            timezone=UTC,
            clock=lambda: self.now,
            **settings,
        )

    def write(self, name: str, text: str | bytes, *, age: float = 60.0) -> Path:
        """Writes a file that was last changed `age` seconds ago."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        os.utime(path, (self.now - age, self.now - age))
        return path

    def look(self, *, after: float = 0.0) -> list[str]:
        """The titles, newest first, when `after` seconds have passed."""
        self.now += after
        self.library.refresh()
        return [post.title for post in self.library.snapshot.posts]

    @property
    def problems(self) -> list[str]:
        return [str(problem) for problem in self.library.snapshot.problems]


@pytest.fixture(params=["told by the kernel", "each file looked at"])
def folder(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Folder:
    if request.param != "told by the kernel":
        monkeypatch.setattr("content.library.watch._open", lambda _: None)
    return Folder(tmp_path)


def text(title: str, front: str = "", body: str = "本文。") -> str:
    return f"---\ntitle: {title}\n{front}\n---\n{body}\n"


def test_posts_come_newest_first(folder: Folder) -> None:
    folder.write("2026-01-01-a.md", text("A"))
    folder.write("deep/er/2026-03-01-c.markdown", text("C"))
    folder.write("_posts/2026-02-01-b.txt", text("B"))
    assert folder.look() == ["C", "B", "A"]
    assert folder.library.snapshot.version == 1
    assert not folder.library.refresh()
    assert folder.library.snapshot.version == 1


@pytest.mark.parametrize(
    "name",
    [".x.md", ".x.md.swp", "x.md~", "#x.md#", "x.md.tmp", "x.md.part", "_drafts/x.md", ".git/x.md",
     "x.png", ".#x.md"],
)  # fmt: skip
def test_files_of_editors_are_not_posts(folder: Folder, name: str) -> None:
    folder.write(name, text("A", "date: 2026-01-01"))
    assert folder.look() == []
    assert folder.problems == []


def test_edits_new_files_and_deletions_show(folder: Folder) -> None:
    old = folder.write("2026-01-01-a.md", text("A"))
    assert folder.look() == ["A"]
    folder.write("2026-01-01-a.md", text("AA"), age=0)
    folder.write("2026-01-02-b.md", text("B"), age=0)
    assert folder.look(after=1) == ["B", "AA"]
    old.unlink()
    folder.look()
    assert folder.look(after=1) == ["B"]


def test_a_touched_file_is_no_change(folder: Folder) -> None:
    folder.write("2026-01-01-a.md", text("A"))
    folder.look()
    folder.write("2026-01-01-a.md", text("A"), age=30)
    assert not folder.library.refresh()


def test_a_file_still_being_written_waits(folder: Folder) -> None:
    folder.write("2026-01-01-a.md", text("A"))
    folder.look()
    folder.write("2026-01-01-a.md", text("half"), age=0.1)
    folder.write("2026-01-02-b.md", text("B"), age=0.1)
    assert folder.look() == ["A"]
    folder.write("2026-01-01-a.md", text("whole"), age=0)
    assert folder.look(after=0.4) == ["A"] or folder.look() == ["B", "A"]
    assert folder.look(after=0.5) == ["B", "whole"]


@pytest.mark.parametrize(
    "half", ["", "---\ntitle: x\n", "---\ntitle: [x\n---\n", "no front matter"]
)
def test_a_rewrite_that_truncates_first_keeps_the_last_good_one(folder: Folder, half: str) -> None:
    folder.write("2026-01-01-a.md", text("A"))
    folder.look()
    folder.write("2026-01-01-a.md", half, age=0)
    assert folder.look(after=0.8) == ["A"]
    assert folder.problems == []
    assert folder.look(after=0.3) == []
    assert folder.problems[0].startswith("2026-01-01-a.md:")


def test_a_file_replaced_by_renaming_is_never_missing(folder: Folder) -> None:
    path = folder.write("2026-01-01-a.md", text("A"))
    folder.look()
    path.rename(path.with_suffix(".md~"))
    assert folder.look() == ["A"]
    folder.write("2026-01-01-a.md", text("AA"))
    assert folder.look() == ["AA"]


def test_renaming_a_post_is_no_conflict_with_itself(folder: Folder) -> None:
    path = folder.write("2026-01-01-a.markdown", text("A"))
    folder.look()
    path.rename(path.with_suffix(".txt"))
    assert folder.look() == ["A"]
    assert folder.problems == []


@pytest.mark.parametrize("name", ["2026-01-01-b.md", "2025-12-31-z.md", "in/2026-01-01-a.md"])
def test_a_renamed_post_is_never_there_twice(folder: Folder, name: str) -> None:
    """Or the ledger would take the second for another post, and so would every reader."""
    path = folder.write("2026-01-01-a.md", text("A"))
    folder.write("in/2026-01-02-x.md", text("X"))
    folder.look()
    path.rename(folder.path / name)
    for _ in range(3):
        assert folder.look(after=0.25) == ["X", "A"]
        assert [post.path for post in folder.library.snapshot.posts][1] == name


def test_a_file_from_the_future_is_read_once_it_rests(folder: Folder) -> None:
    folder.look()
    folder.write("2026-01-01-a.md", text("A"), age=-3600)
    assert folder.look() == []
    assert folder.look(after=1) == ["A"]


def test_the_first_look_waits_for_files_just_written(tmp_path: Path) -> None:
    (tmp_path / "2026-01-01-a.md").write_text(text("A"))
    (tmp_path / "broken.md").write_text("x")
    library = Library(tmp_path, language="ja", languages=("ja",), timezone=UTC)
    assert library.refresh()
    assert [post.title for post in library.snapshot.posts] == ["A"]
    assert [problem.path for problem in library.snapshot.problems] == ["broken.md"]


def test_wait_0_returns_immediately(folder: Folder) -> None:
    folder.library = folder.open(settled=0)
    assert folder.look() == []
    path = folder.write("2026-01-01-a.md", text("A"), age=0)
    assert folder.look() == ["A"]
    path.write_text("")
    assert folder.look() == []
    path.unlink()
    assert folder.look() == []
    assert folder.problems == []


def test_problems_leave_the_other_posts_alone(
    folder: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    folder.write("2026-01-01-a.md", text("A"))
    folder.write("bytes.md", b"---\ntitle: \xff\n---\n")
    folder.write("huge.md", b"---\ntitle: x\n---\n" + b"x" * 2_000_000)
    folder.write("yaml.md", "---\ntitle: [\n---\n")
    with caplog.at_level(logging.WARNING):
        assert folder.look() == ["A"]
        folder.write("2026-01-02-b.md", text("B"))
        folder.look()
    assert [line.split(":")[0] for line in folder.problems] == ["bytes.md", "huge.md", "yaml.md"]
    assert [record.getMessage() for record in caplog.records] == folder.problems


def test_same_day_and_slug_sets_the_later_path_aside(folder: Folder) -> None:
    folder.write("2026-01-01-a.md", text("A"))
    folder.write("z.md", text("Z", "date: 2026-01-01\nslug: a"))
    folder.write("2026-01-02-a.md", text("B"))
    assert folder.look() == ["B", "A"]
    assert folder.problems == [
        "z.md:1: same day, slug and address as 2026-01-01-a.md: "
        "give one of them another slug: or date:"
    ]


def test_a_missing_folder_keeps_the_last_good_posts(folder: Folder) -> None:
    folder.write("2026-01-01-a.md", text("A"))
    folder.look()
    away = folder.path.rename(folder.path.with_name("away"))
    assert folder.look(after=5) == ["A"]
    assert folder.look(after=5) == ["A"]
    assert len(folder.problems) == 1
    assert "the folder cannot be read: No such file or directory" in folder.problems[0]
    away.rename(folder.path)
    assert folder.look(after=5) == ["A"]
    assert folder.problems == []


def test_links_that_go_round_and_odd_files_are_harmless(folder: Folder) -> None:
    folder.write("in/2026-01-01-a.md", text("A"))
    (folder.path / "in/up").symlink_to(folder.path)
    (folder.path / "gone.md").symlink_to("nowhere.md")
    os.mkfifo(folder.path / "pipe.md")
    (folder.path / os.fsdecode(b"\xff.md")).write_text("x")
    assert folder.look() == ["A"]
    assert [line.partition(":")[2] for line in folder.problems] == [
        "1: a file name that is not UTF-8 or holds control characters: rename the file"
    ]


def test_translations_by_hand_belong_to_their_post(folder: Folder) -> None:
    folder.write("2026-01-01-a.md", text("A"))
    folder.write("2026-01-01-a.ko.md", "---\ntitle: 가\n---\n가\n\n본문")
    folder.write("2026-01-01-a.en.markdown", "Text")
    folder.write("2026-01-01-b.ko.md", "Text")
    folder.write("2026-01-01-a.ja.md", "Text")
    assert folder.look() == ["A"]
    post = folder.library.snapshot.posts[0]
    assert [(it.language, it.title) for it in post.versions] == [("en", None), ("ko", "가")]
    assert folder.library.version_body(post.versions[1]).html == "<p>본문</p>\n"
    assert [line.split(": ")[1] for line in folder.problems] == [
        "a translation into the post's own language, ja",
        "a translation of no post",
    ]


def test_translations_of_what_is_held_back_or_broken_are_no_second_problem(folder: Folder) -> None:
    folder.write("a.md", text("A", "draft: true"))
    folder.write("a.ko.md", "Text")
    folder.write("b.md", "x")
    folder.write("b.ko.md", "Text")
    assert folder.look() == []
    assert len(folder.problems) == 1


def test_a_translation_is_no_post_that_another_could_belong_to(folder: Folder) -> None:
    folder.write("2026-01-01-a.md", text("A"))
    folder.write("2026-01-01-a.en.md", "Text")
    folder.write("2026-01-01-a.en.ko.md", "본문")
    assert folder.look() == ["A"]
    assert [version.language for version in folder.library.snapshot.posts[0].versions] == ["en"]
    (problem,) = folder.problems
    assert problem.startswith("2026-01-01-a.en.ko.md:1: a translation of no post")


def test_a_body_belongs_to_its_post(folder: Folder) -> None:
    folder.write("2026-01-01-a.md", text("A", body="古い"))
    folder.write("2026-01-02-b.md", text("B", body="古い"))
    folder.look()
    b, a = folder.library.snapshot.posts
    assert folder.library.body(a).html == "<p>古い</p>\n"
    folder.write("2026-01-01-a.md", text("A", body="新しい"), age=0)
    folder.write("2026-01-02-b.md", text("B", body="新しい"), age=0)
    assert folder.library.body(a).html == "<p>古い</p>\n"  # rendered before
    with pytest.raises(BodyGone):
        folder.library.body(b)
    folder.look(after=1)
    assert folder.library.body(folder.library.snapshot.posts[0]).html == "<p>新しい</p>\n"


def test_links_between_posts_follow_the_other_post(folder: Folder) -> None:
    folder.write("2026-01-01-a.md", text("A", body="[b]({% post_url 2026-01-02-b %})"))
    folder.write("2026-01-02-b.md", text("B"))
    folder.look()
    assert 'href="/2026/01/02/b.html"' in folder.library.body(folder.library.snapshot.posts[1]).html
    folder.write("2026-01-02-b.md", text("B", "permalink: /:year/b"), age=30)
    folder.look()
    assert 'href="/2026/b"' in folder.library.body(folder.library.snapshot.posts[1]).html


def test_refreshing_from_many_threads_loses_nothing(folder: Folder) -> None:
    for number in range(50):
        folder.write(f"2026-01-01-{number}.md", text(f"t{number}"))
    threads = [threading.Thread(target=folder.library.refresh) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(folder.library.snapshot.posts) == 50
    assert folder.library.snapshot.version == 1


def test_no_file_has_a_name_that_no_file_can_have(folder: Folder) -> None:
    assert folder.library.find_file("a" * 5_000 + ".png") is None
    assert folder.library.find_file("a\0.png") is None


def test_a_post_that_is_deleted_with_an_edit_of_the_settings_is_gone(folder: Folder) -> None:
    """One `git pull` may do both."""
    folder.write("_config.yml", "title: blog\n")
    gone = folder.write("_posts/2026-01-01-a.md", "---\ntitle: a\n---\n")
    folder.write("_posts/2026-01-02-b.md", "---\ntitle: b\n---\n")
    assert folder.look() == folder.look() == ["b", "a"]
    gone.unlink()
    folder.write("_config.yml", "title: another blog\n")
    folder.look()
    assert folder.look(after=5) == ["b"]


def test_all_posts_are_gone_with_their_folder(folder: Folder) -> None:
    folder.write("_config.yml", "title: blog\n")
    folder.write("_posts/2026-01-01-a.md", "---\ntitle: a\n---\n")
    assert folder.look() == folder.look() == ["a"]
    (folder.path / "_posts").rename(folder.path / "_old")
    folder.look()
    assert folder.look(after=5) == []
    assert folder.library.config.title == "blog"
