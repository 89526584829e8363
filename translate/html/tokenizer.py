"""HTML as a flat list of tags and texts, as written.

The parser is the standard library's tokenizer, not lxml's: libxml2 closes elements where
it sees fit and silently drops what is nested deeper than 256 levels, and a post may lose
nothing. The input is sanitised, so its tags are balanced; those that are not are ignored.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NamedTuple

_NAME = re.compile(r"<[^\s/>]+")
_ATTRIBUTE = re.compile(r"""(?<!\s)\s++([^\s=>/"']+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+))?""")
_VOID = re.compile("area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr")


@dataclass(frozen=True, slots=True)
class Tag:
    """A start tag, an end tag (`name` begins with "/") or a void element."""

    name: str
    raw: str  # as written
    attributes: dict[str, str] = field(default_factory=dict)  # unescaped


class Token(NamedTuple):
    tag: Tag | None  # None: text
    text: str  # unescaped, NFC; "" for a tag
    end: int  # of a start tag: index of its end tag; else its own index


def parse_html(html: str) -> list[Token]:
    """The tokens of a fragment, in order, every start tag with its end."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.finish()


class Attribute(NamedTuple):
    """Where an attribute stands in a start tag as written."""

    start: int  # of the white space before its name
    value: int  # of its value, quotation marks included
    end: int


def find_attributes(raw: str) -> dict[str, Attribute]:
    name = _NAME.match(raw)
    return {
        match[1].lower(): Attribute(match.start(), match.start(2), match.end())
        for match in _ATTRIBUTE.finditer(raw, name.end() if name else len(raw))
        if match[2]
    }


def escape_text(text: str) -> str:
    """Text as the HTML standard serialises it (section 13.3)."""
    text = text.replace("&", "&amp;").replace("\xa0", "&nbsp;")
    return text.replace("<", "&lt;").replace(">", "&gt;")


def escape_attribute(text: str) -> str:
    return escape_text(text).replace('"', "&quot;")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tokens: list[Token] = []
        self.open: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        index = len(self.tokens)
        attributes = {name: value or "" for name, value in attrs}
        raw = self.get_starttag_text() or f"<{tag}>"
        self.tokens.append(Token(Tag(tag, raw, attributes), "", index))
        if not _VOID.fullmatch(tag):
            self.open.append(index)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if not _VOID.fullmatch(tag):  # SVG's <path/>: the tag is the whole element
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if any(self._name(index) == tag for index in self.open[-8:]):
            while self._name(self.open[-1]) != tag:
                self._close()
            self._close()

    def handle_data(self, data: str) -> None:
        self.tokens.append(Token(None, unicodedata.normalize("NFC", data), len(self.tokens)))

    def finish(self) -> list[Token]:
        while self.open:
            self._close()
        return self.tokens

    def _close(self) -> None:
        start = self.open.pop()
        name = f"/{self._name(start)}"
        self.tokens[start] = self.tokens[start]._replace(end=len(self.tokens))
        self.tokens.append(Token(Tag(name, f"<{name}>"), "", len(self.tokens)))

    def _name(self, index: int) -> str:
        tag = self.tokens[index].tag
        return tag.name if tag else ""
