"""The access log and the request metrics.

The log has one line per request and nothing that identifies the client: no address, no words
of a search, and of the User-Agent only the product's name.
"""

from __future__ import annotations

import logging
import os
import re
import time
from typing import TYPE_CHECKING

from flask import Flask, Request, Response, g, request

from feeds.builder.rate_limit import client
from feeds.model.selection import PASSING
from feeds.monitoring import metrics
from feeds.settings import Settings
from infra.log_format import request_id

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

access = logging.getLogger("feeds.access")

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_WORDS = re.compile(r"((?:^|&)q=)[^&]*")
_PRODUCT = re.compile(r"[\w.+-]{1,40}(?:/[\w.+-]{1,20})?")

_KINDS = {"tags": "tag", "categories": "category", "authors": "author", None: "site"}
_FEEDS = "feeds"  # the blueprint that has the routes of feeds, and no others
_PAGES = {
    "pages.overview",
    "pages.term_page",
    "pages.kind_page",
    "pages.feed_page",
    "posts.post_page",
}
_QUIET = {"health.healthz", "health.readyz", "health.prometheus"}


def register(app: Flask, settings: Settings) -> None:
    """Call first: what is registered first begins first and ends last."""
    languages = frozenset(settings.languages)

    def begin() -> None:
        g.began = time.perf_counter()
        identify(request.environ)
        client.set(request.environ.get("REMOTE_ADDR") or "unknown")

    def end(response: Response) -> Response:
        # Missing where another before_request hook has answered first.
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        response.headers.add("X-Request-ID", request_id.get())
        # The object itself: every look through Flask's `request` costs a microsecond.
        asked: Request = request._get_current_object()  # type: ignore[attr-defined]
        body = asked.method != "HEAD" and response.status_code not in (204, 304)
        size = (response.content_length or 0) if body else 0
        kind, language, format = described(asked, languages)
        metrics.count(kind, language, format, response.status_code, size, seconds)
        if asked.endpoint not in _QUIET:
            log_line(asked.environ, _asked(asked), response.status_code, size, seconds)
        return response

    def forget(_: BaseException | None) -> None:
        request_id.set("")
        client.set("")

    app.before_request(begin)
    app.after_request(end)
    app.teardown_request(forget)


def described(request: Request, languages: frozenset[str]) -> tuple[str, str, str]:
    """The request's kind, language and format: few values each, whatever clients send."""
    endpoint, values = request.endpoint, request.view_args or {}
    language = values.get("language", "")
    language = language if language in languages else "-"
    if request.blueprint == _FEEDS:
        kind = _KINDS[values.get("plural")]
        if request.query_string and any(name not in PASSING for name in request.args):
            kind = "selection"
        return kind, language, values["format"]
    if endpoint in _PAGES:
        return "page", language, "html"
    return "other", language, "-"


def identify(environ: WSGIEnvironment) -> str:
    """The request's id, which all lines have that this thread logs from now on."""
    given = environ.get("HTTP_X_REQUEST_ID", "")
    known = given if _SANE_ID.fullmatch(given) else os.urandom(8).hex()
    request_id.set(known)
    return known


def log_line(environ: WSGIEnvironment, asked: str, status: int, size: int, seconds: float) -> None:
    """Writes the line of a request; `asked` is its address without private parts."""
    if not access.isEnabledFor(logging.INFO):
        return
    product = _PRODUCT.match(environ.get("HTTP_USER_AGENT", ""))
    fields = {
        "method": environ["REQUEST_METHOD"][:10],
        "path": asked,
        "status": status,
        "bytes": size,
        "ms": round(seconds * 1000, 1),
        "agent": product[0] if product else "",
    }
    access.info(
        "%s %s %d %d B %.1f ms %s %s",
        *fields.values(),
        request_id.get(),
        extra={"fields": fields},
    )


def _asked(request: Request) -> str:
    asked = request.path
    if request.query_string:
        asked += "?" + _WORDS.sub(r"\1…", request.query_string.decode("utf-8", "replace"))
    if not asked.isprintable():
        asked = asked.translate(_CONTROL)
    return asked[:500]


# What would end a line of the log, or draw on a terminal.
_CONTROL = dict.fromkeys((*range(32), *range(127, 160), 0x2028, 0x2029), "�")
