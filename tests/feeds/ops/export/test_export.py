"""`flask export`: the site as files that say, byte for byte, what the service says."""

from __future__ import annotations

import gzip
import html
import json
import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import brotli
import pytest

from feeds.cli import service
from feeds.ops.export.export import MANIFEST, ExportError, export
from feeds.web.middleware import cors
from feeds.web.page_context import CONTENT_POLICY, PAGE_POLICY
from infra.compression import zstd
from tests.support.blog import Blog

pytestmark = pytest.mark.slow

TAGS = ["c++", "100%", "最新ニュース", "🦊", ".net", "index.html", "AI"]


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    return written(Blog(tmp_path / "blog", languages=("ja",)), ["c++", "AI"])


def written(blog: Blog, tags: list[str]) -> Blog:
    for n, tag in enumerate(tags, 1):
        blog.write(f"2026-01-{n:02}-post-{n}.md", f"本文{n}。" * 40, tags=f'["{tag}"]')
    blog.look()
    return blog


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def files(out: Path) -> dict[str, Path]:
    """The exported files by name, without the twins."""
    names = json.loads((out / MANIFEST).read_text("utf-8"))["files"]
    return {name: out / name for name in names}


def addresses(out: Path) -> Iterator[tuple[str, Path]]:
    leads = [line.split(" ") for line in (out / "_redirects").read_text("utf-8").splitlines()]
    renamed = {target.removeprefix("/"): source for source, target, code in leads if code == "200"}
    for name, path in files(out).items():
        if not name.startswith("_") and name != "404.html":
            address = "/" + quote(name.removesuffix("index.html"))
            yield renamed.get(name, address), path


@pytest.mark.slow
def test_every_file_equals_the_response_of_the_service(tmp_path: Path, out: Path) -> None:
    blog = written(Blog(tmp_path / "blog", languages=("ja", "ko")), TAGS)
    blog.translate()
    assert not export(blog.settings, out).failed
    compared = dict(addresses(out))
    for address, path in compared.items():
        answer = blog.get(address)
        assert answer.status_code == 200, address
        assert path.read_bytes() == answer.data, address
        assert int(path.stat().st_mtime) == answer.last_modified.timestamp(), address
    assert "/ko/feed.atom" in compared
    assert "/ko/archive/1/feed.json" in compared
    assert "/ko/posts/post-1/" in compared
    assert "/opml.xml" in compared
    assert "/static/site.css" in compared
    for tag in TAGS:
        assert f"/ja/tags/{quote(tag.casefold(), safe='')}/feed.rss" in compared


def test_older_pages_have_folders_of_their_own(blog: Blog, out: Path) -> None:
    blog.with_settings(limit=1)
    blog.look()
    export(blog.settings, out)
    for name, address in {
        "page/2/index.html": "?page=2",
        "page/2/feed.json": "feed.json?page=2",
    }.items():
        assert (out / "ja" / name).read_bytes() == blog.get(f"/ja/{address}").data
    assert not (out / "ja" / "page" / "3").exists()
    assert not (out / "ja" / "tags" / "ai" / "page").exists()
    blog.remove("2026-01-01-post-1.md")
    blog.look()
    export(blog.settings, out)
    assert not (out / "ja" / "page").exists()


def test_twins_unpack_to_the_file(blog: Blog, out: Path) -> None:
    export(blog.settings, out)
    path = out / "ja" / "feed.atom"
    for suffix, unpack in {
        ".gz": gzip.decompress,
        ".br": brotli.decompress,
        ".zst": zstd.decompress,
    }.items():
        twin = path.with_name(path.name + suffix)
        assert unpack(twin.read_bytes()) == path.read_bytes()
        assert twin.stat().st_mtime == path.stat().st_mtime
    assert (out / "ja" / "tags" / "c++" / "feed.rss.gz").exists()


