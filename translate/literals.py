"""What no translation may change: addresses, handles, tags, and names in Latin letters."""

from __future__ import annotations

import re
from collections import Counter

_URL = r"(?:https?://|www\.)[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*[A-Za-z0-9/#=_-]"
_EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
_HANDLE = r"(?<![A-Za-z0-9._%+-])@[A-Za-z0-9_][A-Za-z0-9_.-]*[A-Za-z0-9_]"
# A tag is any letters of any script; "#1" is a place, not a tag.
_TAG = r"(?<![\w#&])#(?=\w*[^\W\d])\w+"
LITERAL = re.compile(rf"{_URL}|{_EMAIL}|{_HANDLE}|{_TAG}")

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[.'&+-][A-Za-z0-9]+)*\+*")


def find_literals(text: str) -> tuple[str, ...]:
    """URLs, e-mail addresses, @names and #tags, in order."""
    return tuple(LITERAL.findall(text))


def compare(source: str, target: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The literals that the target lost, and those it made up."""
    ours, theirs = Counter(find_literals(source)), Counter(find_literals(target))
    return tuple((ours - theirs).elements()), tuple((theirs - ours).elements())


def find_names(text: str) -> tuple[str, ...]:
    """Latin words that are names and not words: NAVER, HyperCLOVA, iPhone, GPT-4."""
    bare = LITERAL.sub(" ", text)
    return tuple(word for word in _NAME.findall(bare) if len(word) > 1 and not word.islower())
