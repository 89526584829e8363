"""Visibility of posts: drafts are not posts, and some are excluded from feeds and pages."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from content.parsing.dates import parse_date
from content.parsing.front_matter import FrontMatter

# Most posts state none of them, and an index of many posts asks each.
_HIDING = ("hidden", "private", "unlisted", "exclude_from_feed", "ignorePublish")
_FIELDS = frozenset({*_HIDING, "feed", "visibility", "expiryDate", "password"})


def is_held_back(front: FrontMatter) -> bool:
    return front.flag("draft", False) or not front.flag("published", True)


def withheld_by(front: FrontMatter, timezone: tzinfo) -> str | None:
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
    expires = expiry(front, timezone)
    if expires is not None and expires <= datetime.now(UTC):
        return f"expiryDate: {front.text('expiryDate')}"
    return "password: ..." if front.text("password") else None


def expiry(front: FrontMatter, timezone: tzinfo) -> datetime | None:
    """The moment in UTC from which a post is withheld; None: never, or not a date."""
    if "expiryDate" not in front.fields:
        return None
    try:
        return parse_date(front.text("expiryDate") or "", timezone)
    except ValueError:
        return None
