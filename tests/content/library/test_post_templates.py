"""What a post hangs on: files, data, settings and posts that its Liquid reads."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest

from content.library.library import Library
from content.post import Body, Post

CONFIG = "title: 書庫\nbaseurl: /b\nrelease: 3.4.1\nauthors:\n  a: 甲\n"


def open_blog(root: Path, index: Path | None = None) -> Library:
    library = Library(
        root / "_posts",
        language="ja",
        languages=("ja", "ko"),
        timezone=UTC,
        settled=0.0,
        index=index,
    )
    library.refresh()
    return library


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, "utf-8")


def post_file(body: str, title: str = "題") -> str:
    return f"---\ntitle: {title}\n---\n{body}\n"


def find(library: Library, name: str) -> Post:
    return next(post for post in library.snapshot.posts if post.path == f"2026-01-05-{name}.md")


def body(library: Library, name: str) -> Body:
    return library.body(find(library, name))


@pytest.fixture
def blog(tmp_path: Path) -> Path:
    root = tmp_path / "blog"
    write(root, "_config.yml", CONFIG)
    write(root, "_includes/box.html", "<b>{{ include.x }}</b>")
    write(root, "_data/members.yml", "- name: 甲\n- name: 乙\n")
    write(root, "_posts/2026-01-05-plain.md", post_file("本文です。"))
    write(root, "_posts/2026-01-05-box.md", post_file('{% include box.html x="箱" %}'))
    members = "{% for m in site.data.members %}{{ m.name }}、{% endfor %}"
    write(root, "_posts/2026-01-05-data.md", post_file(members))
    write(root, "_posts/2026-01-05-setting.md", post_file("{{ site.release }}"))
    write(root, "_posts/2026-01-05-link.md", post_file("[次]({% post_url 2026-01-05-plain %})"))
    write(root, "_posts/2026-01-05-list.md", post_file("{{ site.posts.size }}件"))
    return root


def digests(library: Library) -> dict[str, str]:
    return {post.path[11:-3]: post.content_digest for post in library.snapshot.posts}


def changed(library: Library, edit: Callable[[], object]) -> set[str]:
    before, files = digests(library), {p.path: p.digest for p in library.snapshot.posts}
    edit()
    library.refresh()
    library.refresh()
    after = digests(library)
    assert {p.path: p.digest for p in library.snapshot.posts} == files
    return {name for name in after if after[name] != before[name]}


def test_texts_are_what_jekyll_makes_of_them(blog: Path) -> None:
    library = open_blog(blog)
    assert body(library, "box").html == "<p><b>箱</b></p>\n"
    assert body(library, "data").html == "<p>甲、乙、</p>\n"
    assert body(library, "setting").html == "<p>3.4.1</p>\n"
    assert body(library, "list").html == "<p>6件</p>\n"


@pytest.mark.parametrize(
    ("path", "text", "posts"),
    [
        ("_includes/box.html", "<i>{{ include.x }}</i>", {"box"}),
        ("_includes/other.html", "x", set()),
        ("_data/members.yml", "- name: 丙\n", {"data"}),
        ("_data/other.yml", "- name: 丙\n", set()),
        ("_config.yml", CONFIG.replace("3.4.1", "3.4.2"), {"setting"}),
        ("_config.yml", CONFIG.replace("書庫", "蔵"), set()),
    ],
)
def test_an_edit_changes_only_posts_that_read_it(
    blog: Path, path: str, text: str, posts: set[str]
) -> None:
    library = open_blog(blog)
    assert changed(library, lambda: write(blog, path, text)) == posts


def test_the_text_follows_what_it_reads(blog: Path) -> None:
    library = open_blog(blog)
    assert "箱" in body(library, "box").html
    write(blog, "_includes/box.html", "<i>{% include inner.html %}</i>")
    library.refresh()
    assert body(library, "box").html == "<p><i></i></p>\n"
    write(blog, "_includes/inner.html", "中")
    assert library.refresh()
    assert body(library, "box").html == "<p><i>中</i></p>\n"


def test_a_post_that_reads_nothing_has_the_digest_of_its_file(blog: Path) -> None:
    post = find(open_blog(blog), "plain")
    assert post.content_digest == post.digest
    assert post.reads == ()


def test_the_index_knows_what_was_read(blog: Path, tmp_path: Path) -> None:
    index = tmp_path / "posts.index"
    first = open_blog(blog, index)
    first.refresh()
    assert index.exists()
    assert digests(open_blog(blog, index)) == digests(first)
    write(blog, "_includes/box.html", "<i>{% include inner.html %}</i>")
    again = open_blog(blog, index)
    assert [read[1] for read in find(again, "box").reads] == [
        "_includes/box.html",
        "_includes/inner.html",
    ]


def test_a_human_translation_depends_on_the_files_it_reads(blog: Path) -> None:
    write(blog, "_posts/2026-01-05-plain.ko.md", '{% include box.html x="상자" %}\n')
    library = open_blog(blog)
    version = find(library, "plain").versions[0]
    assert library.version_body(version).html == "<p><b>상자</b></p>\n"
    edit = changed(library, lambda: write(blog, "_includes/box.html", "{{ include.x }}"))
    assert edit == {"plain", "box"}


def test_nothing_outside_the_blog_is_read(blog: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.html"
    secret.write_text("秘密")
    (blog / "_includes" / "link.html").symlink_to(secret)
    (blog / "_data" / "link.yml").symlink_to(secret)
    (blog / "_data" / "up").symlink_to(tmp_path, target_is_directory=True)
    for tag in (
        "{% include link.html %}",
        "{% include ../../secret.html %}",
        "{% include_relative ../../secret.html %}",
        "{{ site.data.link }}{{ site.data.up.secret }}",
        "{% include {{ page.up }} %}",
    ):
        front = "title: 題\nup: ../../secret.html"
        write(blog, "_posts/2026-01-05-thief.md", f"---\n{front}\n---\n{tag}\n")
        library = open_blog(blog)
        assert "秘密" not in body(library, "thief").html


def test_what_is_wrong_with_data_never_shows_it(blog: Path) -> None:
    write(blog, "_data/members.yml", "- name: [秘密\n")
    library = open_blog(blog)
    found = body(library, "data")
    assert "秘密" not in f"{found} {library.snapshot.problems} {library.snapshot.notices}"


def test_unrendered_parts_are_named_with_their_line(blog: Path) -> None:
    text = "一\n\n{{ page.title | nothing_of_ours }}\n\n{% include gone.html %}"
    write(blog, "_posts/2026-01-05-odd.md", post_file(text))
    write(blog, "_posts/2026-01-05-open.md", post_file("一\n{% if page.title %}残る"))
    library = open_blog(blog)
    assert body(library, "odd").remarks == (
        (6, "unknown filter nothing_of_ours"),
        (8, "include gone.html: there is no such file"),
    )
    assert "題" in body(library, "odd").html
    what = (
        "Liquid cannot be run, its tags are left out: expected tag endif, found end of expression"
    )
    assert body(library, "open").remarks == ((4, what),)
    assert "残る" in body(library, "open").html


def test_without_jekyll_braces_are_text(blog: Path) -> None:
    (blog / "_config.yml").unlink()
    text = "`${{ secrets.X }}`"
    write(blog, "_posts/2026-01-05-plain.md", post_file(text))
    library = open_blog(blog)
    assert "${{ secrets.X }}" in body(library, "plain").html
    assert find(library, "box").reads == ()


@pytest.mark.parametrize(("config", "loads"), [("title: 題\n", True), (None, False)])
def test_liquid_is_loaded_with_the_first_look_at_a_blog_of_jekyll_alone(
    tmp_path: Path, config: str | None, loads: bool
) -> None:
    """Elsewhere it would cost each process 4 MB."""
    posts = tmp_path / "_posts"
    posts.mkdir()
    if config:
        (tmp_path / "_config.yml").write_text(config, "utf-8")
    program = (
        "import sys; from datetime import UTC; from pathlib import Path\n"
        "from content.library.library import Library\n"
        "Library(Path(sys.argv[1]), language='ja', languages=('ja',), timezone=UTC).refresh()\n"
        "print('liquid' in sys.modules, 'babel' in sys.modules)"
    )
    command = [sys.executable, "-c", program, str(posts)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert done.stdout == f"{loads} {loads}\n"
