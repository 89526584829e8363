"""What the fuzzers throw bytes at, and what must hold whatever the bytes are.

Each target takes any bytes and returns, or raises; an error that the code promises to raise is
caught here, every other one is a finding. `run.py` drives them with atheris, `test_targets.py`
with Hypothesis.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC
from html.parser import HTMLParser
from pathlib import Path

from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from content.library.body import render_body
from content.parsing.front_matter import PostError
from content.parsing.post_parser import parse_post
from content.post import Post
from content.rendering.markdown import absolute_links, strip_markup, to_html
from content.rendering.sanitize import sanitize
from content.taxonomy import term_slug
from content.text import clean
from feeds.model.selection import BadParameterError, FeedSelection
from translate.html.joiner import Rendered, join, split
from translate.packages.archive import PackageError, parse_metadata, read_metadata, unpack_archive
from translate.text.sentences import finer, spans
from translate.types import Alignment, Span

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SCRIPTS = {
    "script",
    "style",
    "iframe",
    "object",
    "embed",
    "svg",
    "math",
    "base",
    "form",
    "meta",
    "link",
}
_VOID = {
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "track",
    "wbr",
}


def front_matter(data: bytes) -> None:
    """A post or a problem that says where; its texts fit into XML, its slug into a path."""
    for path in ("2026-01-01-a.md", "a.html"):
        found = parse_post(data, path, language="ja", timezone=UTC)
        if isinstance(found, Post):
            for text in (found.title, found.slug, *found.tags, *found.categories, *found.authors):
                assert text == clean(text)
            assert found.title
            assert found.slug not in ("", ".", "..")
            assert "/" not in found.slug
            assert len(found.slug.encode()) <= 200
        elif found is not None:
            assert found.line >= 1
            assert found.remedy


def body(data: bytes) -> None:
    """Safe, balanced HTML in one pass of which nothing changes in a second."""
    for path in ("a.md", "a.html"):
        try:
            made = render_body(data, path, title="題名", resolve=lambda stem: f"/{stem}")
        except PostError:
            continue
        safe(made.html)
        assert made.reading_time >= 1
        assert ILLEGAL.search(made.excerpt) is None
        links = absolute_links(
            made.html, "https://blog.example/a/", page_url="https://feeds.example/b/"
        )
        safe(links)
        assert Reader(links).tags == Reader(absolute_links(links, "https://blog.example/a/")).tags


def markdown(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    html = to_html(text)
    safe(html)
    assert sanitize(html) == html
    line = strip_markup(text)
    assert "\n" not in line
    assert term_slug(term_slug(line)) == term_slug(line)


def segments(data: bytes) -> None:
    """Taking apart and putting together loses no tag; what came together comes together again."""
    html = sanitize(data.decode("utf-8", "replace"))
    for language, target in (("ja", "en"), ("en", "ko")):
        taken = split(html, language)
        same = [Rendered(sentence.text) for sentence in taken.sentences]
        canonical = join(taken, same, language)
        again = split(canonical, language)
        assert join(again, [Rendered(s.text) for s in again.sentences], language) == canonical
        odd = [
            Rendered("x. y", Alignment((Span(0, 1),), (Span(0, 1),), ((1.0,),)), kept=n % 3 == 0)
            for n, _ in enumerate(taken.sentences)
        ]
        for results in (odd, [Rendered("") for _ in taken.sentences]):
            made = Reader(join(taken, results, target))
            before = Reader(html)
            assert made.nests
            # A kept sentence is marked by a span or by a lang of its block.
            added = made.counted - before.counted
            assert set(added) <= {"span"}, added
            assert not before.counted - made.counted


def sentences(data: bytes) -> None:
    """Between sentences there is white space and nothing else."""
    text = data.decode("utf-8", "replace")
    for language in ("ja", "en", "ko"):
        found = spans(text, language)
        assert "".join(text[a:b] for a, b in found).split() == text.split() or _words(
            text
        ) == _words("".join(text[a:b] for a, b in found))
        for start, end in found[:20]:
            pieces = finer(text[start:end], language)
            assert _words("".join(text[start:end][a:b] for a, b in pieces)) == _words(
                text[start:end]
            )


def package(data: bytes) -> None:
    """Metadata, or a zip; refused with a reason, and nothing is written outside of the folder."""
    try:
        metadata = parse_metadata(data, "x")
        assert re.fullmatch(r"translate-[\w.-]+", metadata.name)
    except PackageError as error:
        assert str(error)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archive = folder / "a.argosmodel"
        for content in (data, _zipped(data)):
            archive.write_bytes(content)
            for attempt in (
                read_metadata,
                lambda path: unpack_archive(path, folder / "in" / "side"),
            ):
                try:
                    attempt(archive)
                except PackageError as error:
                    assert str(error)
            assert {path.name for path in folder.iterdir()} <= {"a.argosmodel", "in"}
            assert {path.name for path in (folder / "in").glob("*")} <= {"side"}
            _empty(folder / "in")


def selection(data: bytes) -> None:
    """A query's selection is written in one way, which reads back as the same."""
    query = data.decode("latin-1")
    if not query.isascii():
        query = data.decode(errors="replace").encode().decode("latin-1")
    asked = Request({**EnvironBuilder().get_environ(), "QUERY_STRING": query})
    try:
        chosen = FeedSelection.parse(asked.args.items(multi=True))
    except BadParameterError as error:
        assert error.name in str(error)
        return
    path = chosen.path("ja", "feed.rss")
    assert re.fullmatch(r"/ja/[!-~]*", path)
    query = path.partition("?")[2]
    term = None
    if chosen.single_term:
        term = chosen.single_term.kind, chosen.single_term.slugs[0]
    asked = Request({**EnvironBuilder().get_environ(), "QUERY_STRING": query})
    assert FeedSelection.parse(asked.args.items(multi=True), term) == chosen


