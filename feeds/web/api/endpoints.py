"""The routes for programs: the directory of feeds, and the description of it all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any

from flask import Blueprint, Response, current_app, request

from feeds.builder.feed_directory import FEED_KINDS
from feeds.cache.representation import Representation
from feeds.model.feed import FORMATS
from feeds.model.selection import BadParameterError
from feeds.model.site_names import site_title
from feeds.model.timestamps import rfc3339
from feeds.services import services
from feeds.settings import Settings
from feeds.version import __version__
from feeds.web.api.openapi import describe

blueprint = Blueprint("api", __name__)

# One answer for each choice of the three filters that was asked for, until the next change.
_Kept = dict[tuple[str | None, ...], tuple[int, Representation]]


@blueprint.get("/api/feeds")
def api_feeds() -> Response:
    """Every feed with its state; `language`, `kind` and `format` narrow it down."""
    here = services().site
    wanted = _filters({"language": here.settings.languages, "kind": FEED_KINDS, "format": FORMATS})
    kept: _Kept = current_app.extensions.setdefault("feedglot.api", {})
    listing = services().directory.read()
    found = kept.get(wanted)
    if found is None or found[0] != listing.generation:
        language, kind, format = wanted
        document = {
            "title": site_title(here.settings, here.settings.language),
            "page": f"{here.settings.site_url}/{here.settings.language}/",
            "opml": f"{here.settings.site_url}/opml.xml",
            "feeds": [
                asdict(row) | {"updated": rfc3339(row.updated)}
                for row in listing.rows
                if language in (None, row.language)
                and kind in (None, row.kind)
                and format in (None, row.format)
            ],
        }
        answer = _json(document, "application/json", listing.last_change, max_age=60)
        found = kept[wanted] = listing.generation, answer
    return found[1].respond(request)


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """This service as an OpenAPI 3.1 document."""
    return _described(services().site.settings, services().site.facts.config_changed_at).respond(
        request
    )


@blueprint.get("/.well-known/api-catalog")
def api_catalog() -> Response:
    """Where the description is, for programs that know the host only (RFC 9727)."""
    response = _catalog(services().site.settings, services().site.facts.config_changed_at).respond(
        request
    )
    response.headers.add("Link", f'<{request.path}>; rel="api-catalog"')
    return response


def _filters(allowed: dict[str, Sequence[str]]) -> tuple[str | None, ...]:
    """The values that this request's parameters give to each filter; None: any."""
    for name in request.args:
        if name not in allowed:
            raise BadParameterError(name, "why_unknown_parameter", known=", ".join(allowed))
    for name, values in request.args.lists():
        if len(values) > 1:
            raise BadParameterError(name, "why_twice")
        if values[0] not in allowed[name]:
            known = ", ".join(allowed[name])
            raise BadParameterError(name, "why_not_one_of", value=values[0], known=known)
    return tuple(request.args.get(name) for name in allowed)


def _json(document: Any, media_type: str, changed: datetime, *, max_age: int) -> Representation:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    description = f"{services().settings.site_url}/openapi.json"
    return Representation(
        body=text.encode(),
        content_type=media_type,
        last_modified=changed,
        cache_control=f"public, max-age={max_age}",
        headers=(("Link", f'<{description}>; rel="service-desc"'),),
    )


@cache
def _described(settings: Settings, since: datetime) -> Representation:
    document = describe(settings, __version__)
    return _json(document, "application/json", since, max_age=3600)


@cache
def _catalog(settings: Settings, since: datetime) -> Representation:
    url = settings.site_url
    linkset = {
        "anchor": f"{url}/api/feeds",
        "service-desc": [{"href": f"{url}/openapi.json", "type": "application/json"}],
        "status": [{"href": f"{url}/api/status", "type": "application/json"}],
    }
    media_type = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
    return _json({"linkset": [linkset]}, media_type, since, max_age=3600)
