"""Parses a post file: front matter to a `Post`, or the `Problem` why it is set aside."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import lru_cache

from content.parsing.blog import NO_BLOG, Blog, Place
from content.parsing.blog_config import with_defaults
from content.parsing.dates import HINT, midnight, parse_date, parse_day
from content.parsing.front_matter import FrontMatter, PostError, Scalar, parse, split
from content.parsing.language_detection import detect_language
from content.parsing.permalinks import Address, expand_permalink
from content.parsing.visibility import expiry, is_held_back, withheld_by
from content.post import HumanTranslation, Post, Problem, Withheld
from content.rendering.headings import leading_heading
from content.rendering.markdown import plain_title, strip_markup
from content.rendering.media_subpath import media_path
from content.taxonomy import distinct, post_slug
from content.text import one_line

EXTENSIONS = (".md", ".markdown", ".html", ".txt", ".mkd", ".mkdn", ".mkdown", ".mdx", ".htm")

MEDIA_SUBPATH = ("media_subpath", "img_path")  # where a post's pictures are

# More than three novels of Japanese. Rendering it takes seconds, so that is where we stop.
MAX_BYTES = 1024 * 1024

_PAIRED_BY = ("ref", "page_id", "translationKey", "permalink")  # fields that translations share

EXCERPTS = ("excerpt", "description", "summary")  # fields with a post's summary

_DATED_NAME = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:-(.*))?", re.ASCII | re.DOTALL)
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*")


def stem(path: str) -> str:
    """A file's name without folders and extension. (pathlib costs an index a tenth of its time.)"""
    return path.rpartition("/")[2].rpartition(".")[0]


def is_markdown(path: str) -> bool:
    return not path.lower().endswith((".html", ".htm"))


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


def parse_post(
    data: bytes, path: str, *, language: str, timezone: tzinfo, blog: Blog = NO_BLOG
) -> Post | Problem | Withheld | None:
    """The post in a file, or why it is set aside; None: its author holds it back.

    `path` is relative to the posts folder. `language` and `timezone` are the blog's, for
    posts that state none. The result has no versions: those are in other files.
    """
    try:
        source = read_source(data)
        if source.front is None and not blog.is_jekyll:
            raise PostError(1, "no front matter", "begin with ---, title: ..., ---")
        place = blog.place(path)
        front = parse(source.front or "")
        defaults = blog.config.defaults_of(blog.prefix + path, place.collection)
        if defaults:
            front = with_defaults(front, defaults)
        if is_held_back(front):
            return None
        reason = withheld_by(front, timezone)
        if reason is not None:
            line = front.line(reason.partition(":")[0])
            what, remedy = f"kept out of feeds and pages by {reason}", "remove the line to show it"
            return Withheld(Problem(path=path, line=line, what=what, remedy=remedy))
        return _Parser(front, source.body, path, place, blog, timezone).post(data, language)
    except PostError as error:
        return Problem(path=path, line=error.line, what=error.what, remedy=error.remedy)


def parse_version(data: bytes, path: str, *, language: str) -> HumanTranslation | Problem | None:
    """A person's translation into `language`; None: held back. Front matter is optional."""
    try:
        source = read_source(data)
        front = parse(source.front or "")
        if is_held_back(front):
            return None
        title, excerpt = front.text("title"), front.text(*EXCERPTS)
        version = HumanTranslation(
            path=path,
            language=language,
            title=plain_title(title) if title else None,
            excerpt=strip_markup(excerpt) if excerpt else None,
            has_body=bool(source.body.strip()),
            digest=_digest(data),
        )
        if not (version.title or version.excerpt or version.has_body):
            raise PostError(1, "an empty translation", "write its title or its text, or remove it")
        return version
    except PostError as error:
        return Problem(path=path, line=error.line, what=error.what, remedy=error.remedy)


