"""What the markup of a sentence asks of a translation that a person writes."""

from __future__ import annotations

from dataclasses import dataclass

from translate.html import joiner
from translate.html.tag_placement import place
from translate.html.word_alignment import Evidence
from translate.pipeline.document import readable_html
from translate.types import Document, Pair


@dataclass(frozen=True, slots=True)
class LostMarks:
    """Why the markup of a sentence finds no place in a translation."""

    texts: tuple[str, ...] = ()  # of code and the like, which would be put in by guess
    is_crowded: bool = False  # no word is left for a pair of tags: the original would stand

    def __str__(self) -> str:
        if self.texts:
            return f"it must have {', '.join(self.texts)}, as the sentence does"
        return "it is too short for the links and emphasis of the sentence"


def lost_marks(document: Document, language: str, source: str, target: str) -> LostMarks | None:
    """What the document's sentence `source` would lose with this translation; None: nothing."""
    pair = Pair(document.language, language)
    page = joiner.split(readable_html(document, language), document.language)
    for segment in page.sentences:
        if segment.text != source or not segment.marks:
            continue
        evidence = Evidence(source, target, None, pair)
        shown = [
            source[slice(*mark.span)].strip()
            for mark in segment.marks
            if mark.atom and evidence.verbatim(mark.span) is None
        ]
        texts = tuple(dict.fromkeys(filter(None, shown)))
        if texts:
            return LostMarks(texts)
        if place(source, segment.marks, target, None, pair) is None:
            return LostMarks(is_crowded=True)
    return None
