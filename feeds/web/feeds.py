"""The routes of feeds: selections to answers."""

from __future__ import annotations

import time

from flask import Blueprint, Request, Response, request

from content.taxonomy import Kind
from feeds.builder.archives import count_archives
from feeds.model.feed import Format
from feeds.model.messages import Message
from feeds.model.selection import KINDS, BadParameterError, FeedSelection
from feeds.services import services
from feeds.web.canonical_url import canonical, check_language, check_terms, requested
from feeds.web.errors import UnknownTermError, problem
from feeds.web.feed_view import feed_view

blueprint = Blueprint("feeds", __name__)

MAX_WAIT = 30.0  # seconds; what a script may ask for


@blueprint.get("/<language>/feed.<any(rss, atom, json):format>")
def site_feed(language: str, format: Format) -> Response:
    return _feed(language, format, None)


@blueprint.get(
    "/<language>/<any(tags, categories, authors):plural>/<path:term>"
    "/feed.<any(rss, atom, json):format>"
)
def term_feed(language: str, plural: str, term: str, format: Format) -> Response:
    return _feed(language, format, (KINDS[plural], term))


@blueprint.get("/<language>/archive/<int:number>/feed.<any(rss, atom, json):format>")
def site_archive(language: str, number: int, format: Format) -> Response:
    return _feed(language, format, None, number)


@blueprint.get(
    "/<language>/<any(tags, categories, authors):plural>/<path:term>"
    "/archive/<int:number>/feed.<any(rss, atom, json):format>"
)
def term_archive(language: str, plural: str, term: str, number: int, format: Format) -> Response:
    return _feed(language, format, (KINDS[plural], term), number)


def _feed(
    language: str,
    format: Format,
    term: tuple[Kind, str] | None,
    archive: int | None = None,
) -> Response:
    check_language(language)
    selection = requested(term).shown_in(language, services().site.settings.language)
    check_terms(selection, language)
    if archive is not None:
        selection = _in_archive(selection, archive, language, format)
    moved = canonical(selection, language, f"feed.{format}")
    if moved:
        return moved
    if _is_navigation(request):
        if request.args.get("raw") != "1":
            services().site.follow()
            return feed_view(services(), selection, language, format).respond(request)
        response = _answer(selection, language, format)
        # Browsers show text, whatever they think of a feed's media type.
        response.content_type = "text/plain; charset=utf-8"
        return response
    response = _answer(selection, language, format)
    if response.status_code in (200, 226, 304):
        agent = request.environ.get("HTTP_USER_AGENT", "")
        services().traffic.saw(request.path, response.status_code, agent, time.time())
    return response


def _is_navigation(request: Request) -> bool:
    """Whether a person is looking: a browser opens the address as a page of its own."""
    return request.environ.get("HTTP_SEC_FETCH_DEST") == "document"


def _answer(selection: FeedSelection, language: str, format: Format) -> Response:
    """The response to a program: 200, 304 or a delta (226)."""
    if not request.query_string and selection.archive is None:
        services().known_feeds.learn(request, selection, language, format)
    wait, complete_only = _wait(), _complete_only()
    served = services().feeds.get(selection, language, format, wait=wait)
    window = served.window
    if complete_only and window.state != "complete":
        response = problem(
            503,
            "Not complete yet",
            Message("why_incomplete", {"ready": window.ready, "total": window.total}),
            ready=window.ready,
            total=window.total,
        )
        response.headers["Retry-After"] = "10"
        return response
    response = served.representation.respond(request)
    if response.status_code == 200 and "feed" in _manipulations():
        new = services().feeds.delta(
            served, selection, language, format, request.if_none_match.as_set()
        )
        if new:
            response = new.respond(request)
            response.status_code = 226  # IM Used
    if complete_only or "wait" in request.args:
        response.headers["Cache-Control"] = "no-store"
    return response


def _in_archive(
    selection: FeedSelection, number: int, language: str, format: Format
) -> FeedSelection:
    """The archive that is asked for; 404 where it has not begun yet."""
    wanted = selection.in_archive(number)
    services().site.follow()
    last = count_archives(services().site.catalogue, selection)
    if not 1 <= number <= last:
        near = [selection.in_archive(last)] if last else []
        url = services().site.settings.site_url
        raise UnknownTermError(
            Message("why_no_archive", {"number": number, "last": last}),
            tuple((f"archive {last}", url + s.path(language, f"feed.{format}")) for s in near),
        )
    return wanted


def _manipulations() -> set[str]:
    """The instance manipulations that the client takes (RFC 3229 section 10.5.3)."""
    # feedparser says `A-IM: feed` for every program built on it, whether that knows of 226 or
    # not: rss2email takes it for an error, and would never see a new entry again.
    if request.headers.get("User-Agent", "").startswith("feedparser/"):
        return set()
    values = request.headers.get("A-IM", "").lower().split(",")
    parts = (value.replace(" ", "").partition(";") for value in values)
    return {name for name, _, weight in parts if weight not in ("q=0", "q=0.0")}


def _wait() -> float:
    text = request.args.get("wait")
    if text is None:
        return services().site.settings.wait
    try:
        wait = float(text)
    except ValueError:
        wait = -1.0
    if not 0 <= wait <= MAX_WAIT:
        raise BadParameterError("wait", "why_not_number", value=text, least=0, most=int(MAX_WAIT))
    return wait


def _complete_only() -> bool:
    text = request.args.get("require")
    if text not in (None, "complete"):
        raise BadParameterError("require", "why_not_one_of", value=text or "", known="complete")
    return text == "complete"