class _Parser:
    """One post's front matter, with the blog's defaults in it."""

    def __init__(
        self,
        front: FrontMatter,
        body: str,
        path: str,
        place: Place,
        blog: Blog,
        timezone: tzinfo,
    ) -> None:
        self._front = front
        self._body = body
        self._path = path
        self._place = place
        self._blog = blog
        self._timezone = timezone
        self._remarks: list[Problem] = []

    def post(self, data: bytes, language: str) -> Post:
        front = self._front
        stem_ = stem(self._path)
        before, _, code = stem_.rpartition(".")
        day, name = _split_name(before if before and code in self._blog.languages else stem_)
        is_bundle = day is None and name == "index" and "/" in self._path
        if is_bundle and not self._blog.is_jekyll:
            day, name = _split_name(self._path.split("/")[-2])  # a bundle: the folder's name
        if self._blog.is_jekyll and self._place.collection == "posts" and day is None:
            what = "Jekyll publishes no file of _posts without a date in its name"
            raise PostError(1, what, "name it like 2026-01-31-name.md")
        published = self._moment("date", "published_at", "publishDate")
        edited = self._edited()
        if published is None and day is None:
            # Qiita's files state no date but that of the last edit.
            published = self._moment("created_at", "created") or edited
        if published is None:
            if day is None:
                what = "no date"
                remedy = "write a line date: 2026-01-31 or name the file 2026-01-31-name.md"
                raise PostError(1, what, remedy)
            published = midnight(day, self._timezone)
        local = published.astimezone(self._timezone)
        stated_slug = front.text("slug")
        slug = post_slug(stated_slug or name)
        written = stated_slug or name.rstrip(".")
        words = front.words("category", "categories")
        categories = [*self._place.categories, *words]
        title = self._title(name)
        spoken, stated = self._languages(title, language)
        return Post(
            path=self._path,
            day=day or local.date(),
            slug=slug,
            written_slug="" if written == slug else written,
            language=sys.intern(spoken),
            title=title,
            published=published,
            edited=edited,
            categories=shared(distinct(categories)),
            tags=shared(distinct(front.words("tag", "tags") + front.words("topic", "topics"))),
            authors=shared(distinct(self._authors())),
            permalink=self._permalink(local, written, stem_, words),
            image=_image(front),
            versions=(),
            digest=_digest(data),
            text_digest=self._text_digest(),
            pair=self._pair(),
            guid=self._guid(),
            in_sitemap=front.flag("sitemap", True),
            expires=expiry(front, self._timezone),
            stated_language="" if stated == spoken else sys.intern(stated),
            remarks=tuple(self._remarks),
        )

    def _title(self, name: str) -> str:
        """As stated, else the heading that the text begins with, else the file's name."""
        stated = plain_title(self._front.text("title") or "")
        if stated:
            return stated
        heading = leading_heading(self._body, markdown=is_markdown(self._path))
        words = (word.capitalize() for word in one_line(name).split("-"))
        title = heading or " ".join(words).strip()
        if not title:
            line = self._front.line("title")
            raise PostError(line, "no title", "write a line title: ... in the front matter")
        return title

    def _languages(self, title: str, blog_language: str) -> tuple[str, str]:
        """The language of the text, and the one that the post, or the blog for it, states."""
        own = _language(self._front.scalar("lang")) or self._named_language()
        stated = own or blog_language
        found = detect_language(title, self._body, stated)
        if found is None:
            return stated, stated
        line = self._front.line("lang")
        says = f"lang: {own}" if own else f"no lang, so {stated}"
        what = f"says {says}, but the text is in {found} and is served as that"
        remedy = f"write lang: {found} in the front matter"
        self._remarks.append(Problem(path=self._path, line=line, what=what, remedy=remedy))
        return found, stated

    def _named_language(self) -> str | None:
        """The language that a folder or the file's name is named for, as in ja/ or NAME.ja.md."""
        *folders, name = (self._blog.prefix + self._path).split("/")
        code = name.rpartition(".")[0].rpartition(".")[2]
        named = (part for part in (code, *folders) if part in self._blog.languages)
        return next(named, None)

    def _authors(self) -> list[str]:
        """Names, where `_data/authors.yml` has them; the blog's author where none is stated."""
        config = self._blog.config
        names = self._front.people()
        if not names and config.author:
            names = [config.author]
        return [config.authors.get(name, name) for name in names]

    def _permalink(self, local: datetime, slug: str, stem_: str, categories: Sequence[str]) -> str:
        config, place = self._blog.config, self._place
        template = self._front.text("permalink")
        if template is None:
            posts = self._blog.permalink
            own = None if place.collection == "posts" else config.template(place.collection)
            template = own or posts
        elif re.match(r"https?://", template) and not self._blog.is_jekyll:
            return template
        suffix = f".{self._path.rpartition('.')[2]}"
        address = Address(
            published=local,
            slug=slug,
            stem=stem_,
            path=place.below,
            collection=place.collection,
            categories=[*place.categories, *_jekyll_categories(self._front, categories)],
            extension=".html" if suffix.lower() in config.markdown else suffix,
        )
        return expand_permalink(template, address)

    def _text_digest(self) -> bytes:
        front = self._front
        texts = (front.text("title") or "", front.text(*EXCERPTS) or "", self._body)
        return hashlib.sha256("\0".join(texts).encode(errors="replace")).digest()

    def _pair(self) -> str | None:
        if self._front.fields.keys().isdisjoint(_PAIRED_BY):
            return None
        for name in _PAIRED_BY:
            value = self._front.text(name)
            if value:
                return f"{name}: {value}"
        return None

    def _guid(self) -> str | None:
        """The id as stated, which must be an address for Atom (RFC 4287, section 4.2.6)."""
        guid = self._front.text("guid")
        if guid is None or re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+", guid):
            return guid
        what = f"guid: not an address: {guid!r}: the entry has an id of its own"
        remedy = "write it as https://old.example/?p=1 or urn:uuid:..."
        line = self._front.line("guid")
        self._remarks.append(Problem(path=self._path, line=line, what=what, remedy=remedy))
        return None

    def _edited(self) -> datetime | None:
        """A bad one costs itself, not the post."""
        try:
            return self._moment("last_modified_at", "updated", "lastmod", "updated_at")
        except PostError as error:
            problem = Problem(
                path=self._path, line=error.line, what=error.what, remedy=error.remedy
            )
            self._remarks.append(problem)
            return None

    def _moment(self, *names: str) -> datetime | None:
        scalar = self._front.scalar(*names)
        if scalar is None:
            return None
        yaml = scalar.plain and self._blog.is_jekyll
        try:
            return parse_date(one_line(scalar.text), self._timezone, yaml=yaml)
        except ValueError as error:
            name = next(name for name in names if self._front.fields.get(name) is scalar)
            raise PostError(scalar.line, f"{name}: {error}", HINT) from error


@lru_cache(maxsize=1 << 14)
def shared(names: tuple[str, ...]) -> tuple[str, ...]:
    """The same names: few terms, many posts, that need not each have their own."""
    return tuple(map(sys.intern, names))


def _jekyll_categories(front: FrontMatter, words: Sequence[str]) -> Sequence[str]:
    """The categories as Jekyll's addresses have them: commas of a text stay on its words."""
    value, single = front.scalar("categories"), front.fields.get("category")
    if value is None:
        return words
    names = value.text.split()
    return names + FrontMatter({"category": single or []}, {}).words("category", "categories")


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
    image = _stated_image(front)
    subpath = front.text(*MEDIA_SUBPATH) if image else None
    return media_path(image, subpath) if image and subpath else image


def _stated_image(front: FrontMatter) -> str | None:
    for name in ("image", "cover"):
        value = front.fields.get(name)
        if isinstance(value, dict):
            return FrontMatter(value, {}).text("path", "url", "src", "image")
        if front.text(name):
            return front.text(name)
    return None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
