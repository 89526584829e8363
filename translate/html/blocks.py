"""A block: the text and inline markup between two block-level tags, as sentences.

Markup that encloses whole sentences stays outside of them, as it is. The rest travels
beside the sentence as marks; where it reaches over the end of a sentence, the sentences
that it touches become one, because a pair of tags cannot be cut in two.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, NamedTuple

from translate.html.tag_placement import Mark
from translate.html.tokenizer import escape_text
from translate.text.sentences import LINE_BREAK, is_wide, spans, speaks
from translate.types import Span

_SPACE = re.compile(r"[ \t\n\r\f]+")


@dataclass(frozen=True, slots=True)
class Hole:
    """The place of an attribute's value in a tag, filled with the translated sentences."""

    raw: str  # as written, with its quotation marks
    sentences: range  # indexes among those of the page


Markup = tuple[str | Hole, ...]


class Inline(NamedTuple):
    """What a mark looks like."""

    opening: Markup  # of an atom, all of it
    closing: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One sentence, or one of an attribute (`alt`, `title`), as the engine should see it."""

    text: str  # NFC, white space collapsed, no markup
    marks: tuple[Mark, ...] = ()
    tags: tuple[Inline, ...] = ()  # parallel to the marks
    translatable: bool = True  # False: nothing in it to translate; do not send it


class Gap(NamedTuple):
    """The place between two sentences, where the target language may want a space."""

    source: str  # HTML
    before: int  # index of the sentence before it among those of the page; the next one follows


Piece = Markup | Gap | int  # an int is the index of a sentence among those of the page


@dataclass(frozen=True, slots=True)
class Block:
    pieces: tuple[Piece, ...]
    sentences: range  # indexes among those of the page
    host: int | None  # the part of the page that is the tag around it and nothing else


class _Event(NamedTuple):
    kind: Literal["text", "atom", "open", "close"]
    node: int  # index; -1 for text
    span: Span  # of the text; empty for tags


@dataclass(slots=True)
class _Node:
    opening: Markup
    span: Span
    parent: int | None
    atom: bool
    closing: str = ""
    sentence: int | None = None  # None: it stands outside of the sentences


@dataclass(slots=True)
class Run:
    """Collects the text and the inline markup of a block, in order."""

    texts: list[str] = field(default_factory=list)
    length: int = 0
    nodes: list[_Node] = field(default_factory=list)
    events: list[_Event] = field(default_factory=list)
    around: list[int] = field(default_factory=list)  # the nodes that are open

    def add_text(self, text: str) -> None:
        self.events.append(_Event("text", -1, self._advance(text.replace(LINE_BREAK, " "))))

    def add_atom(self, markup: Markup, text: str) -> None:
        """Markup placed whole. `text` is what the engine sees of it, perhaps nothing."""
        self._add("atom", markup)
        span = self._advance(text)
        self.nodes[-1].span = span
        self.events[-1] = self.events[-1]._replace(span=span)

    def add_line_break(self, markup: Markup) -> None:
        self.add_atom(markup, LINE_BREAK)

    def open(self, markup: Markup) -> None:
        self._add("open", markup)
        self.around.append(len(self.nodes) - 1)

    def close(self, closing: str) -> None:
        index = self.around.pop()
        node = self.nodes[index]
        node.closing, node.span = closing, Span(node.span.start, self.length)
        self.events.append(_Event("close", index, Span(self.length, self.length)))

    def block(self, language: str, first: int, host: int | None) -> tuple[Block, list[Segment]]:
        """The block and its sentences, whose first one has the index `first` on the page."""
        text = self._collapse()
        sentences = self._merge(spans(text, language))
        members = self._assign(sentences)
        segments = [
            self._segment(text, span, inside, language)
            for span, inside in zip(sentences, members, strict=True)
        ]
        pieces = self._pieces(text, sentences, first)
        return Block(pieces, range(first, first + len(segments)), host), segments

    def _add(self, kind: Literal["atom", "open"], markup: Markup) -> None:
        here = Span(self.length, self.length)
        parent = self.around[-1] if self.around else None
        self.events.append(_Event(kind, len(self.nodes), here))
        self.nodes.append(_Node(markup, here, parent, kind == "atom"))

    def _advance(self, text: str) -> Span:
        self.texts.append(text)
        start, self.length = self.length, self.length + len(text)
        return Span(start, self.length)

    def _collapse(self) -> str:
        """The text with its white space as HTML shows it; moves all offsets along."""
        raw = "".join(self.texts)
        # What shows no text, such as an image, keeps the spaces on its two sides apart.
        cuts = [
            node.span.start for node in self.nodes if node.atom and node.span.start == node.span.end
        ]
        kept: list[str] = []
        removed_at: list[int] = []
        removed: list[int] = [0]
        done = 0
        for match in _SPACE.finditer(raw):
            start, end = match.span()
            inner = cuts[bisect_right(cuts, start) : bisect_left(cuts, end)]
            bounds = [start, *dict.fromkeys(inner), end]
            for left, right in pairwise(bounds):
                space = "" if not inner and _joins(raw, left, right) else " "
                kept += [raw[done:left], space]
                removed_at.append(left + len(space))
                removed.append(removed[-1] + right - left - len(space))
                done = right
        kept.append(raw[done:])

        def moved(span: Span) -> Span:
            return Span(*(_moved(offset, removed_at, removed) for offset in span))

        for node in self.nodes:
            node.span = moved(node.span)
        self.events = [event._replace(span=moved(event.span)) for event in self.events]
        return "".join(kept)

    def _merge(self, sentences: list[Span]) -> list[Span]:
        """The sentences, made one where a mark begins or ends within them."""
        starts = [sentence.start for sentence in sentences]
        ends = [sentence.end for sentence in sentences]
        changed = True
        while changed:  # a merge may leave another mark with only a part of its sentence
            changed = False
            for node in self.nodes:
                first, last = _touched(node.span, starts, ends)
                if first < last and (node.atom or not _is_whole(node.span, starts, ends)):
                    del starts[first + 1 : last + 1], ends[first:last]
                    changed = True
        return [Span(*pair) for pair in zip(starts, ends, strict=True)]

    def _assign(self, sentences: Sequence[Span]) -> list[list[int]]:
        """Tells each node its sentence; the nodes of each sentence, in order."""
        starts = [sentence.start for sentence in sentences]
        ends = [sentence.end for sentence in sentences]
        members: list[list[int]] = [[] for _ in sentences]
        for index, node in enumerate(self.nodes):
            around = None if node.parent is None else self.nodes[node.parent].sentence
            first, last = _touched(node.span, starts, ends)
            if around is not None:
                node.sentence = around
            elif first == last and (node.atom or not _is_whole(node.span, starts, ends)):
                node.sentence = first
            if node.sentence is not None:
                members[node.sentence].append(index)
        return members

    def _segment(self, text: str, span: Span, members: Sequence[int], language: str) -> Segment:
        numbers = {index: number for number, index in enumerate(members)}
        nodes = [self.nodes[index] for index in members]
        marks = tuple(
            Mark(
                span=_within(node.span, span),
                atom=node.atom,
                parent=None if node.parent is None else numbers.get(node.parent),
            )
            for node in nodes
        )
        plain = text[span.start : span.end].replace(LINE_BREAK, " ")
        return Segment(
            text=plain,
            marks=marks,
            tags=tuple(Inline(node.opening, node.closing) for node in nodes),
            translatable=speaks(_without_atoms(plain, marks), language),
        )

    def _pieces(self, text: str, sentences: Sequence[Span], first: int) -> tuple[Piece, ...]:
        pieces: list[Piece] = []
        between: list[tuple[str, Markup]] = []  # what stands since the sentence before
        ends = [sentence.end for sentence in sentences]
        told = -1  # the last sentence that was told
        for event in self.events:
            node = None if event.node < 0 else self.nodes[event.node]
            if node and node.sentence is None:
                tag = (node.closing,) if event.kind == "close" else node.opening
                is_break = text[event.span.start : event.span.end] == LINE_BREAK
                between.append(("break" if is_break else event.kind, tag))
                continue
            position = event.span.start
            while position < event.span.end:
                index = bisect_right(ends, position)
                start, end = sentences[index] if index < len(ends) else (len(text), len(text))
                if position < start and node is None:
                    outside = text[position : min(start, event.span.end)]
                    between.append(("space", (escape_text(outside),)))
                elif position >= start and index > told:
                    pieces += _between(between, first + told if index else None)
                    pieces.append(first + index)
                    between, told = [], index
                position = start if position < start else end
        pieces += [piece for _, piece in between]
        return tuple(pieces)


def _between(found: Sequence[tuple[str, Markup]], before: int | None) -> list[Piece]:
    """What stands between two sentences, with the one place where a space may be wanted."""
    pieces: list[Piece] = [piece for _, piece in found]
    kinds = [kind for kind, _ in found]
    if before is None or "break" in kinds:
        return pieces
    if "space" in kinds:
        place = kinds.index("space")
        pieces[place] = Gap(str(found[place][1][0]), before)
    else:  # before the markup that belongs to the next sentence: </b> <a>
        pieces.insert(kinds.index("open") if "open" in kinds else len(kinds), Gap("", before))
    return pieces


def _joins(raw: str, start: int, end: int) -> bool:
    """Whether white space is a line break that Japanese text merely runs over."""
    if "\n" not in raw[start:end] or start == 0 or end == len(raw):
        return False
    return is_wide(raw[start - 1]) and is_wide(raw[end])


def _moved(offset: int, removed_at: Sequence[int], removed: Sequence[int]) -> int:
    index = bisect_left(removed_at, offset)
    if index == 0:
        return offset
    length = removed[index] - removed[index - 1]
    return offset - removed[index - 1] - min(length, offset - removed_at[index - 1])


def _touched(span: Span, starts: Sequence[int], ends: Sequence[int]) -> tuple[int, int]:
    """The first and the last sentence that a mark has a part in; the last is less: none.

    What shows no text has a part in the sentence that it stands within, not at the end of.
    """
    first = bisect_right(ends, span.start)
    last = bisect_left(starts, span.end) - 1
    return first, last


def _is_whole(span: Span, starts: Sequence[int], ends: Sequence[int]) -> bool:
    first, last = _touched(span, starts, ends)
    return span.start <= starts[first] and ends[last] <= span.end


def _within(span: Span, sentence: Span) -> Span:
    """The part of a span inside a sentence, counted from the sentence's start."""
    start = min(max(span.start, sentence.start), sentence.end)
    end = min(max(span.end, start), sentence.end)
    return Span(start - sentence.start, end - sentence.start)


def _without_atoms(text: str, marks: Sequence[Mark]) -> str:
    kept, done = [], 0
    for mark in marks:
        if mark.atom:
            kept.append(text[done : mark.span.start])
            done = max(done, mark.span.end)
    return " ".join([*kept, text[done:]])
