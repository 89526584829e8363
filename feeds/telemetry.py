"""What is told of each request, to the log and to the metrics; and whether all is ready.

The log has one line per request, without what tells who asked: no address, of the query
only what selects (never the words of a search), of the User-Agent the product's name.
"""

from __future__ import annotations

import logging
import os
import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Request, Response, g, request
from sqlalchemy.exc import SQLAlchemyError

from feeds import metrics
from feeds.errors import problem
from feeds.ration import client
from feeds.selection import PASSING
from feeds.settings import Settings
from feeds.site import Site
from feeds.status import ALIVE_SECONDS, is_private
from feeds.statuspage import board
from feeds.web import site
from infra.log_format import request_id
from translate.types import Pair

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

access = logging.getLogger("feeds.access")

blueprint = Blueprint("telemetry", __name__)

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_WORDS = re.compile(r"((?:^|&)q=)[^&]*")
_PRODUCT = re.compile(r"[\w.+-]{1,40}(?:/[\w.+-]{1,20})?")
_NO_STORE = {"Cache-Control": "no-store"}

_KINDS = {"tags": "tag", "categories": "category", "authors": "author", None: "site"}
_FEEDS = {"feeds.site_feed", "feeds.term_feed", "feeds.site_archive", "feeds.term_archive"}
_PAGES = {
    "pages.overview",
    "pages.term_page",
    "pages.kind_page",
    "pages.feed_page",
    "posts.post_page",
}
_QUIET = {"feeds.healthz", "telemetry.readyz", "telemetry.tell"}


def register(app: Flask, settings: Settings) -> None:
    """Call first: what is registered first begins first and ends last."""
    languages = frozenset(settings.languages)

    def begin() -> None:
        g.began = time.perf_counter()
        identify(request.environ)
        client.set(request.environ.get("REMOTE_ADDR") or "unknown")

    def end(response: Response) -> Response:
        # Missing where a hook of somebody else's has answered before ours.
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
    app.register_blueprint(blueprint)


def described(request: Request, languages: frozenset[str]) -> tuple[str, str, str]:
    """The request's kind, language and format: few values each, whatever strangers ask for."""
    endpoint, values = request.endpoint, request.view_args or {}
    language = values.get("language", "")
    language = language if language in languages else "-"
    if endpoint in _FEEDS:
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
    """The one line of a request; `asked` is what may be told of its address."""
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


@blueprint.get("/metrics")
def tell() -> Response:
    """For Prometheus, on this machine or with the admin token."""
    here = site()
    if not is_private(here, request):
        return problem(403, "Not for everybody", "ask on this machine, or with FEEDS_ADMIN_TOKEN")
    report = board().report(datetime.now(UTC), private=False)
    body = metrics.render_metrics(report)
    return Response(body, content_type=metrics.CONTENT_TYPE, headers=_NO_STORE)


@blueprint.get("/readyz")
def readyz() -> Response:
    """Whether everything is there that readers need: 503 names what is not."""
    missing = lacking(site(), time.time())
    if missing:
        return problem(503, "Not ready", "; ".join(missing), missing=missing)
    return Response("ready\n", content_type="text/plain", headers=_NO_STORE)


def lacking(here: Site, now: float) -> list[str]:
    """What is missing: posts, the database, a translator, a way into a language."""
    missing = []
    if here.pulse < 0:
        missing.append("posts: not loaded yet")
    elif not here.settings.posts_dir.is_dir():
        missing.append(f"posts: no folder {here.settings.posts_dir.name}")
    try:
        here.results.latest()
        translators = here.translators.all() if here.settings.translator != "off" else []
    except SQLAlchemyError:
        return [*missing, "database: does not answer"]
    targets = [code for code in here.settings.languages if code != here.settings.language]
    if here.settings.translator == "off" or not targets:
        return missing
    alive = [t for t in translators if now - t.seen_at < ALIVE_SECONDS]
    if not alive:
        return [*missing, f"translator: none heard of for {ALIVE_SECONDS} s"]
    pairs = {hop.pair for translator in alive for hop in translator.packages}
    reached = _reached(here.settings.language, pairs)
    missing += [f"packages: none leads to {code}" for code in targets if code not in reached]
    return missing


def _reached(source: str, pairs: set[Pair]) -> set[str]:
    found = {source}
    while more := {pair.target for pair in pairs if pair.source in found} - found:
        found |= more
    return found
