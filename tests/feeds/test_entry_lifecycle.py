"""The life of an entry, as those see it who poll: whatever happens, nothing to complain of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import feedparser
import pytest

from tests.support.blog import SITE, Blog
from tests.support.validity import complaints
from translate.engines.fake import FakeEngine
from translate.types import Decoding, Hop, Hypothesis

JAPANESE = re.compile(r"[\u3041-\u30ff\u4e00-\u9fff]")


class Babbling(FakeEngine):
    """Says everything in Japanese, whatever it was asked for: nothing of it is publishable."""

    def decode(
        self, hop: Hop, sentences: Sequence[str], options: Decoding
    ) -> list[list[Hypothesis]]:
        return [[Hypothesis(text, -3.0)] * options.hypotheses for text in sentences]


@dataclass
class Reader:
    """Polls one feed as Miniflux (counts errors) and SimplePie (checks the status) do."""

    blog: Blog
    path: str
    errors: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    entries: dict[str, Any] = field(default_factory=dict)  # id -> as last seen
    window: list[str] = field(default_factory=list)
    allowed_to_go: set[str] = field(default_factory=set)
    modified: str = ""

    @property
    def language(self) -> str:
        return self.path.split("/")[1]

    def poll(self) -> list[str]:
        """The slugs shown now, newest first."""
        response = self.blog.get(self.path, headers=self.headers)
        if response.status_code not in (200, 304):
            self.errors += 1
        assert self.errors == 0, (response.status_code, response.text)
        if response.status_code == 304:
            return self.slugs
        assert response.mimetype in ("application/rss+xml", "application/atom+xml")
        assert complaints(response.data, SITE + self.path) == []
        self._check_modified(response)
        self.headers = {"If-None-Match": response.headers["ETag"]}
        parsed = feedparser.parse(response.data)
        assert not parsed.bozo
        ids = [entry.id for entry in parsed.entries]
        assert len(ids) == len(set(ids))
        gone = [i for i in self.window if i not in ids and i not in self.allowed_to_go]
        if len(ids) < self.blog.settings.limit:
            assert not gone, f"vanished: {gone}"
        for entry in parsed.entries:
            self._check(entry)
        self.window = ids
        return self.slugs

    @property
    def slugs(self) -> list[str]:
        return [i.rpartition(":")[2].partition("/")[0] for i in self.window]

    def _check_modified(self, response: Any) -> None:
        now = response.last_modified
        assert not self.modified or now >= self.modified
        self.modified = now

    def _check(self, entry: Any) -> None:
        before = self.entries.get(entry.id)
        if before:
            assert entry.published == before.published
            assert entry.updated_parsed >= before.updated_parsed, entry.id
        self.entries[entry.id] = entry
        text = entry.title + entry.summary + body(entry).value
        marked = "untranslated" in str(entry.get("tags")) or "번역되지" in str(entry.get("tags"))
        if self.language == "ko" and not marked:
            assert not JAPANESE.search(text), text
            assert body(entry).language == "ko"
        if marked:
            assert body(entry).language == "ja"


def body(entry: Any) -> Any:
    """The full text; RSS has it in the summary's place where there is no summary."""
    return entry.content[0] if "content" in entry else entry.summary_detail


def write(blog: Blog, n: int, text: str = "本文です。", **front: str) -> None:
    front = {"title": f"記事その{n}", "tags": "[AI]"} | front
    blog.write(f"2026-01-{n:02}-p{n}.md", f"{text}番号は{n}です。", **front)


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    blog = Blog(tmp_path, limit=5)
    for n in range(1, 5):
        write(blog, n)
    blog.look()
    return blog


@pytest.fixture
def readers(blog: Blog) -> list[Reader]:
    return [Reader(blog, f"/{lang}/feed.{ext}") for lang in ("ja", "ko") for ext in ("rss", "atom")]


def poll(readers: list[Reader]) -> dict[str, list[str]]:
    """What each language shows, in both formats alike, now and after a restart."""
    shown: dict[str, list[str]] = {}
    for reader in readers:
        slugs = reader.poll()
        assert shown.setdefault(reader.language, slugs) == slugs
    return shown


