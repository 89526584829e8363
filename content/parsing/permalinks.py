"""Permalinks: where on the blog a post lives, Jekyll's placeholders filled in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote, unquote

# https://jekyllrb.com/docs/permalinks/#built-in-formats
STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
_SUFFIXES = {"pretty": "/", "date": ":output_ext", "ordinal": ":output_ext", "none": ":output_ext"}
_PLACEHOLDER = re.compile(r":([a-z_]+)")
_LONGEST = len("slugified_categories")  # characters of a placeholder's name
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip

_PLAIN_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_PRETTY = frozenset("._~!$&'()+,;=@")
_SAFE = "/:@!$&'()*+,;=~"  # what a path holds unescaped (RFC 3986, pchar)


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """What the placeholders of a permalink stand for."""

    published: datetime  # in the blog's time zone
    slug: str  # of the front matter, else of the file name, as written
    stem: str  # the file's name without its extension
    path: str  # the file's, below the blog's folder, as "/year/2026-01-31-name"
    collection: str
    categories: Sequence[str]  # as Jekyll counts them
    extension: str  # of the page: ".html"


def url_template(permalink: str) -> str:
    """The template that a blog's `permalink` setting stands for: itself, or a named style's."""
    return STYLES.get(permalink, permalink)


def collection_template(permalink: str) -> str:
    """Where the documents of a collection without a permalink of its own are."""
    suffix = _SUFFIXES.get(permalink)
    if suffix is None:
        suffix = next((end for end in ("/", ":output_ext") if permalink.endswith(end)), "")
    return f"/:collection/:path{suffix}"


def expand_permalink(template: str, address: Address) -> str:
    """The path from the blog's root that `template` gives, unescaped.

    Placeholders that Jekyll does not know vanish.
    """
    values = _values(address)
    path = _PLACEHOLDER.sub(lambda match: _value(match[1], values), unquote(template))
    # In Jekyll's order (URL#sanitize_url).
    return re.sub("/{2,}", "/", f"/{path}".replace("..", "/").replace("./", ""))


def escape_path(path: str) -> str:
    """A path as part of a URL: `#`, `?` and `%` are characters of a file's name there."""
    return quote(path, safe=_SAFE)


@lru_cache(maxsize=1 << 14)
def slugify(text: str, *, pretty: bool = False, cased: bool = False) -> str:
    """Jekyll's slug: letters, marks and decimal digits, and one hyphen for whatever is between.

    `pretty` keeps the signs that a path may hold, `cased` capital letters.
    """
    if _PLAIN_SLUG.fullmatch(text):
        return text
    kept = "".join(
        character if _is_in_slug(character) or (pretty and character in _PRETTY) else "-"
        for character in text
    )
    slug = re.sub("-+", "-", kept).strip("-")
    return slug if cased else slug.lower()


def _is_in_slug(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd"


def _value(name: str, values: Mapping[str, Callable[[], str]]) -> str:
    """The value of `:name`, or of the longest placeholder it begins with: `:title_x`."""
    for end in range(min(len(name), _LONGEST), 0, -1):
        if name[:end] in values:
            return values[name[:end]]() + name[end:]
    return ""


def _values(address: Address) -> dict[str, Callable[[], str]]:
    """Functions, for a post needs three or four of them, and there may be many posts."""
    at, categories = address.published, address.categories
    slug = address.slug
    return {
        "year": lambda: f"{at.year:04}",
        "short_year": lambda: f"{at.year % 100:02}",
        "month": lambda: f"{at.month:02}",
        "i_month": lambda: str(at.month),
        "short_month": lambda: _MONTHS[at.month - 1][:3],
        "long_month": lambda: _MONTHS[at.month - 1],
        "day": lambda: f"{at.day:02}",
        "i_day": lambda: str(at.day),
        "y_day": lambda: f"{at.timetuple().tm_yday:03}",
        "w_year": lambda: str(at.isocalendar().year),
        "week": lambda: f"{at.isocalendar().week:02}",
        "w_day": lambda: str(at.isoweekday()),
        "short_day": lambda: _DAYS[at.weekday()][:3],
        "long_day": lambda: _DAYS[at.weekday()],
        "hour": lambda: f"{at.hour:02}",
        "minute": lambda: f"{at.minute:02}",
        "second": lambda: f"{at.second:02}",
        "title": lambda: slugify(slug, pretty=True, cased=True),
        "slug": lambda: slugify(slug),
        "name": lambda: slugify(address.stem),
        "stem": lambda: address.stem,  # Hexo's :name
        "path": lambda: address.path,
        "collection": lambda: address.collection,
        "categories": lambda: "/".join(dict.fromkeys(name.lower() for name in categories)),
        "slugified_categories": lambda: "/".join(dict.fromkeys(map(slugify, categories))),
        "output_ext": lambda: address.extension,
    }
