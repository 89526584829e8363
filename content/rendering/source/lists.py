"""Rewrites kramdown's lists for CommonMark.

Two spaces nest a list below `1.`, where CommonMark wants three; and code that begins on a
marker's line goes on at the line's beginning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARKER = re.compile(r"( *)((?:[-*+]|\d{1,9}[.)])( +|$))")
_RULE = re.compile(r" *(?:(?:\* *){3,}|(?:- *){3,}|(?:_ *){3,})$")
_FENCE = re.compile(r" *(?:(?:[-*+]|\d{1,9}[.)]) +)*(`{3,}|~{3,})([^`]*)$")
_MAX_DEPTH = 30


@dataclass(slots=True)
class _Item:
    marker: int  # the column of its marker, as written
    content: int  # the column of its text
    shift: int  # columns that its lines move to the right


def nest_lists(text: str) -> str:
    """`text` with list items and code indented for CommonMark."""
    if not re.search(r"^ *(?:\d{1,9}[.)]|[-*+]) ", text, re.M):
        return text
    return "\n".join(_Lists(text.split("\n")).run())


class _Lists:
    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._items: list[_Item] = []
        self._after_blank = True

    def run(self) -> list[str]:
        out: list[str] = []
        at = 0
        while at < len(self._lines):
            line = self._lines[at]
            fence = _FENCE.match(line)
            out.append(self._line(line))
            at += 1
            if fence:
                end = self._end_of(fence, at)
                shift = self._shift_of(line, at, end)
                moved = (f"{' ' * shift}{one}" if one else one for one in self._lines[at:end])
                out.extend(moved if shift else self._lines[at:end])
                at = end
                self._after_blank = False
        return out

    def _end_of(self, fence: re.Match[str], at: int) -> int:
        """The number of the line after a fence; `at` if the fence is not closed."""
        close = re.compile(rf" *{re.escape(fence[1][0])}{{{len(fence[1])},}} *$")
        for number in range(at, len(self._lines)):
            if close.match(self._lines[number]):
                return number + 1
        return at

    def _shift_of(self, opening: str, at: int, end: int) -> int:
        """The columns that the lines of code move."""
        if not self._items or at == end:
            return 0
        item = self._items[-1]
        if _MARKER.match(opening) is None:
            return item.shift
        least = min((_indent(one) for one in self._lines[at:end] if one.strip()), default=0)
        return item.shift + item.content if least < item.content else item.shift

    def _line(self, line: str) -> str:
        if not line.strip():
            self._after_blank = True
            return line
        indent = _indent(line)
        marker = None if _RULE.match(line) else _MARKER.match(line)
        if marker is None:
            while self._items and self._after_blank and indent <= self._items[-1].marker:
                self._items.pop()
            shift = self._items[-1].shift if self._items and indent else 0
        else:
            while self._items and indent <= self._items[-1].marker:
                self._items.pop()
            shift = self._enter(marker, indent)
        self._after_blank = False
        return f"{' ' * shift}{line}" if shift else line

    def _enter(self, marker: re.Match[str], indent: int) -> int:
        """Opens an item; returns the columns that its line moves."""
        width = len(marker[2]) if marker[3] and len(marker[3]) < 5 else len(marker[2].rstrip()) + 1
        if not self._items:
            if indent < 4:
                self._items.append(_Item(indent, indent + width, 0))
            return 0
        above = self._items[-1]
        shift = above.shift
        if above.marker + 2 <= indent < above.content:
            shift += above.content - indent
        if len(self._items) < _MAX_DEPTH:
            self._items.append(_Item(indent, indent + width, shift))
        return shift


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
