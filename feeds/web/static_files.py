"""The style sheet, the script and the icons, under addresses that change when they do.

A page names `/static/site.css?v=<hash>`, which may be kept for a year: after a deploy the
page names another one.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from feeds.cache.representation import Representation

FOLDER = Path(__file__).parent / "static"
YEAR = "public, max-age=31536000, immutable"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml; charset=utf-8",
}
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)  # the hash tells versions apart, not the date


@cache
def assets() -> dict[str, Representation]:
    """By file name; read once per process, as templates are."""
    return {
        path.name: Representation(
            body=path.read_bytes(),
            content_type=_TYPES[path.suffix],
            last_modified=_BEGINNING,
            cache_control=YEAR,
        )
        for path in sorted(FOLDER.iterdir())
        if path.suffix in _TYPES
    }


@cache
def version(name: str) -> str:
    """The file's hash, which is part of its address."""
    return hashlib.sha256(assets()[name].body).hexdigest()[:12]
