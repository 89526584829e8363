"""HTML as sentences: taken apart for the engine, and put together in another language.

`join(split(html, language), results)` has every tag of `html`, with its attributes as
written, exactly once and well nested, whatever the results are; only `alt` and `title` are
translated, and a `lang` that names the post's own language is dropped, since it would lie.
With results equal to the sentences it gives the canonical form of `html`: the same tags,
text in NFC with its white space collapsed (none is left of a line break between two
Japanese characters, and what stands at the edge of a sentence stands outside of the marks
within it), and characters escaped as the HTML standard serialises them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from translate.html.blocks import Block, Gap, Hole, Markup, Segment
from translate.html.splitter import Segmented, split
from translate.html.tag_placement import place
from translate.html.tokenizer import escape_attribute, escape_text
from translate.text.sentences import space_between
from translate.types import Alignment, Pair, Span

__all__ = ["Rendered", "Segment", "Segmented", "join", "split"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """The result of a segment."""

    text: str  # in the target language; ignored when kept
    alignment: Alignment | None = None  # None: anchors and order must do
    kept: bool = False  # no hypothesis was fit to publish: the original stays, marked as such
    # Of an untranslatable sentence with the punctuation of the language: where its marks go.
    spans: Sequence[Span] | None = None


def join(segmented: Segmented, results: Sequence[Rendered], language: str) -> str:
    """The HTML in `language`, that of the results: one per sentence, in the same order.

    An untranslatable sentence passes through unless its result says where its marks go. A
    sentence that has no room for its marks (an empty one, say) is kept.
    """
    return _Joiner(segmented, results, language).join()


class _Joiner:
    def __init__(self, segmented: Segmented, results: Sequence[Rendered], language: str) -> None:
        self.language = segmented.language
        self.space = space_between(language)
        self.parts = segmented.parts
        self.sentences = segmented.sentences
        self.texts: list[str | None] = []  # in the target language; None: kept
        self.spans: list[Sequence[Span]] = []
        for segment, result in zip(segmented.sentences, results, strict=True):
            text, spans = _settled(segment, result, Pair(segmented.language, language))
            self.texts.append(text)
            self.spans.append(spans)

    def join(self) -> str:
        out: list[str] = []
        for part in self.parts:
            if not isinstance(part, Block):
                out.append(self._fill(part))
            elif not self._is_kept(part):
                out.append(self._block(part, marked=True))
            elif part.host is not None:
                tag = out[part.host]
                out[part.host] = f'{tag[:-1]} lang="{self.language}">'
                out.append(self._block(part, marked=False))
            else:
                out.append(self._marked(self._block(part, marked=False)))
        return "".join(out)

    def _is_kept(self, block: Block) -> bool:
        """Whether all of a block stays in the original, and some of it could be translated."""
        return self._are_kept(block.sentences) and all(map(self._stands, block.sentences))

    def _are_kept(self, sentences: range) -> bool:
        """Whether all sentences that could be translated stay in the original."""
        worth = [index for index in sentences if self.sentences[index].translatable]
        return bool(worth) and all(self.texts[index] is None for index in worth)

    def _block(self, block: Block, *, marked: bool) -> str:
        out: list[str] = []
        for piece in block.pieces:
            if isinstance(piece, int):
                kept = self.texts[piece] is None
                html = self._sentence(piece, tagged=kept or not marked)
                out.append(self._marked(html) if marked and kept else html)
            elif isinstance(piece, Gap):
                out.append(self._gap(piece))
            else:
                out.append(self._fill(piece, tagged=not marked))
        return "".join(out)

    def _marked(self, html: str) -> str:
        return f'<span lang="{self.language}">{html}</span>'

    def _gap(self, gap: Gap) -> str:
        """As it was between sentences that are as they were, else as the language has it."""
        if self._stands(gap.before) and self._stands(gap.before + 1):
            return gap.source
        return self.space

    def _stands(self, index: int) -> bool:
        return self._text(index) == self.sentences[index].text

    def _text(self, index: int) -> str:
        text = self.texts[index]
        return self.sentences[index].text if text is None else text

    def _fill(self, markup: Markup, *, tagged: bool = False) -> str:
        """The markup with its texts. `tagged`: it stands in an element with the original's lang.

        An image whose texts all stay in the original gets that lang: it has no other content.
        """
        out: list[str] = []
        name = ""
        kept: list[bool] = []  # by text of the tag that is written now
        for part in markup:
            if not isinstance(part, str):
                kept.append(self._are_kept(part.sentences))
                out.append(self._value(part))
                continue
            if part.startswith("<"):
                name, kept = part[1:4], []
            if kept and all(kept) and part.endswith(">") and name == "img" and not tagged:
                part = f'{part[:-1]} lang="{self.language}">'
            out.append(part)
        return "".join(out)

    def _value(self, hole: Hole) -> str:
        # An attribute has one language: names beside a kept sentence stay as they are.
        if self._are_kept(hole.sentences) or all(map(self._stands, hole.sentences)):
            return hole.raw
        value = self.space.join(self._text(index) for index in hole.sentences)
        return f'"{escape_attribute(value)}"'

    def _sentence(self, index: int, *, tagged: bool = False) -> str:
        """The sentence with its marks: the closing tags still to come wait on a stack."""
        text, segment, spans = self._text(index), self.sentences[index], self.spans[index]
        children: dict[int | None, list[int]] = {}
        for number, mark in enumerate(segment.marks):
            children.setdefault(mark.parent, []).append(number)
        out: list[str] = []
        done = 0
        todo: list[tuple[int, bool]] = [
            (number, False) for number in _last_first(children.get(None), spans)
        ]
        while todo:
            number, is_open = todo.pop()
            start, end = spans[number]
            opening, closing = segment.tags[number]
            if is_open:
                out += [escape_text(text[done:end]), closing]
                done = end
                continue
            mark = segment.marks[number]
            is_lost = mark.atom and start == end and segment.text[slice(*mark.span)].strip() != ""
            before, after = self._spaces(text, start) if is_lost else ("", "")
            shown = self._fill(opening, tagged=tagged)
            out += [escape_text(text[done:start]), before, shown, after]
            done = start
            if mark.atom:
                done = end  # its own text stands in its markup
            else:
                todo.append((number, True))
                todo += [(child, False) for child in _last_first(children.get(number), spans)]
        return "".join([*out, escape_text(text[done:])])

    def _spaces(self, text: str, place: int) -> tuple[str, str]:
        """What sets an atom, whose text the engine lost, apart from the words beside it."""
        is_after = text[:place] != text[:place].rstrip() or place == 0
        return "" if is_after else self.space, self.space if text[
            place : place + 1
        ].isalnum() else ""


def _last_first(marks: Sequence[int] | None, spans: Sequence[Span]) -> list[int]:
    return sorted(marks or (), key=lambda number: (*spans[number], number), reverse=True)


def _settled(segment: Segment, result: Rendered, pair: Pair) -> tuple[str | None, Sequence[Span]]:
    """The text to be published, None for the original, and where its marks go."""
    original = [mark.span for mark in segment.marks]
    if result.spans is not None:
        return result.text, result.spans
    if not segment.translatable:
        return segment.text, original
    if result.kept or not result.text.strip():
        return None, original
    if result.text == segment.text:
        return segment.text, original
    spans = place(segment.text, segment.marks, result.text, result.alignment, pair)
    return (None, original) if spans is None else (result.text, spans)
