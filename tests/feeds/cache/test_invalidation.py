"""A change changes exactly the feeds it touches: all of them are compared before and after."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.blog import Blog

pytestmark = pytest.mark.slow  # each renders every feed several times

LANGUAGES = ("ja", "en", "ko")
# Posts p1 and p2 share `ai`, p2 and p3 `news`; everybody has an author of their own.
TERMS = {
    "p1": {"tags/ai", "tags/one", "categories/tech", "authors/a1"},
    "p2": {"tags/ai", "tags/news", "authors/a2"},
    "p3": {"tags/news", "categories/life", "authors/a3"},
}
_SCHEDULE = re.compile(rb"<ttl>.*?</ttl>|<sy:(\w+)>.*?</sy:\1>")
SELECTIONS = sorted({"", *(term for terms in TERMS.values() for term in terms)})


def write(blog: Blog, slug: str, text: str = "本文です。", **front: str) -> None:
    kinds: dict[str, list[str]] = {"tags": [], "categories": [], "authors": []}
    for term in TERMS[slug]:
        kind, _, name = term.partition("/")
        kinds[kind].append(name)
    lists = {kind: f"[{', '.join(sorted(names))}]" for kind, names in kinds.items()}
    blog.write(f"2026-01-0{slug[1]}-{slug}.md", text, title=f"記事{slug[1]}", **(lists | front))


def feeds_of(*slugs: str, languages: tuple[str, ...] = LANGUAGES) -> set[tuple[str, str]]:
    """The site and the terms of these posts, in these languages."""
    selections = {"", *(term for slug in slugs for term in TERMS[slug])}
    return {(language, selection) for language in languages for selection in selections}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a blog that is translated, to be copied."""
    blog = Blog(tmp_path_factory.mktemp("written"))
    for slug in TERMS:
        write(blog, slug)
    blog.look()
    every(blog)
    blog.translate()
    blog.site.close()
    return blog.settings.state_dir.parent


@pytest.fixture
def blog(tmp_path: Path, written: Path) -> Blog:
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    blog = Blog(tmp_path)
    blog.look()
    return blog


def every(blog: Blog) -> dict[tuple[str, str, str], tuple[str | None, bytes]]:
    """ETag and bytes of each feed, by language, selection and format."""
    found = {}
    for language in LANGUAGES:
        for selection in SELECTIONS:
            for extension in ("rss", "atom", "json"):
                path = "/".join(part for part in (language, selection) if part)
                response = blog.get(f"/{path}/feed.{extension}")
                assert response.status_code == 200
                etag, data = response.headers["ETag"], response.data
                # RSS says in its text how soon to come again: sooner while one waits.
                etag = None if extension == "rss" else etag
                found[language, selection, extension] = etag, _SCHEDULE.sub(b"", data)
    return found


@pytest.fixture
def changed(blog: Blog) -> Callable[..., set[tuple[str, str]]]:
    """The feeds that are not what they were at the last call, in all formats alike."""
    last = every(blog)

    def changed(*, alike: bool = True) -> set[tuple[str, str]]:
        nonlocal last
        now = every(blog)
        differing = {key[:2] for key in now if now[key][1] != last[key][1]}
        for key in now:
            if key[2] != "rss":
                assert (now[key][0] != last[key][0]) == (now[key][1] != last[key][1]), key
            if alike:
                assert (now[key][1] != last[key][1]) == (key[:2] in differing), key
        last = now
        return differing

    return changed


Changed = Callable[..., set[tuple[str, str]]]


def test_nothing_changes_when_nothing_does(blog: Blog, changed: Changed) -> None:
    blog.look()
    assert changed() == set()
    blog.open()
    blog.look()
    assert changed() == set()


def test_an_edit_and_its_translations(blog: Blog, changed: Changed) -> None:
    write(blog, "p2", "直した本文です。")
    blog.look()
    assert changed() == feeds_of("p2", languages=("ja",))
    blog.translate()
    assert changed() == feeds_of("p2", languages=("en", "ko"))


def test_a_new_post(blog: Blog, changed: Changed) -> None:
    TERMS["p4"] = {"tags/ai", "authors/a3"}
    try:
        write(blog, "p4")
        blog.look()
        assert changed() == feeds_of("p4", languages=("ja",))
        blog.translate()
        assert changed() == feeds_of("p4", languages=("en", "ko"))
    finally:
        del TERMS["p4"]


def test_a_post_that_goes(blog: Blog, changed: Changed) -> None:
    blog.remove("2026-01-03-p3.md")
    blog.look()
    assert changed() == feeds_of("p3")


def test_a_persons_version(blog: Blog, changed: Changed) -> None:
    blog.write("2026-01-01-p1.ko.md", "사람이 옮긴 글.", title="사람의 제목")
    blog.look()
    assert changed() == feeds_of("p1", languages=("ko",))


def test_better_models(blog: Blog, changed: Changed) -> None:
    blog.upgrade("2.0", languages=("ko",))
    assert changed() == set()  # asked for again, and shown as before until it is done
    blog.translate()
    assert changed() == feeds_of("p1", "p2", "p3", languages=("ko",))


def test_a_tag_that_moves(blog: Blog, changed: Changed) -> None:
    before = TERMS["p1"]
    TERMS["p1"] = before - {"tags/one"} | {"tags/news"}
    try:
        write(blog, "p1")
        blog.look()
        both = {(lang, term) for lang in LANGUAGES for term in ("tags/one", "tags/news")}
        # Atom and JSON name the term itself; RSS its label alone, which may be another's yet.
        assert changed(alike=False) == feeds_of("p1") | both
        blog.translate()
        assert changed(alike=False) == feeds_of("p1", languages=("en", "ko"))
    finally:
        TERMS["p1"] = before
