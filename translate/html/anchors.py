"""Anchors: words and numbers that a sentence and its translation share.

Latin words, code and addresses come through a translation as they were; numbers come
through as the same amount (2,378億ウォン is 237.8 billion won).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

from translate.text.quantities import find_numbers
from translate.types import Pair, Span

_LATIN = r"[A-Za-z0-9\u00c0-\u024f]"
_WORD = re.compile(rf"{_LATIN}+")
_MANY = 1000  # so many pairs are not compared one by one
_QUOTES = " 「」『』（）()“”‘’\"'《》〈〉【】［］[]"
# A translation may put a Latin word into the plural (GPU, GPUs).
_ENDINGS = ("", "s", "es")


class Anchor(NamedTuple):
    source: Span
    target: Span


Affinity = Callable[[Span, Span], float]  # how much a target span came from a source span


def find_anchors(source: str, target: str, pair: Pair, affinity: Affinity) -> list[Anchor]:
    """What can be told from the characters alone; `affinity` settles who is who."""
    found: list[Anchor] = []
    found = _find_amounts(source, target, pair, affinity)
    said = _words(target)
    for word, sources in _words(source).items():
        targets = [span for ending in _ENDINGS for span in said.get(word + ending, ())]
        found += _paired(sources, sorted(targets), affinity)
    return found


def find_verbatim(source: str, span: Span, target: str, affinity: Affinity) -> Span | None:
    """Where the characters of a source span stand in the target, else without quotation marks.

    Part of a Latin word (the 2 of CO2) is looked for inside of that word.
    """
    written, said = fold(source), fold(target)
    for one in dict.fromkeys((span, _unquoted(source, span))):
        found = _find_verbatim(written, one, said, affinity)
        if found:
            return found
    return None


def _find_verbatim(written: str, span: Span, said: str, affinity: Affinity) -> Span | None:
    start, end = span
    text = written[start:end]
    if not text.strip():
        return None
    left, right = start, end
    while left and _WORD.fullmatch(written, left - 1, left + 1):
        left -= 1
    while right < len(written) and _WORD.fullmatch(written, right - 1, right + 1):
        right += 1
    sources = _find_all(written, written[left:right])
    targets = _find_all(said, written[left:right])
    for anchor in _paired(sources, targets, affinity):
        if anchor.source.start == left:
            offset = anchor.target.start - left
            return Span(start + offset, end + offset)
    return None


def fold(text: str) -> str:
    """The text without differences of width and case, its length unchanged."""
    if text.isascii():
        return text.lower()
    return "".join(_folded(character) for character in text)


def _words(text: str) -> dict[str, list[Span]]:
    """Where each Latin word is. The case of short ones counts: IT is not it."""
    found: dict[str, list[Span]] = {}
    for match in _WORD.finditer(fold(text)):
        word = match[0] if len(match[0]) > 3 else text[match.start() : match.end()]
        found.setdefault(word, []).append(Span(*match.span()))
    return found


def _folded(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character).lower()
    return folded if len(folded) == 1 else character


def _unquoted(text: str, span: Span) -> Span:
    start, end = span
    while start < end and text[start] in _QUOTES:
        start += 1
    while start < end and text[end - 1] in _QUOTES:
        end -= 1
    return Span(start, end)


def _find_all(text: str, word: str) -> list[Span]:
    """Occurrences that are not a part of a longer word."""
    before = rf"(?<!{_LATIN})" if _WORD.match(word[0]) else ""
    after = rf"(?!{_LATIN})" if _WORD.match(word[-1]) else ""
    return [Span(*match.span()) for match in re.finditer(before + re.escape(word) + after, text)]


def _find_amounts(source: str, target: str, pair: Pair, affinity: Affinity) -> list[Anchor]:
    said = find_numbers(target, pair.target)
    found: list[Anchor] = []
    for number in find_numbers(source, pair.source):
        spans = [other.span for other in said if number.says(other)]
        found += _paired([number.span], spans, affinity)
    return found


def _paired(sources: Sequence[Span], targets: Sequence[Span], affinity: Affinity) -> list[Anchor]:
    """Each source with a target of its own: the closest first, then in order."""
    if len(sources) == len(targets) == 1:
        return [Anchor(sources[0], targets[0])]
    if len(sources) * len(targets) > _MANY:
        return [Anchor(*both) for both in zip(sources, targets, strict=False)]
    ranked = sorted(
        (-affinity(source, target), abs(i / len(sources) - j / len(targets)), i, j)
        for i, source in enumerate(sources)
        for j, target in enumerate(targets)
    )
    found: dict[int, int] = {}
    for _, _, i, j in ranked:
        if i not in found and j not in found.values():
            found[i] = j
    return [Anchor(sources[i], targets[j]) for i, j in sorted(found.items())]