def test_only_what_changed_is_written_and_what_is_gone_is_deleted(blog: Blog, out: Path) -> None:
    first = export(blog.settings, out)
    before = {name: path.stat().st_ino for name, path in files(out).items()}
    again = export(blog.settings, out)
    assert (again.written, again.removed) == (0, 0)
    assert again.unchanged == first.written
    assert {name: path.stat().st_ino for name, path in files(out).items()} == before

    (out / "ja" / "tags" / "c++" / "mine.txt").write_text("of somebody else")
    time.sleep(0.01)
    blog.remove("2026-01-02-post-2.md")  # of the tag AI
    blog.look()
    changed = export(blog.settings, out)
    assert changed.removed == 1  # the post's page
    assert not (out / "ja" / "posts" / "post-2").exists()
    assert (out / "ja" / "tags" / "c++" / "mine.txt").exists()
    after = {name: path.stat().st_ino for name, path in files(out).items()}
    assert after["ja/feed.atom"] != before["ja/feed.atom"]
    assert after["ja/tags/c++/feed.atom"] == before["ja/tags/c++/feed.atom"]


def test_a_lost_file_is_written_again(blog: Blog, out: Path) -> None:
    export(blog.settings, out)
    (out / "ja" / "feed.atom.br").unlink()
    assert export(blog.settings, out).written == 1
    assert (out / "ja" / "feed.atom.br").exists()


def test_files_of_others_are_never_replaced(blog: Blog, out: Path) -> None:
    (out / "ja").mkdir(parents=True)
    (out / "ja" / "index.html").write_text("mine")
    with pytest.raises(ExportError, match=r"index\.html was not written by an export"):
        export(blog.settings, out)
    assert (out / "ja" / "index.html").read_text() == "mine"


def test_a_manifest_cannot_name_files_elsewhere(blog: Blog, out: Path, tmp_path: Path) -> None:
    out.mkdir()
    (tmp_path / "precious").write_text("x")
    (out / MANIFEST).write_text('{"files": {"../precious": "digest"}}')
    with pytest.raises(ExportError, match="names a file elsewhere"):
        export(blog.settings, out)
    assert (tmp_path / "precious").exists()


def test_names_that_no_file_can_have_are_led_to_another(blog: Blog, out: Path) -> None:
    """Slugs that differ in case only, and a term that is named like a file."""
    long = "長" * 100
    blog.write("2026-01-20-x.md", tags="[index.html]")
    for day, slug in ((21, "Hello"), (22, "hello"), (23, long)):
        blog.write(f"2026-01-{day}-x{day}.md", f"{day}日。" * 90, slug=slug)
    blog.look()
    export(blog.settings, out)
    leads = [line.split(" ") for line in (out / "_redirects").read_text("utf-8").splitlines()]
    led = {source: target for source, target, code in leads if code == "200"}
    assert len({"/ja/posts/Hello/", "/ja/posts/hello/"} & led.keys()) == 1
    assert "/ja/tags/" in led or "/ja/tags/index.html/" in led
    for source, target in led.items():
        assert (out / target.removeprefix("/")).read_bytes() == blog.get(source).data
    folded = [name.casefold() for name in files(out)]
    assert len(folded) == len(set(folded))
    assert max(len(part.encode()) for name in files(out) for part in name.split("/")) <= 255


def test_other_engines_addresses_and_other_spellings_lead_to_the_feeds(
    blog: Blog, out: Path
) -> None:
    blog.with_settings(site_url="https://feeds.example/blog")
    blog.look()
    export(blog.settings, out)
    lines = (out / "_redirects").read_text("utf-8").splitlines()
    assert "/blog/feed /blog/ja/feed.rss 301" in lines
    assert "/blog/ /blog/ja/ 302" in lines
    assert "/blog/ja/tags/AI/feed.rss /blog/ja/tags/ai/feed.rss 301" in lines
    assert "/blog/tag/c%2B%2B/feed/ /blog/ja/tags/c%2B%2B/feed.rss 301" in lines
    assert 'location = "/blog/tag/c++/feed/" { return 301 "/blog/ja/tags/c%2B%2B/feed.rss";' in (
        (out / "_nginx.conf").read_text("utf-8")
    )


