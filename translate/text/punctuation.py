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
_SENTENCES = re.compile(r"[.!?][\"'’”)]*\s")
_SPACED = re.compile(r"[(（\[［]\s|\s[)）\]］]|['\"“‘]\s|\s\s")
# Spaces behind an opening bracket or quotation mark, before a closing bracket, and doubled.
_LOOSE = re.compile(
    r"(?<=[(\[])[ ]+(?=\S)|(?:(?<=^['\"“‘])|(?<=[\s(]['\"“‘]))[ ]+(?=\S)"
    r"|(?<=\S)[ ]+(?=[)\]])|(?<=\S) (?= +\S)"
)


def tidied(source: str, target: str) -> tuple[Edit, ...]:
    """The edits that take away a full stop behind a phrase, and spaces inside of brackets."""
    found = []
    if not _SPACED.search(source):
        found += [Edit(Span(*match.span()), "") for match in _LOOSE.finditer(target)]
    stop = _STOP.search(target) if _PHRASE.search(source) else None
    if stop and not _SENTENCES.search(target):
        found.append(Edit(Span(*stop.span(2)), ""))
    return tuple(found)
