"""Takes formulas out of Markdown before parsing, and puts them back into the HTML.

Neither Markdown nor the sanitiser nor a translation may change a formula. kramdown writes
`$$...$$` inside a paragraph as `\\(...\\)` and alone as `\\[...\\]`, the delimiters of MathJax
and KaTeX.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

from content.rendering.source.code_spans import split_code

# Noncharacters. They enclose the number of a formula.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_STRAY = re.compile(f"[{_OPEN}{_CLOSE}]")
_MAX_FORMULAS = 5_000

_SKIP = r"[\d.]+\s*[a-z]{2}\]"  # `\\[4pt]` ends a row of a matrix
# Each alternative stops at its own delimiter, so a search takes linear time.
_FORMULA = re.compile(
    r"(?P<block>^(?P<indent>[ \t>]*)\$\$[ \t]*\n"
    r"(?P<lines>(?:(?!\$\$)[\s\S])+?)\n[ \t>]*\$\$(?=[ \t]*$))"
    r"|(?<![\\$])\$\$(?P<double>(?:(?!\$\$|\n[ \t]*\n)[\s\S])+)\$\$(?!\$)"
    r"|\\{1,2}\((?P<round>(?:(?!\\{1,2}[()]|\n[ \t]*\n)[\s\S])+)\\{1,2}\)"
    rf"|\\{{1,2}}\[(?P<square>(?:(?!\\{{1,2}}\]|\\{{1,2}}\[(?!{_SKIP})|\n[ \t]*\n)[\s\S])+)"
    r"\\{1,2}\]"
    # No letter may follow: `$HOME and $PATH` are variables.
    r"|(?<![\\$\w])\$(?P<single>(?![\s$])(?:\\[^\n]|[^$\\\n])*)(?<!\s)\$(?![A-Za-z0-9_({$])",
    re.M,
)
# `\[追記\]` is text in escaped brackets; a formula has a command, an operator or a letter.
_TEX = re.compile(
    r"\\[A-Za-z]+|[\^=]|\b[A-Za-z]_[\w{]|^\s*[A-Za-z]\s*$"
    r"|^(?=.*[A-Za-z])\s*[\w.]{1,3}(?:\s*[-+*<>,]\s*[\w.()]{1,4})+\s*$"
)
_HTML = re.compile(r"</?[A-Za-z]")
_WORDS = re.compile(r"^\d[\d.,]*\s+[a-z]{2,}\s|[^\x00-\x7f]{4,}|[A-Za-z]{3,}\s+[a-z]{2,}\s")
_COMMAND = re.compile(r"[\\^_{}=]")
_PIECE = re.compile(
    rf"<p>{_OPEN}(\d+){_CLOSE}</p>|{_OPEN}(\d+){_CLOSE}|<(/?)(code|pre)\b[^>]*>|<[^>]*>"
)
_RAW = re.compile(r"<(pre|code|script|style)\b(?:(?!<\1\b)[\s\S])*?</\1\s*>", re.I)
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_TEXT_PIECE = re.compile(r"<(/?)(code|pre)\b[^>]*>|<[^>]*>|[^<]+")


@dataclass(slots=True)
class Formulas:
    """The formulas of one text, as written and as shown."""

    written: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    def take_out(self, text: str) -> str:
        """`text` with a mark in place of each formula outside code."""
        text = _STRAY.sub("", text)
        if "$" not in text and "\\(" not in text and "\\[" not in text:
            return text
        pieces = _split(text)
        return "".join(piece if code else _FORMULA.sub(self._take, piece) for piece, code in pieces)

    def put_back(self, html: str) -> str:
        """`html` with its formulas, marked translate="no"."""
        if not self.written:
            return html
        code = 0

        def one(match: re.Match[str]) -> str:
            nonlocal code
            alone, inside, ends, name = match.groups()
            number = alone or inside
            if number is None:
                if name:
                    code += -1 if ends else 1
                return self.as_written(match[0])  # in an attribute
            if code:
                return escape(self.written[int(number)], quote=False)
            shown = escape(self.shown[int(number)], quote=False)
            if alone:
                return f'<p translate="no">{shown}</p>'
            return f'<span translate="no">{shown}</span>'

        return _PIECE.sub(one, html)

    def as_written(self, text: str) -> str:
        """`text` with its formulas as written, escaped for an attribute."""
        return _MARK.sub(lambda match: escape(self.written[int(match[1])]), text)

    def in_words(self, text: str) -> str:
        return _MARK.sub(lambda match: self.written[int(match[1])], text)

    def _take(self, match: re.Match[str]) -> str:
        shown = _shown(match)
        if shown is None or len(self.written) >= _MAX_FORMULAS:
            return match[0]
        self.written.append(match[0].strip() if match["block"] else match[0])
        self.shown.append(shown)
        lead = match["indent"] if match["block"] else ""
        return f"{lead}{_OPEN}{len(self.written) - 1}{_CLOSE}"


def _split(text: str) -> Iterator[tuple[str, bool]]:
    """The pieces of a Markdown text, each with whether it is code or raw HTML such as <pre>."""
    for piece, is_code in split_code(text):
        if is_code or "<" not in piece:
            yield piece, is_code
            continue
        done = 0
        for match in _RAW.finditer(piece):
            yield piece[done : match.start()], False
            yield match[0], True
            done = match.end()
        yield piece[done:], False


def protect_formulas(html: str) -> str:
    """Sanitised `html` with its formulas marked translate="no"."""
    if "$$" not in html and "\\(" not in html and "\\[" not in html:
        return html
    code = 0

    def one(match: re.Match[str]) -> str:
        nonlocal code
        if match[0].startswith("<"):
            if match[2]:
                code += -1 if match[1] else 1
            return match[0]
        return match[0] if code else _FORMULA.sub(_wrapped, match[0])

    return _TEXT_PIECE.sub(one, html)


def _wrapped(match: re.Match[str]) -> str:
    if match["single"] is not None or _shown(match) is None:
        return match[0]
    return f'<span translate="no">{match[0]}</span>'


def _shown(match: re.Match[str]) -> str | None:
    """The formula with MathJax delimiters; None if the match is no formula."""
    block, double = match["lines"], match["double"]
    if block is not None:
        quoted = match["indent"].strip()
        lines = (line.lstrip(" \t>") if quoted else line for line in block.split("\n"))
        return "\\[\n" + "\n".join(lines) + "\n\\]"
    if double is not None:
        if not double.strip():
            return None
        return f"\\[{double}\\]" if _is_alone(match) else f"\\({double}\\)"
    for name, left, right in (("round", "\\(", "\\)"), ("square", "\\[", "\\]")):
        inner = match[name]
        if inner is not None:
            return f"{left}{inner}{right}" if _TEX.search(inner) else None
    single = match["single"]
    is_words = _WORDS.search(single) and not _COMMAND.search(single)
    return None if is_words or _HTML.search(single) else f"${single}$"


def _is_alone(match: re.Match[str]) -> bool:
    """Whether a formula has its lines to itself."""
    text, start, end = match.string, match.start(), match.end()
    line_end = text.find("\n", end)
    before = text[text.rfind("\n", 0, start) + 1 : start]
    return not (before + text[end : line_end if line_end >= 0 else len(text)]).strip(" \t>")
