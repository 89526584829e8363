"""Programs that make a key of a feed's name, given the list of all feeds."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from content.text import remove_illegal
from tests.readers.lab import libraries
from tests.readers.served import Served
from tests.support.debian import program

pytestmark = pytest.mark.slow

# Names that are one without their signs, and terms that two kinds share.
TAGS = "[C, C++, C#, AI, '!', '?', 'A B', A-B, 日本, 日・本]"


@pytest.fixture
def opml(tmp_path: Path) -> tuple[Path, int]:
    """The list of all feeds, and how many there are."""
    with Served(tmp_path / "blog") as blog:
        blog.write("2026-01-01-a.md", tags=TAGS, categories="[AI, C++]", author="AI")
        blog.write("2026-01-02-b.md", tags="[Go]", author="山田")
        blog.look()
        text = blog.get("/opml.xml").text
    path = tmp_path / "feeds.opml"
    path.write_text(remove_illegal(text), "utf-8")
    return path, text.count("xmlUrl=")


def test_rss2email_imports_every_feed(opml: tuple[Path, int], tmp_path: Path) -> None:
    path, count = opml
    r2e = [program("r2e", "rss2email"), "-c", f"{tmp_path}/config", "-d", f"{tmp_path}/data"]

    def ask(*arguments: str) -> str:
        done = subprocess.run(
            [*r2e, *arguments], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    ask("new", "reader@mail.example")
    ask("opmlimport", str(path))
    assert len(ask("list").splitlines()) == count > 40


def test_feed2exec_imports_every_feed(opml: tuple[Path, int], tmp_path: Path) -> None:
    path, count = opml
    libraries.install()
    command = [str(libraries.HOME / "python/bin/feed2exec")]
    command += [f"--config={tmp_path}/config", f"--database={tmp_path}/db"]
    libraries.run("env", f"HOME={tmp_path}", *command, "import", str(path))
    listed = libraries.run("env", f"HOME={tmp_path}", *command, "ls")
    decoder, names = json.JSONDecoder(), set()
    while listed := listed.strip():
        feed, end = decoder.raw_decode(listed)
        names.add(feed["name"])
        listed = listed[end:]
    assert len(names) == count
