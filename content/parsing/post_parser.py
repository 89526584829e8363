"""Parses a post file: front matter to a `Post`, or the `Problem` why it is set aside."""

from __future__ import annotations

import hashlib
import re
import sys
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import lru_cache

from content.parsing.dates import HINT, midnight, parse_date, parse_day
from content.parsing.front_matter import FrontMatter, PostError, Scalar, parse, split
from content.parsing.permalinks import expand_permalink
from content.post import HumanTranslation, Post, Problem
from content.rendering.markdown import strip_markup
from content.taxonomy import distinct, post_slug
from content.text import one_line

EXTENSIONS = (".md", ".markdown", ".html", ".txt")

# More than three novels of Japanese. Rendering it takes seconds, so that is where we stop.
MAX_BYTES = 1024 * 1024

_DATED_NAME = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:-(.*))?", re.ASCII | re.DOTALL)
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*")


def stem(path: str) -> str:
    """A file's name without folders and extension. (pathlib costs an index a tenth of its time.)"""
    return path.rpartition("/")[2].rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text, taken apart."""

    front: str | None  # None: it has no front matter
    body: str  # not yet cleaned: an index of many posts need not


def read_source(data: bytes) -> Source:
    """The text of a post file: UTF-8, with or without BOM, any line ends. Raises `PostError`."""
    if len(data) > MAX_BYTES:
        raise too_large()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PostError(line, "not UTF-8", "save the file in the UTF-8 encoding") from error
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Source(*split(text))


def too_large() -> PostError:
    return PostError(1, f"larger than {MAX_BYTES >> 20} MiB", "split it into several posts")


def parse_post(data: bytes, path: str, *, language: str, timezone: tzinfo) -> Post | Problem | None:
    """The post in a file, or why it is set aside; None: its author holds it back.

    `path` is relative to the posts folder. `language` and `timezone` are the blog's, for
    posts that state none. The result has no versions: those are in other files.
    """
    try:
        source = read_source(data)
        if source.front is None:
            raise PostError(1, "no front matter", "begin with ---, title: ..., ---")
        return _post(parse(source.front), data, path, language, timezone)
    except PostError as error:
        return Problem(path=path, line=error.line, what=error.what, remedy=error.remedy)


def parse_version(data: bytes, path: str, *, language: str) -> HumanTranslation | Problem | None:
    """A person's translation into `language`; None: held back. Front matter is optional."""
    try:
        source = read_source(data)
        front = parse(source.front or "")
        if _is_held_back(front):
            return None
        title, excerpt = front.text("title"), front.text("excerpt", "description")
        version = HumanTranslation(
            path=path,
            language=language,
            title=strip_markup(title) if title else None,
            excerpt=strip_markup(excerpt) if excerpt else None,
            has_body=bool(source.body.strip()),
            digest=_digest(data),
        )
        if not (version.title or version.excerpt or version.has_body):
            raise PostError(1, "an empty translation", "write its title or its text, or remove it")
        return version
    except PostError as error:
        return Problem(path=path, line=error.line, what=error.what, remedy=error.remedy)


def _post(
    front: FrontMatter, data: bytes, path: str, language: str, timezone: tzinfo
) -> Post | None:
    if _is_held_back(front):
        return None
    title = strip_markup(front.text("title") or "")
    if not title:
        raise PostError(
            front.line("title"), "no title", "write a line title: ... in the front matter"
        )
    day, name = _split_name(stem(path))
    published = _moment(front, timezone, "date")
    if published is None:
        if day is None:
            what = "no date"
            remedy = "write a line date: 2026-01-31 or name the file 2026-01-31-name.md"
            raise PostError(1, what, remedy)
        published = midnight(day, timezone)
    local = published.astimezone(timezone)
    slug = post_slug(front.text("slug") or name)
    categories = distinct(front.words("category", "categories"))
    permalink = front.text("permalink")
    if permalink is not None:
        permalink = expand_permalink(permalink, published=local, slug=slug, categories=categories)
    return Post(
        path=path,
        day=day or local.date(),
        slug=slug,
        language=sys.intern(_language(front.scalar("lang")) or language),
        title=title,
        published=published,
        edited=_moment(front, timezone, "last_modified_at", "updated"),
        categories=shared(categories),
        tags=shared(distinct(front.words("tag", "tags"))),
        authors=shared(distinct(front.people())),
        permalink=permalink,
        image=_image(front),
        versions=(),
        digest=_digest(data),
    )


@lru_cache(maxsize=1 << 14)
def shared(names: tuple[str, ...]) -> tuple[str, ...]:
    """The same names: few terms, many posts, that need not each have their own."""
    return tuple(map(sys.intern, names))


def _is_held_back(front: FrontMatter) -> bool:
    return front.flag("draft", False) or not front.flag("published", True)


def _split_name(stem: str) -> tuple[date | None, str]:
    """The day a file name carries, if any, and the rest of the name."""
    match = _DATED_NAME.fullmatch(stem)
    if match is None:
        return None, stem
    try:
        return parse_day(match[1], match[2], match[3]), match[4] or stem
    except ValueError as error:
        what = f"file name: not a date: {stem[: match.end(3)]!r}"
        raise PostError(1, what, "name it like 2026-01-31-name.md") from error


def _moment(front: FrontMatter, timezone: tzinfo, *names: str) -> datetime | None:
    scalar = front.scalar(*names)
    if scalar is None:
        return None
    try:
        return parse_date(one_line(scalar.text), timezone)
    except ValueError as error:
        name = next(name for name in names if front.fields.get(name) is scalar)
        raise PostError(scalar.line, f"{name}: {error}", HINT) from error


def _language(scalar: Scalar | None) -> str | None:
    """The primary language of `lang: ja` or `lang: ja-JP`."""
    if scalar is None:
        return None
    match = _LANGUAGE.fullmatch(scalar.text.strip())
    if match is None:
        what = f"lang: not a language: {one_line(scalar.text)!r}"
        raise PostError(scalar.line, what, "write a code such as ja or en")
    return match[1].lower()


def _image(front: FrontMatter) -> str | None:
    value = front.fields.get("image")
    if isinstance(value, dict):
        return FrontMatter(value, {}).text("path", "url", "src")
    return front.text("image")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
