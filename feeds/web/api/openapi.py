"""This service as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0)."""

from __future__ import annotations

from typing import Any, get_args

from feeds.builder.feed_directory import FEED_KINDS
from feeds.model.feed import FORMATS, MEDIA_TYPES
from feeds.model.selection import MAX_LIMIT, MAX_QUERY, PLURALS
from feeds.model.window import WindowState
from feeds.settings import Settings
from feeds.web.feeds import MAX_WAIT

# What OpenAPI calls a value: JSON.
Node = dict[str, Any]

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_MAYBE_COUNT = {"type": ["integer", "null"], "minimum": 0}
_STATES = {"type": "string", "enum": list(get_args(WindowState))}
_TERM = {"type": "string", "pattern": r"^[^\u0000\ufffd/\\]+$", "minLength": 1, "maxLength": 200}
_SAID = {"type": "string", "pattern": r"^[^\u0000\ufffd]*$"}
# Terms as people write them; what joins and negates them is in the description.
_TERMS = {
    "type": "string",
    "pattern": r"^$|^-?[^\u0000\ufffd\s|\\-][^\u0000\ufffd]*$",
    "maxLength": 1000,
}


def describe(settings: Settings, version: str) -> Node:
    """The document for one set of settings; a JSON-able value."""
    languages = list(settings.languages)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": settings.site_title,
            "version": version,
            "description": (
                "A blog written in one language, read in several: feeds of the whole site, of "
                "each tag, category and author, and of combinations, translated on the server."
            ),
        },
        "servers": [{"url": settings.site_url}],
        "tags": [
            {"name": "feeds", "description": "What a feed reader subscribes to."},
            {"name": "lists", "description": "Which feeds there are."},
            {"name": "state", "description": "What the service is doing."},
        ],
        "paths": {
            "/{language}/feed.{format}": {
                "parameters": [_language(languages), _format()],
                "get": _feed("siteFeed", "The whole site, or a selection by parameters", {"301"}),
            },
            "/{language}/{plural}/{term}/feed.{format}": {
                "parameters": [
                    _language(languages),
                    _path("plural", {"type": "string", "enum": list(PLURALS.values())}),
                    _path("term", _TERM, "The term's slug."),
                    _format(),
                ],
                "get": _feed("termFeed", "One tag, category or author", {"301", "308"}),
            },
            "/api/feeds": {
                "get": _get(
                    "feeds",
                    "lists",
                    "Every feed with its state",
                    parameters=[
                        _query("language", {"type": "string", "enum": languages}),
                        _query("kind", {"type": "string", "enum": list(FEED_KINDS)}),
                        _query("format", {"type": "string", "enum": list(FORMATS)}),
                    ],
                    content={"application/json": {"schema": _ref("Directory")}},
                    more={"304": _response("NotModified"), "400": _response("BadParameter")},
                )
            },
            "/opml.xml": {"get": _opml("opml", "Every feed, as an OPML 2.0 list")},
            "/{language}/opml.xml": {
                "parameters": [_language(languages)],
                "get": _opml("languageOpml", "Every feed of one language, as OPML 2.0"),
            },
            "/api/status": {
                "get": _get(
                    "status",
                    "state",
                    "How far the translations are, and what the translators do",
                    content={"application/json": {"schema": _ref("Status")}},
                )
            },
            "/healthz": {
                "get": _get("health", "state", "Whether this process answers", content=_plain())
            },
            "/openapi.json": {
                "get": _get(
                    "description",
                    "state",
                    "This document",
                    content={"application/json": {"schema": {"type": "object"}}},
                    more={"304": _response("NotModified")},
                )
            },
        },
        "components": {"schemas": _schemas(languages), "responses": _responses()},
    }


def _feed(name: str, summary: str, moved: set[str]) -> Node:
    term = "`a|b` means either, `-a` means not; given twice, both must hold."
    parameters = [
        *(_query(kind, _TERMS, f"Posts with this {kind}. {term}") for kind in PLURALS),
        _query("q", _SAID | {"maxLength": MAX_QUERY}, "Words that must be there."),
        _query("since", {"type": "string", "format": "date"}, "Posts from this day on."),
        _query("limit", _number(MAX_LIMIT), "Entries."),
        _query(
            "page",
            {"type": "integer", "minimum": 1, "maximum": 1_000_000},
            "Counted from the newest (RFC 5005).",
        ),
        _query("display", {"type": "string", "enum": ["one", "both"]}, "both: with the original."),
        _query("full", {"type": "string", "enum": ["0", "1"]}, "0: summaries only."),
        _query(
            "wait",
            {"type": "number", "minimum": 0, "maximum": MAX_WAIT},
            "Seconds to wait for translations that are missing.",
        ),
        _query(
            "require",
            {"type": "string", "enum": ["complete"]},
            "Answers 503 until every entry is translated.",
        ),
        {
            "name": "A-IM",
            "in": "header",
            "schema": _TEXT,
            "description": "`feed`, with If-None-Match: only what is new (RFC 3229).",
        },
    ]
    feed = {MEDIA_TYPES[f]: {"schema": _ref("JsonFeed") if f == "json" else _TEXT} for f in FORMATS}
    return _get(
        name,
        "feeds",
        summary,
        parameters=parameters,
        content=feed,
        headers={
            "X-Translation-State": {"schema": _STATES, "required": True},
            "X-Translation-Ready": {
                "schema": {"type": "string", "pattern": r"^\d+/\d+$"},
                "required": True,
                "description": "How many of the newest posts are finished: 12/20.",
            },
        },
        more={
            "226": {"description": "Only the entries that the client had not.", "content": feed},
            **{status: _response("Moved") for status in sorted(moved)},
            "304": _response("NotModified"),
            "400": _response("BadParameter"),
            "404": _response("NotFound"),
            "503": _response("NotComplete"),
        },
    )


