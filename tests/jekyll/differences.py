"""Where feedglot and Jekyll differ with reason, by name; and how two readings are compared."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from content.taxonomy import term_slug
from tests.jekyll.oracle import JekyllPost
from tests.jekyll.ours import OurPost, plain

FIELDS = ("url", "title", "date", "categories", "tags", "author", "text")

REASONS = {
    "commas": "a string of categories or tags splits at its commas: they stay on Jekyll's words",
    "one term": "terms that differ in width or case alone are one, by its first spelling",
    "tag beside tags": "both count; Jekyll leaves out tags where there is a tag",
    "author by name": "the name that _data/authors.yml has for it, and the blog's author else",
    "zone by name": "JST and KST are zones; Ruby knows none but the American ones, UTC and GMT",
    "no title": "a heading at the beginning of the text is the title of a post without one",
    "title in the text": "a text that begins with its title does not say it again",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """What one post says otherwise."""

    path: str
    field: str  # one of FIELDS, or "missing", "extra"
    jekyll: object
    ours: object


def differences(theirs: JekyllPost, ours: OurPost, *, text: bool = True) -> Iterator[Difference]:
    """Where a post is another one to Jekyll; reasoned differences of terms are none."""
    pairs: dict[str, tuple[object, object]] = {
        "url": (plain(theirs.url), ours.url),
        "title": (" ".join(theirs.title.split()), " ".join(ours.title.split())),
        "date": (theirs.date.replace(microsecond=0), ours.date.replace(microsecond=0)),
        "categories": (_terms(theirs.categories), _terms(ours.categories)),
        "tags": (_terms(theirs.tags), _terms(ours.tags)),
        "author": (theirs.author, ours.author),
    }
    if text and theirs.html is not None:
        pairs["text"] = (words(theirs.html), words(ours.html))
    for field, (jekyll, found) in pairs.items():
        if jekyll != found:
            yield Difference(theirs.path, field, jekyll, found)


def _terms(names: tuple[str, ...]) -> tuple[str, ...]:
    """As one list of terms, in order."""
    split = (word for name in names for word in name.split(",") if word.strip())
    return tuple(dict.fromkeys(term_slug(word) for word in split))


_TAGS = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<!--.*?-->|<[^>]*>", re.S | re.I)
_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " "})


def words(text: str) -> str:
    """The text of HTML without tags, white space and the curls of quotation marks."""
    bare = html.unescape(_TAGS.sub("", text)).translate(_QUOTES)
    bare = bare.replace("…", "...").replace("—", "---").replace("–", "--")
    return re.sub(r"\s+", "", bare)
