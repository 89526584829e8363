"""A start with the saved index tells what a start without one tells, and reads less."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content.library import library as library_module
from content.library import parse_cache
from content.library.library import Library

ROOT = Path(__file__).parents[3]
TIME = 1_700_000_000_123_456_789  # of the first edit; the next ones follow within the second


class Folder:
    """Posts beside an index, edited by somebody who is quick."""

    def __init__(self, path: Path) -> None:
        self.posts, self.index = path / "posts", path / "var/posts.index"
        self.posts.mkdir()
        self.edits = 0

    def open(self, *, index: bool = True, **settings: object) -> Library:
        values: dict[str, object] = {"language": "ja", "languages": ("ja", "en", "ko")}
        values |= {"timezone": timezone(timedelta(hours=9)), "settled": 0} | settings
        return Library(self.posts, index=self.index if index else None, **values)  # type: ignore[arg-type]

    def write(self, name: str, text: str) -> None:
        path = self.posts / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        self.touch(path)

    def touch(self, path: Path) -> None:
        self.edits += 1
        os.utime(path, ns=(TIME, TIME + self.edits))

    def save(self) -> None:
        library = self.open()
        library.refresh()
        assert not library.refresh()  # a quiet look, when it is written


def found(library: Library) -> object:
    library.refresh()
    return library.snapshot.posts, library.snapshot.problems


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the posts that were parsed."""
    paths: list[str] = []
    parse = library_module.parse_post

    def noting(data: bytes, path: str, **settings: object) -> object:
        paths.append(path)
        return parse(data, path, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr(library_module, "parse_post", noting)
    return paths


# All of one size, so that only the time tells an edit.
POST = (
    "---\ntitle: {0}\ndate: 2026-01-0{1}\ntags: [a, 犬{0}]\nauthor: {0}\n"
    "last_modified_at: 2026-02-01\n---\n{0}\n"
)
TEXTS = [
    POST.format("A", 1),
    POST.format("B", 1),
    POST.format("A", 2),
    POST.format("A", 1).replace("date: 2", "date: x"),  # a problem, on line 3
    POST.format("A", 1).replace("author: A", "draft: on"),
    POST.format("A", 1).replace("author: A", "slug: o/p"),
    POST.format("A", 1).replace("---\n", "-- \n"),
    "---\npermalink: /:year/:title\nimage: {path: x.png}\ntitle: <b>é</b>\nlang: en-GB\n"
    "expiryDate: 2999-01-01\n---\n",
    "",
]
NAMES = ["a.md", "2026-01-01-b.markdown", "in/c.txt", "a.ko.md", "a.ja.md", "z.en.md", "D.MD"]
ACTIONS = st.sampled_from(["write", "write", "delete", "rename", "restart"])
EDITS = st.tuples(ACTIONS, *[st.sampled_from(NAMES)] * 2, st.sampled_from(TEXTS))


@settings(max_examples=60)
@given(
    st.fixed_dictionaries({}, optional={name: st.sampled_from(TEXTS) for name in NAMES}),
    st.lists(EDITS, min_size=1, max_size=6),
)
def test_a_warm_start_reports_the_same_as_a_cold_one(
    before: dict[str, str], edits: list[tuple[str, str, str, str]]
) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Folder(Path(temporary))
        for name, text in before.items():
            folder.write(name, text)
        folder.save()
        for action, name, other, text in edits:
            path = folder.posts / name
            if action == "write":
                folder.write(name, text)
            elif action == "restart":
                folder.save()
            elif path.exists() and action == "delete":
                path.unlink()
            elif path.exists():
                (folder.posts / other).parent.mkdir(exist_ok=True)
                path.rename(folder.posts / other)
        assert found(folder.open()) == found(folder.open(index=False))


def test_only_what_has_changed_is_parsed(folder: Folder, parsed: list[str]) -> None:
    for name in ("a.md", "b.md", "c.md"):
        folder.write(name, TEXTS[0])
    folder.save()
    folder.write("b.md", TEXTS[2])
    (folder.posts / "c.md").unlink()
    del parsed[:]
    found(folder.open())
    assert parsed == ["b.md"]


def test_a_bad_post_is_reported_after_a_warm_start_and_read_again_once_fixed(
    folder: Folder, parsed: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    folder.write("a.md", TEXTS[3])
    folder.save()
    del parsed[:]
    caplog.clear()
    library = folder.open()
    library.refresh()
    assert parsed == []
    (problem,) = library.snapshot.problems
    assert str(problem).startswith("a.md:3: date: not a date: 'x026-01-01'")
    assert [record.getMessage() for record in caplog.records] == [str(problem)]
    folder.write("a.md", TEXTS[0])
    library.refresh()
    assert [post.title for post in library.snapshot.posts] == ["A"]


def test_a_file_that_could_not_be_read_is_tried_again(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str, _roots: object) -> tuple[bytes, tuple[int, int, int]]:
        raise PermissionError(13, "Permission denied", path)

    folder.write("a.md", TEXTS[0])
    library = folder.open()
    with monkeypatch.context() as denied:  # the tests may run as root, who may read all
        denied.setattr(library_module, "read_file", refuse)
        library.refresh()
        assert "a.md:1: cannot be read" in str(library.snapshot.problems[0])
        library.refresh()
        folder.save()
    assert library.refresh()  # its mode has changed, not its time
    assert [post.title for post in library.snapshot.posts] == ["A"]
    assert found(folder.open()) == found(library)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"\x00" * len(data),
        lambda data: data[: len(data) // 2],
        lambda data: data[: data.rindex(b"\n", 0, -1) + 1],  # all but its last line
        lambda data: data.replace("犬A".encode("unicode_escape"), b"\\u732bA"),
        lambda data: data.split(b"\n")[0] + b"\n" + b"[" * 100_000 + b"\n0\n",
        lambda data: data.split(b"\n")[0] + b"\n{}\n0\n",
        lambda data: data.split(b"\n")[0] + b'\n[["a.md",[1,2,3],["post"]]]\n0\n',
    ],
)
def test_a_damaged_index_is_ignored_and_rewritten(
    folder: Folder, parsed: list[str], caplog: pytest.LogCaptureFixture, damage: object
) -> None:
    folder.write("a.md", TEXTS[0])
    folder.save()
    whole = folder.index.read_bytes()
    folder.index.write_bytes(damage(whole))  # type: ignore[operator]
    assert folder.index.read_bytes() != whole
    del parsed[:]
    assert found(folder.open()) == found(folder.open(index=False))
    assert parsed == ["a.md", "a.md"]
    assert "every post is parsed" in caplog.text
    folder.save()
    assert folder.index.read_bytes() == whole


def test_an_index_of_another_parser_or_other_settings_is_ignored(
    folder: Folder, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write("a.md", TEXTS[0])
    folder.save()
    del parsed[:]
    found(folder.open(language="en"))
    found(folder.open(timezone=timezone(timedelta(hours=1))))
    found(folder.open(languages=("ja",)))
    assert len(parsed) == 3
    with monkeypatch.context() as newer:
        newer.setattr(parse_cache, "parser", lambda: "another")
        found(folder.open())
    assert len(parsed) == 4
    found(folder.open())
    assert len(parsed) == 4


def test_an_unwritable_index_is_logged(folder: Folder, caplog: pytest.LogCaptureFixture) -> None:
    folder.write("a.md", TEXTS[0])
    folder.index.parent.write_text("no folder")
    folder.save()
    assert "the next start parses more" in caplog.text


def test_an_incomplete_index_is_never_read(
    folder: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    folder.write("a.md", TEXTS[0])
    folder.save()
    folder.index.with_name("posts.index~").write_bytes(b"half")  # its writer was killed
    assert found(folder.open()) == found(folder.open(index=False))
    folder.write("a.md", TEXTS[1])
    folder.save()
    assert found(folder.open()) == found(folder.open(index=False))
    with caplog.at_level(logging.WARNING):
        assert "cannot be used" not in caplog.text
    assert [path.name for path in folder.index.parent.iterdir()] == ["posts.index"]


_WORKER = """
import sys
from datetime import UTC
from pathlib import Path
from content.library.library import Library
posts, index = map(Path, sys.argv[1:])
for turn in range(40):
    library = Library(posts, language="ja", languages=("ja",), timezone=UTC, index=index)
    library.refresh()
    assert len(library.snapshot.posts) == 700, len(library.snapshot.posts)
    library._unsaved = 10_000
    library.refresh()
"""


@pytest.mark.slow
def test_workers_may_save_and_start_at_the_same_time(folder: Folder) -> None:
    for number in range(700):  # more than one line
        folder.write(f"2026-01-01-{number}.md", f"---\ntitle: t{number}\n---\n")
        os.utime(folder.posts / f"2026-01-01-{number}.md", (1, 1))
    command = [sys.executable, "-c", _WORKER, str(folder.posts), str(folder.index)]
    workers = [
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    for worker in workers:
        _, errors = worker.communicate(timeout=300)
        assert worker.returncode == 0, errors
        assert errors == ""  # nobody met a file that was cut short
