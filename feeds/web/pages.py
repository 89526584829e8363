"""The pages that list posts: overview, search, terms, and the feeds as people see them."""

from __future__ import annotations

from itertools import islice
from typing import Any

from flask import Blueprint, Response, request

from content.library.library import BodyGone
from content.taxonomy import Kind
from feeds.model.messages import Message
from feeds.model.search_snippet import snippets
from feeds.model.selection import KINDS, PLURALS, FeedSelection
from feeds.model.site_names import author_name, site_description
from feeds.services import services
from feeds.web import static_files
from feeds.web.canonical_url import canonical, check_language, check_terms, redirect, requested
from feeds.web.errors import UnknownTermError, problem
from feeds.web.feed_view import feed_view
from feeds.web.page_context import TermLink, base, elsewhere, helpers, page, placed, subscription
from feeds.web.tag_cloud import SHOWN, labels_of, narrower, term_links

blueprint = Blueprint("pages", __name__)


@blueprint.app_context_processor
def context() -> dict[str, Any]:
    return helpers(services().site)


@blueprint.app_errorhandler(BodyGone)
def being_rewritten(error: BodyGone) -> Response:
    response = problem(503, "Being rewritten", Message("why_rewritten"))
    response.headers["Retry-After"] = "1"
    return response


@blueprint.get("/")
def root() -> Response:
    """The page of the language that the browser prefers."""
    settings = services().site.settings
    preferred = request.accept_languages.best_match(settings.languages)
    response = redirect(f"/{preferred or settings.language}/", 302)
    response.headers["Cache-Control"] = "public, max-age=60"
    response.headers["Vary"] = "Accept-Language"
    return response


@blueprint.get("/<language>")
def without_slash(language: str) -> Response:
    """Leads to a language's page; a path that is none is not found."""
    check_language(language)
    query = request.query_string.decode("ascii", "replace")
    return redirect(f"/{language}/" + (f"?{query}" if query else ""))


@blueprint.get("/favicon.ico", defaults={"name": "icon.png"})
@blueprint.get("/static/<name>")
def static(name: str) -> Response:
    asset = static_files.assets().get(name)
    if asset is None:
        raise UnknownTermError(Message("why_no_static_file", {"value": name[:100]}))
    response = asset.respond(request)
    if request.args.get("v") != static_files.version(name):
        response.headers["Cache-Control"] = "public, max-age=300"
    return response


@blueprint.get("/<language>/")
def overview(language: str) -> Response:
    return _selection_page(language, None)


@blueprint.get("/<language>/<any(tags, categories, authors):plural>/<path:term>/")
def term_page(language: str, plural: str, term: str) -> Response:
    return _selection_page(language, (KINDS[plural], term))


@blueprint.get("/<language>/feed.html", defaults={"plural": "", "term": ""})
@blueprint.get("/<language>/<any(tags, categories, authors):plural>/<path:term>/feed.html")
def feed_page(language: str, plural: str, term: str) -> Response:
    check_language(language)
    selection = _requested(language, (KINDS[plural], term) if plural else None)
    check_terms(selection, language)
    moved = canonical(selection, language, "feed.html")
    if moved:
        return moved
    services().site.follow()
    return feed_view(services(), selection, language).respond(request)


@blueprint.get("/<language>/<any(tags, categories, authors):plural>/")
def kind_page(language: str, plural: str) -> Response:
    """Every term of one kind with its feeds; also the scheme of a feed's categories."""
    check_language(language)
    here, builder = services().site, services().builder
    here.follow()
    whole = FeedSelection()
    window = builder.window(whole, language)
    labels = labels_of(builder.entries(window, language))
    return page(
        "terms.html",
        last_modified=builder.last_modified(whole, window),
        language=language,
        plural=plural,
        site_title=builder.title(whole, language),
        terms=term_links(here, KINDS[plural], language, labels),
        subscription=subscription(here, whole, language, builder.title(whole, language)),
        elsewhere=[(code, f"{base(here)}/{code}/{plural}/") for code in here.settings.languages],
    ).respond(request)


def _selection_page(language: str, term: tuple[Kind, str] | None) -> Response:
    check_language(language)
    selection = _requested(language, term)
    check_terms(selection, language)
    moved = canonical(selection, language, "")
    if moved:
        return moved
    here, builder = services().site, services().builder
    here.follow()
    window = builder.window(selection, language, count=True)
    if window.missing:
        services().translation_requests.add((post, language) for post in window.missing)
    entries = tuple(builder.entries(window, language))
    labels = labels_of(entries)
    title = builder.title(selection, language, entries)
    return page(
        "selection.html",
        last_modified=builder.last_modified(selection, window),
        language=language,
        title=title,
        site_title=builder.title(FeedSelection(), language),
        lede=site_description(here.settings, language) if _has_description(language) else "",
        heading=_heading(selection, language, labels),
        selection=selection,
        window=window,
        entries=list(placed(here, window, entries, language)),
        snippets=snippets(entries, selection.query) if selection.query else {},
        overview=_terms(language, labels) if selection.on_page(1).is_whole_site else [],
        narrower=[]
        if selection.query or selection.on_page(1).is_whole_site
        else narrower(here, selection, language, labels),
        newer=_page_path(selection, language, -1),
        older=_page_path(selection, language, +1) if window.more or not selection.query else None,
        subscription=subscription(here, selection.on_page(1), language, title),
        other_feeds=[
            (code, subscription(here, selection.on_page(1), code, builder.title(selection, code)))
            for code in here.settings.languages
            if code != language
        ],
        elsewhere=elsewhere(here, selection),
    ).respond(request)


def _requested(language: str, term: tuple[Kind, str] | None) -> FeedSelection:
    return requested(term).shown_in(language, services().site.settings.language)


def _has_description(language: str) -> bool:
    settings = services().site.settings
    stated = settings.site_descriptions.get(language)
    return bool(stated or (language == settings.language and settings.site_description))


def _terms(language: str, labels: dict[str, str]) -> list[tuple[str, int, list[TermLink]]]:
    """By kind: the plural, the number of terms, and the terms that the overview shows."""
    here = services().site
    return [
        (
            PLURALS[kind],
            len(here.catalogue.terms[kind]),
            term_links(here, kind, language, labels, n),
        )
        for kind, n in SHOWN.items()
    ]


def _heading(
    selection: FeedSelection, language: str, labels: dict[str, str]
) -> tuple[Kind, str] | None:
    """The one term that the page is about, as this language calls it."""
    choice = selection.single_term
    if choice is None:
        return None
    (slug,) = choice.slugs
    term = services().site.catalogue.terms[choice.kind].get(slug)
    written = term.name if term else slug
    if choice.kind == "author":
        return choice.kind, author_name(services().site.settings, written, language)
    return choice.kind, labels.get(slug) or written


def _page_path(selection: FeedSelection, language: str, step: int) -> str | None:
    """Where the next page in one direction is; None: there is none."""
    here, number = services().site, selection.page + step
    if number < 1:
        return None
    if step > 0:
        limit = selection.limit or here.settings.limit
        beyond = selection.page * limit
        if not any(True for _ in islice(here.catalogue.select(selection), beyond, beyond + 1)):
            return None
    return base(here) + selection.on_page(number).path(language)
