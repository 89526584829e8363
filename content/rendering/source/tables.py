"""Rewrites kramdown's tables for GitHub's rules.

A table needs no head row, its rows differ in length, and a `|` in code parts no cells.
"""

from __future__ import annotations

import re
from itertools import dropwhile

from content.rendering.source.code_spans import split_code

# Content of the first cell of an added head row.
NO_HEAD = "\ufdd2"

_DELIMITER = re.compile(r"[ \t]{0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_FOOT = re.compile(r"[ \t]{0,3}\|?[ =:|+\t]*=[ =:|+\t]*$")
_ALIGNMENT = re.compile(r":?-+:?")
_PIPE = re.compile(r"(?<!\\)\|")
_ENDS_ON_PIPE = re.compile(r"(?<!\\)\|$")
_OTHER_BLOCK = re.compile(r"[ \t]{0,3}(?:[#><]|[-*+][ \t]|\d{1,9}[.)][ \t]|:[ \t])|\t| {4}")
_CODE = re.compile(r"(?<![`\\])(`+)(?!`)((?:(?!\1).)*?)(?<!`)\1(?!`)")
_HTML_CODE = re.compile(r"<code\b[^>]*>.*?</code>", re.I)


def complete_tables(text: str, *, kramdown: bool) -> str:
    """`text` with head rows added to tables without one, and pipes in code escaped.

    `kramdown`: a paragraph with a pipe in each of its lines is a table too, as it is there.
    """
    if "|" not in text:
        return text
    fenced = [piece for piece, code in split_code(text) if code and "\n" in piece]
    inside = _lines_inside(text, fenced)
    out: list[str] = []
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and lines[end].strip() and end not in inside:
            end += 1
        if end == at:
            out.append(lines[at])
            at += 1
        else:
            out += _block(lines[at:end], kramdown)
            at = end
    return "\n".join(out)


def _lines_inside(text: str, pieces: list[str]) -> set[int]:
    """The numbers of the lines that belong to fences."""
    found: set[int] = set()
    position = 0
    number = 0
    for piece in pieces:
        start = text.index(piece, position)
        number += text.count("\n", position, start)
        count = piece.count("\n")
        found.update(range(number, number + count + 1))
        position, number = start + len(piece), number + count
    return found


def _block(lines: list[str], kramdown: bool) -> list[str]:
    """The lines of one block, between blank lines."""
    if not any("|" in line for line in lines):
        return lines
    if _OTHER_BLOCK.match(lines[0]):
        return [_escape(line) if _is_row(line) else line for line in lines]
    lines = list(dropwhile(_is_line, lines))
    delimiter = next((n for n, line in enumerate(lines) if _is_delimiter(line)), None)
    rows = [_escape(line) for line in lines]
    if delimiter is not None:
        rows = [row for n, row in enumerate(rows) if n <= delimiter or not _is_line(row)]
        return _evened(rows, delimiter) if kramdown else rows
    rows = [row for row in rows if not _is_line(row)]
    if not rows or not all(_PIPE.search(row) for row in rows):
        return lines
    if not kramdown and not all(_is_row(row) for row in rows):
        return lines
    columns = max(map(_columns, rows))
    head = "| " + NO_HEAD + " |" + " |" * (columns - 1)
    return [head, "|" + "---|" * columns, *rows]


def _evened(rows: list[str], delimiter: int) -> list[str]:
    """The rows of a table with as many columns in its head as its longest row has.

    GitHub's rules drop the cells of longer rows, and the table when the delimiter row differs.
    """
    head = rows[delimiter - 1].rstrip()
    columns = max(map(_columns, [head, *rows[delimiter + 1 :]]))
    missing = columns - _columns(head)
    if missing:
        rows[delimiter - 1] = head + ("" if _ENDS_ON_PIPE.search(head) else " |") + " |" * missing
    line = rows[delimiter]
    aligned = [*_ALIGNMENT.findall(line), *["---"] * columns][:columns]
    rows[delimiter] = f"{line[: len(line) - len(line.lstrip())]}|{'|'.join(aligned)}|"
    return rows


def _is_delimiter(line: str) -> bool:
    return "-" in line and "|" in line and _DELIMITER.match(line) is not None


def _is_line(row: str) -> bool:
    return _is_delimiter(row) or ("|" in row and _FOOT.match(row) is not None)


def _is_row(line: str) -> bool:
    bare = line.strip()
    return len(bare) > 2 and bare[0] == bare[-1] == "|"


def _columns(row: str) -> int:
    return max(1, len(_PIPE.findall(row.strip().removeprefix("|").removesuffix("|"))) + 1)


def _escape(line: str) -> str:
    """`line` with the pipes in its code escaped."""
    if "`" not in line and "<code" not in line.lower():
        return line

    def escape(match: re.Match[str]) -> str:
        return _PIPE.sub(r"\\|", match[0])

    return _HTML_CODE.sub(escape, _CODE.sub(escape, line))