def _opml(name: str, summary: str) -> Node:
    return _get(
        name,
        "lists",
        summary,
        content={"text/x-opml": {"schema": _TEXT}},
        more={"304": _response("NotModified"), "404": _response("NotFound")},
    )


def _get(
    name: str,
    tag: str,
    summary: str,
    *,
    content: Node,
    parameters: list[Node] | None = None,
    headers: Node | None = None,
    more: Node | None = None,
) -> Node:
    answer = {"description": summary, "content": content}
    return {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "parameters": parameters or [],
        "responses": {"200": answer | ({"headers": headers} if headers else {}), **(more or {})},
    }


def _query(name: str, schema: Node, description: str = "") -> Node:
    return _said({"name": name, "in": "query", "schema": schema}, description)


def _path(name: str, schema: Node, description: str = "") -> Node:
    return _said({"name": name, "in": "path", "required": True, "schema": schema}, description)


def _said(node: Node, description: str) -> Node:
    return node | ({"description": description} if description else {})


def _language(languages: list[str]) -> Node:
    return _path("language", {"type": "string", "enum": languages})


def _format() -> Node:
    return _path("format", {"type": "string", "enum": list(FORMATS)})


def _ref(schema: str) -> Node:
    return {"$ref": f"#/components/schemas/{schema}"}


def _response(name: str) -> Node:
    return {"$ref": f"#/components/responses/{name}"}


def _plain() -> Node:
    return {"text/plain": {"schema": _TEXT}}


def _responses() -> Node:
    # An error is a page where Accept prefers HTML.
    problem = {"application/problem+json": {"schema": _ref("Problem")}, "text/html": {}}
    return {
        "Moved": {
            "description": "The same under its one address, which readers should keep.",
            "headers": {"Location": {"schema": {"type": "string"}, "required": True}},
        },
        "NotModified": {"description": "The client has it already."},
        "BadParameter": {"description": "`parameter` names the wrong one.", "content": problem},
        "NotFound": {"description": "`nearest` names what there is.", "content": problem},
        "NotComplete": {
            "description": "Asked for by require=complete: translations are missing.",
            "headers": {"Retry-After": {"schema": {"type": "string"}, "required": True}},
            "content": problem,
        },
    }


def _object(properties: Node, optional: tuple[str, ...] = ()) -> Node:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def _number(most: int) -> Node:
    return {"type": "integer", "minimum": 1, "maximum": most}


def _list(of: Node) -> Node:
    return {"type": "array", "items": of}


def _schemas(languages: list[str]) -> Node:
    url, time = {"type": "string", "format": "uri"}, {"type": "string", "format": "date-time"}
    row = {
        "kind": {"type": "string", "enum": list(FEED_KINDS)},
        "term": {"type": ["string", "null"], "description": "As written; null: the whole site."},
        "language": {"type": "string", "enum": languages},
        "format": {"type": "string", "enum": list(FORMATS)},
        "media_type": {"type": "string", "enum": list(MEDIA_TYPES.values())},
        "title": _TEXT,
        "url": url,
        "page": url,
        "entries": _COUNT | {"description": "Posts it is about; it shows the newest."},
        "updated": time,
        "state": _STATES,
        "ready": _COUNT | {"description": "Finished among the newest `total` posts."},
        "total": _COUNT,
    }
    counted = ("posts", "written", "translated", "failed", "in_line", "in_work")
    item = {"id": _TEXT, "url": url, "title": _TEXT, "date_published": time, "date_modified": time}
    nearest = _object({"name": _TEXT, "url": url})
    return {
        "Directory": _object(
            {"title": _TEXT, "page": url, "opml": url, "feeds": _list(_object(row))}
        ),
        "JsonFeed": _object(
            {"version": _TEXT, "title": _TEXT, "feed_url": url, "items": _list(_object(item))}
        ),
        "Status": _object(
            {
                "now": time,
                "posts": _object({"served": _COUNT}),
                "languages": {
                    "type": "object",
                    "additionalProperties": _object(
                        {
                            **dict.fromkeys(counted, _COUNT),
                            "complete": {"type": "boolean"},
                            "eta_seconds": _MAYBE_COUNT
                            | {"description": "Until it is complete; null: nothing moves."},
                        }
                    ),
                },
                "translators": _list({"type": "object"}),
                "hubs": _list({"type": "object"}),
                "memory": _object({"hits": _COUNT, "misses": _COUNT})
                | {"description": "Sentences looked up to be translated, ever."},
            }
        ),
        "Problem": _object(
            {
                "type": _TEXT,
                "title": _TEXT,
                "status": {"type": "integer"},
                "detail": _TEXT,
                "parameter": _TEXT,
                "nearest": _list(nearest),
            },
            optional=("parameter", "nearest"),
        )
        | {"description": "RFC 9457"},
    }
