"""kramdown's attribute lists and extensions, which a reader must never see, and its footnotes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from content.rendering.source.code_spans import split_code

_ATTRIBUTES = (
    r"(?:\s*+(?:[.#][\w:-]++|[\w:-]++(?:=(?:\"[^\"\n]*+\"|'[^'\n]*+'|[^\s\"'{}]++))?+))*+\s*+"
)
# kramdown replaces `* TOC` or `1. TOC` above `{:toc}` by the table of contents.
_TOC = re.compile(
    r"^[ ]{0,3}(?:[-*+]|\d{1,9}\.)[ \t]++[^\n]*+\n[ \t]*+\{:\s*+toc\s*+\}[ \t]*+$", re.M | re.I
)
_LINE = re.compile(
    rf"^([ ]{{0,3}}(?:(?:[-*+>]|\d{{1,9}}\.)[ \t]++)*+)\{{:{_ATTRIBUTES}\}}[ \t]*+(?:\n|\Z)", re.M
)
# The parser reads `{#id}` after a heading.
_BELOW_HEADING = re.compile(
    rf"^([ ]{{0,3}}#{{1,6}}[ \t][^\n]*+)\n[ ]{{0,3}}\{{:({_ATTRIBUTES})\}}[ \t]*+$", re.M
)
_HEADING_ATTRIBUTES = re.compile(
    rf"^([ ]{{0,3}}#{{1,6}}[ \t][^\n{{]*+)\{{:?({_ATTRIBUTES})\}}[ \t#]*+$", re.M
)
_ID = re.compile(r"(?:^|\s)#([\w:-]+)")
_ITEM = re.compile(rf"^([ \t]*+(?:[-*+]|\d{{1,9}}\.)[ \t]++)\{{:{_ATTRIBUTES}\}}", re.M)
# After a link, an emphasis or code; elsewhere only with a class, an id or a value.
_SPAN = re.compile(
    rf"(?<=[)*_~`>\]])\{{:{_ATTRIBUTES}\}}"
    rf"|[ \t]?\{{:\s*+(?=[.#]|[\w-]++=){_ATTRIBUTES}\}}"
)
_COMMENT_END = re.compile(r"\{:/(?:comment)?\}")
_BEHIND_CODE = re.compile(rf"\{{:{_ATTRIBUTES}\}}")
# A footnote and the line below it, which CommonMark adds to it.
_FOOTNOTE = re.compile(r"^ {0,3}\[\^[^\]\n]+\]:[^\n]*+\n(?=[^\s])", re.M)
_EXTENSION = re.compile(r"\{::[^{}\n]*+\}|\{:/[^{}\n]*+\}")


def without_attributes(text: str) -> str:
    """Markdown without `{: .note}`, `{:toc}` and `{::options /}`, save in code.

    Of a heading's attributes its `{#id}` is left.
    """
    if "{:" not in text and "{#" not in text:
        return text
    out: list[str] = []
    for piece, is_code in split_code(text):
        if is_code:
            out.append(piece)
        else:
            behind = _BEHIND_CODE.match(piece) if out else None
            out.append(_strip(piece[behind.end() :] if behind else piece))
    return "".join(out)


def end_footnotes(text: str) -> str:
    """Markdown with a blank line below each line of a footnote that no indented one follows."""
    if "[^" not in text:
        return text
    out: list[str] = []
    for piece, is_code in _paragraphs(text):
        out.append(piece if is_code else _FOOTNOTE.sub(r"\g<0>\n", piece))
    return "".join(out)


def _paragraphs(text: str) -> Iterator[tuple[str, bool]]:
    """The pieces of a text, code within a line not apart from the words around it."""
    words = ""
    for piece, is_code in split_code(text):
        if is_code and "\n" in piece:
            yield words, False
            yield piece, True
            words = ""
        else:
            words += piece
    yield words, False


def _strip(text: str) -> str:
    text = _EXTENSION.sub("", _without_comments(text))
    text = _TOC.sub("", text)
    text = _BELOW_HEADING.sub(_heading, text)
    text = _HEADING_ATTRIBUTES.sub(_heading, text)
    text = _LINE.sub(lambda match: match[1].rstrip() and match[1] + "\n", text)
    text = _ITEM.sub(r"\1", text)
    return _SPAN.sub("", text)


def _heading(match: re.Match[str]) -> str:
    """The heading with its id only."""
    found = _ID.search(match[2])
    return f"{match[1].rstrip()} {{#{found[1]}}}" if found else match[1].rstrip()


def _without_comments(text: str) -> str:
    """`text` without `{::comment}...{:/comment}`; an unclosed one hides nothing."""
    first, *rest = text.split("{::comment}")
    kept = [first]
    for piece in rest:
        end = _COMMENT_END.search(piece)
        kept.append(piece[end.end() :] if end else piece)
    return "".join(kept)
