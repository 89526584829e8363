"""Rewrites line breaks, block ends, guillemets, link targets and abbreviations for CommonMark."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import quote

_END_OF_BLOCK = re.compile(r"^ {0,3}\^[ \t]*$", re.M)
_BREAK = re.compile(r"(?<!\\)\\\\[ \t]*(?=\n[^\n])")
_GUILLEMETS = re.compile(r"<<([^\s<>|]{1,40})>>")
_ABBREVIATION = re.compile(r"^ {0,3}\*\[([^\]\n]{1,100})\]:[ \t]*([^\n]*)(?:\n|\Z)", re.M)
_REFERENCE = re.compile(r"^( {0,3}\[[^\[\]\n]+\]:[ \t]*\S+[ \t]+)\"(.*)\"[ \t]*$", re.M)
_LINK = re.compile(
    r"(!?\[[^\[\]\n]{0,500}\])\([ \t]*([^()<>\n\"]+(?:\([^()<>\n\"]*\)[^()<>\n\"]*)*)"
    r"([ \t]\"[^\"\n]*\"[ \t]*)?\)"
)
_SAFE = "/:?#[]@!$&+,;=%~.-_*"
_SIZE = re.compile(r"[ \t]+=\d{0,5}x\d{0,5}$")
# A target with blanks in it is a path when it has a slash or an extension, else a remark.
_PATH = re.compile(r"/|\.\w{2,5}$")


def rewrite_marks(text: str) -> str:
    """A piece of Markdown outside code, with these marks rewritten."""
    if "\\\\" in text:
        text = _BREAK.sub(r"\\", text)
    if "^" in text:
        text = _END_OF_BLOCK.sub("\n<!-- -->\n", text)
    if "<<" in text:
        text = _GUILLEMETS.sub("«\\1»", text)
    if "]:" in text:
        text = _REFERENCE.sub(_reference, text)
    return _LINK.sub(_link, text) if "](" in text else text


def _reference(match: re.Match[str]) -> str:
    """A reference whose title has quotation marks in it."""
    title = match[2].replace('"', "&quot;")
    return f'{match[1]}"{title}"'


def take_abbreviations(text: str) -> tuple[str, dict[str, str]]:
    """A piece of Markdown without `*[HTML]: ...` lines, and the abbreviations of those."""
    if "*[" not in text:
        return text, {}
    found = {match[1].strip(): match[2].strip() for match in _ABBREVIATION.finditer(text)}
    return (_ABBREVIATION.sub("", text), found) if found else (text, {})


class Abbreviations:
    """Finds the abbreviations of a text in its words."""

    def __init__(self, words: dict[str, str]) -> None:
        self._words = words
        names = sorted(map(re.escape, words), key=len, reverse=True)
        self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(names)})(?!\w)", re.ASCII)

    def split(self, text: str) -> list[tuple[str, str | None]]:
        """The pieces of a text, each with its element's opening tag where it is one."""
        pieces: list[tuple[str, str | None]] = []
        done = 0
        for match in self._pattern.finditer(text):
            pieces.append((text[done : match.start()], None))
            title = escape(self._words[match[0]])
            pieces.append((match[0], f'<abbr title="{title}">' if title else "<abbr>"))
            done = match.end()
        return [*pieces, (text[done:], None)]


def _link(match: re.Match[str]) -> str:
    """A link with blanks in its target escaped, or a picture without its size."""
    written = match[2].strip(" \t")
    target = _SIZE.sub("", written) if match[1].startswith("!") else written
    if not re.search(r"\s", target):
        return match[0] if target == written else f"{match[1]}({target}{match[3] or ''})"
    if not _PATH.search(target):
        return match[0]
    return f"{match[1]}({quote(target, safe=_SAFE)}{match[3] or ''})"
