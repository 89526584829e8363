"""Visibility of posts: drafts are not posts, and some are excluded from feeds and pages."""

from __future__ import annotations

from datetime import UTC, datetime

from content.parsing.dates import parse_date
from content.parsing.front_matter import FrontMatter

# Most posts state none of them, and an index of many posts asks each.
_HIDING = ("hidden", "private", "unlisted", "exclude_from_feed", "ignorePublish")
_FIELDS = frozenset({*_HIDING, "feed", "visibility", "expiryDate", "password"})


def is_held_back(front: FrontMatter) -> bool:
    return front.flag("draft", False) or not front.flag("published", True)


def withheld_by(front: FrontMatter) -> str | None:
    """The line by which its author keeps a post out of feeds and pages."""
    if _FIELDS.isdisjoint(front.fields):
        return None
    for name in _HIDING:
        if front.flag(name, False):
            return f"{name}: true"
    if not front.flag("feed", True):
        return "feed: false"
    visibility = front.text("visibility") or ""
    if visibility.lower() in ("private", "hidden", "unlisted"):
        return f"visibility: {visibility}"
    if _expires(front):
        return f"expiryDate: {front.text('expiryDate')}"
    return "password: ..." if front.text("password") else None


def _expires(front: FrontMatter) -> bool:
    """Whether the day is over up to which the post is shown."""
    text = front.text("expiryDate")
    try:
        return text is not None and parse_date(text, UTC) <= datetime.now(UTC)
    except ValueError:
        return False
