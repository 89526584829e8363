"""This service as an OpenAPI document: `openapi.yaml` with the values of the settings."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, get_args

import yaml

from feeds.builder.feed_directory import FEED_KINDS
from feeds.model.feed import FORMATS, MEDIA_TYPES
from feeds.model.selection import MAX_LIMIT, MAX_QUERY, PLURALS
from feeds.model.site_names import site_title
from feeds.model.window import WindowState
from feeds.settings import Settings
from feeds.web.feeds import MAX_WAIT


def describe(settings: Settings, version: str) -> Any:
    """The document for one set of settings: a JSON-able value."""
    values = {
        "site_title": site_title(settings, settings.language),
        "site_url": settings.site_url,
        "version": version,
        "languages": list(settings.languages),
        "feed_kinds": list(FEED_KINDS),
        "formats": list(FORMATS),
        "media_types": list(MEDIA_TYPES.values()),
        "plurals": list(PLURALS.values()),
        "states": list(get_args(WindowState)),
        "max_limit": MAX_LIMIT,
        "max_query": MAX_QUERY,
        "max_wait": MAX_WAIT,
    }
    return _filled(_template(), values)


@cache
def _template() -> Any:
    text = Path(__file__).with_name("openapi.yaml").read_text("utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)


def _filled(node: Any, values: dict[str, Any]) -> Any:
    if isinstance(node, dict):
        return {key: _filled(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled(value, values) for value in node]
    if isinstance(node, str) and node.startswith("$"):
        return values[node[1:]]
    return node
