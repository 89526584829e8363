"""Posts of a Jekyll blog that read includes and data: an edit there reaches readers."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds.cli import models
from tests.support.blog import Blog

BOX = '{% include box.html x="箱" %}です。'


@pytest.fixture
def jekyll(tmp_path: Path) -> Blog:
    folder = tmp_path / "posts"
    (folder / "_includes").mkdir(parents=True)
    (folder / "_config.yml").write_text("title: 山田の日記\n", "utf-8")
    (folder / "_includes/box.html").write_text("赤い{{ include.x }}", "utf-8")
    blog = Blog(tmp_path)
    blog.write("_posts/2026-01-01-box.md", BOX, tags="[箱]")
    blog.write("_posts/2026-01-02-plain.md", "本文です。", tags="[紙]")
    blog.look()
    return blog


def edit(blog: Blog) -> None:
    (blog.settings.posts_dir / "_includes/box.html").write_text("青い{{ include.x }}!", "utf-8")
    blog.look()


def test_an_edit_of_an_include_reaches_readers_without_a_new_date(jekyll: Blog) -> None:
    before = jekyll.feed("/ja/feed.atom")
    assert "赤い箱" in str(before.entries)
    edit(jekyll)
    after = jekyll.feed("/ja/feed.atom")
    assert "青い箱!" in str(after.entries)
    assert [e.updated for e in after.entries] == [e.updated for e in before.entries]
    assert [e.id for e in after.entries] == [e.id for e in before.entries]
    assert after.feed.updated == before.feed.updated


def test_feeds_without_such_a_post_stay_as_they_are(jekyll: Blog) -> None:
    paths = ("/ja/tags/箱/feed.atom", "/ja/tags/紙/feed.atom")
    before = [jekyll.get(path) for path in paths]
    edit(jekyll)
    after = [jekyll.get(path) for path in paths]
    box, plain = zip(before, after, strict=True)
    assert box[0].headers["ETag"] != box[1].headers["ETag"]
    assert box[0].headers["Last-Modified"] < box[1].headers["Last-Modified"]
    for name in ("ETag", "Last-Modified"):
        assert plain[0].headers[name] == plain[1].headers[name]


def test_a_second_worker_serves_the_same_bytes(jekyll: Blog) -> None:
    edit(jekyll)
    first = jekyll.get("/ja/feed.atom")
    jekyll.open()
    jekyll.look()
    second = jekyll.get("/ja/feed.atom")
    assert (first.data, first.headers["ETag"]) == (second.data, second.headers["ETag"])


def test_a_translation_follows_the_include(jekyll: Blog) -> None:
    jekyll.get("/en/feed.atom")
    jekyll.translate()
    before = jekyll.feed("/en/feed.atom").entries
    edit(jekyll)
    jekyll.get("/en/feed.atom")
    assert jekyll.translate() == 1
    after = jekyll.feed("/en/feed.atom").entries
    assert [e.content for e in after] != [e.content for e in before]
    assert [e.updated for e in after] == [e.updated for e in before]


def test_an_edit_of_the_post_itself_is_dated(jekyll: Blog) -> None:
    jekyll.get("/en/feed.atom")
    jekyll.translate()
    before = jekyll.feed("/en/feed.atom").entries
    jekyll.write("_posts/2026-01-01-box.md", BOX + "新しい。", tags="[箱]")
    jekyll.look()
    jekyll.get("/en/feed.atom")
    assert jekyll.translate() == 1
    after = jekyll.feed("/en/feed.atom").entries
    assert {e.id for e in after if e.updated not in {b.updated for b in before}} == {after[-1].id}


def test_content_check_names_what_was_not_rendered(jekyll: Blog) -> None:
    jekyll.write("_posts/2026-01-03-odd.md", "一\n{% strange %}\n{% include gone.html %}")
    jekyll.write("_posts/2026-01-02-plain.ko.md", "{{ x | strange }}")
    models.register(jekyll.app)
    run = jekyll.app.test_cli_runner()
    found = run.invoke(args=["content", "check"])
    assert found.exit_code == 0, found.output
    notes = [line for line in found.stderr.splitlines() if line.startswith("note: _posts/")]
    assert [note.partition(": readers")[0] for note in notes] == [
        "note: _posts/2026-01-02-plain.ko.md:5: unknown filter strange",
        "note: _posts/2026-01-03-odd.md:6: unknown tag strange",
        "note: _posts/2026-01-03-odd.md:7: include gone.html: there is no such file",
    ]
    assert "strange" not in run.invoke(args=["content", "check", "--quick"]).stderr
