"""Permalinks: where on the blog a post lives, Jekyll's placeholders filled in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from content.taxonomy import post_slug

# https://jekyllrb.com/docs/permalinks/#built-in-formats
_STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
_PLACEHOLDER = re.compile(r":([a-z_]+)")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip


def expand_permalink(
    permalink: str, *, published: datetime, slug: str, categories: Sequence[str]
) -> str:
    """A front matter permalink as a path from the blog's root, or an http(s) URL as it is.

    `published` is in the blog's time zone. Placeholders that Jekyll does not know vanish.
    """
    if re.match(r"https?://", permalink):
        return permalink
    path = _STYLES.get(permalink, permalink)
    values = _values(published, slug, categories)
    path = _PLACEHOLDER.sub(lambda match: _value(match[1], values), path)
    return "/" + re.sub("/{2,}", "/", path.lstrip("/"))


def _value(name: str, values: dict[str, str]) -> str:
    """The value of `:name`, or of the longest placeholder it begins with: `:title_x`."""
    for end in range(len(name), 0, -1):
        if name[:end] in values:
            return values[name[:end]] + name[end:]
    return ""


def _values(at: datetime, slug: str, categories: Sequence[str]) -> dict[str, str]:
    path = "/".join(post_slug(category.lower()) for category in categories)
    return {
        "year": f"{at.year:04}",
        "short_year": f"{at.year % 100:02}",
        "month": f"{at.month:02}",
        "i_month": str(at.month),
        "short_month": _MONTHS[at.month - 1][:3],
        "long_month": _MONTHS[at.month - 1],
        "day": f"{at.day:02}",
        "i_day": str(at.day),
        "y_day": f"{at.timetuple().tm_yday:03}",
        "w_year": str(at.isocalendar().year),
        "week": f"{at.isocalendar().week:02}",
        "w_day": str(at.isoweekday()),
        "short_day": _DAYS[at.weekday()],
        "hour": f"{at.hour:02}",
        "minute": f"{at.minute:02}",
        "second": f"{at.second:02}",
        "title": slug,
        "slug": slug.lower(),
        "name": slug,
        "categories": path,
        "slugified_categories": path,
        "output_ext": ".html",
    }