def test_a_picture_of_a_post_comes_along(blog: Blog, out: Path) -> None:
    (blog.settings.posts_dir / "fox.png").write_bytes(b"\x89PNG" + bytes(900))
    blog.write("2026-01-20-fox.md", "![狐](fox.png)")
    blog.look()
    export(blog.settings, out)
    assert (out / "ja/posts/fox/fox.png").read_bytes() == blog.get("/ja/posts/fox/fox.png").data
    assert not (out / "ja/posts/fox/fox.png.gz").exists()


def test_a_picture_with_encoded_dots_is_skipped_and_the_next_export_works(
    blog: Blog, out: Path
) -> None:
    body = (
        "![x](%2e%2e/%2e%2e/%2e%2e/%2e%2e/x.png) ![y](a/..%2f..%2f..%2f..%2fy.png) ![z](none.png)"
    )
    blog.write("2026-01-20-odd.md", body)
    blog.look()
    for _ in range(2):
        report = export(blog.settings, out)
        assert list(report.failed) == ["/ja/posts/odd/none.png"]
        names = json.loads((out / MANIFEST).read_text("utf-8"))["files"]
        assert not [name for name in names if name.endswith(".png") and "/posts/" in name]
    # A manifest that an older version wrote of such a post.
    (out / MANIFEST).write_text(json.dumps({"files": names | {"ja/../../x.png": ""}}))
    export(blog.settings, out)
    assert "ja/../../x.png" not in files(out)


def test_pages_carry_their_policy_and_no_file_names_a_folder_of_the_machine(
    blog: Blog, out: Path
) -> None:
    export(blog.settings, out)
    page = (out / "ja/index.html").read_text("utf-8")
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert html.unescape(policy) == PAGE_POLICY
    headers = (out / "_headers").read_text("utf-8")
    assert f"\n  Content-Security-Policy: {CONTENT_POLICY}\n" in headers
    rules = dict(re.findall(r"^(/\S*)\n((?:  .*\n)+)", headers, re.M))
    assert {path for path in rules if cors.ORIGIN[0][0] in rules[path]} == {
        "/*.rss", "/*.atom", "/*.json", "/*opml.xml", "/api/feeds",
    }  # fmt: skip
    assert "/_nginx.conf /404.html 404!\n" in (out / "_redirects").read_text("utf-8")
    for path in out.rglob("*"):
        if path.is_file() and path.suffix not in (".gz", ".br", ".zst"):
            assert str(out).encode() not in path.read_bytes(), path
            assert str(blog.settings.posts_dir).encode() not in path.read_bytes(), path
    for name in ("_nginx.conf", MANIFEST):
        assert stat.S_IMODE((out / name).stat().st_mode) == 0o600
        assert not (out / f"{name}.gz").exists()


def test_an_export_starts_no_translation_and_is_not_counted_as_a_reader(
    blog: Blog, out: Path
) -> None:
    blog.with_settings(languages=("ja", "ko"))
    blog.look()
    report = export(blog.settings, out)
    assert report.partial > 0
    assert blog.site.queue.oldest() is None
    assert sum(hour.requests for hour in blog.parts.traffic.hours(time.time())) == 0


def test_the_command_reports_and_says_by_its_exit_status(blog: Blog, out: Path) -> None:
    service.register(blog.app)
    run = blog.app.test_cli_runner().invoke
    done = run(args=["export", str(out), "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["written"] > 20
    assert "0 written" in run(args=["export", str(out)]).stdout
    (out / MANIFEST).write_text("not JSON")
    failed = run(args=["export", str(out)])
    assert failed.exit_code == 2
    assert "cannot be read" in failed.stderr
