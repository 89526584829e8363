"""Redirects from the feed addresses of WordPress, Jekyll and Hugo."""

from __future__ import annotations

from flask import Blueprint, Response

from content.taxonomy import Kind, term_slug
from feeds.model.feed import Format
from feeds.model.selection import FeedSelection
from feeds.services import services
from feeds.web.feeds import check_terms, redirect

blueprint = Blueprint("legacy_redirects", __name__)


@blueprint.get("/feed", defaults={"format": "rss"})
@blueprint.get("/feed/", defaults={"format": "rss"})
@blueprint.get("/feed.xml", defaults={"format": "atom"})
@blueprint.get("/rss.xml", defaults={"format": "rss"})
@blueprint.get("/atom.xml", defaults={"format": "atom"})
@blueprint.get("/index.xml", defaults={"format": "rss"})
@blueprint.get("/feed.<any(rss, atom, json):format>")
def site_redirect(format: Format) -> Response:
    return redirect(FeedSelection().path(services().site.settings.language, f"feed.{format}"))


@blueprint.get("/tag/<path:term>/feed/", defaults={"kind": "tag", "format": "rss"})
@blueprint.get("/category/<path:term>/feed/", defaults={"kind": "category", "format": "rss"})
@blueprint.get("/author/<path:term>/feed/", defaults={"kind": "author", "format": "rss"})
@blueprint.get("/feed/by_tag/<path:term>.xml", defaults={"kind": "tag", "format": "atom"})
def term_redirect(kind: Kind, term: str, format: Format) -> Response:
    selection = FeedSelection.term(kind, term_slug(term))
    check_terms(selection, services().site.settings.language)
    return redirect(selection.path(services().site.settings.language, f"feed.{format}"))