TARGETS: dict[str, Callable[[bytes], None]] = {
    "front_matter": front_matter,
    "body": body,
    "markdown": markdown,
    "segments": segments,
    "sentences": sentences,
    "package": package,
    "selection": selection,
}


def safe(html: str) -> None:
    assert ILLEGAL.search(html) is None
    read = Reader(html)
    assert read.nests
    assert not _SCRIPTS & set(read.counted)
    for tag, name, value in read.attributes:
        assert name != "style", tag
        assert not name.startswith("on"), tag
        if name in ("href", "src", "poster", "cite"):
            plain = re.sub(r"[\x00-\x20]", "", value).lower()
            assert not re.match(r"(?:javascript|vbscript|data):", plain), value


class Reader(HTMLParser):
    """The tags of HTML, and whether they nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.nests = True
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.nests = self.nests and not self._open
        self.counted = Counter(self.tags)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.nests = False


def _words(text: str) -> str:
    return re.sub(r"[\s\u2028\u2029\x1c-\x1f\x85]+", "", text)


def _zipped(data: bytes) -> bytes:
    """A package whose names and metadata the bytes decide."""
    out = io.BytesIO()
    lines = data.split(b"\n", 6)
    with zipfile.ZipFile(out, "w") as bundle:
        metadata = {
            "from_code": "ja",
            "to_code": "en",
            "package_version": "1.0",
            "type": "translate",
        }
        bundle.writestr("p/metadata.json", lines[0] if len(lines) > 6 else json.dumps(metadata))
        for name in ("model/model.bin", "sentencepiece.model"):
            bundle.writestr(f"p/{name}", b"x")
        for line in lines[1:]:
            info = zipfile.ZipInfo("x")
            info.filename = line[4:200].decode("utf-8", "replace")
            info.external_attr = int.from_bytes(line[:4], "big")
            try:
                bundle.writestr(info, line)
            except UserWarning:
                continue
    return out.getvalue()


def _empty(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() or path.is_symlink() else path.rmdir()
