"""Feeds and entries as values, the same for every format; the renderers write the bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Format = Literal["rss", "atom", "json"]
FORMATS: tuple[Format, ...] = ("rss", "atom", "json")

MEDIA_TYPES: dict[Format, str] = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}


PostLinks = tuple[tuple[str, str | None], ...]  # URL, slug of the post; None: of no post


@dataclass(frozen=True, kw_only=True, slots=True)
class Category:
    term: str  # as written in the post, the same in every language
    label: str  # in the feed's language
    scheme: str  # absolute URL of the page that lists its kind, "https://…/ja/tags/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One post in one language, ready to be rendered. URLs are absolute and encoded."""

    id: str  # RFC 4151 tag URI, the same in every feed and format
    url: str  # the page in this language
    language: str  # of the text: the original's where it was not translated
    title: str
    summary: str  # plain text
    html: str  # sanitised, absolute links
    published: datetime  # aware, UTC
    updated: datetime
    authors: tuple[str, ...]
    categories: tuple[Category, ...]
    reading_time: int  # minutes
    image: str | None = None  # absolute URL
    original_url: str | None = None  # rel=via; None: this is the original
    original_language: str | None = None
    untranslated: bool = False  # shown in the original because its translation failed
    machine: str | None = None  # package names when a machine translated it
    starter: bool = False  # one of these is a starter package
    title_language: str | None = None  # of a title that a translation left in the original
    summary_language: str | None = None  # of a summary that it left in the original
    links: PostLinks = field(default=(), repr=False)  # those that may lead to posts
    below: str = ""  # HTML after the text and its disclosure: the original (`display=both`)


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    id: str  # RFC 4151 tag URI
    title: str
    subtitle: str
    language: str
    url: str  # the page for people, in this language
    self_url: str  # canonical URL of this feed in this format
    entries: tuple[Entry, ...]  # in the order to be shown, newest first
    updated: datetime  # the newest entry's, never now
    max_age: int  # seconds; RSS ttl says the same in minutes
    icon: str | None = None  # absolute URL of a square picture
    logo: str | None = None  # absolute URL of a wider one
    hubs: tuple[str, ...] = ()
    # (relation, absolute URL) of RFC 5005: next, previous, first, last, prev-archive, ...
    links: tuple[tuple[str, str], ...] = ()
    hits: int | None = None  # of a search, on all pages; None: of no search, or not counted
    archived: bool = False  # RFC 5005 section 4: finished, will not be added to
