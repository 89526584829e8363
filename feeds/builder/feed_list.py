"""Every feed of a language: for the overview, OPML and the commands."""

from __future__ import annotations

from dataclasses import dataclass

from content.taxonomy import Kind
from feeds.builder.feed_builder import FeedBuilder
from feeds.builder.site import Site
from feeds.formats.opml import Group, Subscription
from feeds.model.feed import FORMATS, Format
from feeds.model.messages import native_name, say
from feeds.model.selection import PLURALS, FeedSelection
from feeds.model.site_names import site_title


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """One selection with its addresses; `kind` is None for the whole site."""

    kind: Kind | None
    selection: FeedSelection
    name: str  # the term as written, or the site's title
    title: str  # of the feed
    count: int  # posts
    page: str  # absolute URL
    feeds: dict[Format, str]  # absolute URLs


def listing(site: Site, composer: FeedBuilder, language: str) -> list[Listed]:
    """The site first, then categories, tags and authors, each with most posts first."""
    catalogue, settings = site.catalogue, site.settings

    def listed(kind: Kind | None, name: str, selection: FeedSelection, count: int) -> Listed:
        return Listed(
            kind=kind,
            selection=selection,
            name=name,
            title=composer.title(selection, language),
            count=count,
            page=settings.site_url + selection.path(language),
            feeds={f: settings.site_url + selection.path(language, f"feed.{f}") for f in FORMATS},
        )

    name = site_title(settings, language)
    everything = [listed(None, name, FeedSelection(), len(catalogue.posts))]
    for kind in PLURALS:
        terms = catalogue.terms[kind].values()
        for term in sorted(terms, key=lambda t: (-t.count, t.slug)):
            selection = FeedSelection.term(kind, term.slug)
            everything.append(listed(kind, term.name, selection, term.count))
    return everything


def outlines(feeds: list[Listed], language: str) -> Group:
    """The feeds of one language as OPML folders, one subscription per selection."""

    def subscription(feed: Listed) -> Subscription:
        # One format per feed: an import of three would show every post three times.
        return Subscription(
            title=feed.title, xml_url=feed.feeds["atom"], html_url=feed.page, language=language
        )

    whole = tuple(subscription(feed) for feed in feeds if feed.kind is None)
    folders = (
        Group(
            title=say(language, plural),
            outlines=tuple(subscription(feed) for feed in feeds if feed.kind == kind),
        )
        for kind, plural in PLURALS.items()
    )
    return Group(
        title=native_name(language), outlines=(*whole, *(f for f in folders if f.outlines))
    )
