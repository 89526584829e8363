"""Posts as values: a post, a person's translation of it, its body, or why it is set aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from content.taxonomy import Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Why a file was set aside: `path:line: what: what to do`."""

    path: str  # relative to the posts folder
    line: int  # 1-based
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}: {self.remedy}"


# What a text read through Liquid: its kind ("file", "folder", "setting", "post", "posts"), its
# name, and the digest of what was there.
Read = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Withheld:
    """A good post that its author keeps out of feeds, pages and search; its own page is his."""

    reason: Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class HumanTranslation:
    """A person's own translation of a post (`name.ko.md`), whole or only some fields."""

    path: str
    language: str
    title: str | None  # None: not given, the machine's stands
    excerpt: str | None
    has_body: bool
    digest: str
    reads: tuple[Read, ...] = ()  # what its text hangs on beside its file
    alone: Post | None = None  # what the file is where there is no NAME.md; None: no post


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """One post's front matter, parsed. `Library.body` reads the body on demand.

    All text is NFC and free of characters that XML 1.0 forbids.
    """

    path: str  # relative to the posts folder, with forward slashes
    day: date  # the day of the file name, else of `published` in the blog's time zone
    slug: str  # a path segment, unescaped
    language: str  # of the text: as stated, unless the text is plainly in another one
    title: str  # plain text
    published: datetime  # aware, UTC; may lie in the future
    edited: datetime | None  # last_modified_at or updated, UTC; None: not stated
    categories: tuple[str, ...]  # as written, no two with one slug
    tags: tuple[str, ...]
    authors: tuple[str, ...]
    permalink: str  # unescaped path from the blog's root; or an http(s) URL elsewhere
    image: str | None  # front matter image, as written
    versions: tuple[HumanTranslation, ...]
    digest: str  # sha256 hex of the file: changes whenever the post does
    text_digest: bytes = b""  # sha256 of what its readers read: title, summary, text
    pair: str | None = None  # what it shares with the same post in another language, as stated
    guid: str | None = None  # the id that the post had in another feed, as stated
    written_slug: str = ""  # as in the front matter or the file's name; "": as `slug` is
    in_sitemap: bool = True  # False: `sitemap: false`, which keeps it out of that alone
    expires: datetime | None = None  # UTC: withheld from then on; None: never
    stated_language: str = ""  # what the post says, or the blog for it; "": the same
    remarks: tuple[Problem, ...] = ()  # what is wrong and costs nothing but itself
    reads: tuple[Read, ...] = ()  # what its text hangs on beside its file
    context: str = ""  # digest of what is read now; "": its text hangs on its file alone

    @property
    def content_digest(self) -> str:
        """Changes whenever the text or the front matter does, by whatever edit."""
        return f"{self.digest}+{self.context}" if self.context else self.digest

    def names(self, kind: Kind) -> tuple[str, ...]:
        """The names of the post's terms of one kind."""
        if kind == "tag":
            return self.tags
        return self.categories if kind == "category" else self.authors

    def version(self, language: str) -> HumanTranslation | None:
        """A person's translation of the post into the language."""
        return next((one for one in self.versions if one.language == language), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """What a reader gets of a post's text."""

    html: str  # sanitised, links as written
    excerpt: str  # plain text, from the front matter or the first paragraph
    reading_time: int  # minutes, at least 1
    remarks: tuple[tuple[int, str], ...] = ()  # line and what of it was not rendered as meant
