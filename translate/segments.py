"""HTML as sentences: taken apart for the engine, and put together in another language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from translate.placement import Mark
from translate.types import Alignment


@dataclass(frozen=True, slots=True)
class Segment:
    """One sentence, or one attribute (`alt`, `title`), as the engine should see it."""

    text: str  # NFC, white space collapsed, no markup
    marks: tuple[Mark, ...] = ()
    translatable: bool = True  # False: nothing in it to translate; do not send it


@dataclass(frozen=True, slots=True)
class Rendered:
    """What became of a segment."""

    text: str  # in the target language; ignored when kept
    alignment: Alignment | None = None
    kept: bool = False  # nothing was fit to publish: the original stays, marked as such


@dataclass(frozen=True, slots=True)
class Segmented:
    """A post's HTML taken apart."""

    language: str
    sentences: tuple[Segment, ...]


def split(html: str, language: str) -> Segmented:
    """The sentences of sanitised HTML that is written in `language`."""
    raise NotImplementedError


def join(segmented: Segmented, results: Sequence[Rendered], language: str) -> str:
    """The HTML in `language`: one result per sentence, in the same order.

    Untranslatable sentences pass through whatever their result says.
    """
    raise NotImplementedError
