"""Full stops and spaces that a model adds to a translation."""

from __future__ import annotations

import re

from translate.text.edits import Edit
from translate.types import Span

# A title, a cell or an item of a list, and no sentence, which ends in a verb: in hiragana.
_PHRASE = re.compile(
    r"[\u30a1-\u30ff\u3400-\u4dbf\u4e00-\u9fff々A-Za-z0-9０-９%％℃°]$"
    r"|(?<![。．.！!？?…])[」』）)\]］】]$"
)
# Not "etc.", "Inc." or "U.S."
_STOP = re.compile(
    r"(?<![^\W_])(?!(?:etc|Inc|Ltd|Co|Corp|No|vs|Jr|Sr|al)\.)([^\W_]{2,}[)\"'’”%°]*|[)\"'’”%°]+)(\.)$"
)
# $20 dollars, ¥1,000 yen
_TWICE = re.compile(
    r"\$\d[\d.,]*\d?(?: [mbtr]+illion)?( (?:US )?dollars?)\b"
    r"|¥\d[\d.,]*\d?( yen)\b|€\d[\d.,]*\d?( euros?)\b",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"[.!?][\"'’”)]*\s")
_SPACED = re.compile(r"[(（\[［]\s|\s[)）\]］]|['\"“‘]\s|\s\s")
# Spaces behind an opening bracket or quotation mark, before a closing bracket, and doubled.
_LOOSE = re.compile(
    r"(?<=[(\[])[ ]+(?=\S)|(?:(?<=^['\"“‘])|(?<=[\s(]['\"“‘]))[ ]+(?=\S)"
    r"|(?<=\S)[ ]+(?=[)\]])|(?<=\S) (?= +\S)"
)


def tidied(source: str, target: str) -> tuple[Edit, ...]:
    """The edits that take away a full stop behind a phrase, spaces inside of brackets, and the
    second name of a currency."""
    found = []
    if not _SPACED.search(source):
        found += [Edit(Span(*match.span()), "") for match in _LOOSE.finditer(target)]
    found += [
        Edit(Span(*match.span(match.lastindex or 0)), "") for match in _TWICE.finditer(target)
    ]
    stop = _STOP.search(target) if _PHRASE.search(source) else None
    if stop and not _SENTENCES.search(target):
        found.append(Edit(Span(*stop.span(2)), ""))
    return tuple(found)
