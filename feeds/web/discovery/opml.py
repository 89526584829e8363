"""OPML: the lists of feeds, of every language and of one."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Response, request

from feeds.builder.feed_directory import listing, outlines
from feeds.cache.representation import Representation
from feeds.formats.opml import render_opml
from feeds.model.selection import FeedSelection
from feeds.model.site_names import site_title
from feeds.services import services
from feeds.web.canonical_url import check_language

blueprint = Blueprint("opml", __name__)


@blueprint.get("/opml.xml")
def all_opml() -> Response:
    settings = services().site.settings
    return _opml(settings.languages, site_title(settings, settings.language))


@blueprint.get("/<language>/opml.xml")
def language_opml(language: str) -> Response:
    check_language(language)
    return _opml((language,), site_title(services().site.settings, language))


def _opml(languages: Iterable[str], title: str) -> Response:
    here = services().site
    here.follow()
    groups = [
        outlines(listing(here, services().builder, language), language) for language in languages
    ]
    changed = here.catalogue.touched_at(FeedSelection()) or here.facts.config_changed_at
    body = render_opml(title, groups, changed)
    return Representation(
        body=body,
        content_type="text/x-opml; charset=utf-8",
        last_modified=max(changed, here.facts.config_changed_at),
        cache_control="public, max-age=1800",
    ).respond(request)
