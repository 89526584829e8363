"""The pages for people: overview, terms, posts, status."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any

from flask import Blueprint, Response, render_template, request, send_from_directory

from content.taxonomy import Kind, nearest, term_slug
from feeds.conditional import Representation
from feeds.errors import UnknownTermError
from feeds.feedlist import listing
from feeds.languages import native_name, say
from feeds.model import Entry
from feeds.selection import KINDS, PLURALS, FeedSelection, encode
from feeds.serve import FORMATS
from feeds.status import is_private, status_report
from feeds.web import (
    canonical,
    check_language,
    check_terms,
    feed_server,
    redirect,
    requested,
    rfc3339,
    site,
)
from feeds.window import Window

blueprint = Blueprint("pages", __name__)

# What a post may bring along from its folder. SVG can carry scripts: not served from here.
MEDIA = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".mp4", ".webm", ".mp3", ".ogg"}


@blueprint.app_context_processor
def helpers() -> dict[str, Any]:
    settings = site().settings
    return {
        "settings": settings,
        "formats": FORMATS,
        "native_name": native_name,
        "rfc3339": rfc3339,
        "say": say,
    }


@blueprint.get("/")
def root() -> Response:
    response = redirect(f"/{site().settings.language}/", 302)
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


@blueprint.get("/<language>/")
def overview(language: str) -> Response:
    return _selection_page(language, None)


@blueprint.get("/<language>/<any(tags, categories, authors):plural>/<path:term>/")
def term_page(language: str, plural: str, term: str) -> Response:
    return _selection_page(language, (KINDS[plural], term))


@blueprint.get("/<language>/<any(tags, categories, authors):plural>/")
def kind_page(language: str, plural: str) -> Response:
    """The scheme of a feed's categories: every term of one kind, on the overview."""
    check_language(language)
    return redirect(f"/{language}/#{plural}", 302)


def _selection_page(language: str, term: tuple[Kind, str] | None) -> Response:
    check_language(language)
    selection = requested(term)
    check_terms(selection, language)
    moved = canonical(selection, language, "")
    if moved:
        return moved
    here, feeds = site(), feed_server()
    here.follow()
    window = feeds.window(selection, language)
    if window.missing:
        here.ask((post, language) for post in window.missing)
    entries = tuple(feeds.entries(window, language))
    return _page(
        "selection.html",
        language,
        window,
        selection,
        title=feeds.title(selection, language, entries),
        entries=list(zip(window.slots, entries, strict=False)),
        listing=listing(here, feeds, language),
        feed_urls=_feed_urls(selection, language),
        elsewhere=_elsewhere(selection),
    )


@blueprint.get("/<language>/posts/<slug>/")
def post_page(language: str, slug: str) -> Response:
    check_language(language)
    here, feeds = site(), feed_server()
    here.follow()
    post = here.catalogue.by_slug.get(slug)
    if post is None:
        near = nearest(slug, here.catalogue.by_slug, 5)
        base = f"{here.settings.site_url}/{language}/posts"
        raise UnknownTermError(
            f"no post {slug!r}",
            tuple((here.catalogue.by_slug[s].post.title, f"{base}/{encode(s)}/") for s in near),
        )
    window = feeds.window_of(post, language)
    if window.missing:
        here.ask([(post, language)])
    entry = next(feeds.entries(window, language), None)
    waiting = entry is None
    if entry is None:  # not translated yet: the original, and the state
        entry = here.localizer.original(post, language)
    return _page(
        "post.html",
        language,
        window,
        FeedSelection(),
        title=entry.title,
        entry=entry,
        waiting=waiting,
        feed_urls=_feed_urls(FeedSelection(), language),
        terms=_terms(entry, language),
        elsewhere=[
            (code, f"{here.settings.site_url}/{code}/posts/{encode(slug)}/")
            for code in here.settings.languages
        ],
    )


@blueprint.get("/<language>/posts/<slug>/<path:name>")
def post_media(language: str, slug: str, name: str) -> Response:
    """A picture or a recording that lies beside the post, in the folder of posts."""
    check_language(language)
    post = site().catalogue.by_slug.get(slug)
    if post is None or PurePosixPath(name).suffix.lower() not in MEDIA:
        raise UnknownTermError(f"no file {name!r} belongs to the post {slug!r}")
    folder = (site().settings.posts_dir / post.post.path).parent
    return send_from_directory(folder.absolute(), name, max_age=86_400)


@blueprint.get("/status")
def status() -> Response:
    body = render_template(
        "status.html",
        report=status_report(site(), private=is_private(site(), request)),
        language="en",
        title="Status",
    )
    return Response(body, content_type="text/html; charset=utf-8", headers=_NO_STORE)


@blueprint.get("/api/status")
def api_status() -> Response:
    report = status_report(site(), private=is_private(site(), request))
    body = json.dumps(report, ensure_ascii=False, indent=1)
    return Response(body + "\n", content_type="application/json", headers=_NO_STORE)


_NO_STORE = {"Cache-Control": "no-store"}


def _page(
    template: str, language: str, window: Window, selection: FeedSelection, **values: Any
) -> Response:
    body = render_template(
        template, language=language, window=window, selection=selection, **values
    )
    return Representation(
        body=body.encode(),
        content_type="text/html; charset=utf-8",
        last_modified=feed_server().last_modified(selection, window),
        cache_control="public, max-age=60",
        headers=(("Content-Language", language),),
    ).respond(request)


def _feed_urls(selection: FeedSelection, language: str) -> list[tuple[str, str]]:
    url = site().settings.site_url
    return [(f, url + selection.path(language, f"feed.{f}")) for f in FORMATS]


def _elsewhere(selection: FeedSelection) -> list[tuple[str, str]]:
    settings = site().settings
    return [(code, settings.site_url + selection.path(code)) for code in settings.languages]


def _terms(entry: Entry, language: str) -> list[tuple[str, str]]:
    """The entry's terms with the addresses of their pages."""
    url = f"{site().settings.site_url}/{language}"
    plurals = {f"/{plural}/": plural for plural in PLURALS.values()}
    return [
        (category.label, f"{url}/{plural}/{encode(term_slug(category.term))}/")
        for category in entry.categories
        for tail, plural in plurals.items()
        if category.scheme.endswith(tail)
    ]
