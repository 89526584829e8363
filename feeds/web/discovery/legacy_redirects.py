"""Redirects from the feed addresses of WordPress, Jekyll and Hugo, with and without a language."""

from __future__ import annotations

from flask import Blueprint, Response

from content.taxonomy import Kind
from feeds.model.feed import Format
from feeds.model.selection import FeedSelection
from feeds.services import services
from feeds.web.canonical_url import check_language, check_terms, redirect, slug_of

blueprint = Blueprint("legacy_redirects", __name__)

# The last segments of a path, and the format that each leads to.
SITE_FEEDS: dict[str, Format] = {
    "feed": "rss",
    "feed/": "rss",
    "feed.xml": "atom",
    "rss.xml": "rss",
    "atom.xml": "atom",
    "index.xml": "rss",
}


def site_redirect(format: Format, language: str | None = None) -> Response:
    language = language or services().site.settings.language
    check_language(language)
    return redirect(FeedSelection().path(language, f"feed.{format}"))


blueprint.add_url_rule("/feed.<any(rss, atom, json):format>", view_func=site_redirect)
for _leaf, _format in SITE_FEEDS.items():
    for _folder in ("/", "/<language>/"):
        blueprint.add_url_rule(
            f"{_folder}{_leaf}", view_func=site_redirect, defaults={"format": _format}
        )


@blueprint.get("/tag/<path:term>/feed/", defaults={"kind": "tag", "format": "rss"})
@blueprint.get("/category/<path:term>/feed/", defaults={"kind": "category", "format": "rss"})
@blueprint.get("/author/<path:term>/feed/", defaults={"kind": "author", "format": "rss"})
@blueprint.get("/feed/by_tag/<path:term>.xml", defaults={"kind": "tag", "format": "atom"})
def term_redirect(kind: Kind, term: str, format: Format) -> Response:
    selection = FeedSelection.term(kind, slug_of(kind, term))
    check_terms(selection, services().site.settings.language)
    return redirect(selection.path(services().site.settings.language, f"feed.{format}"))
