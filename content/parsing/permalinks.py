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
_SLASHES = re.compile("/{2,}")
_PLACEHOLDER = re.compile(r":([a-z_]+)")
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


_Value = Callable[[Address], str]


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
    literals, values = _compiled(template)
    path = literals[0]
    for value, literal in zip(values, literals[1:], strict=True):
        path += value(address) + literal
    # In Jekyll's order (URL#sanitize_url).
    return _SLASHES.sub("/", f"/{path}".replace("..", "/").replace("./", ""))


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


@lru_cache(maxsize=256)
def _compiled(template: str) -> tuple[tuple[str, ...], tuple[_Value, ...]]:
    """What stands around the placeholders of a template, and their values."""
    first, *rest = _PLACEHOLDER.split(unquote(template))
    literals, values = [first], []
    longest = max(map(len, _VALUES))
    for name, after in zip(rest[::2], rest[1::2], strict=True):
        # The longest placeholder that it begins with: `:title_x`.
        ends = range(min(len(name), longest), 0, -1)
        known = next((name[:end] for end in ends if name[:end] in _VALUES), None)
        if known is None:
            literals[-1] += after
        else:
            values.append(_VALUES[known])
            literals.append(name[len(known) :] + after)
    return tuple(literals), tuple(values)


_VALUES: Mapping[str, _Value] = {
    "year": lambda post: f"{post.published.year:04}",
    "short_year": lambda post: f"{post.published.year % 100:02}",
    "month": lambda post: f"{post.published.month:02}",
    "i_month": lambda post: str(post.published.month),
    "short_month": lambda post: _MONTHS[post.published.month - 1][:3],
    "long_month": lambda post: _MONTHS[post.published.month - 1],
    "day": lambda post: f"{post.published.day:02}",
    "i_day": lambda post: str(post.published.day),
    "y_day": lambda post: f"{post.published.timetuple().tm_yday:03}",
    "w_year": lambda post: str(post.published.isocalendar().year),
    "week": lambda post: f"{post.published.isocalendar().week:02}",
    "w_day": lambda post: str(post.published.isoweekday()),
    "short_day": lambda post: _DAYS[post.published.weekday()][:3],
    "long_day": lambda post: _DAYS[post.published.weekday()],
    "hour": lambda post: f"{post.published.hour:02}",
    "minute": lambda post: f"{post.published.minute:02}",
    "second": lambda post: f"{post.published.second:02}",
    "title": lambda post: slugify(post.slug, pretty=True, cased=True),
    "slug": lambda post: slugify(post.slug),
    "name": lambda post: slugify(post.stem),
    "stem": lambda post: post.stem,  # Hexo's :name
    "path": lambda post: post.path,
    "collection": lambda post: post.collection,
    "categories": lambda post: "/".join(dict.fromkeys(name.lower() for name in post.categories)),
    "slugified_categories": lambda post: "/".join(dict.fromkeys(map(slugify, post.categories))),
    "output_ext": lambda post: post.extension,
}
