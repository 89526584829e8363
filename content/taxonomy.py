"""Terms: the tags, categories and authors of a blog, and the slugs they have in URLs."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from content.text import clean

Kind = Literal["tag", "category", "author"]

MAX_SLUG_BYTES = 200
MAX_CANDIDATES = 2_000

_SEPARATORS = re.compile(r"[\s/\\]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """One tag, category or author."""

    kind: Kind
    slug: str  # a path segment, unescaped
    name: str  # as most posts write it; among equals, as the oldest does
    count: int  # posts that carry it


@lru_cache(maxsize=1 << 16)
def term_slug(text: str) -> str:
    """The path segment of a term, the same for each way to write it in width, case and encoding.

    Every script and sign is kept, so that c, c++ and c# stay three; white space and slashes
    become one hyphen. Not empty unless `text` is, and its own slug.
    """
    # Cleaned once more, for folding takes some characters apart.
    slug = clean(unicodedata.normalize("NFKC", clean(text)).casefold())
    return _segment(slug) or (text and "-")


def post_slug(text: str) -> str:
    """The path segment of a post: as written, save for what a path cannot hold."""
    return _segment(clean(text)) or (text and "-")


def _segment(text: str) -> str:
    slug = _SEPARATORS.sub("-", text.strip())
    if slug in (".", ".."):
        slug = f"-{slug}"
    encoded = slug.encode()
    if len(encoded) > MAX_SLUG_BYTES:
        digest = hashlib.sha256(encoded).hexdigest()[:10]
        room = MAX_SLUG_BYTES - len(digest) - 1
        slug = f"{encoded[:room].decode(errors='ignore')}-{digest}"
    return slug


def distinct(words: Iterable[str]) -> tuple[str, ...]:
    """The words, the first of those that share a slug."""
    found: dict[str, str] = {}
    for word in words:
        found.setdefault(term_slug(word), word)
    return tuple(found.values())


def nearest(slug: str, slugs: Collection[str], n: int = 3) -> list[str]:
    """Up to `n` of `slugs` that look like `slug`, best first; work is bounded for a 404 page."""
    wanted = slug[:64]
    letters = set(wanted)
    matcher = SequenceMatcher(b=wanted, autojunk=False)
    scored: list[tuple[float, str]] = []
    candidates = (other for other in slugs if letters & set(other[:64]))
    for _, other in zip(range(MAX_CANDIDATES), candidates, strict=False):
        matcher.set_seq1(other[:64])
        if matcher.real_quick_ratio() > 0.5 and matcher.quick_ratio() > 0.5:
            scored.append((matcher.ratio(), other))
        elif wanted and (wanted in other or other in wanted):
            scored.append((0.5, other))
    scored.sort(key=lambda item: (-item[0], item[1]))
    return [other for score, other in scored[:n] if score >= 0.5]
