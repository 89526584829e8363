"""Terms: the tags, categories and authors of a blog, and the slugs they have in URLs."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest
from itertools import islice
from typing import Literal

from rapidfuzz import fuzz, process

from content.text import clean

Kind = Literal["tag", "category", "author"]

MAX_SLUG_BYTES = 200
MAX_TERM = 1_000  # characters of a term as a request writes it
MAX_CANDIDATES = 15_000
_KEPT_CHARACTERS = 64  # of a term whose slug is kept

_SEPARATORS = re.compile(r"[\s/\\]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """One tag, category or author."""

    kind: Kind
    slug: str  # a path segment, unescaped
    name: str  # as most posts write it; among equals, as the oldest does
    count: int  # posts that carry it


def term_slug(text: str) -> str:
    """The path segment of a term, the same for each way to write it in width, case and encoding.

    Every script and sign is kept, so that c, c++ and c# stay three; white space and slashes
    become one hyphen. Not empty unless `text` is, and its own slug.
    """
    # Requests bring words of any length, and their number has no end.
    return _known_slug(text) if len(text) <= _KEPT_CHARACTERS else _term_slug(text)


def _term_slug(text: str) -> str:
    # Cleaned once more, for folding takes some characters apart.
    slug = clean(unicodedata.normalize("NFKC", clean(text)).casefold())
    return _segment(slug) or (text and "-")


_known_slug = lru_cache(maxsize=1 << 14)(_term_slug)  # about 12 MB of the longest


def post_slug(text: str) -> str:
    """The path segment of a post: as written, save for what a path cannot hold."""
    # Slugs are NFC, compatibility ideographs too, which `clean` keeps in text.
    return _segment(unicodedata.normalize("NFC", clean(text))) or (text and "-")


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
    """Up to `n` of `slugs` that look like `slug`, best first; within milliseconds, for a 404."""
    wanted = slug[:64]
    if not wanted:
        return []
    candidates = list(islice(slugs, MAX_CANDIDATES))
    alike = process.extract(
        wanted, candidates, scorer=fuzz.ratio, processor=None, limit=n, score_cutoff=50
    )
    scored = {other: score for other, score, _ in alike}
    for other in candidates:
        if wanted in other or other in wanted:
            scored.setdefault(other, 50.0)
    return nsmallest(n, scored, key=lambda other: (-scored[other], other))
