"""Addresses that an export writes: all without a query, and older pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from content.taxonomy import Kind
from feeds.builder.archives import count_archives
from feeds.model.feed import FORMATS
from feeds.model.selection import PLURALS, FeedSelection, encode
from feeds.web.discovery.legacy_redirects import SITE_FEEDS
from feeds.web.static_files import assets

if TYPE_CHECKING:
    from feeds.services import Services

LEGACY_FEEDS = ("/", "/feed.rss", "/feed.atom", "/feed.json", *(f"/{leaf}" for leaf in SITE_FEEDS))


def export_urls(parts: Services) -> Iterator[str]:
    """Percent-encoded paths of feeds, pages, archives, lists and static files."""
    catalogue = parts.site.catalogue
    for language in parts.site.settings.languages:
        for selection in _selections(parts):
            yield from (selection.path(language, f"feed.{format}") for format in FORMATS)
            yield selection.path(language, "feed.html")
            yield selection.path(language)
            for number in range(2, _pages(parts, selection) + 1):
                older = selection.on_page(number)
                yield from (older.path(language, f"feed.{format}") for format in FORMATS)
                yield older.path(language)
            for number in range(1, count_archives(catalogue, selection) + 1):
                archive = selection.in_archive(number)
                yield from (archive.path(language, f"feed.{format}") for format in FORMATS)
        yield from (f"/{language}/{plural}/" for plural in PLURALS.values())
        for post in catalogue.posts:
            yield f"/{language}/posts/{encode(post.record.slug)}/"
        yield f"/{language}/opml.xml"
    yield from ("/opml.xml", "/api/feeds", "/robots.txt", "/sitemap.xml")
    yield from (f"/static/{encode(name)}" for name in assets())


def redirect_sources(parts: Services) -> Iterator[str]:
    """Percent-encoded paths that redirect: feeds of other engines, terms as written."""
    yield from LEGACY_FEEDS
    for language in parts.site.settings.languages:
        yield from (f"/{language}/{leaf}" for leaf in SITE_FEEDS)
    for kind, slug, name in _terms(parts):
        for spelling in dict.fromkeys((slug, name)):
            if "/" in spelling or "\\" in spelling:
                continue
            term = encode(spelling)
            yield f"/{kind}/{term}/feed/"
            if kind == "tag":
                yield f"/feed/by_tag/{term}.xml"
            if spelling != slug:
                for language in parts.site.settings.languages:
                    folder = f"/{language}/{PLURALS[kind]}/{term}/"
                    yield from (folder, *(f"{folder}feed.{format}" for format in FORMATS))


def _pages(parts: Services, selection: FeedSelection) -> int:
    posts = sum(1 for _ in parts.site.catalogue.select(selection))
    return -(-posts // parts.settings.limit)


def _selections(parts: Services) -> Iterator[FeedSelection]:
    yield FeedSelection()
    yield from (FeedSelection.term(kind, slug) for kind, slug, _ in _terms(parts))


def _terms(parts: Services) -> Iterable[tuple[Kind, str, str]]:
    """Each (kind, slug, name as written), also of terms without posts."""
    catalogue = parts.site.catalogue
    for kind in PLURALS:
        names = {slug: term.name for slug, term in catalogue.terms[kind].items()}
        emptied = {slug: slug for of, slug in catalogue.touched if of == kind}
        for slug, name in sorted((emptied | names).items()):
            yield kind, slug, name
