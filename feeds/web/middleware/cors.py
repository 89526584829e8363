"""CORS (https://fetch.spec.whatwg.org/#http-cors-protocol): scripts of other sites read feeds.

Feeds, OPML and the API are for everybody; pages, the status and metrics are not: what these
show may depend on who asks, and a browser asks from where its user is.
"""

from __future__ import annotations

from flask import Flask, Request, Response, request

ORIGIN = (
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Expose-Headers",
        "ETag, Link, X-Translation-State, X-Translation-Ready, IM, Delta-Base, Retry-After",
    ),
)
PREFLIGHT = (
    ("Allow", "GET, HEAD, OPTIONS"),
    ("Access-Control-Allow-Methods", "GET, HEAD"),
    ("Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since, A-IM"),
    ("Access-Control-Max-Age", "86400"),
    ("Cache-Control", "public, max-age=86400"),
)
_BLUEPRINTS = {"feeds", "opml", "feed_menu", "api", "legacy_redirects"}


def is_shared(request: Request) -> bool:
    """Whether scripts of other sites may read the answer."""
    return request.blueprint in _BLUEPRINTS or request.endpoint == "posts.post_state"


def register(app: Flask) -> None:
    @app.before_request
    def preflight() -> Response | None:
        if request.method != "OPTIONS" or not is_shared(request):
            return None
        response = Response(status=204, headers=list(PREFLIGHT))
        del response.headers["Content-Type"]
        return response


def allow(response: Response) -> None:
    """Adds the headers of a shared answer; errors have them too, pages never."""
    if is_shared(request) and response.mimetype != "text/html":
        response.headers.extend(ORIGIN)
