"""Posts for tests, without files."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from content.post import Post


def make_post(name: str = "hello", **fields: Any) -> Post:
    """A post of 2026-01-31 called `name`; its digest changes with its fields."""
    published = fields.pop("published", datetime(2026, 1, 31, 9, tzinfo=UTC))
    values: dict[str, Any] = {
        "path": f"{published:%Y-%m-%d}-{name}.md",
        "day": date(published.year, published.month, published.day),
        "slug": name,
        "language": "ja",
        "title": f"題名 {name}",
        "published": published,
        "edited": None,
        "categories": (),
        "tags": (),
        "authors": (),
        "permalink": f"/{name}/",
        "image": None,
        "versions": (),
    }
    values |= fields
    values.setdefault("digest", repr(sorted(values.items(), key=str)))
    return Post(**values)
