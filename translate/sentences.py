"""Where sentences end, in Japanese, Korean and languages written like English.

Pure. Nothing is ever lost: between the spans returned there is nothing but white space.
"""

from __future__ import annotations

from translate.types import Span


def split_sentences(text: str, language: str) -> list[Span]:
    """The sentences of a plain text, in order, without the white space around them.

    A line break always ends a sentence.
    """
    raise NotImplementedError


def finer(sentence: str, language: str) -> list[Span]:
    """The sentence cut in two at the clause boundary nearest its middle, if it has one."""
    raise NotImplementedError