def test_from_cold_to_upgraded(blog: Blog, readers: list[Reader]) -> None:
    all_four = ["p4", "p3", "p2", "p1"]
    # Cold: the original is whole, the translation empty, and asked for.
    assert poll(readers) == {"ja": all_four, "ko": []}
    # Growing: whatever is finished shows, in order.
    assert blog.translate(1) == 1
    assert poll(readers) == {"ja": all_four, "ko": ["p4"]}
    assert blog.translate(2) == 2
    assert poll(readers) == {"ja": all_four, "ko": ["p4", "p3", "p2"]}
    # Settled.
    blog.translate()
    assert poll(readers) == {"ja": all_four, "ko": all_four}
    updated = {i: e.updated for i, e in readers[3].entries.items()}
    # Edited, with the translator dead: the old translation stays as it was.
    write(blog, 2, "直した本文です。")
    write(blog, 3, last_modified_at="2026-02-01")  # no word of it is another
    blog.look()
    assert poll(readers) == {"ja": all_four, "ko": all_four}
    assert {i: e.updated for i, e in readers[3].entries.items()} == updated
    # A new post meanwhile; the window holds five.
    write(blog, 5)
    blog.look()
    assert poll(readers) == {"ja": ["p5", *all_four], "ko": all_four}
    # The service is started again, and edited once more.
    blog.open()
    write(blog, 2, "また直した本文です。")
    blog.look()
    assert poll(readers) == {"ja": ["p5", *all_four], "ko": all_four}
    # The translator is back.
    blog.translate()
    assert poll(readers) == {"ja": ["p5", *all_four], "ko": ["p5", *all_four]}
    moved = {i for i, e in readers[3].entries.items() if updated.get(i, e.updated) != e.updated}
    assert {i.rpartition(":")[2] for i in moved} == {"p2/ko"}
    # Upgraded models: everything is translated again, and nothing is news.
    updated = {i: e.updated for i, e in readers[3].entries.items()}
    before = {i: body(e).value for i, e in readers[3].entries.items()}
    blog.upgrade("2.0")
    assert poll(readers)["ko"] == ["p5", *all_four]
    assert {i: body(e).value for i, e in readers[3].entries.items()} == before
    blog.translate()
    assert poll(readers)["ko"] == ["p5", *all_four]
    assert {i: e.updated for i, e in readers[3].entries.items()} == updated
    assert all(body(e).value != before[i] for i, e in readers[3].entries.items())


def test_of_a_translation_that_fails_and_is_tried_again(blog: Blog, readers: list[Reader]) -> None:
    poll(readers)
    blog.engine = Babbling()
    blog.translate()
    assert poll(readers)["ko"] == ["p4", "p3", "p2", "p1"]
    assert all("untranslated" in str(e) for e in readers[3].entries.values())
    # It follows edits of the original, as what it shows is the original.
    write(blog, 2, "直した本文です。")
    blog.look()
    poll(readers)
    assert any("直した" in body(e).value for e in readers[3].entries.values())
    blog.upgrade("2.0")  # what was decoded before is remembered by version
    assert len(poll(readers)["ko"]) == 4
    blog.translate()
    assert len(poll(readers)["ko"]) == 4
    assert not any("untranslated" in str(e) for e in readers[3].entries.values())


def test_of_a_text_that_a_person_translated_and_took_back(
    blog: Blog, readers: list[Reader]
) -> None:
    poll(readers)
    blog.translate()
    poll(readers)
    blog.write("2026-01-02-p2.ko.md", "사람이 옮긴 글.", title="사람의 제목")
    blog.write("2026-01-05-p5.ko.md", "사람이 옮긴 글.", title="사람의 제목")
    write(blog, 5)
    blog.look()
    assert poll(readers)["ko"] == ["p5", "p4", "p3", "p2", "p1"]
    for n in (2, 5):
        blog.remove(f"2026-01-{n:02}-p{n}.ko.md")
    blog.look()
    assert poll(readers)["ko"] == ["p5", "p4", "p3", "p2", "p1"]
    blog.translate()
    assert poll(readers)["ko"] == ["p5", "p4", "p3", "p2", "p1"]


def test_while_its_file_is_being_rewritten(blog: Blog, readers: list[Reader]) -> None:
    poll(readers)
    blog.translate()
    for kept in (True, False):
        path = blog.settings.posts_dir / "2026-01-02-p2.md"
        text = path.read_text("utf-8")
        path.write_text("---\ntitle: 半", "utf-8")  # nobody has looked again yet
        assert poll(readers)["ja"] == ["p4", "p3", "p2", "p1"]
        path.write_text(text, "utf-8")
        blog.look()
        assert len(poll(readers)["ko"]) == 4, kept


def test_while_no_file_can_be_read_a_new_worker_serves_no_empty_feed(blog: Blog) -> None:
    blog.site.removals.wait = 60.0
    for path in blog.settings.posts_dir.glob("*.md"):
        path.rename(blog.settings.state_dir / path.name)  # nobody has looked again yet
    response = blog.get("/ja/feed.rss")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"


def test_when_a_post_is_renamed_removed_and_comes_back(blog: Blog, readers: list[Reader]) -> None:
    poll(readers)
    blog.translate()
    poll(readers)
    folder = blog.settings.posts_dir
    (folder / "2026-01-02-p2.md").rename(folder / "2026-01-02-renamed.md")
    blog.look()
    assert poll(readers)["ko"] == ["p4", "p3", "p2", "p1"]
    (folder / "2026-01-02-renamed.md").rename(blog.settings.state_dir / "away")
    for reader in readers:
        reader.allowed_to_go.update(i for i in reader.window if ":p2/" in i)
    blog.look()
    assert poll(readers)["ko"] == ["p4", "p3", "p1"]
    (blog.settings.state_dir / "away").rename(folder / "2026-01-02-renamed.md")
    blog.look()
    assert poll(readers)["ko"] == ["p4", "p3", "p2", "p1"]
