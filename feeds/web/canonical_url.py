"""The selection that a request's URL asks for, and the one URL that it has.

Other spellings are redirected to the canonical URL; what nothing can be at is a 404.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

from flask import Response, request

from content.taxonomy import MAX_TERM, Kind, nearest, term_slug
from feeds.model.messages import Message
from feeds.model.selection import PASSING, PLURALS, FeedSelection, encode, is_known
from feeds.services import services
from feeds.web.errors import UnknownTermError


def check_language(language: str) -> None:
    known = services().site.settings.languages
    if language not in known:
        url = services().site.settings.site_url
        raise UnknownTermError(
            Message("why_no_language", {"value": language, "known": ", ".join(known)}),
            tuple((code, f"{url}/{code}/") for code in known),
        )


def check_terms(selection: FeedSelection, language: str) -> None:
    """404 with the nearest terms, before any work is started."""
    for kind, slug in services().site.catalogue.unknown_terms(selection):
        terms = services().site.catalogue.terms[kind]
        base = f"{services().site.settings.site_url}/{language}/{PLURALS[kind]}"
        raise UnknownTermError(
            Message(f"why_no_{kind}", {"value": slug}),
            tuple((terms[s].name, f"{base}/{encode(s)}/") for s in nearest(slug, terms, 5)),
        )


def slug_of(kind: Kind, term: str) -> str:
    """The slug of a term in this request's path; one that no term can have is a 404."""
    if len(term) > MAX_TERM:
        raise UnknownTermError(Message("why_long_term", {"most": MAX_TERM}))
    return term_slug(term)


def redirect(path: str, status: int = 301) -> Response:
    """To a path (with its query) of this service; relative to the host that was asked."""
    prefix = urlsplit(services().site.settings.site_url).path
    response = Response(status=status, content_type="text/plain; charset=utf-8")
    response.headers["Location"] = prefix + path
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.autocorrect_location_header = False
    return response


def requested(path: tuple[Kind, str] | None) -> FeedSelection:
    """The selection that this request's URL asks for."""
    term = (path[0], slug_of(*path)) if path else None
    return FeedSelection.parse(request.args.items(multi=True), term)


def canonical(selection: FeedSelection, language: str, leaf: str) -> Response | None:
    """A redirect to the selection's one URL, unless this request used it.

    Compared after decoding: clients differ in what they percent-encode, and a redirect to
    a spelling that a client never sends would send it in circles.
    """
    path = selection.path(language, leaf)
    decoded = _decoded(path)
    given = [(k, v) for k, v in request.args.items(multi=True) if is_known(k)]
    asked = [(k, v) for k, v in given if k not in PASSING]
    if (request.path, asked) == decoded:
        return None
    passing = [(k, v) for k, v in given if k in PASSING]
    query = "&".join(f"{name}={encode(value)}" for name, value in passing)
    return redirect(path + (("&" if "?" in path else "?") + query if query else ""))


def _decoded(path: str) -> tuple[str, list[tuple[str, str]]]:
    parts = urlsplit(path)
    return unquote(parts.path), parse_qsl(parts.query, keep_blank_values=True)
