"""Whether the service is ready, and its metrics."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError

from feeds.builder.site import Site
from feeds.model.messages import Message
from feeds.model.records import SITE
from feeds.monitoring import metrics
from feeds.monitoring.status_report import is_private
from feeds.services import services
from feeds.web.errors import problem
from translate.jobs.heartbeats import ALIVE_SECONDS
from translate.types import Pair

blueprint = Blueprint("health", __name__)

_NO_STORE = {"Cache-Control": "no-store"}


@blueprint.get("/metrics")
def prometheus() -> Response:
    """For Prometheus, on this machine or with the admin token."""
    here = services().site
    if not is_private(here, request):
        return problem(403, "Not for everybody", Message("why_private"))
    report = services().board.report(datetime.now(UTC), private=False)
    body = metrics.render_metrics(report)
    return Response(body, content_type=metrics.CONTENT_TYPE, headers=_NO_STORE)


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 when the service has all that feeds need; 503 names the missing parts."""
    missing = lacking(services().site, time.time())
    if missing:
        return problem(503, "Not ready", "; ".join(missing), missing=missing)
    return Response("ready\n", content_type="text/plain", headers=_NO_STORE)


def lacking(here: Site, now: float) -> list[str]:
    """The missing parts: posts, the database, a translator, packages for a language."""
    missing = []
    if here.generation < 0:
        missing.append("posts: not loaded yet")
    elif not here.settings.posts_dir.is_dir():
        missing.append(f"posts: no folder {here.settings.posts_dir.name}")
    elif pending := here.removals.pending:
        missing.append(
            f"posts: {pending.missing} of {pending.on_record} on record are not in the folder: "
            f"they stay for {here.removals.seconds_left(now)} s, then the folder decides"
        )
    elif not here.catalogue.posts and here.catalogue.places.get(SITE):
        missing.append("posts: the folder has none, and there were some: is it mounted?")
    try:
        here.results.latest()
        alive = here.translators.alive(now) if here.settings.translator != "off" else []
    except SQLAlchemyError:
        return [*missing, "database: does not answer"]
    targets = [code for code in here.settings.languages if code != here.settings.language]
    if here.settings.translator == "off" or not targets:
        return missing
    if not alive:
        return [*missing, f"translator: none heard of for {ALIVE_SECONDS:g} s"]
    pairs = {hop.pair for translator in alive for hop in translator.packages}
    reached = _reached(here.settings.language, pairs)
    missing += [f"packages: none leads to {code}" for code in targets if code not in reached]
    return missing


def _reached(source: str, pairs: set[Pair]) -> set[str]:
    found = {source}
    while more := {pair.target for pair in pairs if pair.source in found} - found:
        found |= more
    return found


@blueprint.get("/healthz")
def healthz() -> Response:
    """This process answers."""
    return Response("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})
