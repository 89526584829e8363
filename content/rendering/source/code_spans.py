"""Finds code in Markdown source."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Possessive: a failed match costs one pass over its line.
START = (
    r"(?P<fence>^[ \t>]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]++)*+(?P<marks>`{3,}+|~{3,}+))"
    r"|(?P<ticks>`++)"
)
_START = re.compile(START, re.MULTILINE)
_TICKS = re.compile("`++")
_BLANK_LINE = re.compile(r"\n[ \t]*+\n")

# CommonMark sets no limit, but each length of backtick run costs a search.
_MAX_TICKS = 16


class Finder:
    """Finds a pattern from growing positions, in one pass over the text."""

    def __init__(self, pattern: re.Pattern[str], text: str) -> None:
        self._pattern = pattern
        self._text = text
        self._found = pattern.search(text)

    def after(self, position: int) -> re.Match[str] | None:
        """The first match that begins at `position` or later."""
        while self._found is not None and self._found.start() < position:
            self._found = self._pattern.search(self._text, position)
        return self._found


class CodeFinder:
    """Finds the end of a code span or fence from its start."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._paragraphs = Finder(_BLANK_LINE, text)
        self._unclosed: dict[int, int] = {}  # length of run -> where its search ended

    def end(self, start: re.Match[str]) -> int | None:
        """The end of the code that a match of `START` opens; None if it opens none."""
        marks = start["marks"]
        if marks:
            line_end = self._text.find("\n", start.end())
            line_end = len(self._text) if line_end < 0 else line_end
            if marks[0] == "~" or "`" not in self._text[start.end() : line_end]:
                return self._fence_end(marks, line_end)
            return None if len(marks) > _MAX_TICKS else self._span_end(start.end(), len(marks))
        if len(start["ticks"]) > _MAX_TICKS:
            return None
        return self._span_end(start.end(), len(start["ticks"]))

    def _fence_end(self, marks: str, line_end: int) -> int:
        close = re.compile(rf"^[ \t>]*+{marks[0]}{{{len(marks)},}}+[ \t]*+$", re.MULTILINE)
        match = close.search(self._text, line_end)
        return match.end() if match else len(self._text)

    def _span_end(self, position: int, length: int) -> int | None:
        blank = self._paragraphs.after(position)
        end = blank.start() if blank else len(self._text)
        if self._unclosed.get(length) == end:
            return None
        for run in _TICKS.finditer(self._text, position, end):
            if len(run[0]) == length:
                return run.end()
        self._unclosed[length] = end
        return None


def split_code(text: str) -> Iterator[tuple[str, bool]]:
    """The pieces of a Markdown text, each with whether it is code."""
    finder = CodeFinder(text)
    done = position = 0
    while match := _START.search(text, position):
        end = finder.end(match)
        position = end or match.end()
        if end:
            yield text[done : match.start()], False
            yield text[match.start() : end], True
            done = end
    yield text[done:], False
