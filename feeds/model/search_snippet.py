"""What a text says around the words of a search, with the words marked. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from feeds.model.feed import Entry
from feeds.model.search_text import PARTED, fold, plain, words

BEFORE = 40  # characters before the first word that is marked
LENGTH = 160

# What becomes one character with the one before it: accents, voicing marks, variation selectors.
_CLUSTER = re.compile(r".[\u0300-\u036f\u3099\u309a\uff9e\uff9f\ufe00-\ufe0f]*", re.DOTALL)
_END = re.compile(r"[。！？!?]|[.](?=\s)")

Piece = tuple[str, bool]  # text, and whether it is a word of the search


@dataclass(frozen=True, slots=True)
class Snippet:
    title: tuple[Piece, ...]
    text: tuple[Piece, ...]
    of_summary: bool  # else of the text, where the summary holds none of the words


def snippets(entries: Iterable[Entry], query: str) -> dict[str, Snippet]:
    """Where each entry holds words of the query, by the entry's id."""
    wanted = words(query)
    return {entry.id: snippet(entry, wanted) for entry in entries}


def snippet(entry: Entry, wanted: Sequence[str]) -> Snippet:
    title, summary = _marked(entry.title, wanted), _marked(entry.summary, wanted)
    if not any(marked for _, marked in summary):
        text = " ".join(plain(entry.html).split())
        if found := _around(_marked(text, wanted)):
            return Snippet(tuple(title), tuple(found), of_summary=False)
    return Snippet(tuple(title), tuple(summary), of_summary=True)


def _marked(text: str, wanted: Sequence[str]) -> list[Piece]:
    """The text in pieces, in turn beside and of the words."""
    folded, starts = _folded(text)
    covered: list[tuple[int, int]] = []
    for word in wanted:
        at = folded.find(word)
        while at >= 0:
            covered.append((starts[at], starts[at + len(word)]))
            at = folded.find(word, at + len(word))
    pieces: list[Piece] = []
    done = 0
    for start, end in sorted(covered):
        if end <= done:
            continue
        if start > done:
            pieces.append((text[done:start], False))
        pieces.append((text[max(start, done) : end], True))
        done = end
    return [*pieces, (text[done:], False)] if done < len(text) else pieces


def _folded(text: str) -> tuple[str, list[int]]:
    """The folded text, and where each of its characters begins in the text; and its end."""
    folded: list[str] = []
    starts: list[int] = []
    for match in _CLUSTER.finditer(text):
        cluster = fold(match[0])
        folded.append(cluster)
        starts += [match.start()] * len(cluster)
    whole = "".join(folded)
    starts.append(len(text))
    kept, position = [], 0
    parts: list[str] = []
    for match in PARTED.finditer(whole):
        parts.append(whole[position : match.start()])
        kept += starts[position : match.start()]
        position = match.end()
    return "".join([*parts, whole[position:]]), kept + starts[position:]


def _around(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces around the first that is marked; none: there is none."""
    first = next((at for at, (_, marked) in enumerate(pieces) if marked), None)
    if first is None:
        return []
    before = pieces[first - 1][0] if first else ""
    found: list[Piece] = []
    if before:
        shown = before[-BEFORE:]
        ends = [match.end() for match in _END.finditer(shown)]
        shown = shown[ends[-1] :].lstrip() if ends else shown
        found.append((shown if len(shown) == len(before.lstrip()) or ends else f"…{shown}", False))
    left = LENGTH
    for text, marked in pieces[first:]:
        if marked:
            found.append((text, True))
        else:
            found.append((text if len(text) <= left else f"{text[: max(0, left)]}…", False))
        left -= len(text)
        if left <= 0:
            break
    return [piece for piece in found if piece[0]]
